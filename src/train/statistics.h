/** Normalises features and targets. The statistics of the training nodes that this needs are kept in checkpoints.
 */
#ifndef HG_TRAIN_STATISTICS_H
#define HG_TRAIN_STATISTICS_H

#include "base/notes.h"
#include "graph/node_table.h"
#include "graph/shard.h"
#include "train/options.h"

/** x' = (x - feature_shift) * feature_scale, y' = (y - target_shift) / target_unit, by column. Arrays are NULL when
 *  features or targets are not standardised; owned. */
struct hg_statistics {
    int64_t features, targets;
    double *feature_shift, *feature_scale; /**< [features] */
    double *target_shift, *target_unit;    /**< [targets] */
};

/** Allocates the arrays that `options` require, zeroed; hg_statistics_measure or a checkpoint fills them. Local. */
hg_status hg_statistics_create(const struct hg_data_options *options, const struct hg_graph_info *info,
                               struct hg_statistics *statistics);
void hg_statistics_destroy(struct hg_statistics *statistics);

/** Computes mean and standard deviation (dividing by n) of each column over the training nodes, mask [owned], by
 *  exact sums with one partial per cell, so they are equal for every number of ranks. A constant column gets
 *  deviation 1. Sparse features are scaled but not shifted, which keeps them sparse. Collective. */
hg_status hg_statistics_measure(const struct hg_shard *shard, const struct hg_node_table *rows,
                                const uint8_t *mask, struct hg_statistics *statistics);

/** Normalises features and targets in place, computing in float64: HG_NORMALIZE_ROW (each row divided by the sum of
 *  its absolute values, unless that is 0), and the statistics. Then float64 features are rounded to hg_real; losses
 *  are noted (notes NULL: not noted). Fails when a feature becomes infinite. Collective. */
hg_status hg_statistics_apply(const struct hg_comm *comm, const struct hg_data_options *options,
                              const struct hg_statistics *statistics, struct hg_node_table *rows,
                              struct hg_notes *notes);

#endif
