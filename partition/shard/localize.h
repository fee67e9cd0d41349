/** From a rank's rows in cell order to its shard: local numbering, halo, exchange plans.
 *
 *  All that makes a shard is in this folder; what a shard is, and what an epoch does with it, is in src/graph/. Only the
 *  order of an adjacency's rows is made there (hg_adjacency_order): a pass over a subgraph makes its own.
 */
#ifndef HG_PARTITION_SHARD_LOCALIZE_H
#define HG_PARTITION_SHARD_LOCALIZE_H

#include "graph/cells.h"
#include "graph/node_table.h"
#include "graph/shard.h"

struct hg_localize_options {
    /** Remove existing loops, add one per node; its features are the mean of the features of the node's in-edges (PyG's
     *  add_self_loops with fill_value="mean"), 0 where there are none. */
    bool self_loops;
    bool edge_features; /**< keep edge features when the graph has them */
};

/** Builds the shard of this rank.
 *
 *  rows   the rows of this rank's cells (hg_cells_ranges of comm->rank), indices in cell order
 *  cells  with owners for comm->size ranks
 *  shard  destroy with hg_shard_destroy; refers to comm, owns the rest
 *  Out-edges of a directed graph, with their features, come from the owners of their targets. Fails when a rank's rows
 *  and halo are more than 2^31 - 1. Collective. */
hg_status hg_localize(const struct hg_comm *comm, const struct hg_node_table *rows,
                      const struct hg_cells *cells, const struct hg_localize_options *options,
                      struct hg_shard *shard);

#endif
