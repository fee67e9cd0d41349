#include "base/mem.h"
#include "io/import/import_arrays.h"
#include "io/import/import_precision.h"

static hg_status read_dense(struct hg_import *import, const struct hg_array_source *source)
{
    const struct hg_range mine = hg_import_block(import);
    struct hg_features *x = &import->rows->x;
    struct hg_h5_shape shape;
    void *data = NULL;
    HG_TRY(hg_import_describe_array(source, "x", HG_IMPORT_NUMBERS, &shape));
    const bool wide = hg_import_is_wide(&shape);
    import->x_integers = (shape.classes & HG_H5_INTEGER) != 0;
    HG_TRY(hg_import_node_array(import, source, "x", wide ? HG_H5_DOUBLE : HG_H5_REAL, &x->cols, &data));
    if (wide)
        x->wide = data;
    else
        x->dense = data;
    return hg_import_check_dense(source->path, "x", mine.first, mine.end - mine.first, x);
}

/* Reads x_shape, checks it against the number of nodes, and sets *cols, the number of features. */
static hg_status read_shape(const struct hg_import *import, const struct hg_array_source *source,
                            int64_t *cols)
{
    const struct hg_h5_block both = {1, {0}, {2}};
    struct hg_h5_shape about;
    int64_t shape[2];
    if (!source->exists(source->handle, "x_shape"))
        return hg_fail(HG_FAILED, source->path,
                       "sparse features need x_shape, x_indptr, x_indices and x_data: there is no x_shape");
    HG_TRY(source->describe(source->handle, "x_shape", &about));
    if (about.dims != 1 || about.size[0] != 2)
        return hg_fail(HG_FAILED, source->path, "x_shape does not hold two numbers");
    HG_TRY(source->read(source->handle, "x_shape", HG_H5_INT64, &both, shape));
    if (shape[0] != import->rows->info.num_nodes || shape[1] < 0 || shape[1] > INT32_MAX)
        return hg_fail(HG_FAILED, source->path, "x_shape says %lld rows and %lld columns for %lld nodes",
                       (long long)shape[0], (long long)shape[1], (long long)import->rows->info.num_nodes);
    *cols = shape[1];
    return HG_OK;
}

/* Reads the length of a one-dimensional array; fails when it is not `wanted` (< 0: any). */
static hg_status read_length(const struct hg_array_source *source, const char *name, int64_t wanted,
                             int64_t *length)
{
    struct hg_h5_shape about;
    HG_TRY(hg_import_describe_array(source, name, HG_IMPORT_NUMBERS, &about));
    if (about.dims != 1 || (wanted >= 0 && about.size[0] != wanted))
        return hg_fail(HG_FAILED, source->path, "%s is no list of %lld numbers", name, (long long)wanted);
    *length = about.size[0];
    return HG_OK;
}

/* Reads the rank's part of x_indptr and shifts it to start at 0; *first: index of the rank's first entry in
 * x_indices. */
static hg_status read_indptr(const struct hg_import *import, const struct hg_array_source *source,
                             int64_t entries, int64_t *first)
{
    const struct hg_range mine = hg_import_block(import);
    const int64_t count = mine.end - mine.first;
    const struct hg_h5_block block = {1, {mine.first}, {count + 1}};
    hg_eid *indptr = import->rows->x.indptr;
    HG_TRY(source->read(source->handle, "x_indptr", HG_H5_INT64, &block, indptr));
    const bool ends = (mine.first != 0 || indptr[0] == 0) &&
                      (mine.end != import->rows->info.num_nodes || indptr[count] == entries);
    bool ascends = ends && indptr[0] >= 0 && indptr[count] <= entries;
    for (int64_t i = 0; i < count; i++) ascends = ascends && indptr[i] <= indptr[i + 1];
    if (!ascends)
        return hg_fail(HG_FAILED, source->path, "x_indptr does not ascend from 0 to %lld",
                       (long long)entries);
    *first = indptr[0];
    for (int64_t i = 0; i <= count; i++) indptr[i] -= *first;
    return HG_OK;
}

static hg_status read_columns(const struct hg_array_source *source, const struct hg_h5_block *block,
                              struct hg_features *x)
{
    int64_t *columns = NULL;
    HG_TRY(HG_NEW(columns, block->count[0]));
    hg_status status = source->read(source->handle, "x_indices", HG_H5_INT64, block, columns);
    for (int64_t k = 0; status == HG_OK && k < block->count[0]; k++) {
        if (columns[k] < 0 || columns[k] >= x->cols)
            status = hg_fail(HG_FAILED, source->path, "x_indices: element %lld is %lld, outside 0..%lld",
                             (long long)(block->start[0] + k), (long long)columns[k], (long long)x->cols - 1);
        x->indices[k] = (int32_t)columns[k];
    }
    hg_mem_free(columns);
    return status;
}

/* Reads a block of x_data. */
static hg_status read_values(struct hg_import *import, const struct hg_array_source *source,
                             const struct hg_h5_block *block)
{
    struct hg_features *x = &import->rows->x;
    struct hg_h5_shape shape;
    HG_TRY(hg_import_describe_array(source, "x_data", HG_IMPORT_NUMBERS, &shape));
    const bool wide = hg_import_is_wide(&shape);
    import->x_integers = (shape.classes & HG_H5_INTEGER) != 0;
    HG_TRY(wide ? HG_NEW(x->wide, block->count[0]) : HG_NEW(x->data, block->count[0]));
    return source->read(source->handle, "x_data", wide ? HG_H5_DOUBLE : HG_H5_REAL, block,
                        wide ? (void *)x->wide : (void *)x->data);
}

static hg_status read_sparse(struct hg_import *import, const struct hg_array_source *source)
{
    const struct hg_range mine = hg_import_block(import);
    const int64_t count = mine.end - mine.first;
    struct hg_features *x = &import->rows->x;
    int64_t rows = 0, entries = 0, first = 0;
    HG_TRY(read_shape(import, source, &x->cols));
    HG_TRY(read_length(source, "x_indptr", import->rows->info.num_nodes + 1, &rows));
    HG_TRY(read_length(source, "x_indices", -1, &entries));
    HG_TRY(read_length(source, "x_data", entries, &entries));
    HG_TRY(HG_NEW(x->indptr, count + 1));
    HG_TRY(read_indptr(import, source, entries, &first));
    const struct hg_h5_block block = {1, {first}, {x->indptr[count]}};
    HG_TRY(HG_NEW(x->indices, block.count[0]));
    HG_TRY(read_columns(source, &block, x));
    HG_TRY(read_values(import, source, &block));
    import->rows->info.sparse = true;
    return hg_import_check_sparse(source->path, mine.first, count, x);
}

/* Sparse features need all four arrays. Any one of them is enough to try to read them, so that a missing one is an
 * error. */
static bool has_sparse(const struct hg_array_source *source)
{
    static const char *const parts[] = {"x_shape", "x_indptr", "x_indices", "x_data"};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        if (source->exists(source->handle, parts[k])) return true;
    return false;
}

hg_status hg_import_array_features(struct hg_import *import, const struct hg_array_source *source)
{
    hg_status status = HG_OK;
    if (source->exists(source->handle, "x"))
        status = read_dense(import, source);
    else if (has_sparse(source))
        status = read_sparse(import, source);
    import->rows->info.num_features = import->rows->x.cols;
    return status;
}
