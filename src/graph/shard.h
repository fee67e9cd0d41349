/** A rank's part (shard) of the graph: the nodes of its cells, the edges into and out of them, and the halo. Made by
 *  hg_localize (partition/shard/localize.h).
 *
 *  The forward pass uses in-edges grouped by target, the backward pass out-edges grouped by source. When the edge set
 *  is symmetric both are one structure (`out == &in_edges`); else out-edges are a second structure with its own halo.
 *  Local rows are the rank's cells in order, then the halo rows grouped by owner. */
#ifndef HG_GRAPH_SHARD_H
#define HG_GRAPH_SHARD_H

#include "graph/cells.h"
#include "graph/exchange.h"
#include "graph/hubs.h"

/** The edges of owned rows in one direction, in CSR. Edges of a row are sorted by imported id of the node at the
 *  other end, parallel edges in imported order; so the order of summation does not depend on who owns which node. */
struct hg_adjacency {
    struct hg_plan plan;
    hg_eid *indptr;  /**< [owned + 1] */
    hg_lid *indices; /**< [edges] local row of the node at the other end: owned or halo */
    /** [edges] number in the imported edge list; -1: added by --undirected, or a self-loop of the model. In-edges
     *  only; NULL for out-edges, and when the node table had no ids */
    hg_gid *edge_id;
    hg_real *edge_attr; /**< [edges, Fe], NULL without edge features */
    hg_gid *imported;   /**< [owned + halo] imported id of every local row */
    /** Rows of each cell, without hubs, and without rows that a subgraph leaves out. Rows without halo among their
     *  neighbours come first: order[cell_offset[c]..interior_end[c]) have none,
     *  order[interior_end[c]..boundary_end[c]) have some. */
    hg_lid *order, *interior_end, *boundary_end;
    struct hg_hubs hubs;
};

/** The shard of one rank. Owns its arrays. */
struct hg_shard {
    const struct hg_comm *comm;
    int64_t num_nodes;     /**< nodes of the whole graph */
    int64_t num_edges;     /**< edges of the whole graph, self-loops of the model included */
    int64_t num_cells;     /**< cells of the whole graph */
    int64_t edge_features; /**< Fe, numbers per edge; 0: none */
    hg_lid owned;          /**< number of nodes that this rank owns */
    hg_lid cells;          /**< number of cells that this rank owns */
    /** [cells + 1] local rows of the k-th cell are cell_offset[k]..cell_offset[k+1] */
    hg_lid *cell_offset;
    hg_lid max_cell;  /**< rows in the largest cell of the whole graph */
    hg_eid hub_edges; /**< edges in a part of a hub (graph/hubs.h) */
    bool symmetric;
    bool self_loops;               /**< self-loops of the file were removed and one per node was added */
    struct hg_adjacency in_edges;  /**< edges into owned targets */
    struct hg_adjacency out_edges; /**< edges out of owned sources; unused when symmetric */
    /** the edges by target, and by source: &in_edges, and &out_edges or, when symmetric, &in_edges */
    const struct hg_adjacency *in, *out;
};

void hg_shard_destroy(struct hg_shard *shard);
void hg_adjacency_destroy(struct hg_adjacency *adjacency);

/** Makes `order`, `interior_end`, `boundary_end` and the hubs of an adjacency: of the rows marked in keep [owned], or
 *  of all rows when `keep` is NULL. Local: the caller agrees. */
hg_status hg_adjacency_order(const struct hg_shard *shard, const uint8_t *keep,
                             struct hg_adjacency *adjacency);

/** hg_adjacency_order for the shard's adjacencies, with hub_edges edges in a part of a hub. May be called again
 *  before the shard is used. Local: the caller agrees. */
hg_status hg_shard_order(struct hg_shard *shard, hg_eid hub_edges);

/** Whether row i has a halo row among its neighbours. Local. */
bool hg_adjacency_needs_halo(const struct hg_adjacency *adjacency, hg_lid i, hg_lid owned);

#endif
