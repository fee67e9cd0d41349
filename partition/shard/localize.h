/** Builds a rank's shard (graph/shard.h) from its rows in cell order: local numbering, halo, exchange plans.
 *
 *  This folder holds all steps but one: the order of an adjacency's rows is made in src/graph/ (hg_adjacency_order),
 *  because every subgraph of a training pass makes its own order, too.
 */
#ifndef HG_PARTITION_SHARD_LOCALIZE_H
#define HG_PARTITION_SHARD_LOCALIZE_H

#include "graph/cells.h"
#include "graph/node_table.h"
#include "graph/shard.h"

struct hg_localize_options {
    /** Remove existing self-loops and add one per node. The features of the new loop are the mean over the node's
     *  in-edges (as PyG's add_self_loops with fill_value="mean"), 0 for a node without in-edges. */
    bool self_loops;
    bool edge_features;   /**< copy the graph's edge features, if any, into the shard */
    int64_t window_edges; /**< most edges that a rank sends at once; 0: 2^20 */
};

/** Builds the shard of this rank.
 *
 *  rows   the rows of this rank's cells (hg_cells_ranges of comm->rank); stored and indices are in cell order
 *  cells  with owners for comm->size ranks
 *  shard  out: destroy with hg_shard_destroy; refers to comm, owns the rest
 *  In a directed graph the owners of targets send out-edges, with their features, to the owners of the sources. Fails
 *  when owned and halo rows of a rank exceed 2^31 - 1, or when rows and cells do not match. Collective. */
hg_status hg_localize(const struct hg_comm *comm, const struct hg_node_table *rows,
                      const struct hg_cells *cells, const struct hg_localize_options *options,
                      struct hg_shard *shard);

#endif
