/** Seconds of a training epoch, from its work and the rates of a machine (docs/mathematics.md). */
#ifndef HG_FORECAST_SECONDS_H
#define HG_FORECAST_SECONDS_H

#include "forecast/rates.h"

/** The parts of an epoch's seconds. */
struct hg_seconds {
    double edges, dense, sums, other; /**< work of the rank itself */
    double messages; /**< rows and sums that travel; none of it is taken to be hidden by work */
};

/** How ranks lie on nodes. */
struct hg_placement {
    int ranks, ranks_per_node, threads;
};

/** The seconds of a rank with this work. Local. */
struct hg_seconds hg_seconds_of(const struct hg_work *work, const struct hg_rates *rates,
                                const struct hg_placement *placement);

static inline double hg_seconds_total(const struct hg_seconds *s)
{
    return s->edges + s->dense + s->sums + s->other + s->messages;
}

/** Seconds that an edge takes a thread, between those in the caches and in memory by the size of the table. Local. */
double hg_gather_seconds(const struct hg_rates *rates, int pass, double heads,
                         const struct hg_pass_work *work);

#endif
