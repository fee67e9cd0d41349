#include "graph/cells.h"

#include "base/mem.h"

void hg_cells_destroy(struct hg_cells *cells)
{
    HG_FREE(cells->offsets);
    HG_FREE(cells->edges);
    HG_FREE(cells->indptr);
    HG_FREE(cells->indices);
    HG_FREE(cells->weight);
    HG_FREE(cells->owner);
    cells->count = 0;
}

static hg_status allocate(struct hg_cells *cells, int64_t count, int64_t pairs, bool owned)
{
    *cells = (struct hg_cells){.count = count};
    HG_TRY(HG_NEW(cells->offsets, count + 1));
    HG_TRY(HG_NEW(cells->edges, count));
    HG_TRY(HG_NEW(cells->indptr, count + 1));
    HG_TRY(HG_NEW(cells->indices, pairs));
    HG_TRY(HG_NEW(cells->weight, pairs));
    if (owned) HG_TRY(HG_NEW(cells->owner, count));
    return HG_OK;
}

hg_status hg_cells_bcast(const struct hg_comm *comm, struct hg_cells *cells)
{
    int64_t head[3] = {0};
    if (comm->rank == 0) {
        head[0] = cells->count;
        head[1] = cells->indptr[cells->count];
        head[2] = cells->owner != NULL;
    }
    hg_comm_bcast(comm, head, sizeof head, 0);
    const int64_t count = head[0], pairs = head[1];
    HG_TRY(hg_agree(comm, comm->rank == 0 ? HG_OK : allocate(cells, count, pairs, head[2] != 0)));
    hg_comm_bcast(comm, cells->offsets, (count + 1) * (int64_t)sizeof *cells->offsets, 0);
    hg_comm_bcast(comm, cells->edges, count * (int64_t)sizeof *cells->edges, 0);
    hg_comm_bcast(comm, cells->indptr, (count + 1) * (int64_t)sizeof *cells->indptr, 0);
    hg_comm_bcast(comm, cells->indices, pairs * (int64_t)sizeof *cells->indices, 0);
    hg_comm_bcast(comm, cells->weight, pairs * (int64_t)sizeof *cells->weight, 0);
    if (head[2] != 0) hg_comm_bcast(comm, cells->owner, count * (int64_t)sizeof *cells->owner, 0);
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
