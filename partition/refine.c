#include "partition/refine.h"

#include "base/mem.h"

enum {
    SWEEPS = 20,
    SWAP_CELLS = 1024,    /* swaps of all pairs of cells are tried up to this number of cells */
    TABLE_LIMIT = 1 << 24 /* no search beyond this many entries of the table `toward` */
};
static const double excess_weight = 20; /* K of the cost (refine.h) */

/* What a rank owns. */
struct load {
    int64_t cells;
    double nodes, edges; /* relative to the mean over ranks */
};

struct refine {
    const struct hg_cells *cells;
    int ranks;
    int *owner;
    struct load *load; /* [ranks] */
    int64_t *toward;   /* [C, ranks] weight of all links from a cell to a rank's cells; NULL: no search */
    double node_unit, edge_unit; /* relative load of one node, of one edge */
    double tolerance;            /* relative load up to which there is no excess */
    double floor;                /* c0 of the cost: with cut = 0 an excess still has a cost */
    double cut, excess;          /* of the present owners */
};

static double excess_of(const struct refine *r, double nodes, double edges)
{
    const double node_excess = nodes - r->tolerance, edge_excess = edges - r->tolerance;
    return (node_excess > 0 ? node_excess : 0) + (edge_excess > 0 ? edge_excess : 0);
}

static double cost_of(const struct refine *r, double cut, double excess)
{
    return (cut + r->floor) * (1 + excess_weight * excess);
}

static double cell_nodes(const struct refine *r, int64_t c)
{
    return (double)(r->cells->offsets[c + 1] - r->cells->offsets[c]) * r->node_unit;
}

static double cell_edges(const struct refine *r, int64_t c)
{
    return (double)r->cells->edges[c] * r->edge_unit;
}

/* Adds cell c to a rank's load (sign 1) or takes it away (sign -1). */
static void add_load(const struct refine *r, int64_t c, int sign, struct load *load)
{
    load->cells += sign;
    load->nodes += sign * cell_nodes(r, c);
    load->edges += sign * cell_edges(r, c);
}

/* Makes rank `to` the owner of cell c; keeps load and toward up to date, but neither cut nor excess. */
static void assign(struct refine *r, int64_t c, int to)
{
    const struct hg_cells *cells = r->cells;
    const int from = r->owner[c];
    add_load(r, c, -1, &r->load[from]);
    add_load(r, c, 1, &r->load[to]);
    r->owner[c] = to;
    for (int64_t k = cells->indptr[c]; r->toward != NULL && k < cells->indptr[c + 1]; k++) {
        int64_t *toward = r->toward + cells->indices[k] * r->ranks;
        toward[from] -= cells->weight[k];
        toward[to] += cells->weight[k];
    }
}

/* Computes load, cut and excess from the owners. */
static void measure(struct refine *r)
{
    const struct hg_cells *cells = r->cells;
    r->cut = r->excess = 0;
    for (int k = 0; k < r->ranks; k++) r->load[k] = (struct load){0};
    for (int64_t c = 0; c < cells->count; c++) {
        add_load(r, c, 1, &r->load[r->owner[c]]);
        for (int64_t k = cells->indptr[c]; k < cells->indptr[c + 1]; k++)
            if (r->owner[cells->indices[k]] != r->owner[c]) r->cut += 0.5 * (double)cells->weight[k];
    }
    for (int k = 0; k < r->ranks; k++) r->excess += excess_of(r, r->load[k].nodes, r->load[k].edges);
}

/* Gives every rank without cells one cell: of the rank with the most cells, the one with the fewest edges. */
static void fill_empty(struct refine *r)
{
    for (int k = 0; k < r->ranks; k++) {
        if (r->load[k].cells > 0) continue;
        int fullest = 0;
        for (int q = 1; q < r->ranks; q++)
            if (r->load[q].cells > r->load[fullest].cells) fullest = q;
        int64_t smallest = -1;
        for (int64_t c = 0; c < r->cells->count; c++)
            if (r->owner[c] == fullest && (smallest < 0 || cell_edges(r, c) < cell_edges(r, smallest)))
                smallest = c;
        assign(r, smallest, k);
    }
}

static void sum_link_weights(struct refine *r)
{
    for (int64_t c = 0; c < r->cells->count; c++)
        for (int64_t k = r->cells->indptr[c]; k < r->cells->indptr[c + 1]; k++)
            r->toward[c * r->ranks + r->owner[r->cells->indices[k]]] += r->cells->weight[k];
}

/* Change of the cut when cell c goes to rank `to`. */
static double cut_change(const struct refine *r, int64_t c, int to)
{
    const int64_t *toward = r->toward + c * r->ranks;
    return (double)(toward[r->owner[c]] - toward[to]);
}

/* Total excess after a relative load of `nodes` and `edges` has gone from rank a to rank b. */
static double excess_after(const struct refine *r, int a, int b, double nodes, double edges)
{
    const struct load *from = &r->load[a], *to = &r->load[b];
    return r->excess - excess_of(r, from->nodes, from->edges) - excess_of(r, to->nodes, to->edges) +
           excess_of(r, from->nodes - nodes, from->edges - edges) +
           excess_of(r, to->nodes + nodes, to->edges + edges);
}

/* Records the new cut and excess if they lower the cost; false: they do not. A gain below 1e-9 of the cost may be a
 * rounding error and does not count. */
static bool improve(struct refine *r, double cut, double excess)
{
    if (cost_of(r, cut, excess) >= cost_of(r, r->cut, r->excess) * (1 - 1e-9)) return false;
    r->cut = cut;
    r->excess = excess;
    return true;
}

/* Moves cell c to another rank whenever that lowers the cost, trying all ranks in order; true when it moved. */
static bool move_cell(struct refine *r, int64_t c)
{
    bool moved = false;
    for (int to = 0; to < r->ranks; to++) {
        const int from = r->owner[c];
        if (to == from || r->load[from].cells < 2) continue;
        const double excess = excess_after(r, from, to, cell_nodes(r, c), cell_edges(r, c));
        if (!improve(r, r->cut + cut_change(r, c, to), excess)) continue;
        assign(r, c, to);
        moved = true;
    }
    return moved;
}

static double link_weight(const struct hg_cells *cells, int64_t c, int64_t d)
{
    for (int64_t k = cells->indptr[c]; k < cells->indptr[c + 1]; k++)
        if (cells->indices[k] == d) return (double)cells->weight[k];
    return 0;
}

/* Swaps the owners of c and of a later cell whenever that lowers the cost; true when it did. */
static bool swap_cell(struct refine *r, int64_t c)
{
    bool swapped = false;
    for (int64_t d = c + 1; d < r->cells->count; d++) {
        const int a = r->owner[c], b = r->owner[d];
        if (a == b) continue;
        const double cut = r->cut + cut_change(r, c, b) + cut_change(r, d, a);
        const double excess =
            excess_after(r, a, b, cell_nodes(r, c) - cell_nodes(r, d), cell_edges(r, c) - cell_edges(r, d));
        /* The link between c and d is cut before and after the swap, but each of the two cut_change terms counts its
         * weight as saved. So `cut` is too low by 2 link_weight: a cheap first test, corrected in the second. */
        if (cost_of(r, cut, excess) >= cost_of(r, r->cut, r->excess)) continue;
        if (!improve(r, cut + 2 * link_weight(r->cells, c, d), excess)) continue;
        assign(r, c, b);
        assign(r, d, a);
        swapped = true;
    }
    return swapped;
}

/* The relative load of the fullest rank when `count` cells of equal size are divided as evenly as possible, and half
 * a per cent more. Loads above that count as excess, because all ranks wait for the slowest one, and balanced owners
 * with the same cut mostly exist. */
static double reachable(int64_t count, int ranks)
{
    return 1.005 * (double)((count + ranks - 1) / ranks) * ranks / (double)count;
}

static hg_status prepare(struct refine *r)
{
    const struct hg_cells *cells = r->cells;
    double edges = 0, weight = 0;
    HG_TRY(HG_NEW(r->load, r->ranks));
    for (int64_t c = 0; c < cells->count; c++) edges += (double)cells->edges[c];
    for (int64_t k = 0; k < cells->indptr[cells->count]; k++) weight += (double)cells->weight[k];
    r->node_unit = r->ranks / (double)cells->offsets[cells->count];
    r->edge_unit = edges > 0 ? r->ranks / edges : 0;
    r->tolerance = reachable(cells->count, r->ranks);
    r->floor = 1 + 0.01 * weight;
    measure(r);
    fill_empty(r);
    measure(r);
    if (cells->count * r->ranks > TABLE_LIMIT) return HG_OK;
    HG_TRY(HG_NEW(r->toward, cells->count * r->ranks));
    sum_link_weights(r);
    return HG_OK;
}

hg_status hg_owners_refine(const struct hg_cells *cells, int ranks, int *owner, double *cost)
{
    struct refine r = {.cells = cells, .ranks = ranks, .owner = owner};
    const hg_status status = prepare(&r);
    bool better = status == HG_OK && r.toward != NULL;
    for (int sweep = 0; better && sweep < SWEEPS; sweep++) {
        better = false;
        for (int64_t c = 0; c < cells->count; c++) better |= move_cell(&r, c);
        for (int64_t c = 0; cells->count <= SWAP_CELLS && c < cells->count; c++) better |= swap_cell(&r, c);
    }
    *cost = cost_of(&r, r.cut, r.excess);
    hg_mem_free(r.toward);
    hg_mem_free(r.load);
    return status;
}
