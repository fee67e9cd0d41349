/** The steps of hg_localize: first the in-edges, then the out-edges of a directed graph. */
#ifndef HG_PARTITION_SHARD_EDGES_H
#define HG_PARTITION_SHARD_EDGES_H

#include "graph/node_table.h"
#include "graph/shard.h"
#include "partition/shard/localize.h"
#include "partition/shard/locate.h"

/** Fills shard->in_edges from the rows, except the order of rows and the hubs (hg_adjacency_order). Collective. */
hg_status hg_in_edges_build(const struct hg_node_table *rows, const struct hg_locator *locator,
                            const struct hg_localize_options *options, struct hg_shard *shard);

/** Fills shard->out_edges of a directed graph from the in-edges of all ranks, except the order of rows and the hubs. A
 *  rank sends at most window_edges edges at once, but at least those of one row. Collective. */
hg_status hg_out_edges_build(struct hg_shard *shard, int64_t window_edges);

/** Adds the self-loop of every row to an adjacency in which the last slot of each row is free. The loop goes where
 *  the row's order by imported id wants it; its edge id is -1, its features are the mean over the row's other edges.
 *  Local. */
void hg_self_loops_insert(struct hg_adjacency *adjacency, hg_lid owned, int64_t edge_features);

#endif
