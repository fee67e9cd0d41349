#include "io/graph_file_private.h"

#include "base/limits.h"
#include "base/mem.h"
#include "io/row_check.h"

/* Intervals of rows, or of the items (edges, sparse features) of these rows. They are read into one array, one behind
 * the other. */
struct intervals {
    struct hg_range *range;
    int64_t count;
};

/* Checks the ranges and merges adjacent ones, so that few large pieces are read. */
static hg_status merge_ranges(const struct hg_h5 *file, const struct hg_range *ranges, int64_t n,
                              hg_gid num_nodes, struct intervals *rows)
{
    hg_gid last = 0;
    HG_TRY(HG_NEW_UNSET(rows->range, n));
    for (int64_t k = 0; k < n; k++) {
        if (ranges[k].first < last || ranges[k].end < ranges[k].first || ranges[k].end > num_nodes)
            return hg_fail(HG_FAILED, file->path, "rows %lld..%lld were asked for of %lld",
                           (long long)ranges[k].first, (long long)ranges[k].end, (long long)num_nodes);
        if (rows->count > 0 && rows->range[rows->count - 1].end == ranges[k].first)
            rows->range[rows->count - 1].end = ranges[k].end;
        else if (ranges[k].end > ranges[k].first)
            rows->range[rows->count++] = ranges[k];
        last = ranges[k].end;
    }
    return HG_OK;
}

static int64_t total(const struct intervals *s)
{
    int64_t sum = 0;
    for (int64_t k = 0; k < s->count; k++) sum += s->range[k].end - s->range[k].first;
    return sum;
}

/* Reads the intervals of a data set into `data`, `bytes` per row in memory. */
static hg_status read_intervals(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                                const struct intervals *s, size_t bytes, void *data)
{
    char *next = data;
    for (int64_t k = 0; k < s->count; k++) {
        HG_TRY(hg_h5_read_rows(file, name, type, s->range[k], next));
        next += bytes * (size_t)(s->range[k].end - s->range[k].first);
    }
    return HG_OK;
}

/* Reads the offsets of one interval of rows. indptr [rows + 1]: in: indptr[0]; out: the others, so that intervals
 * follow each other in memory. items: the interval of the rows' items in the file. */
static hg_status read_interval_offsets(const struct hg_h5 *file, const char *name, struct hg_range rows,
                                       hg_eid *indptr, struct hg_range *items)
{
    int64_t *at = NULL;
    const int64_t n = rows.end - rows.first;
    HG_TRY(HG_NEW(at, n + 1));
    hg_status status =
        hg_h5_read_rows(file, name, HG_H5_INT64, (struct hg_range){rows.first, rows.end + 1}, at);
    for (int64_t k = 0; k < n && status == HG_OK; k++) {
        if (at[k] < 0 || at[k] > at[k + 1])
            status = hg_fail(HG_FAILED, file->path, "data set %s does not ascend at row %lld", name,
                             (long long)(rows.first + k));
        else
            indptr[k + 1] = indptr[k] + (at[k + 1] - at[k]);
    }
    *items = (struct hg_range){at[0], at[n]};
    hg_mem_free(at);
    return status;
}

/* Reads the CSR offsets, data set `name`, of all intervals; the file has `limit` items. Allocates items->range and
 * *indptr. */
static hg_status read_offsets(const struct hg_h5 *file, const char *name, int64_t limit,
                              const struct intervals *rows, hg_eid **indptr, struct intervals *items)
{
    hg_eid *next = NULL;
    HG_TRY(HG_NEW(*indptr, total(rows) + 1));
    HG_TRY(HG_NEW(items->range, rows->count));
    items->count = rows->count;
    next = *indptr;
    for (int64_t k = 0; k < rows->count; k++) {
        HG_TRY(read_interval_offsets(file, name, rows->range[k], next, &items->range[k]));
        if (items->range[k].end > limit)
            return hg_fail(HG_FAILED, file->path, "data set %s points beyond the last of %lld items", name,
                           (long long)limit);
        next += rows->range[k].end - rows->range[k].first;
    }
    return HG_OK;
}

/* Whether more than edges is read of a row. */
static bool has_arrays(enum hg_graph_contents contents)
{
    return contents != HG_READ_OFFSETS && contents != HG_READ_EDGES;
}

static hg_status read_edge_ids(const struct hg_h5 *file, const struct intervals *edges,
                               struct hg_node_table *rows)
{
    HG_TRY(HG_NEW_UNSET(rows->edge_id, hg_node_table_edges(rows)));
    if (hg_h5_exists(file, "/graph/edge_id"))
        return read_intervals(file, "/graph/edge_id", HG_H5_INT64, edges, sizeof(hg_gid), rows->edge_id);
    /* a file without edge ids has its edges in imported order */
    hg_gid *next = rows->edge_id;
    for (int64_t k = 0; k < edges->count; k++)
        for (hg_gid id = edges->range[k].first; id < edges->range[k].end; id++) *next++ = id;
    return HG_OK;
}

static hg_status read_edges(const struct hg_h5 *file, const struct intervals *s, struct intervals *edges,
                            enum hg_graph_contents contents, struct hg_node_table *rows)
{
    const int64_t cols = rows->info.num_edge_features;
    HG_TRY(read_offsets(file, "/graph/indptr", rows->info.num_edges, s, &rows->indptr, edges));
    HG_TRY(hg_limit_check(file->path, "edges", hg_node_table_edges(rows)));
    if (contents == HG_READ_OFFSETS) return HG_OK;
    HG_TRY(HG_NEW_UNSET(rows->indices, hg_node_table_edges(rows)));
    HG_TRY(read_intervals(file, "/graph/indices", HG_H5_INT64, edges, sizeof(hg_gid), rows->indices));
    if (contents == HG_READ_EDGE_IDS) HG_TRY(read_edge_ids(file, edges, rows));
    if (cols == 0 || !has_arrays(contents)) return HG_OK;
    rows->edge_attr = hg_mem_alloc_unset(hg_node_table_edges(rows), (size_t)cols * sizeof(hg_real));
    if (rows->edge_attr == NULL) return HG_NOMEM;
    return read_intervals(file, "/graph/edge_attr", HG_H5_REAL, edges, (size_t)cols * sizeof(hg_real),
                          rows->edge_attr);
}

static hg_status read_sparse(const struct hg_h5 *file, const struct intervals *s, struct intervals *values,
                             enum hg_graph_contents contents, struct hg_node_table *rows)
{
    struct hg_features *x = &rows->x;
    struct hg_h5_shape shape;
    if (!rows->info.sparse) return HG_OK;
    HG_TRY(hg_h5_describe(file, "/node/x_csr/indices", &shape));
    HG_TRY(read_offsets(file, "/node/x_csr/indptr", shape.size[0], s, &x->indptr, values));
    if (!has_arrays(contents)) return HG_OK;
    const int64_t n = total(values);
    HG_TRY(HG_NEW_UNSET(x->indices, n));
    HG_TRY(rows->info.wide ? HG_NEW_UNSET(x->wide, n) : HG_NEW_UNSET(x->data, n));
    HG_TRY(read_intervals(file, "/node/x_csr/indices", HG_H5_INT32, values, sizeof *x->indices, x->indices));
    return read_intervals(file, "/node/x_csr/data", hg_graph_file_type("/node/x", &rows->info), values,
                          hg_feature_bytes(&rows->info), rows->info.wide ? (void *)x->wide : (void *)x->data);
}

static hg_status read_ids(const struct hg_h5 *file, const struct intervals *s, struct hg_node_table *rows)
{
    HG_TRY(HG_NEW_UNSET(rows->stored, rows->count));
    HG_TRY(HG_NEW_UNSET(rows->imported, rows->count));
    int64_t row = 0;
    for (int64_t k = 0; k < s->count; k++)
        for (hg_gid id = s->range[k].first; id < s->range[k].end; id++, row++)
            rows->stored[row] = rows->imported[row] = id;
    if (!hg_graph_file_has_cells(file)) return HG_OK;
    return read_intervals(file, "/node/original", HG_H5_INT64, s, sizeof(hg_gid), rows->imported);
}

static hg_status read_arrays(const struct hg_h5 *file, const struct intervals *s, struct hg_node_table *rows)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    HG_TRY(hg_node_table_allocate_arrays(rows));
    const int n = hg_node_table_arrays(rows, arrays);
    for (int k = 0; k < n; k++)
        HG_TRY(read_intervals(file, arrays[k].path, hg_graph_file_type(arrays[k].path, &rows->info), s,
                              arrays[k].bytes, arrays[k].data));
    return HG_OK;
}

static hg_status read_contents(const struct hg_h5 *file, const struct intervals *s,
                               enum hg_graph_contents contents, struct hg_node_table *rows)
{
    struct intervals edges = {0}, values = {0};
    rows->count = total(s);
    hg_status status = hg_limit_check(file->path, "nodes", rows->count);
    if (status == HG_OK) status = read_ids(file, s, rows);
    if (status == HG_OK) status = read_edges(file, s, &edges, contents, rows);
    if (status == HG_OK && has_arrays(contents)) status = read_arrays(file, s, rows);
    if (status == HG_OK) status = read_sparse(file, s, &values, contents, rows);
    hg_mem_free(edges.range);
    hg_mem_free(values.range);
    return status;
}

static hg_status read_local(const char *path, const struct hg_range *ranges, int64_t n,
                            enum hg_graph_contents contents, struct hg_node_table *rows)
{
    struct hg_h5 file;
    struct intervals s = {0};
    HG_TRY(hg_h5_open(path, &file));
    hg_status status = hg_graph_file_describe(&file, &rows->info);
    if (contents == HG_READ_STRUCTURE) hg_graph_info_structure(&rows->info);
    if (status == HG_OK) status = merge_ranges(&file, ranges, n, rows->info.num_nodes, &s);
    if (status == HG_OK) status = read_contents(&file, &s, contents, rows);
    if (status == HG_OK) status = hg_node_table_check(path, rows);
    hg_mem_free(s.range);
    hg_h5_close(&file);
    return status;
}

hg_status hg_graph_file_unchanged(const char *path, const struct hg_graph_info *info,
                                  const struct hg_node_table *rows)
{
    if (hg_graph_info_same(info, &rows->info)) return HG_OK;
    return hg_fail(HG_FAILED, path, "it changed while it was read");
}

hg_status hg_graph_file_read(const struct hg_comm *comm, const char *path, const struct hg_range *ranges,
                             int64_t num_ranges, enum hg_graph_contents contents, struct hg_node_table *rows)
{
    *rows = (struct hg_node_table){0};
    hg_status status = hg_agree(comm, read_local(path, ranges, num_ranges, contents, rows));
    if (status == HG_OK) status = hg_graph_info_agree(comm, path, &rows->info);
    if (status != HG_OK) hg_node_table_destroy(rows);
    return status;
}

hg_status hg_graph_file_values(const char *path, int64_t *values)
{
    struct hg_h5 file;
    struct hg_h5_shape shape = {0};
    *values = 0;
    HG_TRY(hg_h5_open(path, &file));
    const bool sparse = !hg_h5_exists(&file, "/node/x") && hg_h5_exists(&file, "/node/x_csr/indices");
    const hg_status status = sparse ? hg_h5_describe(&file, "/node/x_csr/indices", &shape) : HG_OK;
    if (status == HG_OK && sparse) *values = shape.size[0];
    hg_h5_close(&file);
    return status;
}
