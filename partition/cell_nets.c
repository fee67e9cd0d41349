#include "partition/cell_nets.h"

#include "base/mem.h"
#include "base/mix.h"
#include <stdlib.h>
#include <string.h>

/* Nets that are being collected, in the order of nodes. */
struct collection {
    struct hg_nets nets;
    int64_t net_capacity, row_capacity, cell_capacity;
};

/* Finds the cells that need the rows of one node. */
struct finder {
    const struct hg_level *graph;
    const uint64_t *stored;
    int64_t *cell; /* [owned + ghosts] cell of each node */
    int64_t *last; /* [C] 1 + the last node that was found to be needed by each cell */
    int64_t *need; /* [C] the cell of the present node, then those that need it */
};

static hg_status finder_create(const struct hg_divided *divided, const struct hg_cells *cells,
                               struct finder *f)
{
    const struct hg_level *graph = f->graph = &divided->graph;
    f->stored = divided->stored;
    HG_TRY(HG_NEW_UNSET(f->cell, graph->owned + graph->ghosts));
    HG_TRY(HG_NEW(f->last, cells->count));
    HG_TRY(HG_NEW_UNSET(f->need, cells->count));
    for (int64_t v = 0; v < graph->owned + graph->ghosts; v++)
        f->cell[v] = hg_cells_find(cells, (hg_gid)divided->stored[v]);
    return HG_OK;
}

static void finder_destroy(struct finder *f)
{
    HG_FREE(f->cell);
    HG_FREE(f->last);
    HG_FREE(f->need);
}

/* Fills `need` for node v, in the order of its edges, and returns the number of entries. `pass` tells calls for the
 * same node apart. */
static int64_t find_cells(struct finder *f, int64_t v, int64_t pass)
{
    const struct hg_level *graph = f->graph;
    const int64_t mark = pass * graph->owned + v + 1;
    const int64_t first = graph->indptr[v] + (graph->symmetric ? 0 : graph->sources[v]);
    int64_t n = 0;
    f->last[f->cell[v]] = mark;
    f->need[n++] = f->cell[v];
    for (int64_t e = first; e < graph->indptr[v + 1]; e++) {
        const int64_t cell = f->cell[graph->neighbour[e]];
        if (f->last[cell] == mark) continue;
        f->last[cell] = mark;
        f->need[n++] = cell;
    }
    return n;
}

static int ascending(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static hg_status add_net(struct collection *c, const int64_t *cells, int64_t n, int64_t rows)
{
    struct hg_nets *nets = &c->nets;
    const int64_t end = nets->count > 0 ? nets->indptr[nets->count] : 0;
    HG_TRY(HG_RESERVE(nets->indptr, &c->net_capacity, nets->count + 2));
    HG_TRY(HG_RESERVE(nets->rows, &c->row_capacity, nets->count + 1));
    HG_TRY(HG_RESERVE(nets->cells, &c->cell_capacity, end + n));
    memcpy(nets->cells + end, cells, (size_t)n * sizeof *cells);
    nets->rows[nets->count++] = rows;
    nets->indptr[nets->count] = end + n;
    return HG_OK;
}

/* A net of each of this rank's nodes that other cells need and whose hash is below `share` / 2^32. */
static hg_status collect(struct finder *f, uint64_t share, struct collection *c)
{
    HG_TRY(HG_RESERVE(c->nets.indptr, &c->net_capacity, 1));
    for (int64_t v = 0; v < f->graph->owned; v++) {
        if (hg_mix64(f->stored[v]) >> 32 >= share) continue;
        const int64_t n = find_cells(f, v, 1);
        if (n < 2) continue;
        qsort(f->need + 1, (size_t)(n - 1), sizeof *f->need, ascending);
        HG_TRY(add_net(c, f->need, n, 1));
    }
    return HG_OK;
}

/* A net in a collection. */
struct net {
    const int64_t *cells;
    int64_t count, rows;
};

static int compare_cells(const struct net *a, const struct net *b)
{
    for (int64_t k = 0; k < a->count && k < b->count; k++)
        if (a->cells[k] != b->cells[k]) return a->cells[k] < b->cells[k] ? -1 : 1;
    return a->count < b->count ? -1 : a->count > b->count;
}

static int compare(const void *left, const void *right)
{
    return compare_cells(left, right);
}

static hg_status join(struct net *net, int64_t n, struct collection *joined)
{
    HG_TRY(HG_RESERVE(joined->nets.indptr, &joined->net_capacity, 1));
    qsort(net, (size_t)n, sizeof *net, compare);
    for (int64_t k = 0, next; k < n; k = next) {
        int64_t rows = 0;
        for (next = k; next < n && compare_cells(&net[next], &net[k]) == 0; next++) rows += net[next].rows;
        HG_TRY(add_net(joined, net[k].cells, net[k].count, rows));
    }
    return HG_OK;
}

/* Replaces the nets by ascending ones, with equal ones joined. */
static hg_status join_equal(struct hg_nets *nets)
{
    struct collection joined = {0};
    struct net *net = NULL;
    hg_status status = HG_NEW_UNSET(net, nets->count);
    for (int64_t k = 0; status == HG_OK && k < nets->count; k++)
        net[k] =
            (struct net){nets->cells + nets->indptr[k], nets->indptr[k + 1] - nets->indptr[k], nets->rows[k]};
    if (status == HG_OK) status = join(net, nets->count, &joined);
    hg_mem_free(net);
    hg_nets_destroy(nets);
    *nets = joined.nets;
    return status;
}

/* The share of nodes, in 2^-32, that is sampled. Collective. */
static uint64_t share_of_nodes(struct finder *f)
{
    int64_t entries = 0;
    for (int64_t v = 0; v < f->graph->owned; v++) {
        const int64_t n = find_cells(f, v, 0);
        entries += n > 1 ? n : 0;
    }
    hg_comm_sum_i64(f->graph->blocks.comm, &entries, 1);
    const uint64_t all = UINT64_C(1) << 32;
    return entries <= HG_NET_CELLS ? all : (uint64_t)((double)HG_NET_CELLS / (double)entries * (double)all);
}

/* The nets of this rank's nodes. Collective. */
static hg_status count_own(const struct hg_divided *divided, const struct hg_cells *cells,
                           struct hg_nets *nets)
{
    const struct hg_comm *comm = divided->graph.blocks.comm;
    struct finder f = {0};
    struct collection c = {0};
    hg_status status = hg_agree(comm, finder_create(divided, cells, &f));
    if (status == HG_OK) {
        const uint64_t share = share_of_nodes(&f);
        status = collect(&f, share, &c);
        if (status == HG_OK) status = join_equal(&c.nets);
        status = hg_agree(comm, status);
    }
    finder_destroy(&f);
    *nets = c.nets;
    return status;
}

/* Gathers n numbers of each rank on rank 0; *all is newly allocated there, *total counts all of them. Collective. */
static hg_status gather(const struct hg_comm *comm, const int64_t *mine, int64_t n, int64_t **all,
                        int64_t *total)
{
    void *gathered = NULL;
    int64_t *counts = NULL;
    hg_status status = hg_agree(comm, HG_NEW(counts, comm->size));
    if (status == HG_OK) status = hg_comm_gather(comm, sizeof *mine, mine, n, 0, &gathered, counts);
    *total = 0;
    for (int r = 0; status == HG_OK && r < comm->size; r++) *total += counts[r];
    hg_mem_free(counts);
    *all = gathered;
    return status;
}

/* Gathers the nets of all ranks on rank 0. Collective. */
static hg_status gather_nets(const struct hg_comm *comm, const struct hg_nets *own, struct hg_nets *all)
{
    int64_t n = 0, entries = 0, *sizes = NULL;
    HG_TRY(gather(comm, own->rows, own->count, &all->rows, &n));
    HG_TRY(gather(comm, own->cells, own->indptr[own->count], &all->cells, &entries));
    hg_status status = hg_agree(comm, HG_NEW_UNSET(sizes, own->count));
    for (int64_t k = 0; status == HG_OK && k < own->count; k++)
        sizes[k] = own->indptr[k + 1] - own->indptr[k];
    if (status == HG_OK) status = gather(comm, sizes, own->count, &all->indptr, &n);
    hg_mem_free(sizes);
    if (status != HG_OK || comm->rank != 0) return status;
    all->count = n;
    return HG_OK;
}

/* Replaces the sizes of nets in indptr by the places where they begin. */
static hg_status add_up_sizes(struct hg_nets *nets)
{
    int64_t *indptr = NULL;
    HG_TRY(HG_NEW(indptr, nets->count + 1));
    for (int64_t k = 0; k < nets->count; k++) indptr[k + 1] = indptr[k] + nets->indptr[k];
    hg_mem_free(nets->indptr);
    nets->indptr = indptr;
    return HG_OK;
}

hg_status hg_nets_count(const struct hg_divided *divided, const struct hg_cells *cells, struct hg_nets *nets)
{
    const struct hg_comm *comm = divided->graph.blocks.comm;
    struct hg_nets own = {0};
    *nets = (struct hg_nets){0};
    hg_status status = count_own(divided, cells, &own);
    if (status == HG_OK) status = gather_nets(comm, &own, nets);
    if (status == HG_OK && comm->rank == 0) {
        status = add_up_sizes(nets);
        if (status == HG_OK) status = join_equal(nets);
    }
    hg_nets_destroy(&own);
    return hg_agree(comm, status);
}

hg_status hg_nets_of_graph(const struct hg_cells *cells, struct hg_nets *nets)
{
    struct collection c = {0};
    hg_status status = HG_RESERVE(c.nets.indptr, &c.net_capacity, 1);
    for (int64_t a = 0; a < cells->count; a++)
        for (int64_t k = cells->indptr[a]; status == HG_OK && k < cells->indptr[a + 1]; k++) {
            const int64_t pair[] = {a, cells->indices[k]};
            if (pair[0] < pair[1] && cells->weight[k] > 0) status = add_net(&c, pair, 2, cells->weight[k]);
        }
    *nets = c.nets;
    return status;
}
