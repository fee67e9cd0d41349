/** The forecast of a training on some number of ranks: what each needs, and how long an epoch takes. And what follows
 *  from the forecasts of several numbers of ranks.
 */
#ifndef HG_FORECAST_FORECAST_H
#define HG_FORECAST_FORECAST_H

#include "forecast/need.h"
#include "forecast/seconds.h"

/** What the forecasts of all numbers of ranks have in common. */
struct hg_forecast_of {
    const struct hg_outline *outline;
    const struct hg_train_options *options;
    const struct hg_rates *rates;
    int ranks_per_node; /**< 0: as many as there are cores, but no more than ranks */
    int threads;        /**< per rank; 0: the cores of a node divided by its ranks */
};

struct hg_forecast {
    struct hg_placement placement;
    int nodes;
    int64_t memory;               /**< bytes of the rank that needs most */
    int64_t node_memory;          /**< bytes of as many such ranks as are on a node */
    int64_t bytes[HG_NEED_ITEMS]; /**< of that rank, by item */
    int64_t bytes_sent, messages; /**< of all ranks, in an epoch */
    int64_t halo_rows, max_halo;  /**< of in-edges: of all ranks, and of the one that has most */
    double seconds;               /**< of an epoch */
    struct hg_seconds slowest;    /**< of the rank that takes longest, by part */
    double evaluation;            /**< seconds of an evaluation: a forward pass */
};

/** Makes the forecast for `ranks` ranks. Fails when a rank would have more than 2^31 - 1 rows. Local. */
hg_status hg_forecast_make(const struct hg_forecast_of *of, int ranks, struct hg_forecast *forecast);

/** The least that `ranks` ranks together need, whatever the partition is: as if they had no halo, equal parts, and
 *  subgraphs without memory; and what the set-up needs only for a while is left out. With more memory than this a
 *  training may still fail; with less it cannot succeed. Local. */
hg_status hg_forecast_least(const struct hg_forecast_of *of, int ranks, int64_t *bytes);

/** What is worth doing, from forecasts of growing numbers of ranks. Indices among them; -1: none. */
struct hg_advice {
    int smallest; /**< the fewest ranks whose memory fits */
    int largest; /**< the most that are worth it: the last up to which ranks stay at least half as useful as those of
                   *   `smallest`, seconds(smallest) smallest / (seconds(P) P) >= 1/2 */
    int fastest;
};

/** memory_per_node: bytes; 0: any number of ranks fits. Local. */
struct hg_advice hg_forecast_advise(const struct hg_forecast *forecasts, int count, int64_t memory_per_node);

#endif
