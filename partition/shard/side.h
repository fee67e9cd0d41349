/** The steps of hg_localize, one side of the edges after the other. */
#ifndef HG_PARTITION_SHARD_SIDE_H
#define HG_PARTITION_SHARD_SIDE_H

#include "graph/rows.h"
#include "graph/shard.h"
#include "partition/shard/localize.h"
#include "partition/shard/locate.h"

/** Fills shard->in_side but for the order of rows. Collective. */
hg_status hg_in_side_build(const struct hg_rows *rows, const struct hg_locator *locator,
                           const struct hg_localize_options *options, struct hg_shard *shard);

/** Fills shard->out_side of a directed graph from the in-sides of all ranks, but for the order of rows.
 * Collective. */
hg_status hg_out_side_build(struct hg_shard *shard);

/** Adds the self-loop of every row to a side whose rows have their last slot free: at its place by imported
 * id, edge id -1, features the mean of the row's other edges. Local. */
void hg_self_loops_insert(struct hg_side *side, hg_lid owned, int64_t edge_features);

#endif
