#include "forecast/setup.h"

#include "partition/collect.h"
#include "train/unordered.h"
#include <math.h>

static const double id = sizeof(hg_gid), real = sizeof(hg_real);

/* Bytes of an edge in the node table: its source and its features. */
static double edge_bytes(const struct hg_setup_of *of)
{
    return (double)hg_edge_bytes(&of->outline->info, false);
}

/* hg_localize: the node table still has its edges; keys of halo rows are collected cell by cell, where rows of several
 * cells occur several times; in a directed graph, edges are ordered by source, and travel to the owners of their
 * sources window by window. */
static double localize(const struct hg_setup_of *of)
{
    enum { OUT_EDGE = 9 };
    const struct hg_shard_shape *shard = &of->part->shard;
    const double edges = (double)of->part->file_edges, cells = (double)hg_max_i64(shard->cells, 1),
                 halo = (double)shard->in.halo;
    const double crossing = of->ranks > 1 ? edges * (1 - 1.0 / of->ranks) / 2 : 0;
    const double keys = cells * halo < crossing ? cells * halo : crossing;
    double bytes = edges * edge_bytes(of) + id * (double)shard->owned + id * keys + 2 * id * halo +
                   2 * id * crossing / cells;
    if (!shard->symmetric)
        bytes += (double)shard->out.edges * (OUT_EDGE + real * (double)shard->edge_features);
    return (double)(of->nodes + of->edges) + bytes;
}

/* Ends of edges in the level that cells are made of, which lists an edge of a directed graph at both ends. */
static double ends(const struct hg_setup_of *of)
{
    const struct hg_graph_info *info = &of->outline->info;
    return (double)info->num_edges * (info->symmetric ? 1 : 2);
}

/* hg_unordered_read and hg_unordered_cells of a file in imported order: the level, the first coarser one, which keeps
 * half of its edges, with their weights, and a window of edges on their way. */
static double divide(const struct hg_setup_of *of)
{
    enum { END = 9, NODE = 60, WINDOW_END = 36, WINDOW = 50 << 20 };
    const double here = ends(of) / of->ranks, nodes = (double)of->outline->info.num_nodes / of->ranks;
    return END * here + NODE * nodes + fmin(WINDOW_END * here, WINDOW);
}

/* METIS has all edges on rank 0, beside its level. */
static double run_metis(const struct hg_setup_of *of)
{
    enum { END = 50, LEVEL_END = 10 };
    const bool here = of->rank == 0 && of->outline->method == HG_PARTITION_METIS;
    return here ? ends(of) * (END + (double)LEVEL_END / of->ranks) : 0;
}

/* hg_unordered_rows: the level, the rows so far, and two chunks of rows, read and on their way. */
static double collect(const struct hg_setup_of *of)
{
    enum { LEVEL_EDGE = 5, LEVEL_NODE = 12 };
    const double edges = (double)of->part->file_edges, owned = (double)of->part->shard.owned;
    const double rows = (double)of->nodes + edges * edge_bytes(of),
                 chunk = fmin(rows / 8 + (2 << 20), HG_CHUNK_BYTES);
    return rows + owned * id + LEVEL_EDGE * edges + LEVEL_NODE * owned + 2.1 * chunk;
}

int64_t hg_setup_peak(const struct hg_setup_of *of)
{
    const double ordered = localize(of);
    if (of->outline->ordered) return (int64_t)ordered;
    return (int64_t)fmax(fmax(ordered, divide(of)), fmax(run_metis(of), collect(of)));
}
