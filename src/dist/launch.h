/** What started this process, as its environment tells: a launcher and an MPI that do not know each other leave every task alone, each doing all
 *  of the work and writing the same files. */
#ifndef HG_DIST_LAUNCH_H
#define HG_DIST_LAUNCH_H

#include "base/status.h"
#include "base/types.h"

struct hg_launch {
    const char *launcher; /**< "srun"; NULL: none that is known */
    const char *variable; /**< that tells the number of tasks */
    int64_t tasks;        /**< 1 when no launcher is known */
    int64_t task;         /**< number of this one, from 0; 0 when nothing tells */
};

/** Reads the environment. Called before MPI_Init, which may change it. Local. */
struct hg_launch hg_launch_read(void);

/** Whether the launcher started several tasks, but MPI has a world of one (`world` ranks). Local. */
bool hg_launch_alone(const struct hg_launch *launch, int world);

/** Whether srun started this task in a way (--mpi=none) in which this MPI cannot meet it: MPI_Init would end the process in its own words, unless
 *  SLURM_STEP_ID is gone from the environment, which makes it a process of its own. Local. */
bool hg_launch_mute(const struct hg_launch *launch);

/** Fails when hg_launch_alone, saying what to do. Local. */
hg_status hg_launch_check(const struct hg_launch *launch, int world);

#endif
