#include "base/mem.h"
#include "partition/cell_order.h"
#include "partition/partitioner.h"

/* Assumed owners for `ranks` ranks, and what is counted for them. */
struct assignment {
    const struct hg_level *graph;
    int ranks;
    int *owner;    /* [owned + ghosts] of each node */
    int64_t *last; /* [ranks] 1 + the last node that was counted for each rank */
    /* [2 + 3 ranks] edges whose ends have different owners, nodes none of whose in-edges is such an edge; then [ranks]
     * each of halo rows, nodes and edges */
    int64_t *sums;
};

static hg_status assignment_create(const struct hg_level *graph, int ranks, struct assignment *p)
{
    *p = (struct assignment){.graph = graph, .ranks = ranks};
    HG_TRY(HG_NEW_UNSET(p->owner, graph->owned + graph->ghosts));
    HG_TRY(HG_NEW(p->last, ranks));
    return HG_NEW(p->sums, 2 + 3 * (int64_t)ranks);
}

static void assignment_destroy(struct assignment *p)
{
    HG_FREE(p->owner);
    HG_FREE(p->last);
    HG_FREE(p->sums);
}

/* Counts node v as a target. */
static void count_sources(struct assignment *p, int64_t v)
{
    const struct hg_level *graph = p->graph;
    const int rank = p->owner[v];
    const int64_t first = graph->indptr[v];
    int64_t cut = 0, *nodes = p->sums + 2 + p->ranks, *edges = nodes + p->ranks;
    for (int64_t e = first; e < first + graph->sources[v]; e++) cut += p->owner[graph->neighbour[e]] != rank;
    p->sums[0] += cut;
    p->sums[1] += cut == 0;
    nodes[rank]++;
    edges[rank] += graph->in_degree[v];
}

/* Counts node v as a source: a halo row of each other rank that owns one of its targets. */
static void count_copies(struct assignment *p, int64_t v)
{
    const struct hg_level *graph = p->graph;
    int64_t *halo = p->sums + 2;
    const int64_t first = graph->indptr[v] + (graph->symmetric ? 0 : graph->sources[v]);
    for (int64_t e = first; e < graph->indptr[v + 1]; e++) {
        const int rank = p->owner[graph->neighbour[e]];
        if (rank == p->owner[v] || p->last[rank] == v + 1) continue;
        p->last[rank] = v + 1;
        halo[rank]++;
    }
}

static int64_t largest(const int64_t *values, int n)
{
    int64_t max = 0;
    for (int k = 0; k < n; k++) max = hg_max_i64(max, values[k]);
    return max;
}

/* Collective. */
static void measure(struct assignment *p, struct hg_partition_quality *quality)
{
    const int ranks = p->ranks;
    const int64_t *halo = p->sums + 2, *nodes = halo + ranks, *edges = nodes + ranks;
    int64_t all_edges = 0;
    for (int64_t v = 0; v < p->graph->owned; v++) {
        count_sources(p, v);
        count_copies(p, v);
    }
    hg_comm_sum_i64(p->graph->blocks.comm, p->sums, 2 + 3 * (int64_t)ranks);
    *quality = (struct hg_partition_quality){.edge_cut = p->sums[0], .max_halo = largest(halo, ranks)};
    for (int r = 0; r < ranks; r++) {
        quality->halo_rows += halo[r];
        all_edges += edges[r];
    }
    const double n = (double)hg_max_i64(hg_blocks_total(&p->graph->blocks), 1);
    quality->node_balance = (double)largest(nodes, ranks) * ranks / n;
    quality->edge_balance = (double)largest(edges, ranks) * ranks / (double)hg_max_i64(all_edges, 1);
    quality->interior_share = (double)p->sums[1] / n;
}

void hg_divided_owners(const struct hg_divided *divided, const struct hg_cells *cells, const int *owner,
                       int *node_owner)
{
    const int64_t nodes = divided->graph.owned + divided->graph.ghosts;
    for (int64_t v = 0; v < nodes; v++)
        node_owner[v] = owner[hg_cells_find(cells, (hg_gid)divided->stored[v])];
}

hg_status hg_partition_quality(const struct hg_divided *divided, const struct hg_cells *cells,
                               const int *owner, int ranks, struct hg_partition_quality *quality)
{
    const struct hg_level *graph = &divided->graph;
    struct assignment p;
    const hg_status status = hg_agree(graph->blocks.comm, assignment_create(graph, ranks, &p));
    if (status == HG_OK) {
        hg_divided_owners(divided, cells, owner, p.owner);
        measure(&p, quality);
    }
    assignment_destroy(&p);
    return status;
}

/* owner [owned + ghosts] becomes the parts of METIS's direct partition. Collective. */
static hg_status direct_owners(const struct hg_divided *divided, struct assignment *p)
{
    const struct hg_level *graph = &divided->graph;
    const struct hg_undivided nodes = {graph, divided->num_edges, NULL};
    int64_t *part = NULL;
    hg_status status = hg_agree(graph->blocks.comm, HG_NEW_UNSET(part, graph->owned + graph->ghosts));
    if (status == HG_OK) status = hg_partition_direct(&nodes, p->ranks, part);
    if (status == HG_OK) status = hg_level_refresh(graph, (uint64_t *)part);
    for (int64_t v = 0; status == HG_OK && v < graph->owned + graph->ghosts; v++) p->owner[v] = (int)part[v];
    hg_mem_free(part);
    return status;
}

hg_status hg_partition_direct_quality(const struct hg_divided *divided, int ranks,
                                      struct hg_partition_quality *quality)
{
    struct assignment p;
    hg_status status = hg_agree(divided->graph.blocks.comm, assignment_create(&divided->graph, ranks, &p));
    if (status == HG_OK) status = direct_owners(divided, &p);
    if (status == HG_OK) measure(&p, quality);
    assignment_destroy(&p);
    return status;
}
