#include "io/import/import_arrays.h"

#include "base/mem.h"
#include <string.h>

hg_status hg_import_describe_array(const struct hg_array_source *source, const char *name, unsigned classes,
                                   struct hg_h5_shape *shape)
{
    HG_TRY(source->describe(source->handle, name, shape));
    if ((shape->classes & classes) != 0) return HG_OK;
    const char *holds = shape->kind != NULL                   ? shape->kind
                        : (shape->classes & HG_H5_FLOAT) != 0 ? "floating-point numbers"
                                                              : "truth values";
    return hg_fail(HG_FAILED, source->path, "%s holds %s, not %s", name, holds,
                   classes == HG_IMPORT_NUMBERS ? "real numbers" : "integers");
}

hg_status hg_import_bad_shape(const struct hg_array_source *source, const char *name,
                              const struct hg_h5_shape *shape, const char *wanted)
{
    const long long rows = shape->dims > 0 ? shape->size[0] : 1, cols = shape->dims > 1 ? shape->size[1] : 1;
    return hg_fail(HG_FAILED, source->path, "%s has %d dimensions, %lld rows and %lld columns, not %s", name,
                   shape->dims, rows, cols, wanted);
}

/* Replaces *data [cols, rows] by its transpose [rows, cols]. */
static hg_status transpose(enum hg_h5_type type, int64_t rows, int64_t cols, void **data)
{
    const size_t bytes = hg_h5_bytes(type);
    void *turned = hg_mem_alloc(rows * cols, bytes);
    if (turned == NULL) return HG_NOMEM;
    for (int64_t k = 0; k < rows * cols; k++) {
        const int64_t from = k % cols * rows + k / cols;
        memcpy((char *)turned + (size_t)k * bytes, (const char *)*data + (size_t)from * bytes, bytes);
    }
    hg_mem_free(*data);
    *data = turned;
    return HG_OK;
}

hg_status hg_import_node_array(struct hg_import *import, const struct hg_array_source *source,
                               const char *name, enum hg_h5_type type, int64_t *cols, void **data)
{
    const int64_t nodes = import->rows->info.num_nodes;
    const struct hg_range mine = hg_import_block(import);
    const int64_t count = mine.end - mine.first;
    struct hg_h5_shape shape;
    HG_TRY(hg_import_describe_array(source, name, HG_IMPORT_NUMBERS, &shape));
    const int axis = shape.dims > 0 && shape.size[0] == nodes ? 0 : 1; /* the dimension that counts nodes */
    if (shape.dims < 1 || shape.dims > 2 || shape.size[axis] != nodes)
        return hg_import_bad_shape(source, name, &shape, "one row per node");
    *cols = shape.dims == 1 ? 1 : shape.size[1 - axis];
    if (*cols > HG_MAX_FEATURES) return hg_import_bad_shape(source, name, &shape, "of at most 2^26 columns");
    struct hg_h5_block block = {shape.dims, {0}, {*cols, *cols}};
    block.start[axis] = mine.first;
    block.count[axis] = count;
    *data = hg_mem_alloc(count * *cols, hg_h5_bytes(type));
    if (*data == NULL) return HG_NOMEM;
    hg_status status = source->read(source->handle, name, type, &block, *data);
    if (status == HG_OK && axis == 1) status = transpose(type, count, *cols, data);
    if (status != HG_OK) HG_FREE(*data);
    return status;
}

/* Sets the number of nodes from the first of these arrays that exists: num_nodes and x_shape have it as their (first)
 * value, x and y as their number of rows. */
static hg_status find_num_nodes(struct hg_import *import, const struct hg_array_source *source)
{
    static const struct {
        const char *name;
        bool value;
    } arrays[] = {{"num_nodes", true}, {"x_shape", true}, {"x", false}, {"y", false}};
    for (size_t k = 0; k < sizeof arrays / sizeof arrays[0]; k++) {
        const char *name = arrays[k].name;
        struct hg_h5_shape shape;
        if (!source->exists(source->handle, name)) continue;
        HG_TRY(hg_import_describe_array(source, name, arrays[k].value ? HG_H5_INTEGER : HG_IMPORT_NUMBERS,
                                        &shape));
        const struct hg_h5_block first = {shape.dims, {0}, {1, 1, 1, 1}};
        if (shape.dims > (arrays[k].value ? 1 : 2) || (shape.dims == 0 && !arrays[k].value) ||
            (shape.dims == 1 && arrays[k].value && shape.size[0] == 0))
            return hg_import_bad_shape(source, name, &shape, "of a data set's shape");
        int64_t nodes = shape.size[0];
        if (arrays[k].value) HG_TRY(source->read(source->handle, name, HG_H5_INT64, &first, &nodes));
        return hg_import_set_nodes(import, source->path, nodes);
    }
    return hg_fail(HG_FAILED, source->path, "neither x, x_shape, y nor num_nodes: how many nodes are there?");
}

static hg_status read_labels(struct hg_import *import, const struct hg_array_source *source)
{
    struct hg_raw_labels *labels = &import->labels;
    struct hg_h5_shape shape;
    void *value = NULL;
    if (!source->exists(source->handle, "y")) return HG_OK;
    HG_TRY(hg_import_describe_array(source, "y", HG_IMPORT_NUMBERS, &shape));
    HG_TRY(hg_import_node_array(import, source, "y", HG_H5_DOUBLE, &labels->cols, &value));
    labels->value = value;
    labels->what = source->path;
    labels->name = "y";
    labels->integers = (shape.classes & HG_H5_FLOAT) == 0;
    return labels->cols > 0 ? HG_OK : hg_fail(HG_FAILED, source->path, "y has no columns");
}

/* Sets the graph of each node: graph g has nodes [offsets[g], offsets[g + 1]); offsets must ascend from 0 to the
 * number of nodes. */
static hg_status fill_graph(struct hg_import *import, const char *path, const int64_t *offsets,
                            int64_t graphs)
{
    const hg_gid nodes = import->rows->info.num_nodes;
    const struct hg_range mine = hg_import_block(import);
    if (offsets[0] != 0 || offsets[graphs] != nodes)
        return hg_fail(HG_FAILED, path, "graph_ptr does not go from 0 to %lld", (long long)nodes);
    for (int64_t g = 0; g < graphs; g++) {
        if (offsets[g] > offsets[g + 1] || offsets[g + 1] > nodes)
            return hg_fail(HG_FAILED, path, "graph_ptr descends after element %lld", (long long)g);
        const hg_gid end = hg_min_i64(offsets[g + 1], mine.end);
        for (hg_gid i = hg_max_i64(offsets[g], mine.first); i < end; i++)
            import->rows->graph[i - mine.first] = (int32_t)g;
    }
    return HG_OK;
}

/* Reads graph_ptr [G + 1], which a set of G graphs has. */
static hg_status read_graph(struct hg_import *import, const struct hg_array_source *source)
{
    const struct hg_range mine = hg_import_block(import);
    struct hg_h5_shape shape;
    int64_t *offsets = NULL;
    if (!source->exists(source->handle, "graph_ptr")) return HG_OK;
    HG_TRY(hg_import_describe_array(source, "graph_ptr", HG_H5_INTEGER, &shape));
    if (shape.dims != 1 || shape.size[0] < 1 || shape.size[0] > INT32_MAX)
        return hg_import_bad_shape(source, "graph_ptr", &shape, "[graphs + 1]");
    const struct hg_h5_block block = {1, {0}, {shape.size[0]}};
    import->rows->info.has_graph = true;
    HG_TRY(HG_NEW(import->rows->graph, mine.end - mine.first));
    hg_status status = HG_NEW(offsets, shape.size[0]);
    if (status == HG_OK) status = source->read(source->handle, "graph_ptr", HG_H5_INT64, &block, offsets);
    if (status == HG_OK) status = fill_graph(import, source->path, offsets, shape.size[0] - 1);
    hg_mem_free(offsets);
    return status;
}

/* Reads everything that needs no communication. */
static hg_status read_local(struct hg_import *import, const struct hg_array_source *source)
{
    if (!source->exists(source->handle, "edge_index")) return hg_import_no_edges(source);
    HG_TRY(find_num_nodes(import, source));
    HG_TRY(hg_import_array_edges(import, source));
    HG_TRY(hg_import_array_features(import, source));
    HG_TRY(read_labels(import, source));
    HG_TRY(hg_import_array_masks(import, source));
    return read_graph(import, source);
}

hg_status hg_import_arrays(struct hg_import *import, const struct hg_array_source *source, hg_status opened)
{
    const hg_status status = opened == HG_OK ? read_local(import, source) : opened;
    HG_TRY(hg_agree(import->comm, status));
    HG_TRY(hg_import_array_ids(import, source));
    return hg_agree(import->comm, hg_import_note_unread(import, source));
}
