#include "base/mem.h"
#include "cli/info.h"
#include "partition/cell_order.h"
#include <string.h>

/* Copies the cells without their graph. */
static hg_status copy_cells(const struct hg_cells *cells, struct hg_cells *copy)
{
    *copy = (struct hg_cells){.count = cells->count};
    HG_TRY(HG_NEW_UNSET(copy->offsets, cells->count + 1));
    HG_TRY(HG_NEW_UNSET(copy->edges, cells->count));
    memcpy(copy->offsets, cells->offsets, (size_t)(cells->count + 1) * sizeof *cells->offsets);
    memcpy(copy->edges, cells->edges, (size_t)cells->count * sizeof *cells->edges);
    return HG_OK;
}

static bool same(const int64_t *a, const int64_t *b, int64_t n)
{
    return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static bool same_nets(const struct hg_nets *a, const struct hg_nets *b)
{
    return a->count == b->count && same(a->indptr, b->indptr, a->count + 1) &&
           same(a->cells, b->cells, a->indptr[a->count]) && same(a->rows, b->rows, a->count);
}

static hg_status compare(const char *path, const struct hg_cells *said, const struct hg_cells *found)
{
    const int64_t cells = said->count;
    if (!same(said->indptr, found->indptr, cells + 1) ||
        !same(said->indices, found->indices, said->indptr[cells]))
        return hg_fail(HG_FAILED, path, "/cells/graph has other neighbours than the edges give");
    if (!same(said->weight, found->weight, said->indptr[cells]))
        return hg_fail(HG_FAILED, path, "/cells/graph/weight has other numbers than the edges give");
    if (said->nets.indptr == NULL || same_nets(&said->nets, &found->nets)) return HG_OK;
    return hg_fail(HG_FAILED, path, "/cells/nets has other nets than the edges give");
}

hg_status hg_info_check_cells(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells)
{
    struct hg_divided divided = {0};
    struct hg_cells found;
    hg_status status = hg_agree(comm, copy_cells(cells, &found));
    if (status == HG_OK) status = hg_divided_of_ordered(comm, rows, &divided);
    if (status == HG_OK) status = hg_cell_graph(&divided, &found);
    if (status == HG_OK) status = compare(path, cells, &found);
    hg_divided_destroy(&divided);
    hg_cells_destroy(&found);
    return status;
}
