#include "base/limits.h"
#include "base/mem.h"
#include "io/import/import_arrays.h"
#include "io/import/import_precision.h"

/* Reads one end (0: source, 1: target) of this rank's edges from edge_index [2, E], or [E, 2] when `columns`. */
static hg_status read_end(const struct hg_array_source *source, const struct hg_range *mine, int end,
                          bool columns, int64_t *ids)
{
    const int64_t n = mine->end - mine->first;
    const struct hg_h5_block by_row = {2, {end, mine->first}, {1, n}},
                             by_column = {2, {mine->first, end}, {n, 1}};
    return source->read(source->handle, "edge_index", HG_H5_INT64, columns ? &by_column : &by_row, ids);
}

/* Reads both ends. */
static hg_status read_ends(const struct hg_array_source *source, const struct hg_range *mine, bool columns,
                           struct hg_edges *out)
{
    const int64_t n = mine->end - mine->first;
    int64_t *from = NULL, *to = NULL;
    hg_status status = HG_NEW_UNSET(from, n);
    if (status == HG_OK) status = HG_NEW_UNSET(to, n);
    if (status == HG_OK) status = read_end(source, mine, 0, columns, from);
    if (status == HG_OK) status = read_end(source, mine, 1, columns, to);
    for (int64_t k = 0; status == HG_OK && k < n; k++)
        status = hg_edges_append(out, from[k], to[k], mine->first + k, NULL);
    hg_mem_free(to);
    hg_mem_free(from);
    return status;
}

/* Arrays of edge features; their columns are put side by side in this order. */
enum { ARRAYS = 2 };
static const char *const feature_arrays[ARRAYS] = {"edge_attr", "edge_weight"};

/* Which of these arrays exist. */
struct edge_features {
    struct hg_h5_shape shape[ARRAYS];
    int64_t cols[ARRAYS], all; /* columns of each array, 0 when it does not exist; their sum */
    bool wide;                 /* any of them may not fit hg_real */
};

static hg_status describe_features(const struct hg_array_source *source, int64_t edges,
                                   struct edge_features *features)
{
    for (int a = 0; a < ARRAYS; a++) {
        struct hg_h5_shape *shape = &features->shape[a];
        if (!source->exists(source->handle, feature_arrays[a])) continue;
        HG_TRY(hg_import_describe_array(source, feature_arrays[a], HG_IMPORT_NUMBERS, shape));
        if (shape->dims < 1 || shape->dims > 2 || shape->size[0] != edges)
            return hg_import_bad_shape(source, feature_arrays[a], shape, "one row per edge");
        features->cols[a] = shape->dims == 2 ? shape->size[1] : 1;
        if (features->cols[a] > INT32_MAX - features->all)
            return hg_import_bad_shape(source, feature_arrays[a], shape, "at most 2^31 - 1 columns");
        features->all += features->cols[a];
        features->wide = features->wide || hg_import_is_wide(shape);
    }
    return HG_OK;
}

/* Reads this rank's rows of array a into columns [to, to + cols[a]) of the edge features. */
static hg_status read_features(const struct hg_array_source *source, const struct hg_range *mine, int a,
                               const struct edge_features *features, int64_t to, struct hg_import *import)
{
    const int64_t rows = mine->end - mine->first, cols = features->cols[a];
    const struct hg_h5_block block = {features->shape[a].dims, {mine->first, 0}, {rows, cols}};
    double *value = NULL;
    HG_TRY(HG_NEW(value, rows * cols));
    const hg_status status = source->read(source->handle, feature_arrays[a], HG_H5_DOUBLE, &block, value);
    for (int64_t k = 0; status == HG_OK && k < rows * cols; k++) {
        const int64_t at = k / cols * features->all + to + k % cols;
        if (features->wide)
            import->edge_wide[at] = value[k];
        else
            import->edges.attr[at] = (hg_real)value[k];
    }
    hg_mem_free(value);
    return status;
}

static hg_status read_all_features(const struct hg_array_source *source, const struct hg_range *mine,
                                   int64_t edges, struct hg_import *import)
{
    struct edge_features features = {0};
    struct hg_edges *out = &import->edges;
    int64_t to = 0;
    HG_TRY(describe_features(source, edges, &features));
    if (features.all == 0) return HG_OK;
    HG_TRY(features.wide ? HG_NEW(import->edge_wide, out->count * features.all)
                         : HG_NEW(out->attr, out->count * features.all));
    out->attr_cols = features.all;
    for (int a = 0; a < ARRAYS; a++) {
        if (features.cols[a] == 0) continue;
        HG_TRY(read_features(source, mine, a, &features, to, import));
        to += features.cols[a];
    }
    if (source->exists(source->handle, feature_arrays[1]))
        hg_note(import->options->notes, feature_arrays[1], "read as edge feature %lld", (long long)to - 1);
    return HG_OK;
}

hg_status hg_import_array_edges(struct hg_import *import, const struct hg_array_source *source)
{
    struct hg_edges *out = &import->edges;
    struct hg_h5_shape shape;
    HG_TRY(hg_import_describe_array(source, "edge_index", HG_H5_INTEGER, &shape));
    const bool columns = shape.dims == 2 && shape.size[0] != 2; /* [E, 2] */
    if (shape.dims != 2 || shape.size[columns ? 1 : 0] != 2)
        return hg_import_bad_shape(source, "edge_index", &shape, "[2, edges]");
    const int64_t edges = shape.size[columns ? 0 : 1];
    const struct hg_range mine = hg_block_range(edges, import->comm->rank, import->comm->size);
    HG_TRY(hg_limit_check(source->path, "edges", mine.end - mine.first));
    HG_TRY(read_ends(source, &mine, columns, out));
    return read_all_features(source, &mine, edges, import);
}
