/** How many threads a rank runs, and where. */
#ifndef HG_TRAIN_THREADS_H
#define HG_TRAIN_THREADS_H

#include "base/comm.h"

/** The wanted number, or for 0 this rank's share of the cores it may use: those of its affinity mask, divided by the ranks of
 *  this host with the same mask; at least 1. Collective. */
hg_status hg_threads_choose(const struct hg_comm *comm, int64_t wanted, int *threads);

/** This rank's allowed cores as text, e.g. "cores 0-7". Local. */
void hg_threads_binding(char *text, size_t bytes);

#endif
