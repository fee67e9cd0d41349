/** The steps of hg_localize, one adjacency of the edges after the other. */
#ifndef HG_PARTITION_SHARD_SIDE_H
#define HG_PARTITION_SHARD_SIDE_H

#include "graph/node_table.h"
#include "graph/shard.h"
#include "partition/shard/localize.h"
#include "partition/shard/locate.h"

/** Fills shard->in_edges but for the order of rows. Collective. */
hg_status hg_in_edges_build(const struct hg_node_table *rows, const struct hg_locator *locator,
                            const struct hg_localize_options *options, struct hg_shard *shard);

/** Fills shard->out_edges of a directed graph from the in-adjacencies of all ranks, but for the order of rows.
 * Collective. */
hg_status hg_out_edges_build(struct hg_shard *shard);

/** Adds the self-loop of every row to an adjacency whose rows have their last slot free: at its place by imported
 * id, edge id -1, features the mean of the row's other edges. Local. */
void hg_self_loops_insert(struct hg_adjacency *adjacency, hg_lid owned, int64_t edge_features);

#endif
