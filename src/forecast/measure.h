/** Measures the rates of a machine: by epochs of training on generated graphs, of which the program's own clock tells
 *  the time of each phase. */
#ifndef HG_FORECAST_MEASURE_H
#define HG_FORECAST_MEASURE_H

#include "forecast/rates.h"

/** Measures on every rank at the same time, with `threads` threads each (all ranks of a host work, as in a training);
 *  the result is rank 0's. Between ranks, also latency and bandwidth; of kinds of links that these ranks have not, the
 *  defaults stay. Takes about a minute. Each rank needs 2.5 GB; where there are less,
 *  half a GB is enough, and times of large graphs are assumed. Collective. */
hg_status hg_rates_measure(const struct hg_comm *comm, int threads, struct hg_rates *rates);

#endif
