#include "base/mem.h"
#include "partition/cell_nets.h"
#include "partition/metis.h"
#include "partition/partitioner.h"
#include "partition/refine.h"
#include <math.h>
#include <string.h>

/* Owners that are tried: cells in order, and partitions of the graph of cells, so many seeds for each allowed imbalance
 * (in thousandths). Those with the lowest cost (hg_owners_refine) are used. */
enum { SEEDS = 2, UFACTORS = 4, TRIES = 1 + SEEDS * UFACTORS, WEIGHT_SUM = 1 << 28 };
enum { SHORT_STEP = 3 /* a short search makes the tries 0 and 3 */ };
static const int32_t ufactors[UFACTORS] = {10, 30, 60, 120};

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

/* What a choice is made by. */
struct choice {
    const struct hg_cells *cells;
    struct hg_metis_graph graph;
    struct hg_nets made; /* of the graph of cells, where the cells have no nets */
    struct hg_nets_of_cells of;
    int ranks;
    int *trial; /* [C] */
};

static hg_status choice_create(const struct hg_cells *cells, int ranks, struct choice *c)
{
    const bool known = cells->nets.indptr != NULL;
    *c = (struct choice){.cells = cells, .ranks = ranks};
    HG_TRY(metis_graph(cells, &c->graph));
    if (!known) HG_TRY(hg_nets_of_graph(cells, &c->made));
    HG_TRY(hg_nets_of_cells_create(known ? &cells->nets : &c->made, cells->count, &c->of));
    return HG_NEW(c->trial, cells->count);
}

static void choice_destroy(struct choice *c)
{
    hg_metis_graph_destroy(&c->graph);
    hg_nets_destroy(&c->made);
    hg_nets_of_cells_destroy(&c->of);
    HG_FREE(c->trial);
}

/* Consecutive cells together, of about equal weight: cells that METIS has cut from one region of the graph follow each
 * other. */
static void share_in_order(const struct choice *c, int *owner)
{
    const struct hg_cells *cells = c->cells;
    double weight = 0, passed = 0;
    for (int64_t k = 0; k < cells->count; k++) weight += (double)cells->edges[k];
    /* a node weighs as much as twice the mean number of edges, as where cells are cut */
    const double of_node = 2 * (weight + 1) / (double)cells->offsets[cells->count];
    weight += of_node * (double)cells->offsets[cells->count];
    for (int64_t k = 0; k < cells->count; k++) {
        const double own =
            (double)cells->edges[k] + of_node * (double)(cells->offsets[k + 1] - cells->offsets[k]);
        owner[k] = (int)hg_min_i64((int64_t)((passed + own / 2) / weight * c->ranks), c->ranks - 1);
        passed += own;
    }
}

/* The owners of try k before they are refined. */
static hg_status begin_try(const struct choice *c, int k)
{
    if (k == 0) {
        share_in_order(c, c->trial);
        return HG_OK;
    }
    const struct hg_metis_options options = {
        .parts = c->ranks, .seed = (k - 1) % SEEDS, .ufactor = ufactors[(k - 1) / SEEDS]};
    return hg_metis_partition(&c->graph, &options, c->trial);
}

/* A try and its cost; infinite: there was none. */
struct outcome {
    double cost;
    int64_t number;
};

/* The tries first, first + step, ... below `end`, and the work of each. */
struct share {
    int first, step, end;
    int64_t work;
};

/* Refines a share of the tries, and writes the owners with the lowest cost to owner [C]. */
static hg_status best_of_share(const struct choice *c, const struct share *share, int *owner,
                               struct outcome *best)
{
    *best = (struct outcome){INFINITY, TRIES};
    for (int k = share->first; k < share->end; k += share->step) {
        double cost = 0;
        HG_TRY(begin_try(c, k));
        HG_TRY(hg_owners_refine(c->cells, &c->of, c->ranks, share->work, c->trial, &cost));
        if (cost >= best->cost) continue;
        *best = (struct outcome){cost, k};
        memcpy(owner, c->trial, (size_t)c->cells->count * sizeof *owner);
    }
    return HG_OK;
}

static hg_status choose(const struct hg_cells *cells, int ranks, const struct share *share, int *owner,
                        struct outcome *best)
{
    struct choice c;
    hg_status status = choice_create(cells, ranks, &c);
    if (status == HG_OK) status = best_of_share(&c, share, owner, best);
    choice_destroy(&c);
    return status;
}

/* The rank with the lowest cost; of equal costs that of the first try, whichever rank it was on. all [size] is scratch.
 * Collective. */
static int cheapest(const struct hg_comm *comm, const struct outcome *mine, struct outcome *all)
{
    int rank = 0;
    hg_comm_allgather_bytes(comm, mine, sizeof *mine, all);
    for (int r = 1; r < comm->size; r++)
        if (all[r].cost < all[rank].cost ||
            (all[r].cost <= all[rank].cost && all[r].number < all[rank].number))
            rank = r;
    return rank;
}

hg_status hg_partition_owners(const struct hg_comm *comm, const struct hg_cells *cells, int ranks, int *owner)
{
    const struct share share = {comm->rank, comm->size, TRIES, HG_OWNERS_WORK};
    struct outcome best = {0}, *all = NULL;
    if (ranks <= 1 || ranks >= cells->count) { /* one cell per rank */
        for (int64_t c = 0; c < cells->count; c++) owner[c] = ranks > 1 ? (int)c : 0;
        return HG_OK;
    }
    hg_status status = HG_NEW(all, comm->size);
    if (status == HG_OK) status = choose(cells, ranks, &share, owner, &best);
    status = hg_agree(comm, status);
    if (status == HG_OK)
        hg_comm_bcast(comm, owner, cells->count * (int64_t)sizeof *owner, cheapest(comm, &best, all));
    hg_mem_free(all);
    return status;
}

/* The costs for this rank's share of the numbers of ranks; cost [n] of the others stays. */
static hg_status costs_of_share(const struct hg_comm *comm, const struct hg_cells *cells, const int *ranks,
                                int n, double *cost)
{
    /* from cells in order, and from a partition of the graph of cells */
    static const struct share few = {0, SHORT_STEP, SHORT_STEP + 1, HG_OWNERS_SHORT_WORK};
    int *owner = NULL;
    hg_status status = HG_NEW_UNSET(owner, cells->count);
    for (int k = comm->rank; status == HG_OK && k < n; k += comm->size) {
        struct outcome best = {0};
        if (ranks[k] < cells->count) status = choose(cells, ranks[k], &few, owner, &best);
        cost[k] = best.cost;
    }
    hg_mem_free(owner);
    return status;
}

hg_status hg_partition_owner_costs(const struct hg_comm *comm, const struct hg_cells *cells, const int *ranks,
                                   int n, double *cost)
{
    for (int k = 0; k < n; k++) cost[k] = 0;
    HG_TRY(hg_agree(comm, costs_of_share(comm, cells, ranks, n, cost)));
    hg_comm_max_f64(comm, cost, n);
    return HG_OK;
}
