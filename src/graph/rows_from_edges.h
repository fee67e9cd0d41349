/** Converts edges, in any order and on any rank, to rows in blocks of imported ids. */
#ifndef HG_GRAPH_ROWS_FROM_EDGES_H
#define HG_GRAPH_ROWS_FROM_EDGES_H

#include "base/team.h"
#include "graph/edges.h"
#include "graph/node_table.h"

struct hg_build_options {
    bool undirected;    /**< add the reverse of every edge (with id -1) */
    bool keep_parallel; /**< with undirected: do not merge parallel edges */
    int64_t
        round_edges; /**< edges per rank that travel at once; 0: by the number of ranks. The result is the same */
    struct hg_team *team; /**< works on the edges; NULL: the caller alone. The result is the same */
};

/** Fills rows->count, stored, imported, indptr, indices, edge_id, edge_attr and info.{num_edges, num_edge_features,
 *  symmetric} from edges; info.num_nodes is given. Rows are the rank's block (hg_block_range) of imported ids.
 *
 *  With options->undirected, as PyG's to_undirected, each edge (j, i) is added as (i, j) too. Parallel edges are then
 *  merged into the one with the smallest edge id, and their features are added (unless keep_parallel). Without it,
 *  parallel edges stay, in imported order.
 *
 *  An edge takes 16 bytes in the rows. It travels to them in rounds of bounded size, and leaves the list in doing so:
 *  together with the list, the peak is 24 bytes an edge without features, and those that --undirected adds are edges.
 *
 *  Fails when an id is outside [0, num_nodes): "edge E: node X outside 0..N-1". Destroys `edges` in any case.
 *  Collective. */
hg_status hg_build_rows(const struct hg_comm *comm, struct hg_edges *edges,
                        const struct hg_build_options *options, struct hg_node_table *rows);

#endif
