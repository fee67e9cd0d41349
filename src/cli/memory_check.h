/** Refuses, before the graph is read, a training that cannot fit in the memory of this machine. */
#ifndef HG_CLI_MEMORY_CHECK_H
#define HG_CLI_MEMORY_CHECK_H

#include "dist/comm.h"
#include "train/options.h"

/** Compares the least that the ranks of each host need, whatever the partition is (hg_forecast_least), with the memory
 *  that the host has left. Fails with HG_NOMEM on every rank when it is more; never when a training would fit.
 *  Collective. */
hg_status hg_memory_check(const struct hg_comm *comm, const struct hg_train_options *options);

#endif
