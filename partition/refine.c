#include "partition/refine.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

enum {
    SWEEPS = 20,
    LARGEST = 4,          /* per cent */
    MOST = 3,             /* of so many ranks at least one keeps its halo when two others change */
    CHAIN = 64,           /* moves of a chain after the best owners on its way */
    TABLE_LIMIT = 1 << 24 /* no search beyond this many entries of the table hg_owner_halo.near */
};
static const double excess_weight = 20; /* K of the cost (refine.h) */
/* L and T of the cost. L T < 1: more halo rows on other ranks never lower the cost. */
static const double largest_weight = 0.5, largest_tolerance = 1.45;

/* What a rank owns. */
struct load {
    int64_t cells;
    double nodes, edges; /* relative to the mean over ranks */
};

/* A cell that goes to another rank. */
struct move {
    int64_t cell;
    int from, to;
    double excess, cost; /* afterwards */
};

struct refine {
    const struct hg_cells *cells;
    int ranks;
    int64_t work; /* entries that the search may look at */
    int *owner;
    struct load *load; /* [ranks] */
    struct hg_owner_halo halo;
    double node_unit, edge_unit; /* relative load of one node, of one edge */
    double tolerance;            /* relative load up to which there is no excess */
    double floor;                /* c0 of the cost: without halo an excess still has a cost */
    double excess;               /* of the present owners */
    int tracked;                 /* how many of `fullest` there are */
    int fullest[MOST];           /* the ranks with the most halo rows at present, descending */
    bool *moved;                 /* [C] cells of the present chain */
    struct move *chain;          /* [C] */
};

static double excess_of(const struct refine *r, double nodes, double edges)
{
    const double node_excess = nodes - r->tolerance, edge_excess = edges - r->tolerance;
    return (node_excess > 0 ? node_excess : 0) + (edge_excess > 0 ? edge_excess : 0);
}

/* total, largest: halo rows of all ranks, and of the rank that has most */
static double cost_of(const struct refine *r, int64_t total, int64_t largest, double excess)
{
    const double above = (double)largest * r->ranks - largest_tolerance * (double)total;
    return ((double)total + largest_weight * fmax(above, 0) + r->floor) * (1 + excess_weight * excess);
}

/* The same after the halo rows of ranks a and b have changed. */
static double cost_after(const struct refine *r, int a, int b, struct hg_halo_change change, double excess)
{
    const int64_t *rows = r->halo.rows;
    int k = 0;
    while (k < r->tracked && (r->fullest[k] == a || r->fullest[k] == b)) k++;
    const int64_t others = k < r->tracked ? rows[r->fullest[k]] : 0,
                  both = hg_max_i64(rows[a] + change.from, rows[b] + change.to);
    return cost_of(r, r->halo.total + change.from + change.to, hg_max_i64(others, both), excess);
}

/* Enters rank k among the fullest ones. */
static void rank_by_halo(struct refine *r, int k)
{
    int at = r->tracked < MOST ? r->tracked++ : MOST;
    for (; at > 0 && r->halo.rows[r->fullest[at - 1]] < r->halo.rows[k]; at--)
        if (at < MOST) r->fullest[at] = r->fullest[at - 1];
    if (at < MOST) r->fullest[at] = k;
}

static void find_fullest(struct refine *r)
{
    r->tracked = 0;
    for (int k = 0; k < r->ranks; k++) rank_by_halo(r, k);
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

static double present_cost(const struct refine *r)
{
    return cost_of(r, r->halo.total, r->halo.rows[r->fullest[0]], r->excess);
}

/* Whether a lower cost counts: a gain below 1e-9 of it may be a rounding error. */
static bool is_lower(double cost, double than)
{
    return cost < than * (1 - 1e-9);
}

/* Makes rank `to` the owner of cell c; keeps loads and halo up to date, but not the excess. */
static void assign(struct refine *r, int64_t c, int to)
{
    add_load(r, c, -1, &r->load[r->owner[c]]);
    add_load(r, c, 1, &r->load[to]);
    hg_halo_assign(&r->halo, c, to);
    find_fullest(r);
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

/* Total excess after a relative load of `nodes` and `edges` has gone from rank a to rank b. */
static double excess_after(const struct refine *r, int a, int b, double nodes, double edges)
{
    const struct load *from = &r->load[a], *to = &r->load[b];
    return r->excess - excess_of(r, from->nodes, from->edges) - excess_of(r, to->nodes, to->edges) +
           excess_of(r, from->nodes - nodes, from->edges - edges) +
           excess_of(r, to->nodes + nodes, to->edges + edges);
}

/* Finds the move of cell c to the rank where the cost is lowest, if that is lower than best->cost. */
static void find_move(struct refine *r, int64_t c, struct move *best)
{
    const int from = r->owner[c];
    const double nodes = cell_nodes(r, c), edges = cell_edges(r, c), base = (double)r->halo.total + r->floor;
    r->halo.visited += r->ranks;
    for (int to = 0; r->load[from].cells > 1 && to < r->ranks; to++) {
        const struct hg_halo_change change = hg_halo_change(&r->halo, c, to);
        if (to == from || base + (double)(change.from + change.to) >= best->cost) continue;
        const double excess = excess_after(r, from, to, nodes, edges);
        const double cost = cost_after(r, from, to, change, excess);
        if (cost < best->cost) *best = (struct move){c, from, to, excess, cost};
    }
}

static void make_move(struct refine *r, const struct move *move)
{
    assign(r, move->cell, move->to);
    r->excess = move->excess;
}

/* Moves cell c if that lowers the cost; true when it moved. */
static bool move_cell(struct refine *r, int64_t c)
{
    const double cost = present_cost(r);
    struct move move = {.cell = -1, .cost = cost};
    find_move(r, c, &move);
    if (move.cell < 0 || !is_lower(move.cost, cost)) return false;
    make_move(r, &move);
    return true;
}

/* The best move of all cells that are not in the chain yet. */
static struct move best_move(struct refine *r)
{
    struct move best = {.cell = -1, .cost = INFINITY};
    for (int64_t c = 0; c < r->cells->count; c++)
        if (!r->moved[c]) find_move(r, c, &best);
    return best;
}

/* A chain of best moves, each of another cell, also where they raise the cost; then those after the best owners on the
 * way are taken back. True when the cost is lower. */
static bool move_chain(struct refine *r)
{
    const double before = r->excess;
    double least = present_cost(r);
    int64_t n = 0, best = 0;
    memset(r->moved, 0, (size_t)r->cells->count * sizeof *r->moved);
    while (n - best < CHAIN && r->halo.visited < r->work) {
        const struct move move = best_move(r);
        if (move.cell < 0) break;
        make_move(r, &move);
        r->moved[move.cell] = true;
        r->chain[n++] = move;
        if (!is_lower(move.cost, least)) continue;
        least = move.cost;
        best = n;
    }
    while (n > best) {
        n--;
        assign(r, r->chain[n].cell, r->chain[n].from);
    }
    r->excess = best > 0 ? r->chain[best - 1].excess : before;
    return best > 0;
}

/* Swaps the owners of cells c and d if that lowers the cost; true when it did. */
static bool swap_cells(struct refine *r, int64_t c, int64_t d)
{
    const int a = r->owner[c], b = r->owner[d];
    const double cost = present_cost(r);
    const double excess =
        excess_after(r, a, b, cell_nodes(r, c) - cell_nodes(r, d), cell_edges(r, c) - cell_edges(r, d));
    /* Rows that c or d alone brings to a rank are gained by neither move when the other cell needs them too: the sum of
     * both changes is at most the change. */
    const struct hg_halo_change go = hg_halo_change(&r->halo, c, b), come = hg_halo_change(&r->halo, d, a);
    const struct hg_halo_change least = {go.from + come.to, go.to + come.from};
    if (!is_lower(cost_after(r, a, b, least, excess), cost)) return false;
    assign(r, c, b);
    assign(r, d, a);
    const double before = r->excess;
    r->excess = excess;
    if (is_lower(present_cost(r), cost)) return true;
    r->excess = before;
    assign(r, c, a);
    assign(r, d, b);
    return false;
}

/* Tries to swap c with every later cell. */
static bool swap_cell(struct refine *r, int64_t c)
{
    bool swapped = false;
    for (int64_t d = c + 1; d < r->cells->count && r->halo.visited < r->work; d++) {
        r->halo.visited++;
        if (r->owner[c] != r->owner[d]) swapped |= swap_cells(r, c, d);
    }
    return swapped;
}

static bool sweep(struct refine *r)
{
    bool better = false;
    for (int64_t c = 0; c < r->cells->count; c++) better |= move_cell(r, c);
    better |= move_chain(r);
    for (int64_t c = 0; c < r->cells->count; c++) better |= swap_cell(r, c);
    return better && r->halo.visited < r->work;
}

/* The relative load up to which there is no excess: that of the fullest rank when `count` cells of equal size are
 * divided as evenly as possible, and half a per cent more, but no more than LARGEST per cent above the mean. All ranks
 * wait for the slowest one, and balanced owners with the same halo mostly exist. */
static double tolerated(int64_t count, int ranks)
{
    const double even = 1.005 * (double)((count + ranks - 1) / ranks) * ranks / (double)count;
    return fmin(even, 1 + LARGEST / 100.0);
}

/* Adds up the loads and the excess of the owners. */
static void measure(struct refine *r)
{
    const struct hg_cells *cells = r->cells;
    double edges = 0;
    for (int64_t c = 0; c < cells->count; c++) edges += (double)cells->edges[c];
    r->node_unit = r->ranks / (double)cells->offsets[cells->count];
    r->edge_unit = edges > 0 ? r->ranks / edges : 0;
    r->tolerance = tolerated(cells->count, r->ranks);
    for (int64_t c = 0; c < cells->count; c++) add_load(r, c, 1, &r->load[r->owner[c]]);
    fill_empty(r);
    for (int k = 0; k < r->ranks; k++) r->excess += excess_of(r, r->load[k].nodes, r->load[k].edges);
}

static hg_status prepare(struct refine *r, const struct hg_nets_of_cells *of)
{
    const int64_t count = r->cells->count;
    for (int64_t n = 0; n < of->nets->count; n++) r->floor += 0.01 * (double)of->nets->rows[n];
    HG_TRY(HG_NEW(r->load, r->ranks));
    HG_TRY(HG_NEW(r->moved, count));
    HG_TRY(HG_NEW_UNSET(r->chain, count));
    HG_TRY(hg_owner_halo_create(of, count, r->ranks, r->owner, count * r->ranks <= TABLE_LIMIT, &r->halo));
    find_fullest(r);
    measure(r);
    return HG_OK;
}

hg_status hg_owners_refine(const struct hg_cells *cells, const struct hg_nets_of_cells *of, int ranks,
                           int64_t work, int *owner, double *cost)
{
    struct refine r = {.cells = cells, .ranks = ranks, .work = work, .owner = owner, .floor = 1};
    const hg_status status = prepare(&r, of);
    for (int k = 0; status == HG_OK && r.halo.near != NULL && k < SWEEPS; k++)
        if (!sweep(&r)) break;
    if (status == HG_OK) *cost = present_cost(&r);
    hg_owner_halo_destroy(&r.halo);
    hg_mem_free(r.chain);
    hg_mem_free(r.moved);
    hg_mem_free(r.load);
    return status;
}
