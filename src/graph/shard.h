/** The graph as one rank sees it: its cells' nodes, the edges at both ends of them, and the halo.
 *  Made by hg_localize (partition/shard/localize.h).
 *
 *  In-edges by target serve the forward pass, out-edges by source the backward pass; when the edge set is symmetric the
 *  second is the first (`out == &in_edges`), else it is a structure of its own with its own halo. Rows are the rank's cells in order,
 *  then the halo grouped by owner.
 */
#ifndef HG_GRAPH_SHARD_H
#define HG_GRAPH_SHARD_H

#include "graph/cells.h"
#include "graph/exchange.h"
#include "graph/hubs.h"

/** One direction of the edges. Edges of a row: ascending by imported id of the other end, parallel edges in imported
 *  order; so the order of summation does not depend on who owns what. */
struct hg_adjacency {
    struct hg_plan plan;
    hg_eid *indptr;  /**< [owned + 1] */
    hg_lid *indices; /**< [edges] local row of the other end: owned or halo */
    hg_gid *
        edge_id; /**< [edges] place in the imported list; -1: added by --undirected or a self-loop of the model.
                              In-edges only, NULL on the other one and when the rows had none */
    hg_real *edge_attr; /**< [edges, Fe], NULL without edge features */
    hg_gid *imported;   /**< [owned + halo] imported id of every local row */
    /** Rows of each cell whose edges these are but hubs, those without halo first: order[cell_offset[c]..interior[c]) have no halo among
     *  their edges, order[interior[c]..finish[c]) do. */
    hg_lid *order, *interior, *finish;
    struct hg_hubs hubs;
};

struct hg_shard {
    const struct hg_comm *comm;
    int64_t num_nodes;     /**< of the whole graph */
    int64_t num_edges;     /**< of the whole graph, self-loops of the model included */
    int64_t num_cells;     /**< of the whole graph */
    int64_t edge_features; /**< Fe */
    hg_lid owned;          /**< nodes this rank owns */
    hg_lid cells;          /**< cells this rank owns */
    hg_lid *cell_offset;   /**< [cells + 1] local rows of its k-th cell */
    hg_lid max_cell;       /**< rows of the largest cell of the whole graph */
    hg_eid hub_edges;      /**< edges of a part of a hub */
    bool symmetric;
    bool self_loops;               /**< one loop per node was added, after existing ones were removed */
    struct hg_adjacency in_edges;  /**< edges into owned targets */
    struct hg_adjacency out_edges; /**< edges out of owned sources; unused when symmetric */
    const struct hg_adjacency *in, *out;
};

void hg_shard_destroy(struct hg_shard *shard);
void hg_adjacency_destroy(struct hg_adjacency *adjacency);

/** Makes the order of an adjacency's rows and finds its hubs: of those marked in keep [owned], of all when it is NULL. Local. */
hg_status hg_adjacency_order(const struct hg_shard *shard, const uint8_t *keep,
                             struct hg_adjacency *adjacency);

/** The same for the shard's adjacencies, with hub_edges edges in a part of a hub. May be called again before the shard is used. Local: the
 *  caller agrees. */
hg_status hg_shard_order(struct hg_shard *shard, hg_eid hub_edges);

/** Whether there is halo among the edges of row i. Local. */
bool hg_adjacency_needs_halo(const struct hg_adjacency *adjacency, hg_lid i, hg_lid owned);

#endif
