/** From a list of edges in any order on any rank to rows in blocks of imported ids. */
#ifndef HG_GRAPH_ROWS_FROM_EDGES_H
#define HG_GRAPH_ROWS_FROM_EDGES_H

#include "graph/node_table.h"

/** Edges as an importer read them, dealt to ranks in any way. */
struct hg_edges {
    int64_t count, capacity;
    hg_gid *source, *target; /**< [count] imported ids */
    hg_gid *id;              /**< [count] place in the imported list */
    int64_t attr_cols;       /**< Fe; 0: none */
    hg_real *attr;           /**< [count, Fe] */
};

/** Appends one edge (attr: Fe numbers or NULL). Local. */
hg_status hg_edges_append(struct hg_edges *edges, hg_gid source, hg_gid target, hg_gid id,
                          const hg_real *attr);

void hg_edges_destroy(struct hg_edges *edges);

struct hg_build_options {
    bool undirected;    /**< add the reverse of every edge (id -1) */
    bool keep_parallel; /**< with undirected: do not merge copies */
};

/** Fills rows->count, stored, imported, indptr, indices, edge_id, edge_attr and info.{num_edges,
 * num_edge_features, symmetric} from edges; info.num_nodes is given. Rows are the rank's block
 * (hg_block_range) of imported ids.
 *
 *  undirected: PyG's to_undirected: each edge (j, i) also as (i, j); copies are merged into the one with the
 * smallest edge id, features added (unless keep_parallel). Without it, parallel edges stay, in imported
 * order. Fails when an id is outside [0, num_nodes): "edge E: node X outside 0..N-1". Frees edges' arrays.
 * Collective. */
hg_status hg_build_rows(const struct hg_comm *comm, struct hg_edges *edges,
                        const struct hg_build_options *options, struct hg_node_table *rows);

#endif
