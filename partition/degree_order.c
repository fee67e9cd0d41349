#include "base/mem.h"
#include "dist/route.h"
#include "partition/cell_order.h"
#include <stdlib.h>

/* A row, as the rank that sorts its cell receives it. */
struct sort_key {
    int64_t cell, degree;
    /* index in the order of arrival. Within a cell it ascends with the imported id: ranks hold ascending blocks of
     * ids, and what arrives is in the order of ranks */
    int64_t from;
};

static int compare(const void *left, const void *right)
{
    const struct sort_key *a = left, *b = right;
    if (a->cell != b->cell) return a->cell < b->cell ? -1 : 1;
    if (a->degree != b->degree) return a->degree > b->degree ? -1 : 1;
    return a->from < b->from ? -1 : 1;
}

/* Packs the rows for the ranks that sort them: each rank sorts one block of cells (hg_block_range), all cells
 * alike. */
static hg_status pack_rows(const struct hg_level *graph, const int64_t *cell, int64_t cells,
                           struct hg_route *route, struct sort_key **packed)
{
    HG_TRY(hg_route_to_blocks(graph->blocks.comm, cells, cell, graph->owned, route));
    HG_TRY(HG_NEW(*packed, graph->owned));
    for (int64_t v = 0; v < graph->owned; v++)
        (*packed)[route->position[v]] = (struct sort_key){cell[v], graph->in_degree[v], 0};
    return HG_OK;
}

/* Sorts the rows that arrived; index [n] is the index of each in the cell order. They are all nodes of this rank's
 * block of cells, so their indices are one interval of the cell order. */
static hg_status number_rows(const struct hg_comm *comm, const struct hg_cells *cells,
                             struct sort_key *arrived, int64_t **index)
{
    const struct hg_range block = hg_block_range(cells->count, comm->rank, comm->size);
    const int64_t n = cells->offsets[block.end] - cells->offsets[block.first];
    HG_TRY(HG_NEW(*index, n));
    for (int64_t k = 0; k < n; k++) arrived[k].from = k;
    qsort(arrived, (size_t)n, sizeof *arrived, compare);
    for (int64_t k = 0; k < n; k++) (*index)[arrived[k].from] = cells->offsets[block.first] + k;
    return HG_OK;
}

hg_status hg_degree_order(const struct hg_level *graph, const int64_t *cell, const struct hg_cells *cells,
                          int64_t *stored)
{
    const struct hg_comm *comm = graph->blocks.comm;
    struct hg_route route;
    struct sort_key *packed = NULL;
    void *arrived = NULL;
    int64_t *index = NULL;
    hg_status status = hg_agree(comm, pack_rows(graph, cell, cells->count, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *packed, packed, &arrived);
    if (status == HG_OK) status = hg_agree(comm, number_rows(comm, cells, arrived, &index));
    if (status == HG_OK) status = hg_route_collect(&route, index, stored);
    hg_mem_free(index);
    hg_mem_free(arrived);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}
