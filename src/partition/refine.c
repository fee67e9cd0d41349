#include "partition/refine.h"

#include "base/mem.h"

enum { SWEEPS = 20 };
static const double tolerance = 1.05; /* load / mean that costs nothing */
static const double harm = 4;         /* K: how much an excess of 1 costs, in cuts */

/* Loads of a rank. */
struct load {
    int64_t cells;
    double nodes, edges; /* in units of the mean over ranks */
};

struct refine {
    const struct hg_cells *cells;
    int ranks;
    int *owner;
    struct load *load; /* [ranks] */
    int64_t *toward;   /* [ranks] weight from the cell in question to each rank's cells */
    double node_unit, edge_unit;
    double floor; /* of the cost's cut: so that a cut of 0 still pays for excess */
    double cut, excess;
};

static double over(double load)
{
    return load > tolerance ? load - tolerance : 0;
}

static double excess_of(double nodes, double edges)
{
    return over(nodes) + over(edges);
}

static double cost_of(const struct refine *r, double cut, double excess)
{
    return (cut + r->floor) * (1 + harm * excess);
}

static double cell_nodes(const struct refine *r, int64_t c)
{
    return (double)(r->cells->offsets[c + 1] - r->cells->offsets[c]) * r->node_unit;
}

static double cell_edges(const struct refine *r, int64_t c)
{
    return (double)r->cells->edges[c] * r->edge_unit;
}

/* Gives cell c to rank `to`. */
static void assign(struct refine *r, int64_t c, int to)
{
    struct load *old = &r->load[r->owner[c]], *new = &r->load[to];
    old->cells--;
    old->nodes -= cell_nodes(r, c);
    old->edges -= cell_edges(r, c);
    new->cells++;
    new->nodes += cell_nodes(r, c);
    new->edges += cell_edges(r, c);
    r->owner[c] = to;
}

static void measure(struct refine *r)
{
    const struct hg_cells *cells = r->cells;
    r->cut = r->excess = 0;
    for (int k = 0; k < r->ranks; k++) r->load[k] = (struct load){0};
    for (int64_t c = 0; c < cells->count; c++) {
        struct load *load = &r->load[r->owner[c]];
        load->cells++;
        load->nodes += cell_nodes(r, c);
        load->edges += cell_edges(r, c);
        for (int64_t k = cells->indptr[c]; k < cells->indptr[c + 1]; k++)
            if (r->owner[cells->indices[k]] != r->owner[c]) r->cut += 0.5 * (double)cells->weight[k];
    }
    for (int k = 0; k < r->ranks; k++) r->excess += excess_of(r->load[k].nodes, r->load[k].edges);
}

/* Gives every rank without a cell the smallest cell of the rank that has most. */
static void fill_empty(struct refine *r)
{
    for (int k = 0; k < r->ranks; k++) {
        if (r->load[k].cells > 0) continue;
        int richest = 0;
        for (int q = 1; q < r->ranks; q++)
            if (r->load[q].cells > r->load[richest].cells) richest = q;
        int64_t smallest = -1;
        for (int64_t c = 0; c < r->cells->count; c++)
            if (r->owner[c] == richest && (smallest < 0 || cell_edges(r, c) < cell_edges(r, smallest)))
                smallest = c;
        assign(r, smallest, k);
    }
}

static void weigh_ranks(struct refine *r, int64_t c)
{
    for (int k = 0; k < r->ranks; k++) r->toward[k] = 0;
    for (int64_t k = r->cells->indptr[c]; k < r->cells->indptr[c + 1]; k++)
        r->toward[r->owner[r->cells->indices[k]]] += r->cells->weight[k];
}

/* Excess of all ranks if cell c went to `to`. */
static double excess_after(const struct refine *r, int64_t c, int to)
{
    const struct load *old = &r->load[r->owner[c]], *new = &r->load[to];
    const double nodes = cell_nodes(r, c), edges = cell_edges(r, c);
    return r->excess - excess_of(old->nodes, old->edges) - excess_of(new->nodes, new->edges) +
           excess_of(old->nodes - nodes, old->edges - edges) +
           excess_of(new->nodes + nodes, new->edges + edges);
}

/* Moves cell c to the rank where it costs least; true when it moved. */
static bool move_cell(struct refine *r, int64_t c)
{
    const int from = r->owner[c];
    if (r->load[from].cells < 2) return false;
    weigh_ranks(r, c);
    int best = from;
    double best_cut = r->cut, best_excess = r->excess;
    for (int to = 0; to < r->ranks; to++) {
        if (to == from) continue;
        const double cut = r->cut + (double)(r->toward[from] - r->toward[to]);
        const double excess = excess_after(r, c, to);
        if (cost_of(r, cut, excess) >= cost_of(r, best_cut, best_excess) * (1 - 1e-9)) continue;
        best = to;
        best_cut = cut;
        best_excess = excess;
    }
    if (best == from) return false;
    assign(r, c, best);
    r->cut = best_cut;
    r->excess = best_excess;
    return true;
}

static hg_status prepare(struct refine *r)
{
    const struct hg_cells *cells = r->cells;
    double edges = 0, weight = 0;
    HG_TRY(HG_NEW(r->load, r->ranks));
    HG_TRY(HG_NEW(r->toward, r->ranks));
    for (int64_t c = 0; c < cells->count; c++) edges += (double)cells->edges[c];
    for (int64_t k = 0; k < cells->indptr[cells->count]; k++) weight += (double)cells->weight[k];
    r->node_unit = r->ranks / (double)cells->offsets[cells->count];
    r->edge_unit = edges > 0 ? r->ranks / edges : 0;
    r->floor = 1 + 0.01 * weight;
    measure(r);
    fill_empty(r);
    measure(r);
    return HG_OK;
}

hg_status hg_owners_refine(const struct hg_cells *cells, int ranks, int *owner, double *cost)
{
    struct refine r = {.cells = cells, .ranks = ranks, .owner = owner};
    const hg_status status = prepare(&r);
    bool moved = status == HG_OK;
    for (int sweep = 0; moved && sweep < SWEEPS; sweep++) {
        moved = false;
        for (int64_t c = 0; c < cells->count; c++) moved |= move_cell(&r, c);
    }
    *cost = cost_of(&r, r.cut, r.excess);
    hg_mem_free(r.toward);
    hg_mem_free(r.load);
    return status;
}
