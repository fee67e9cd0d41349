#include "base/mem.h"
#include "partition/metis.h"
#include "partition/partitioner.h"
#include "partition/refine.h"
#include <math.h>
#include <string.h>

/* Partitions of the graph of cells that are tried: this many seeds for each allowed imbalance (in thousandths). The
 * one with the lowest cost (hg_owners_refine) is used. */
enum { SEEDS = 4, WEIGHT_SUM = 1 << 28 };
static const int32_t ufactors[] = {10, 30, 60, 120};

/* The divisor that brings the sum of n values below about WEIGHT_SUM, so that METIS can add them in 32 bits. */
static int64_t shrink_divisor(const int64_t *values, int64_t n)
{
    int64_t sum = 0;
    for (int64_t k = 0; k < n; k++) sum += values[k];
    return sum / WEIGHT_SUM + 1;
}

/* The graph of cells in METIS's form; a cell's two weights are its nodes and its edges. */
static hg_status metis_graph(const struct hg_cells *cells, struct hg_metis_graph *graph)
{
    const int64_t pairs = cells->indptr[cells->count];
    if (pairs > INT32_MAX)
        return hg_fail(HG_FAILED, "METIS", "the graph of cells is too large: fewer --cells");
    const int64_t per_edge = shrink_divisor(cells->edges, cells->count),
                  per_node = cells->offsets[cells->count] / WEIGHT_SUM + 1,
                  per_link = shrink_divisor(cells->weight, pairs);
    *graph = (struct hg_metis_graph){.nodes = (int32_t)cells->count, .constraints = 2};
    HG_TRY(HG_NEW(graph->indptr, cells->count + 1));
    HG_TRY(HG_NEW(graph->indices, pairs));
    HG_TRY(HG_NEW(graph->node_weight, 2 * cells->count));
    HG_TRY(HG_NEW(graph->edge_weight, pairs));
    for (int64_t c = 0; c < cells->count; c++) {
        graph->indptr[c + 1] = (int32_t)cells->indptr[c + 1];
        graph->node_weight[2 * c] = (int32_t)((cells->offsets[c + 1] - cells->offsets[c]) / per_node);
        graph->node_weight[2 * c + 1] = (int32_t)(cells->edges[c] / per_edge);
    }
    for (int64_t k = 0; k < pairs; k++) {
        graph->indices[k] = (int32_t)cells->indices[k];
        graph->edge_weight[k] = (int32_t)hg_max_i64(cells->weight[k] / per_link, 1);
    }
    return HG_OK;
}

/* Partitions the graph of cells in this rank's share of the ways that are tried, refines each result, and writes the
 * one with the lowest cost to owner [C]. *cost is infinite if this rank has no share. trial [C] is scratch. */
static hg_status best_of_share(const struct hg_comm *comm, const struct hg_metis_graph *graph,
                               const struct hg_cells *cells, int ranks, int *trial, int *owner, double *cost)
{
    *cost = INFINITY;
    for (int k = comm->rank; k < SEEDS * (int)(sizeof ufactors / sizeof *ufactors); k += comm->size) {
        const struct hg_metis_options options = {
            .parts = ranks, .seed = k % SEEDS, .ufactor = ufactors[k / SEEDS]};
        double of_trial = 0;
        HG_TRY(hg_metis_partition(graph, &options, trial));
        HG_TRY(hg_owners_refine(cells, ranks, trial, &of_trial));
        if (of_trial >= *cost) continue;
        *cost = of_trial;
        memcpy(owner, trial, (size_t)cells->count * sizeof *owner);
    }
    return HG_OK;
}

static hg_status choose(const struct hg_comm *comm, const struct hg_cells *cells, int ranks, int *owner,
                        double *cost)
{
    struct hg_metis_graph graph = {0};
    int *trial = NULL;
    hg_status status = metis_graph(cells, &graph);
    if (status == HG_OK) status = HG_NEW(trial, cells->count);
    if (status == HG_OK) status = best_of_share(comm, &graph, cells, ranks, trial, owner, cost);
    hg_mem_free(trial);
    hg_metis_graph_destroy(&graph);
    return status;
}

/* The lowest rank whose cost is the least. all [size] is scratch. Collective. */
static int cheapest(const struct hg_comm *comm, double cost, double *all)
{
    int rank = 0;
    hg_comm_allgather_bytes(comm, &cost, sizeof cost, all);
    for (int r = 1; r < comm->size; r++)
        if (all[r] < all[rank]) rank = r;
    return rank;
}

hg_status hg_partition_owners(const struct hg_comm *comm, const struct hg_cells *cells, int ranks, int *owner)
{
    double cost = 0, *costs = NULL;
    if (ranks <= 1 || ranks >= cells->count) { /* one cell per rank */
        for (int64_t c = 0; c < cells->count; c++) owner[c] = ranks > 1 ? (int)c : 0;
        return HG_OK;
    }
    hg_status status = HG_NEW(costs, comm->size);
    if (status == HG_OK) status = choose(comm, cells, ranks, owner, &cost);
    status = hg_agree(comm, status);
    if (status == HG_OK)
        hg_comm_bcast(comm, owner, cells->count * (int64_t)sizeof *owner, cheapest(comm, cost, costs));
    hg_mem_free(costs);
    return status;
}
