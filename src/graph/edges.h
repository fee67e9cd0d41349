/** A list of edges in any order, as an importer reads it: 8 bytes an edge where ids are below 2^32.
 *
 *  The list grows by chunks, so that it is never copied, and gives chunks back while it is read. Numbers of edges in
 *  the imported list take no memory per edge: edges with consecutive numbers are a run. */
#ifndef HG_GRAPH_EDGES_H
#define HG_GRAPH_EDGES_H

#include "base/status.h"
#include "base/types.h"

enum { HG_EDGES_CHUNK = 1 << 16 /**< edges per chunk */ };

/** The ends of an edge, imported ids. */
struct hg_ends {
    hg_gid source, target;
};

/** Up to HG_EDGES_CHUNK edges; one of the arrays is there. */
struct hg_edge_chunk {
    uint32_t (*narrow)[2];
    struct hg_ends *wide;
};

/** Edge `first` of the list and those that follow it, up to the next run, have the numbers id, id + 1, ... */
struct hg_edge_run {
    int64_t first;
    hg_gid id;
};

/** The list. {0} is empty; attr_cols is set before the first edge is added. */
struct hg_edges {
    int64_t count;
    hg_gid least, most; /**< the smallest and the largest end of all edges, when there are any */
    struct hg_edge_chunk *chunk;
    int64_t chunks; /**< allocated elements of `chunk` */
    struct hg_edge_run *run;
    int64_t runs, run_capacity;
    int64_t attr_cols; /**< Fe; 0: none */
    hg_real *attr;     /**< [count, Fe] */
    int64_t attr_capacity;
};

/** Appends an edge with number `id` and features attr [attr_cols], or NULL when attr_cols is 0. Local. */
hg_status hg_edges_append(struct hg_edges *edges, hg_gid source, hg_gid target, hg_gid id,
                          const hg_real *attr);

/** Appends n edges with the numbers id, id + 1, ... as a new run, without features. Local. */
hg_status hg_edges_append_run(struct hg_edges *edges, const struct hg_ends *ends, int64_t n, hg_gid id);

/** The ends of edge k. Local. */
static inline struct hg_ends hg_edges_at(const struct hg_edges *edges, int64_t k)
{
    const struct hg_edge_chunk *chunk = &edges->chunk[k / HG_EDGES_CHUNK];
    if (chunk->wide != NULL) return chunk->wide[k % HG_EDGES_CHUNK];
    const uint32_t *ends = chunk->narrow[k % HG_EDGES_CHUNK];
    return (struct hg_ends){ends[0], ends[1]};
}

/** The run that edge k is in: binary search. Local. */
int64_t hg_edges_run_of(const struct hg_edges *edges, int64_t k);

/** The number of edge k. Local. */
hg_gid hg_edges_id(const struct hg_edges *edges, int64_t k);

/** Frees the chunks of which all edges are before edge k: these edges are not read again. Local. */
void hg_edges_release(struct hg_edges *edges, int64_t k);

void hg_edges_destroy(struct hg_edges *edges);

#endif
