#include "io/graph_file_private.h"

#include "base/mem.h"
#include <stdio.h>
#include <string.h>

enum { INTEGERS = HG_H5_INTEGER | HG_H5_BOOL };

enum hg_h5_type hg_graph_file_type(const char *path, const struct hg_graph_info *info)
{
    static const enum hg_h5_type label[HG_TASKS] = {HG_H5_INT32, HG_H5_UINT8, HG_H5_REAL};
    if (strcmp(path, "/node/x") == 0) return info->wide ? HG_H5_DOUBLE : HG_H5_REAL;
    if (strcmp(path, "/node/y") == 0) return label[info->task];
    if (strcmp(path, "/node/graph") == 0) return HG_H5_INT32;
    if (strcmp(path, "/node/name") == 0) return info->name_bytes > 0 ? HG_H5_TEXT : HG_H5_INT64;
    return HG_H5_TRUTH;
}

static hg_status required_int(const struct hg_h5 *file, const char *name, int64_t *value)
{
    bool found = false;
    HG_TRY(hg_h5_get_int(file, name, value, &found));
    if (!found) return hg_fail(HG_FAILED, file->path, "attribute %s is missing", name);
    if (*value >= 0 && *value <= HG_MAX_ITEMS) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "attribute %s is %lld", name, (long long)*value);
}

static hg_status read_task(const struct hg_h5 *file, struct hg_graph_info *info)
{
    char *task = NULL;
    HG_TRY(hg_h5_get_text(file, "task", &task));
    hg_status status = HG_OK;
    if (task == NULL)
        status = hg_fail(HG_FAILED, file->path, "attribute task is missing");
    else if (!hg_task_parse(task, &info->task))
        status = hg_fail(HG_FAILED, file->path, "task \"%.60s\" is unknown", task);
    hg_mem_free(task);
    return status;
}

/* Reads content_sha256, which is optional: files written by other programs may not have it. */
static hg_status read_content(const struct hg_h5 *file, struct hg_graph_info *info)
{
    char *text = NULL;
    HG_TRY(hg_h5_get_text(file, HG_GRAPH_CONTENT, &text));
    const bool good = text == NULL || (strlen(text) == HG_CONTENT_BYTES - 1 &&
                                       strspn(text, "0123456789abcdef") == HG_CONTENT_BYTES - 1);
    if (text != NULL && good) memcpy(info->content, text, HG_CONTENT_BYTES);
    hg_mem_free(text);
    return good ? HG_OK
                : hg_fail(HG_FAILED, file->path, "attribute %s is not 64 hexadecimal digits",
                          HG_GRAPH_CONTENT);
}

static hg_status read_attributes(const struct hg_h5 *file, struct hg_graph_info *info)
{
    char *name = NULL;
    int64_t symmetric = 0;
    HG_TRY(hg_h5_check_format(file, HG_GRAPH_FORMAT, HG_GRAPH_VERSION));
    HG_TRY(read_task(file, info));
    HG_TRY(read_content(file, info));
    HG_TRY(required_int(file, "num_nodes", &info->num_nodes));
    HG_TRY(required_int(file, "num_edges", &info->num_edges));
    HG_TRY(required_int(file, "num_features", &info->num_features));
    HG_TRY(required_int(file, "num_outputs", &info->num_outputs));
    HG_TRY(required_int(file, "symmetric", &symmetric));
    if (symmetric > 1)
        return hg_fail(HG_FAILED, file->path, "attribute symmetric is %lld, not 0 or 1",
                       (long long)symmetric);
    info->symmetric = symmetric == 1;
    HG_TRY(hg_h5_get_text(file, "name", &name));
    snprintf(info->name, sizeof info->name, "%s", name != NULL ? name : "");
    hg_mem_free(name);
    if (info->num_nodes < 1) return hg_fail(HG_FAILED, file->path, "the graph has no nodes");
    return hg_graph_info_check(file->path, info);
}

/* Expects a data set of one of `classes` and of shape [rows] (cols = 0) or [rows, cols]; -1: any size. */
static hg_status expect(const struct hg_h5 *file, const char *name, unsigned classes, int64_t rows,
                        int64_t cols, struct hg_h5_shape *shape)
{
    const struct hg_h5_shape want = {.classes = classes, .dims = cols == 0 ? 1 : 2, .size = {rows, cols}};
    return hg_h5_expect(file, name, &want, shape);
}

/* Checks a CSR's indptr, data set `name` [rows + 1]: it must start with 0 and end with `items`. */
static hg_status check_offsets(const struct hg_h5 *file, const char *name, int64_t rows, int64_t items)
{
    const int64_t ends[2] = {0, rows};
    int64_t value[2] = {0};
    HG_TRY(expect(file, name, HG_H5_INTEGER, rows + 1, 0, NULL));
    HG_TRY(hg_h5_read_points(file, name, ends, 2, value));
    if (value[0] == 0 && value[1] == items) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "data set %s goes from %lld to %lld, not from 0 to %lld", name,
                   (long long)value[0], (long long)value[1], (long long)items);
}

static hg_status describe_edges(const struct hg_h5 *file, struct hg_graph_info *info)
{
    struct hg_h5_shape shape;
    HG_TRY(expect(file, "/graph/indices", HG_H5_INTEGER, info->num_edges, 0, NULL));
    HG_TRY(check_offsets(file, "/graph/indptr", info->num_nodes, info->num_edges));
    if (hg_h5_exists(file, "/graph/edge_id"))
        HG_TRY(expect(file, "/graph/edge_id", HG_H5_INTEGER, info->num_edges, 0, NULL));
    if (!hg_h5_exists(file, "/graph/edge_attr")) return HG_OK;
    HG_TRY(expect(file, "/graph/edge_attr", HG_H5_FLOAT, info->num_edges, -1, &shape));
    info->num_edge_features = shape.size[1];
    if (shape.size[1] <= INT32_MAX) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "more than 2^31 - 1 edge features");
}

static hg_status describe_features(const struct hg_h5 *file, struct hg_graph_info *info)
{
    struct hg_h5_shape shape;
    if (info->num_features == 0) return HG_OK;
    info->sparse = !hg_h5_exists(file, "/node/x") && hg_h5_exists(file, "/node/x_csr/indptr");
    if (!info->sparse) {
        HG_TRY(expect(file, "/node/x", HG_H5_FLOAT, info->num_nodes, info->num_features, &shape));
        info->wide = shape.bytes > sizeof(hg_real);
        return HG_OK;
    }
    HG_TRY(expect(file, "/node/x_csr/indices", HG_H5_INTEGER, -1, 0, &shape));
    const int64_t values = shape.size[0];
    HG_TRY(expect(file, "/node/x_csr/data", HG_H5_FLOAT, values, 0, &shape));
    info->wide = shape.bytes > sizeof(hg_real);
    return check_offsets(file, "/node/x_csr/indptr", info->num_nodes, values);
}

static hg_status describe_labels(const struct hg_h5 *file, struct hg_graph_info *info)
{
    static const unsigned classes[HG_TASKS] = {HG_H5_INTEGER, INTEGERS, HG_H5_FLOAT};
    info->has_labels = hg_h5_exists(file, "/node/y");
    if (!info->has_labels) return HG_OK;
    if (info->num_outputs < 1) return hg_fail(HG_FAILED, file->path, "there are labels but num_outputs is 0");
    return expect(file, "/node/y", classes[info->task], info->num_nodes,
                  info->task == HG_SINGLE_LABEL ? 0 : info->num_outputs, NULL);
}

static hg_status describe_mask(const struct hg_h5 *file, int split, struct hg_graph_info *info)
{
    char path[32];
    struct hg_h5_shape shape;
    snprintf(path, sizeof path, "/node/split/%s", hg_split_name[split]);
    info->has_split[split] = hg_h5_exists(file, path);
    if (!info->has_split[split]) return HG_OK;
    HG_TRY(hg_h5_describe(file, path, &shape));
    const int64_t splits = shape.dims == 2 ? shape.size[1] : 1;
    HG_TRY(expect(file, path, INTEGERS, info->num_nodes, shape.dims == 2 ? -1 : 0, NULL));
    if (splits < 1 || splits > INT32_MAX || (info->num_splits != 0 && info->num_splits != splits))
        return hg_fail(HG_FAILED, file->path, "data set %s has %lld splits, others %lld", path,
                       (long long)splits, (long long)info->num_splits);
    info->num_splits = splits;
    return HG_OK;
}

static hg_status describe_names(const struct hg_h5 *file, struct hg_graph_info *info)
{
    struct hg_h5_shape shape;
    info->has_graph = hg_h5_exists(file, "/node/graph");
    if (info->has_graph) HG_TRY(expect(file, "/node/graph", HG_H5_INTEGER, info->num_nodes, 0, NULL));
    if (!hg_h5_exists(file, "/node/name")) return HG_OK;
    HG_TRY(expect(file, "/node/name", HG_H5_INTEGER | HG_H5_STRING, info->num_nodes, 0, &shape));
    info->name_bytes = shape.classes == HG_H5_STRING ? (int64_t)shape.bytes : -1;
    return HG_OK;
}

/* A file in cell order has both /node/original and /cells. With only one of them, its rows would be taken for rows in
 * imported order. */
static hg_status describe_order(const struct hg_h5 *file, const struct hg_graph_info *info)
{
    const bool cells = hg_graph_file_has_cells(file);
    if (cells) return expect(file, "/node/original", HG_H5_INTEGER, info->num_nodes, 0, NULL);
    if (!hg_h5_exists(file, "/node/original") && !hg_h5_exists(file, "/cells/graph/indices")) return HG_OK;
    return hg_fail(HG_FAILED, file->path,
                   "it is in cell order but has no cells: data set /cells/offsets is missing");
}

static hg_status describe(const struct hg_h5 *file, struct hg_graph_info *info)
{
    HG_TRY(read_attributes(file, info));
    HG_TRY(describe_edges(file, info));
    HG_TRY(describe_features(file, info));
    HG_TRY(describe_labels(file, info));
    for (int split = 0; split < HG_SPLITS; split++) HG_TRY(describe_mask(file, split, info));
    HG_TRY(describe_names(file, info));
    HG_TRY(describe_order(file, info));
    return hg_names_read(file, "/node/class_name", info);
}

hg_status hg_graph_file_describe(const struct hg_h5 *file, struct hg_graph_info *info)
{
    *info = (struct hg_graph_info){0};
    const hg_status status = describe(file, info);
    if (status != HG_OK) hg_graph_info_destroy(info);
    return status;
}

void hg_graph_info_destroy(struct hg_graph_info *info)
{
    HG_FREE(info->class_name);
}
