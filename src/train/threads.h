/** How many threads a rank runs. */
#ifndef HG_TRAIN_THREADS_H
#define HG_TRAIN_THREADS_H

#include "dist/comm.h"

/** The wanted number; for 0 what the environment wants (OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK), else this rank's share of the
 *  cores it may use, at least 1. Collective. */
hg_status hg_threads_choose(const struct hg_comm *comm, int64_t wanted, int *threads);

/** What is wrong with running so many threads on the cores of some rank, and what mends it, in one line; "" when nothing is. The
 *  same on every rank. Collective. */
hg_status hg_threads_note(const struct hg_comm *comm, int threads, char *text, size_t bytes);

#endif
