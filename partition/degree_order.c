#include "base/mem.h"
#include "partition/cell_order.h"
#include <stdlib.h>

/* A row as the rank that sorts its cell sees it. */
struct ranked {
    int64_t cell, degree;
    int64_t from; /* when it arrived: ascending by imported id in each cell */
};

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    if (a->degree != b->degree) return a->degree > b->degree ? -1 : 1;
    return a->from < b->from ? -1 : 1;
}

/* Rows on their way to the ranks that sort their cells, which are dealt out in blocks. */
struct sorting {
    const struct hg_comm *comm;
    const struct hg_cells *cells;
    int64_t *sent, *received; /* [size] rows */
    int64_t *slot;            /* [count] where each row is among those that are sent */
    struct ranked *sending;   /* [count] */
};

static void sorting_destroy(struct sorting *s)
{
    HG_FREE(s->sent);
    HG_FREE(s->slot);
    HG_FREE(s->sending);
}

static hg_status group_rows(struct sorting *s, const struct hg_rows *rows, const int64_t *cell)
{
    const int size = s->comm->size;
    int64_t *next = NULL;
    HG_TRY(HG_NEW(s->sent, 2 * (int64_t)size));
    s->received = s->sent + size;
    HG_TRY(HG_NEW(s->slot, rows->count));
    HG_TRY(HG_NEW(s->sending, rows->count));
    HG_TRY(HG_NEW(next, (int64_t)size + 1));
    for (int64_t i = 0; i < rows->count; i++) s->sent[hg_block_owner(s->cells->count, size, cell[i])]++;
    for (int r = 0; r < size; r++) next[r + 1] = next[r] + s->sent[r];
    for (int64_t i = 0; i < rows->count; i++) {
        s->slot[i] = next[hg_block_owner(s->cells->count, size, cell[i])]++;
        s->sending[s->slot[i]] = (struct ranked){cell[i], rows->indptr[i + 1] - rows->indptr[i], 0};
    }
    hg_mem_free(next);
    return HG_OK;
}

/* Places of the rows that arrived: all nodes of this rank's block of cells, so that they fill a stretch of the cell order. */
static hg_status find_places(const struct sorting *s, struct ranked *arrived, int64_t **place)
{
    const struct hg_range block = hg_block_range(s->cells->count, s->comm->rank, s->comm->size);
    const int64_t n = s->cells->offsets[block.end] - s->cells->offsets[block.first];
    HG_TRY(HG_NEW(*place, n));
    for (int64_t k = 0; k < n; k++) arrived[k].from = k;
    qsort(arrived, (size_t)n, sizeof *arrived, compare);
    for (int64_t k = 0; k < n; k++) (*place)[arrived[k].from] = s->cells->offsets[block.first] + k;
    return HG_OK;
}

/* Collective. */
static hg_status exchange(struct sorting *s, struct hg_rows *rows)
{
    void *arrived = NULL, *answers = NULL;
    int64_t *place = NULL;
    hg_status status =
        hg_comm_alltoall(s->comm, sizeof *s->sending, s->sending, s->sent, &arrived, s->received);
    if (status == HG_OK) status = hg_agree(s->comm, find_places(s, arrived, &place));
    if (status == HG_OK)
        status = hg_comm_alltoall(s->comm, sizeof *place, place, s->received, &answers, s->sent);
    for (int64_t i = 0; status == HG_OK && i < rows->count; i++)
        rows->stored[i] = ((const int64_t *)answers)[s->slot[i]];
    hg_mem_free(answers);
    hg_mem_free(place);
    hg_mem_free(arrived);
    return status;
}

hg_status hg_degree_order(const struct hg_comm *comm, const int64_t *cell, const struct hg_cells *cells,
                          struct hg_rows *rows)
{
    struct sorting s = {.comm = comm, .cells = cells};
    hg_status status = hg_agree(comm, group_rows(&s, rows, cell));
    if (status == HG_OK) status = exchange(&s, rows);
    sorting_destroy(&s);
    return status;
}
