/** Chooses how many threads a rank runs. */
#ifndef HG_TRAIN_THREADS_H
#define HG_TRAIN_THREADS_H

#include "base/team.h"
#include "dist/comm.h"

/** *threads: `wanted`; when that is 0, the number in the environment (OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK);
 *  when there is none, this rank's share of the cores that it may use, at least 1. Collective. */
hg_status hg_threads_choose(const struct hg_comm *comm, int64_t wanted, int *threads);

/** Starts a team of hg_threads_choose(comm, wanted) threads; destroy it with hg_team_destroy. Collective. */
hg_status hg_threads_start(const struct hg_comm *comm, int64_t wanted, struct hg_team **team);

/** text: one line that says why the threads of some rank do not fit its cores and what mends it; "" when they fit.
 *  The same on every rank. Collective. */
hg_status hg_threads_note(const struct hg_comm *comm, int threads, char *text, size_t bytes);

#endif
