#include "graph/cells.h"

#include "base/mem.h"

void hg_nets_destroy(struct hg_nets *nets)
{
    HG_FREE(nets->indptr);
    HG_FREE(nets->cells);
    HG_FREE(nets->rows);
    nets->count = 0;
}

void hg_cells_destroy(struct hg_cells *cells)
{
    HG_FREE(cells->offsets);
    HG_FREE(cells->edges);
    HG_FREE(cells->indptr);
    HG_FREE(cells->indices);
    HG_FREE(cells->weight);
    hg_nets_destroy(&cells->nets);
    HG_FREE(cells->owner);
    cells->count = 0;
}

/* Sizes of the arrays of cells: what other ranks must know before they receive them. */
struct head {
    int64_t count, pairs, nets, net_cells; /* nets < 0: there are none */
    bool owned;
};

static hg_status allocate(struct hg_cells *cells, const struct head *head)
{
    *cells = (struct hg_cells){.count = head->count};
    HG_TRY(HG_NEW(cells->offsets, head->count + 1));
    HG_TRY(HG_NEW(cells->edges, head->count));
    HG_TRY(HG_NEW(cells->indptr, head->count + 1));
    HG_TRY(HG_NEW(cells->indices, head->pairs));
    HG_TRY(HG_NEW(cells->weight, head->pairs));
    if (head->owned) HG_TRY(HG_NEW(cells->owner, head->count));
    if (head->nets < 0) return HG_OK;
    cells->nets.count = head->nets;
    HG_TRY(HG_NEW(cells->nets.indptr, head->nets + 1));
    HG_TRY(HG_NEW(cells->nets.cells, head->net_cells));
    return HG_NEW(cells->nets.rows, head->nets);
}

static struct head head_of(const struct hg_cells *cells)
{
    const struct hg_nets *nets = &cells->nets;
    const bool known = nets->indptr != NULL;
    return (struct head){cells->count, cells->indptr[cells->count], known ? nets->count : -1,
                         known ? nets->indptr[nets->count] : 0, cells->owner != NULL};
}

hg_status hg_cells_allocate_like(const struct hg_cells *like, struct hg_cells *cells)
{
    struct head head = head_of(like);
    head.owned = true;
    return allocate(cells, &head);
}

/* Collective. */
static void bcast(const struct hg_comm *comm, int64_t *values, int64_t n)
{
    hg_comm_bcast(comm, values, n * (int64_t)sizeof *values, 0);
}

hg_status hg_cells_bcast(const struct hg_comm *comm, struct hg_cells *cells)
{
    struct head head = {0};
    if (comm->rank == 0) head = head_of(cells);
    hg_comm_bcast(comm, &head, sizeof head, 0);
    HG_TRY(hg_agree(comm, comm->rank == 0 ? HG_OK : allocate(cells, &head)));
    bcast(comm, cells->offsets, head.count + 1);
    bcast(comm, cells->edges, head.count);
    bcast(comm, cells->indptr, head.count + 1);
    bcast(comm, cells->indices, head.pairs);
    bcast(comm, cells->weight, head.pairs);
    if (head.owned) hg_comm_bcast(comm, cells->owner, head.count * (int64_t)sizeof *cells->owner, 0);
    if (head.nets < 0) return HG_OK;
    bcast(comm, cells->nets.indptr, head.nets + 1);
    bcast(comm, cells->nets.cells, head.net_cells);
    bcast(comm, cells->nets.rows, head.nets);
    return HG_OK;
}

int64_t hg_cells_find(const struct hg_cells *cells, hg_gid id)
{
    int64_t low = 0;
    /* without branches: they would be mispredicted, and this is called for every edge */
    for (int64_t left = cells->count; left > 1; left -= left / 2)
        low += cells->offsets[low + left / 2] <= id ? left / 2 : 0;
    return low;
}

int64_t hg_cells_ranges(const struct hg_cells *cells, int rank, struct hg_range *ranges)
{
    int64_t n = 0;
    for (int64_t c = 0; c < cells->count; c++) {
        if (cells->owner[c] != rank) continue;
        if (n > 0 && ranges[n - 1].end == cells->offsets[c])
            ranges[n - 1].end = cells->offsets[c + 1];
        else
            ranges[n++] = (struct hg_range){cells->offsets[c], cells->offsets[c + 1]};
    }
    return n;
}
