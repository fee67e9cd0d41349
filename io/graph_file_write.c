#include "io/graph_file_private.h"

#include "base/alive.h"
#include "base/mem.h"
#include "io/atomic.h"
#include "io/file_layout.h"
#include <string.h>
#include <sys/stat.h>

static hg_status write_attributes(const struct hg_h5 *file, const struct hg_graph_info *info)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"version", HG_GRAPH_VERSION},      {"num_nodes", info->num_nodes},
        {"num_edges", info->num_edges},     {"num_features", info->num_features},
        {"num_outputs", info->num_outputs}, {"symmetric", info->symmetric},
    };
    HG_TRY(hg_h5_set_text(file, "format", HG_GRAPH_FORMAT));
    HG_TRY(hg_h5_set_text(file, "name", info->name));
    HG_TRY(hg_h5_set_text(file, "task", hg_task_name[info->task]));
    for (size_t k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
        HG_TRY(hg_h5_set_int(file, numbers[k].name, numbers[k].value));
    return HG_OK;
}

static hg_status define(const struct hg_h5 *file, const char *name, enum hg_h5_type type, int64_t n)
{
    return hg_h5_define(file, name, type, 0, 1, &n);
}

/* Creates offsets [rows + 1] and writes the last one; the ranks write the others. */
static hg_status define_offsets(const struct hg_h5 *file, const char *name, int64_t rows, int64_t items)
{
    HG_TRY(define(file, name, HG_H5_INT64, rows + 1));
    return hg_h5_write_rows(file, name, HG_H5_INT64, (struct hg_range){rows, rows + 1}, &items);
}

static hg_status define_edges(const struct hg_h5 *file, const struct hg_graph_info *info)
{
    const int64_t attr[2] = {info->num_edges, info->num_edge_features};
    HG_TRY(define_offsets(file, "/graph/indptr", info->num_nodes, info->num_edges));
    HG_TRY(define(file, "/graph/indices", info->num_nodes <= INT32_MAX ? HG_H5_INT32 : HG_H5_INT64,
                  info->num_edges));
    HG_TRY(define(file, "/graph/edge_id", HG_H5_INT64, info->num_edges));
    return attr[1] > 0 ? hg_h5_define(file, "/graph/edge_attr", HG_H5_REAL, 0, 2, attr) : HG_OK;
}

static hg_status define_sparse(const struct hg_h5 *file, const struct hg_graph_info *info, int64_t values)
{
    if (!info->sparse) return HG_OK;
    HG_TRY(define_offsets(file, "/node/x_csr/indptr", info->num_nodes, values));
    HG_TRY(define(file, "/node/x_csr/indices", HG_H5_INT32, values));
    return define(file, "/node/x_csr/data", hg_graph_file_type("/node/x", info), values);
}

/* Creates the data set of an array of hg_node_table_arrays. Masks of one split, classes and names have one dimension
 * on disk; features, labels and targets always have two. */
static hg_status define_array(const struct hg_h5 *file, const struct hg_row_array *array,
                              const struct hg_graph_info *info)
{
    const enum hg_h5_type type = hg_graph_file_type(array->path, info);
    if (type == HG_H5_TEXT)
        return hg_h5_define(file, array->path, type, (int64_t)array->bytes, 1, &info->num_nodes);
    const int64_t size[2] = {info->num_nodes, (int64_t)(array->bytes / hg_h5_bytes(type))};
    const bool table = size[1] != 1 || type == HG_H5_REAL || type == HG_H5_DOUBLE || type == HG_H5_UINT8;
    return hg_h5_define(file, array->path, type, 0, table ? 2 : 1, size);
}

static hg_status define_arrays(const struct hg_h5 *file, const struct hg_graph_info *info)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const struct hg_node_table none = {.info = *info};
    const int n = hg_node_table_arrays(&none, arrays);
    for (int k = 0; k < n; k++) HG_TRY(define_array(file, &arrays[k], info));
    return HG_OK;
}

/* A one-dimensional data set of integers. */
struct numbers {
    const char *path;
    const int64_t *values;
    int64_t n;
};

static hg_status write_numbers(const struct hg_h5 *file, const struct numbers *sets, int count)
{
    for (int k = 0; k < count; k++) {
        HG_TRY(define(file, sets[k].path, HG_H5_INT64, sets[k].n));
        HG_TRY(hg_h5_write_rows(file, sets[k].path, HG_H5_INT64, (struct hg_range){0, sets[k].n},
                                sets[k].values));
    }
    return HG_OK;
}

static hg_status write_nets(const struct hg_h5 *file, const struct hg_nets *nets)
{
    if (nets->indptr == NULL) return HG_OK;
    const struct numbers sets[] = {{"/cells/nets/indptr", nets->indptr, nets->count + 1},
                                   {"/cells/nets/cells", nets->cells, nets->indptr[nets->count]},
                                   {"/cells/nets/rows", nets->rows, nets->count}};
    return write_numbers(file, sets, 3);
}

static hg_status write_cells(const struct hg_h5 *file, hg_gid num_nodes, const struct hg_cells *cells)
{
    if (cells == NULL) return HG_OK;
    const int64_t pairs = cells->indptr[cells->count];
    const struct numbers sets[] = {{"/cells/offsets", cells->offsets, cells->count + 1},
                                   {"/cells/graph/indptr", cells->indptr, cells->count + 1},
                                   {"/cells/graph/indices", cells->indices, pairs},
                                   {"/cells/graph/weight", cells->weight, pairs}};
    HG_TRY(write_numbers(file, sets, 4));
    HG_TRY(write_nets(file, &cells->nets));
    return define(file, "/node/original", HG_H5_INT64, num_nodes);
}

static hg_status lay_out_contents(const struct hg_h5 *file, const struct hg_graph_writing *w)
{
    const struct hg_names class_names = {"/node/class_name", w->info->num_outputs, w->info->class_bytes,
                                         w->info->class_name};
    HG_TRY(write_attributes(file, w->info));
    HG_TRY(define_edges(file, w->info));
    HG_TRY(define_sparse(file, w->info, w->values));
    HG_TRY(define_arrays(file, w->info));
    HG_TRY(hg_names_write(file, &class_names));
    return write_cells(file, w->info->num_nodes, w->cells);
}

/* Creates the file and writes everything but the rows. On rank 0 only. */
static hg_status lay_out(const struct hg_atomic *paths, const struct hg_graph_writing *w)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_create(paths->temporary, paths->target, &file));
    return hg_h5_finish(&file, lay_out_contents(&file, w));
}

/* Writes the offsets of an interval's rows: this rank's indptr, shifted so that the interval's items begin at `start`
 * in the file. */
static hg_status write_offsets(const struct hg_h5 *file, const char *name,
                               const struct hg_file_interval *interval, int64_t start, const hg_eid *indptr)
{
    int64_t *offsets = NULL;
    HG_TRY(HG_NEW(offsets, interval->count));
    for (int64_t k = 0; k < interval->count; k++)
        offsets[k] = start + indptr[interval->row + k] - indptr[interval->row];
    const struct hg_range rows = {interval->first, interval->first + interval->count};
    const hg_status status = hg_h5_write_rows(file, name, HG_H5_INT64, rows, offsets);
    hg_mem_free(offsets);
    return status;
}

static hg_status write_interval_edges(const struct hg_h5 *file, const struct hg_node_table *rows,
                                      const struct hg_file_interval *interval)
{
    const hg_eid first = rows->indptr[interval->row],
                 n = rows->indptr[interval->row + interval->count] - first;
    const struct hg_range items = {interval->edge, interval->edge + n};
    HG_TRY(write_offsets(file, "/graph/indptr", interval, interval->edge, rows->indptr));
    HG_TRY(hg_h5_write_rows(file, "/graph/indices", HG_H5_INT64, items, rows->indices + first));
    HG_TRY(hg_h5_write_rows(file, "/graph/edge_id", HG_H5_INT64, items, rows->edge_id + first));
    const int64_t cols = rows->info.num_edge_features;
    if (cols == 0) return HG_OK;
    return hg_h5_write_rows(file, "/graph/edge_attr", HG_H5_REAL, items, rows->edge_attr + first * cols);
}

static hg_status write_interval_sparse(const struct hg_h5 *file, const struct hg_node_table *rows,
                                       const struct hg_file_interval *interval)
{
    const struct hg_features *x = &rows->x;
    if (x->indptr == NULL) return HG_OK;
    const hg_eid first = x->indptr[interval->row], n = x->indptr[interval->row + interval->count] - first;
    const struct hg_range items = {interval->value, interval->value + n};
    HG_TRY(write_offsets(file, "/node/x_csr/indptr", interval, interval->value, x->indptr));
    HG_TRY(hg_h5_write_rows(file, "/node/x_csr/indices", HG_H5_INT32, items, x->indices + first));
    const void *values = x->wide != NULL ? (const void *)(x->wide + first) : (const void *)(x->data + first);
    return hg_h5_write_rows(file, "/node/x_csr/data", hg_graph_file_type("/node/x", &rows->info), items,
                            values);
}

static hg_status write_interval_arrays(const struct hg_h5 *file, const struct hg_node_table *rows,
                                       const struct hg_file_interval *interval)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const int n = hg_node_table_arrays(rows, arrays);
    const struct hg_range file_rows = {interval->first, interval->first + interval->count};
    for (int k = 0; k < n; k++)
        HG_TRY(hg_h5_write_rows(file, arrays[k].path, hg_graph_file_type(arrays[k].path, &rows->info),
                                file_rows,
                                (const char *)arrays[k].data + (size_t)interval->row * arrays[k].bytes));
    return HG_OK;
}

static hg_status write_intervals(const struct hg_h5 *file, const struct hg_file_layout *layout,
                                 const struct hg_node_table *rows, bool originals)
{
    for (int64_t k = 0; k < layout->count; k++) {
        const struct hg_file_interval *interval = &layout->interval[k];
        const struct hg_range file_rows = {interval->first, interval->first + interval->count};
        HG_TRY(write_interval_edges(file, rows, interval));
        HG_TRY(write_interval_sparse(file, rows, interval));
        HG_TRY(write_interval_arrays(file, rows, interval));
        if (originals)
            HG_TRY(hg_h5_write_rows(file, "/node/original", HG_H5_INT64, file_rows,
                                    rows->imported + interval->row));
    }
    return HG_OK;
}

/* Writes the rows of one window. Collective. */
static hg_status write_window(const struct hg_comm *comm, const struct hg_h5 *file,
                              const struct hg_graph_writing *w, const struct hg_node_table *rows,
                              struct hg_file_position *position)
{
    struct hg_file_layout layout;
    HG_TRY(hg_file_layout_create(comm, w->path, rows, position, &layout));
    const hg_status status = hg_agree(comm, write_intervals(file, &layout, rows, w->cells != NULL));
    hg_file_layout_destroy(&layout);
    return status;
}

/* Collective. */
static hg_status write_windows(const struct hg_comm *comm, const struct hg_h5 *file,
                               const struct hg_graph_writing *w)
{
    struct hg_file_position position = {0};
    bool more = true;
    while (more) {
        const struct hg_node_table *rows = NULL;
        HG_TRY(w->window(w->context, &rows, &more));
        HG_TRY(write_window(comm, file, w, rows, &position));
    }
    const bool whole = position.rows == w->info->num_nodes && position.edges == w->info->num_edges &&
                       position.values == w->values;
    return hg_agree(comm, whole ? HG_OK : hg_file_not_whole(w->path));
}

/* Writes everything but content_sha256. Collective. */
static hg_status write_file(const struct hg_comm *comm, const struct hg_atomic *paths,
                            const struct hg_graph_writing *w)
{
    struct hg_h5 file;
    struct stat about;
    HG_TRY(hg_agree(comm, comm->rank == 0 ? lay_out(paths, w) : HG_OK));
    HG_TRY(hg_h5_open_shared(comm, paths->temporary, paths->target, &file));
    hg_alive_phase("writing the graph file", -1);
    if (stat(paths->temporary, &about) == 0) hg_alive_total("bytes", about.st_size / comm->size);
    return hg_agree(comm, hg_h5_finish(&file, write_windows(comm, &file, w)));
}

/* Writes the attribute content_sha256. On rank 0 only. */
static hg_status write_content(const struct hg_atomic *paths, const char *hex)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_open_writable(paths->temporary, paths->target, &file));
    return hg_h5_finish(&file, hg_h5_set_text(&file, HG_GRAPH_CONTENT, hex));
}

/* Computes the hash from the written file, and adds it. Collective. */
static hg_status add_content(const struct hg_comm *comm, const struct hg_atomic *paths)
{
    char hex[HG_CONTENT_BYTES];
    HG_TRY(hg_graph_content(comm, paths->temporary, paths->target, hex));
    return hg_agree(comm, comm->rank == 0 ? write_content(paths, hex) : HG_OK);
}

/* Writes the complete file under its temporary name. Collective. */
static hg_status write_whole(const struct hg_comm *comm, const struct hg_atomic *paths,
                             const struct hg_graph_writing *w)
{
    HG_TRY(write_file(comm, paths, w));
    return add_content(comm, paths);
}

hg_status hg_graph_file_write_windows(const struct hg_comm *comm, const struct hg_graph_writing *writing)
{
    struct hg_atomic paths;
    HG_TRY(hg_graph_info_check(writing->path, writing->info));
    HG_TRY(hg_atomic_begin_all(comm, writing->path, HG_LINKS_FOLLOWED, &paths));
    return hg_atomic_end_all(comm, write_whole(comm, &paths, writing), &paths);
}

/* The one window of hg_graph_file_write. */
static hg_status give_all(void *context, const struct hg_node_table **rows, bool *more)
{
    *rows = context;
    *more = false;
    return HG_OK;
}

hg_status hg_graph_file_write(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells)
{
    const struct hg_features *x = &rows->x;
    struct hg_node_table all = *rows; /* not changed, though the type says that it could be */
    struct hg_graph_writing writing = {.path = path,
                                       .info = &rows->info,
                                       .cells = cells,
                                       .values = x->indptr != NULL ? x->indptr[rows->count] : 0,
                                       .window = give_all,
                                       .context = &all};
    hg_comm_sum_i64(comm, &writing.values, 1);
    return hg_graph_file_write_windows(comm, &writing);
}
