/** The cores of a rank: which cores it may use, which ranks share them, and how much of their time a control group
 *  grants. */
#ifndef HG_DIST_CORES_H
#define HG_DIST_CORES_H

#include "dist/comm.h"

struct hg_cores {
    int allowed;  /**< cores that this rank may use */
    int sharers;  /**< ranks of this host with the same set of cores, this one included */
    int ranks;    /**< ranks of this host */
    int launcher; /**< cores that the parent process may use */
    /** cores' worth of time that a control group grants all ranks of this host, rounded up; 0: no limit */
    int quota;
};

/** Finds out this rank's cores, and compares with the other ranks. Collective. */
hg_status hg_cores_query(const struct hg_comm *comm, struct hg_cores *cores);

/** The number of threads that this rank can run with a core for each, at least 1. Local. */
int hg_cores_share(const struct hg_cores *cores);

/** Whether ranks of `threads` threads each need more cores than there are, or than the control group grants. Local.
 */
bool hg_cores_oversubscribed(const struct hg_cores *cores, int threads);

/** Number of cores that process `process` (0: this one) may use; 0 when the system does not say. Local. */
int hg_cores_allowed(int64_t process);

/** The smallest limit on processor time among this process's control groups (version 1 and 2) and those that contain
 *  them, in cores, rounded up; 0: no limit. `groups` is a file in the format of /proc/self/cgroup, `root` the folder
 *  of groups, /sys/fs/cgroup. Local. */
int hg_cores_quota(const char *groups, const char *root);

/** This rank's allowed cores as text, e.g. "cores 0-7". Local. */
void hg_cores_text(char *text, size_t bytes);

#endif
