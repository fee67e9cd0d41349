/** The shape of a rank's part of a graph: its sizes without its contents. From a shape, the arrays of a shard are made
 *  as hg_localize makes them, but empty, to count what a training would allocate (hg_mem_count_begin).
 */
#ifndef HG_GRAPH_SHAPE_H
#define HG_GRAPH_SHAPE_H

#include "graph/subgraph.h"

/** Sizes of the edges of owned rows in one direction. */
struct hg_adjacency_shape {
    int64_t edges;
    int64_t halo;            /**< rows at the other end that other ranks own: received in an exchange */
    int64_t sent;            /**< rows that are sent; one that goes to several ranks counts for each */
    int recv_ranks;          /**< ranks that rows come from */
    int send_ranks;          /**< ranks that rows go to */
    int64_t hubs, hub_parts; /**< rows of more than HG_HUB_EDGES edges, and their parts */
};

/** Sizes of a rank's shard. */
struct hg_shard_shape {
    int64_t num_nodes, num_edges,
        num_cells;    /**< of the whole graph; edges with the self-loops of the model */
    int64_t max_cell; /**< rows of the largest cell of the whole graph */
    int64_t edge_features;
    bool symmetric, self_loops;
    int64_t owned, cells;              /**< nodes and cells of this rank */
    struct hg_adjacency_shape in, out; /**< symmetric: `out` equals `in` */
};

/** Sizes of the subgraph that a layer works on in training. */
struct hg_subgraph_shape {
    bool whole; /**< the whole graph: the rest is as in the shard */
    int64_t targets, sources;
    struct hg_adjacency_shape in, out;
};

/** Makes the arrays of a shard of this shape; `comm` (hg_comm_imagined) outlives it. Their contents are zero, except
 *  for offsets. Fails when a rank has more rows than local numbers. Destroy with hg_shard_destroy, also after a
 *  failure. Local. */
hg_status hg_shard_imagine(const struct hg_comm *comm, const struct hg_shard_shape *shape,
                           struct hg_shard *shard);

/** The same of a layer's subgraph, with the memory that hg_subgraph_needed takes for the time of the call. Destroy
 *  with hg_subgraph_destroy, also after a failure. Local. */
hg_status hg_subgraph_imagine(const struct hg_shard *shard, const struct hg_subgraph_shape *shape,
                              struct hg_subgraph *subgraph);

#endif
