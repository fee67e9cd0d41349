#include "partition/cell_order.h"

#include "base/mem.h"

/* Adds this rank's nodes and in-edges to the counts of their parts. */
static void count_parts(const struct hg_node_table *rows, const int64_t *part, int64_t *nodes, int64_t *edges)
{
    for (int64_t i = 0; i < rows->count; i++) {
        nodes[part[i]]++;
        edges[part[i]] += rows->indptr[i + 1] - rows->indptr[i];
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

/* Makes the cells; part [rows->count]: in: part of each row, out: its cell. work [3 parts] is zeroed. Collective. */
static hg_status make_cells_with(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                                 int64_t *part, struct hg_cells *cells, int64_t *work)
{
    int64_t *nodes = work, *edges = work + parts, *cell = work + 2 * parts;
    count_parts(rows, part, nodes, edges);
    hg_comm_sum_i64(comm, work, 2 * parts);
    HG_TRY(hg_agree(comm, number_cells(parts, nodes, edges, cell, cells)));
    for (int64_t i = 0; i < rows->count; i++) part[i] = cell[part[i]];
    return HG_OK;
}

static hg_status make_cells(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                            int64_t *part, struct hg_cells *cells)
{
    int64_t *work = NULL;
    hg_status status = hg_agree(comm, HG_NEW(work, 3 * parts));
    if (status == HG_OK) status = make_cells_with(comm, rows, parts, part, cells, work);
    hg_mem_free(work);
    return status;
}

/* Replaces the sources of edges, which are imported ids, by their indices in the cell order. Collective. */
static hg_status relabel_sources(struct hg_node_table *rows, struct hg_divided *divided)
{
    const struct hg_level *graph = &divided->graph;
    HG_TRY(hg_agree(graph->blocks.comm, HG_NEW_UNSET(divided->stored, graph->owned + graph->ghosts)));
    for (int64_t i = 0; i < rows->count; i++) divided->stored[i] = (uint64_t)rows->stored[i];
    HG_TRY(hg_level_refresh(graph, divided->stored));
    for (int64_t i = 0; i < rows->count; i++) {
        const uint32_t *source = graph->neighbour + graph->indptr[i];
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const bool loop = rows->indices[e] == rows->imported[i];
            rows->indices[e] = loop ? rows->stored[i] : (hg_gid)divided->stored[*source++];
        }
    }
    return HG_OK;
}

hg_status hg_cell_order(const struct hg_comm *comm, struct hg_node_table *rows, int64_t parts, int64_t *part,
                        struct hg_divided *divided, struct hg_cells *cells)
{
    HG_TRY(make_cells(comm, rows, parts, part, cells));
    HG_TRY(hg_degree_order(comm, part, cells, rows));
    return relabel_sources(rows, divided);
}
