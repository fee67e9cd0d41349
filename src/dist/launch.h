/** What started this process, according to its environment. When launcher and MPI do not know each other, MPI sees
 *  every task alone, as a world of one rank, and each of them would do all of the work and write the same files. */
#ifndef HG_DIST_LAUNCH_H
#define HG_DIST_LAUNCH_H

#include "base/status.h"
#include "base/types.h"

struct hg_launch {
    const char *launcher; /**< name for messages: "srun"; NULL: no known launcher */
    const char *variable; /**< environment variable that holds the number of tasks */
    int64_t tasks;        /**< 1 when no launcher is known */
    int64_t task;         /**< number of this task, from 0; 0 when unknown */
};

/** Reads the environment. To be called before MPI_Init, which may change it. Local. */
struct hg_launch hg_launch_read(void);

/** Whether the launcher started several tasks but MPI's world has one rank only. `world` is the size of
 *  MPI_COMM_WORLD. Local. */
bool hg_launch_singleton(const struct hg_launch *launch, int world);

/** Whether srun started this task with --mpi=none or the like, so that this MPI cannot connect to it. MPI_Init would
 *  then end the process with its own message; without SLURM_STEP_ID in the environment it makes the process a world
 *  of its own. Local. */
bool hg_launch_unconnected(const struct hg_launch *launch);

/** Fails when hg_launch_singleton; the message says what to do. Local. */
hg_status hg_launch_check(const struct hg_launch *launch, int world);

#endif
