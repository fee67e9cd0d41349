/** Normalisation of features and targets, with the training statistics that checkpoints keep.
 */
#ifndef HG_TRAIN_STATISTICS_H
#define HG_TRAIN_STATISTICS_H

#include "base/notes.h"
#include "graph/node_table.h"
#include "graph/shard.h"
#include "train/options.h"

/** x' = (x - feature_shift) * feature_scale, y' = (y - target_shift) / target_unit; arrays are NULL when not asked
 *  for. */
struct hg_statistics {
    int64_t features, targets;
    double *feature_shift, *feature_scale; /**< [features] */
    double *target_shift, *target_unit;    /**< [targets] */
};

/** Allocates what `options` ask for (neutral values). Local. */
hg_status hg_statistics_create(const struct hg_data_options *options, const struct hg_graph_info *info,
                               struct hg_statistics *statistics);
void hg_statistics_destroy(struct hg_statistics *statistics);

/** Mean and standard deviation (n) over the training nodes, exact sums of one partial per cell, so equal for every
 *  number of ranks. A constant column has unit 1. Sparse features are scaled but not shifted, which keeps them sparse.
 *  mask [owned]: training nodes. Collective. */
hg_status hg_statistics_measure(const struct hg_shard *shard, const struct hg_node_table *rows,
                                const uint8_t *mask, struct hg_statistics *statistics);

/** Applies HG_NORMALIZE_ROW (each row divided by the sum of its absolute values where that is not 0) and the
 *  statistics, in place and in float64; features that the file has as float64 are rounded to hg_real after that. Fails
 *  when a feature has become infinite. What rounding loses then is noted (notes NULL: nobody asks). Collective. */
hg_status hg_statistics_apply(const struct hg_comm *comm, const struct hg_data_options *options,
                              const struct hg_statistics *statistics, struct hg_node_table *rows,
                              struct hg_notes *notes);

#endif
