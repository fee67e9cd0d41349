#include "partition/cell_order.h"

#include "base/mem.h"

/* Adds this rank's nodes and in-edges to the counts of their parts. */
static void count_parts(const struct hg_level *graph, const int64_t *part, int64_t *nodes, int64_t *edges)
{
    for (int64_t v = 0; v < graph->owned; v++) {
        nodes[part[v]]++;
        edges[part[v]] += graph->in_degree[v];
    }
}

/* Makes a cell of each part that has nodes: from nodes and edges [parts] of the whole graph, fills the cells' offsets
 * and edges, and cell [parts], the cell of each part. */
static hg_status number_cells(int64_t parts, const int64_t *nodes, const int64_t *edges, int64_t *cell,
                              struct hg_cells *cells)
{
    int64_t count = 0;
    for (int64_t p = 0; p < parts; p++) count += nodes[p] > 0;
    HG_TRY(HG_NEW(cells->offsets, count + 1));
    HG_TRY(HG_NEW(cells->edges, count));
    for (int64_t p = 0; p < parts; p++) {
        if (nodes[p] == 0) continue;
        cells->offsets[cells->count + 1] = cells->offsets[cells->count] + nodes[p];
        cells->edges[cells->count] = edges[p];
        cell[p] = cells->count++;
    }
    return HG_OK;
}

/* Makes the cells; part [owned]: in: part of each node, out: its cell. work [3 parts] is zeroed. Collective. */
static hg_status make_cells_with(const struct hg_level *graph, int64_t parts, int64_t *part,
                                 struct hg_cells *cells, int64_t *work)
{
    const struct hg_comm *comm = graph->blocks.comm;
    int64_t *nodes = work, *edges = work + parts, *cell = work + 2 * parts;
    count_parts(graph, part, nodes, edges);
    hg_comm_sum_i64(comm, work, 2 * parts);
    HG_TRY(hg_agree(comm, number_cells(parts, nodes, edges, cell, cells)));
    for (int64_t v = 0; v < graph->owned; v++) part[v] = cell[part[v]];
    return HG_OK;
}

static hg_status make_cells(const struct hg_level *graph, int64_t parts, int64_t *part,
                            struct hg_cells *cells)
{
    int64_t *work = NULL;
    hg_status status = hg_agree(graph->blocks.comm, HG_NEW(work, 3 * parts));
    if (status == HG_OK) status = make_cells_with(graph, parts, part, cells, work);
    hg_mem_free(work);
    return status;
}

hg_status hg_cell_order(struct hg_divided *divided, int64_t parts, int64_t *part, struct hg_cells *cells)
{
    const struct hg_level *graph = &divided->graph;
    HG_TRY(make_cells(graph, parts, part, cells));
    HG_TRY(hg_agree(graph->blocks.comm, HG_NEW_UNSET(divided->stored, graph->owned + graph->ghosts)));
    HG_TRY(hg_degree_order(graph, part, cells, (int64_t *)divided->stored));
    return hg_level_refresh(graph, divided->stored);
}
