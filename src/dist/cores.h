/** The cores of a rank: which it may use, who shares them, and how much of them a control group grants. */
#ifndef HG_DIST_CORES_H
#define HG_DIST_CORES_H

#include "dist/comm.h"

struct hg_cores {
    int allowed;  /**< cores that this rank may use */
    int sharers;  /**< ranks of this host that may use the same ones, this one included */
    int ranks;    /**< ranks of this host */
    int launcher; /**< cores that the process which started this one may use */
    int quota; /**< how many cores' worth of time all ranks of this host may take, rounded up; 0: no limit */
};

/** Looks at this rank's cores and compares with the others. Collective. */
hg_status hg_cores_look(const struct hg_comm *comm, struct hg_cores *cores);

/** How many threads have a core of this rank's to themselves, at least 1. Local. */
int hg_cores_share(const struct hg_cores *cores);

/** Whether ranks of so many threads want more cores than they have. Local. */
bool hg_cores_crowded(const struct hg_cores *cores, int threads);

/** Cores that a process may use (0: this one); 0 when nothing tells. Local. */
int hg_cores_allowed(int64_t process);

/** The smallest limit on processor time, in cores, rounded up, of the control groups (version 1 and 2) that `groups` names, a
 *  file as /proc/self/cgroup, and those that contain them, below `root`, a folder as /sys/fs/cgroup; 0: none. Local. */
int hg_cores_quota(const char *groups, const char *root);

/** This rank's allowed cores as text, e.g. "cores 0-7". Local. */
void hg_cores_text(char *text, size_t bytes);

#endif
