/** Converts edges, in any order and on any rank, to rows in blocks of imported ids. */
#ifndef HG_GRAPH_ROWS_FROM_EDGES_H
#define HG_GRAPH_ROWS_FROM_EDGES_H

#include "graph/node_table.h"

/** Edges as an importer read them; any edge may be on any rank. {0} is empty. */
struct hg_edges {
    int64_t count, capacity;
    hg_gid *source, *target; /**< [count] imported ids */
    hg_gid *id;              /**< [count] number in the imported edge list */
    int64_t attr_cols;       /**< Fe; 0: none */
    hg_real *attr;           /**< [count, Fe] */
};

/** Appends one edge; attr [attr_cols], or NULL when attr_cols is 0. Local. */
hg_status hg_edges_append(struct hg_edges *edges, hg_gid source, hg_gid target, hg_gid id,
                          const hg_real *attr);

void hg_edges_destroy(struct hg_edges *edges);

struct hg_build_options {
    bool undirected;    /**< add the reverse of every edge (with id -1) */
    bool keep_parallel; /**< with undirected: do not merge parallel edges */
};

/** Fills rows->count, stored, imported, indptr, indices, edge_id, edge_attr and info.{num_edges, num_edge_features,
 *  symmetric} from edges; info.num_nodes is given. Rows are the rank's block (hg_block_range) of imported ids.
 *
 *  With options->undirected, as PyG's to_undirected, each edge (j, i) is added as (i, j) too. Parallel edges are then
 *  merged into the one with the smallest edge id, and their features are added (unless keep_parallel). Without it,
 *  parallel edges stay, in imported order.
 *
 *  Fails when an id is outside [0, num_nodes): "edge E: node X outside 0..N-1". Frees the arrays of `edges` in any
 *  case. Collective. */
hg_status hg_build_rows(const struct hg_comm *comm, struct hg_edges *edges,
                        const struct hg_build_options *options, struct hg_node_table *rows);

#endif
