#include "partition/cell_order.h"

#include "base/mem.h"
#include "partition/directory.h"

/* Nodes and in-edges of this rank per part. */
static void count_parts(const struct hg_rows *rows, const int64_t *part, int64_t *nodes, int64_t *edges)
{
    for (int64_t i = 0; i < rows->count; i++) {
        nodes[part[i]]++;
        edges[part[i]] += rows->indptr[i + 1] - rows->indptr[i];
    }
}

/* Cells of parts that have nodes: total nodes and edges per part -> offsets, edges; cell [parts] of each part. */
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

/* counts per part, over ranks: this rank's become the sum over the ranks before it; total [parts]. */
static void scan_parts(const struct hg_comm *comm, int64_t parts, int64_t *mine, int64_t *total)
{
    for (int64_t p = 0; p < parts; p++) total[p] = mine[p];
    hg_comm_sum_i64(comm, total, parts);
    MPI_Exscan(MPI_IN_PLACE, mine, (int)parts, MPI_INT64_T, MPI_SUM, comm->mpi);
    for (int64_t p = 0; comm->rank == 0 && p < parts; p++) mine[p] = 0;
}

/* Cells, and each row's place: its cell's offset, the nodes of the cell on earlier ranks, and those seen here. work
 * holds 4 numbers per part. */
static hg_status place_with(const struct hg_comm *comm, struct hg_rows *rows, int64_t parts, int64_t *part,
                            struct hg_cells *cells, int64_t *work)
{
    int64_t *before = work, *nodes = work + parts, *edges = work + 2 * parts, *cell = work + 3 * parts;
    count_parts(rows, part, before, edges);
    scan_parts(comm, parts, before, nodes);
    hg_comm_sum_i64(comm, edges, parts);
    HG_TRY(hg_agree(comm, number_cells(parts, nodes, edges, cell, cells)));
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t p = part[i];
        part[i] = cell[p];
        rows->stored[i] = cells->offsets[cell[p]] + before[p]++;
    }
    return HG_OK;
}

static hg_status place_rows(const struct hg_comm *comm, struct hg_rows *rows, int64_t parts, int64_t *part,
                            struct hg_cells *cells)
{
    int64_t *work = NULL;
    hg_status status = hg_agree(comm, HG_NEW(work, 4 * parts));
    if (status == HG_OK) status = place_with(comm, rows, parts, part, cells, work);
    hg_mem_free(work);
    return status;
}

/* Sources of this rank's edges as a set. */
static hg_status collect_sources(const struct hg_rows *rows, struct hg_keys *sources)
{
    for (hg_eid e = 0; e < hg_rows_edges(rows); e++)
        HG_TRY(hg_keys_insert(sources, (uint64_t)rows->indices[e]));
    return hg_keys_unique(sources, 0);
}

/* Replaces imported ids of sources by places in the cell order, which the directory knows. */
static hg_status relabel_sources(const struct hg_comm *comm, struct hg_rows *rows)
{
    struct hg_directory directory = {0};
    struct hg_keys sources = {0};
    int64_t *place = NULL;
    hg_status status = hg_agree(comm, collect_sources(rows, &sources));
    if (status == HG_OK)
        status = hg_directory_create(comm, rows->info.num_nodes, rows->imported, rows->stored, rows->count,
                                     &directory);
    if (status == HG_OK) status = hg_directory_read(&directory, &sources, &place);
    for (hg_eid e = 0; status == HG_OK && e < hg_rows_edges(rows); e++)
        rows->indices[e] = place[hg_keys_find(&sources, (uint64_t)rows->indices[e])];
    hg_mem_free(place);
    hg_keys_destroy(&sources);
    hg_directory_destroy(&directory);
    return status;
}

hg_status hg_cell_order(const struct hg_comm *comm, struct hg_rows *rows, int64_t parts, int64_t *part,
                        struct hg_cells *cells)
{
    HG_TRY(place_rows(comm, rows, parts, part, cells));
    return relabel_sources(comm, rows);
}
