#include "partition/cell_order.h"

#include "base/mem.h"
#include "partition/directory.h"

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

/* The set of the sources of this rank's edges. */
static hg_status collect_sources(const struct hg_node_table *rows, struct hg_keys *sources)
{
    for (hg_eid e = 0; e < hg_node_table_edges(rows); e++)
        HG_TRY(hg_keys_insert(sources, (uint64_t)rows->indices[e]));
    return hg_keys_unique(sources, 0);
}

/* Replaces the sources of edges, which are imported ids, by their indices in the cell order. The ranks that hold the
 * sources' rows know these: they are looked up through a directory. Collective. */
static hg_status relabel_sources(const struct hg_comm *comm, struct hg_node_table *rows)
{
    struct hg_directory directory = {0};
    struct hg_keys sources = {0};
    int64_t *stored = NULL;
    hg_status status = hg_agree(comm, collect_sources(rows, &sources));
    if (status == HG_OK)
        status = hg_directory_create(comm, rows->info.num_nodes, rows->imported, rows->stored, rows->count,
                                     &directory);
    if (status == HG_OK) status = hg_directory_read(&directory, &sources, &stored);
    for (hg_eid e = 0; status == HG_OK && e < hg_node_table_edges(rows); e++)
        rows->indices[e] = stored[hg_keys_find(&sources, (uint64_t)rows->indices[e])];
    hg_mem_free(stored);
    hg_keys_destroy(&sources);
    hg_directory_destroy(&directory);
    return status;
}

hg_status hg_cell_order(const struct hg_comm *comm, struct hg_node_table *rows, int64_t parts, int64_t *part,
                        struct hg_cells *cells)
{
    HG_TRY(make_cells(comm, rows, parts, part, cells));
    HG_TRY(hg_degree_order(comm, part, cells, rows));
    return relabel_sources(comm, rows);
}
