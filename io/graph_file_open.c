/* Opens a graph file: reads its description and its cells. */
#include "io/graph_file_private.h"

#include "base/exactsum.h"
#include "base/mem.h"
#include "dist/facts.h"
#include "io/file_kind.h"

static hg_status bad_cells(const struct hg_h5 *file, const char *why)
{
    return hg_fail(HG_FAILED, file->path, "the cells are damaged: %s", why);
}

/* Reads a whole one-dimensional data set of `n` integers into newly allocated *values. */
static hg_status read_all(const struct hg_h5 *file, const char *name, int64_t n, int64_t **values)
{
    const struct hg_h5_shape want = {.classes = HG_H5_INTEGER, .dims = 1, .size = {n}};
    HG_TRY(hg_h5_expect(file, name, &want, NULL));
    HG_TRY(HG_NEW(*values, n));
    return hg_h5_read_rows(file, name, HG_H5_INT64, (struct hg_range){0, n}, *values);
}

static hg_status read_offsets(const struct hg_h5 *file, hg_gid num_nodes, struct hg_cells *cells)
{
    struct hg_h5_shape shape;
    HG_TRY(hg_h5_describe(file, "/cells/offsets", &shape));
    const int64_t count = shape.size[0] - 1;
    if (shape.dims != 1 || count < 1 || count > num_nodes)
        return bad_cells(file, "/cells/offsets has a wrong size");
    if (count > HG_EXACT_ADDENDS)
        return hg_fail(HG_FAILED, file->path, "%lld cells, at most %d are read", (long long)count,
                       HG_EXACT_ADDENDS);
    HG_TRY(read_all(file, "/cells/offsets", count + 1, &cells->offsets));
    for (int64_t k = 0; k < count; k++)
        if (cells->offsets[k] >= cells->offsets[k + 1])
            return bad_cells(file, "/cells/offsets does not ascend");
    if (cells->offsets[0] != 0 || cells->offsets[count] != num_nodes)
        return bad_cells(file, "/cells/offsets does not cover the nodes");
    cells->count = count;
    return HG_OK;
}

/* Whether `edges` is a number of edges, small enough that sums do not overflow. */
static bool within(int64_t edges)
{
    return edges >= 0 && edges <= HG_MAX_ITEMS;
}

/* Whether the neighbours of cell k ascend, are in range and do not include k. */
static bool good_row(const struct hg_cells *cells, int64_t k)
{
    for (int64_t e = cells->indptr[k]; e < cells->indptr[k + 1]; e++) {
        const int64_t other = cells->indices[e];
        if (other < 0 || other >= cells->count || other == k || !within(cells->weight[e])) return false;
        if (e > cells->indptr[k] && other <= cells->indices[e - 1]) return false;
    }
    return true;
}

static hg_status read_graph(const struct hg_h5 *file, struct hg_cells *cells)
{
    struct hg_h5_shape shape;
    const struct hg_h5_shape want = {.classes = HG_H5_INTEGER, .dims = 1, .size = {-1}};
    HG_TRY(hg_h5_expect(file, "/cells/graph/indices", &want, &shape));
    const int64_t pairs = shape.size[0];
    HG_TRY(read_all(file, "/cells/graph/indptr", cells->count + 1, &cells->indptr));
    if (cells->indptr[0] != 0 || cells->indptr[cells->count] != pairs)
        return bad_cells(file, "/cells/graph/indptr does not fit /cells/graph/indices");
    for (int64_t k = 0; k < cells->count; k++)
        if (cells->indptr[k] > cells->indptr[k + 1])
            return bad_cells(file, "/cells/graph/indptr does not ascend");
    HG_TRY(read_all(file, "/cells/graph/indices", pairs, &cells->indices));
    HG_TRY(read_all(file, "/cells/graph/weight", pairs, &cells->weight));
    for (int64_t k = 0; k < cells->count; k++)
        if (!good_row(cells, k))
            return bad_cells(file, "/cells/graph/indices: neighbours must ascend and be other cells");
    return HG_OK;
}

/* Whether net k has several different cells, all but the first ascending, and rows. */
static bool good_net(const struct hg_nets *nets, int64_t cells, int64_t k)
{
    const int64_t first = nets->indptr[k], end = nets->indptr[k + 1];
    if (end < first + 2 || nets->rows[k] < 1 || !within(nets->rows[k])) return false;
    for (int64_t e = first; e < end; e++) {
        const int64_t cell = nets->cells[e];
        if (cell < 0 || cell >= cells || (e > first && cell == nets->cells[first])) return false;
        if (e > first + 1 && cell <= nets->cells[e - 1]) return false;
    }
    return true;
}

/* Reads the nets, which older files do not have. */
static hg_status read_nets(const struct hg_h5 *file, int64_t cells, struct hg_nets *nets)
{
    struct hg_h5_shape shape;
    const struct hg_h5_shape want = {.classes = HG_H5_INTEGER, .dims = 1, .size = {-1}};
    if (!hg_h5_exists(file, "/cells/nets/indptr")) return HG_OK;
    HG_TRY(hg_h5_expect(file, "/cells/nets/indptr", &want, &shape));
    const int64_t count = shape.size[0] - 1;
    if (count < 0) return bad_cells(file, "/cells/nets/indptr is empty");
    HG_TRY(read_all(file, "/cells/nets/rows", count, &nets->rows));
    HG_TRY(read_all(file, "/cells/nets/indptr", count + 1, &nets->indptr));
    HG_TRY(hg_h5_expect(file, "/cells/nets/cells", &want, &shape));
    if (nets->indptr[0] != 0 || nets->indptr[count] != shape.size[0])
        return bad_cells(file, "/cells/nets/indptr does not fit /cells/nets/cells");
    for (int64_t k = 0; k < count; k++)
        if (nets->indptr[k] > nets->indptr[k + 1])
            return bad_cells(file, "/cells/nets/indptr does not ascend");
    HG_TRY(read_all(file, "/cells/nets/cells", shape.size[0], &nets->cells));
    nets->count = count;
    for (int64_t k = 0; k < count; k++)
        if (!good_net(nets, cells, k))
            return bad_cells(
                file, "/cells/nets: a net has several cells, which ascend but for the first, and rows");
    return HG_OK;
}

/* Counts the edges into each cell of this rank's share, `mine`, from /graph/indptr. Other cells stay 0: open_graph
 * adds up the counts of all ranks. */
static hg_status read_edges(const struct hg_h5 *file, struct hg_range mine, struct hg_cells *cells)
{
    int64_t *at = NULL;
    const int64_t n = mine.end - mine.first;
    HG_TRY(HG_NEW(cells->edges, cells->count));
    HG_TRY(HG_NEW(at, n + 1));
    hg_status status = hg_h5_read_points(file, "/graph/indptr", cells->offsets + mine.first, n + 1, at);
    for (int64_t k = 0; k < n && status == HG_OK; k++) {
        if (at[k] < 0 || at[k + 1] < at[k] || !within(at[k + 1]))
            status = bad_cells(file, "/graph/indptr does not ascend");
        else
            cells->edges[mine.first + k] = at[k + 1] - at[k];
    }
    hg_mem_free(at);
    return status;
}

static hg_status read_cells(const struct hg_comm *comm, const struct hg_h5 *file, hg_gid num_nodes,
                            struct hg_cells *cells)
{
    if (!hg_graph_file_has_cells(file)) return HG_OK;
    HG_TRY(read_offsets(file, num_nodes, cells));
    HG_TRY(read_graph(file, cells));
    HG_TRY(read_nets(file, cells->count, &cells->nets));
    return read_edges(file, hg_block_range(cells->count, comm->rank, comm->size), cells);
}

static hg_status describe(const char *path, struct hg_h5 *file, struct hg_graph_info *info)
{
    HG_TRY(hg_file_kind_open(path, HG_FILE_GRAPH, file));
    return hg_graph_file_describe(file, info);
}

static hg_status open_graph(const struct hg_comm *comm, const char *path, struct hg_h5 *file,
                            struct hg_graph_info *info, struct hg_cells *cells)
{
    HG_TRY(hg_agree_alike(comm, describe(path, file, info)));
    HG_TRY(hg_agree(comm, read_cells(comm, file, info->num_nodes, cells)));
    HG_TRY(hg_graph_file_compare(comm, file, info, cells));
    hg_comm_sum_i64(comm, cells->edges, cells->count);
    return HG_OK;
}

hg_status hg_graph_file_open(const struct hg_comm *comm, const char *path, struct hg_graph_info *info,
                             struct hg_cells *cells)
{
    struct hg_h5 file = {.id = -1};
    *info = (struct hg_graph_info){0};
    *cells = (struct hg_cells){0};
    const hg_status status = open_graph(comm, path, &file, info, cells);
    hg_h5_close(&file);
    if (status != HG_OK) {
        hg_graph_info_destroy(info);
        hg_cells_destroy(cells);
    }
    return status;
}
