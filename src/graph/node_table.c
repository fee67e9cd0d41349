#include "graph/node_table.h"

#include "base/limits.h"
#include "base/mem.h"
#include <string.h>

const char *const hg_task_name[HG_TASKS] = {
    [HG_SINGLE_LABEL] = "single-label", [HG_MULTI_LABEL] = "multi-label", [HG_REGRESSION] = "regression"};
const char *const hg_split_name[HG_SPLITS] = {[HG_TRAIN] = "train", [HG_VAL] = "val", [HG_TEST] = "test"};

static const char *const mask_path[HG_SPLITS] = {
    [HG_TRAIN] = "/node/split/train", [HG_VAL] = "/node/split/val", [HG_TEST] = "/node/split/test"};

hg_status hg_graph_info_check(const char *what, const struct hg_graph_info *info)
{
    if (info->num_features > HG_MAX_FEATURES)
        return hg_fail(HG_FAILED, what, "%lld features are more than the %d that are read",
                       (long long)info->num_features, HG_MAX_FEATURES);
    if (info->num_outputs > HG_MAX_OUTPUTS)
        return hg_fail(HG_FAILED, what, "%lld outputs are more than the %d that are read",
                       (long long)info->num_outputs, HG_MAX_OUTPUTS);
    return HG_OK;
}

bool hg_task_parse(const char *name, enum hg_task *task)
{
    for (int t = 0; t < HG_TASKS; t++) {
        if (strcmp(name, hg_task_name[t]) != 0) continue;
        *task = (enum hg_task)t;
        return true;
    }
    return false;
}

enum { INFO_NUMBERS = 17 };

/* Everything except name, content and class names. */
static void info_numbers(const struct hg_graph_info *info, int64_t numbers[INFO_NUMBERS])
{
    const int64_t all[INFO_NUMBERS] = {
        info->num_nodes,
        info->num_edges,
        info->num_features,
        info->num_outputs,
        info->name_bytes,
        info->num_edge_features,
        info->num_splits,
        info->class_bytes,
        info->has_split[HG_TRAIN],
        info->has_split[HG_VAL],
        info->has_split[HG_TEST],
        info->task,
        info->symmetric,
        info->sparse,
        info->has_labels,
        info->has_graph,
        info->wide,
    };
    memcpy(numbers, all, sizeof all);
}

bool hg_graph_info_same(const struct hg_graph_info *a, const struct hg_graph_info *b)
{
    int64_t x[INFO_NUMBERS], y[INFO_NUMBERS];
    info_numbers(a, x);
    info_numbers(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

hg_status hg_graph_info_agree(const struct hg_comm *comm, const char *what, const struct hg_graph_info *info)
{
    int64_t mine[INFO_NUMBERS], first[INFO_NUMBERS];
    info_numbers(info, mine);
    memcpy(first, mine, sizeof first);
    hg_comm_bcast(comm, first, sizeof first, 0);
    const bool same = memcmp(mine, first, sizeof mine) == 0;
    return hg_agree(comm,
                    same ? HG_OK
                         : hg_fail(HG_FAILED, what,
                                   "rank %d read other sizes than rank 0: did the file change?", comm->rank));
}

void hg_node_table_destroy(struct hg_node_table *rows)
{
    void *const blocks[] = {
        rows->info.class_name, rows->stored,       rows->imported,      rows->indptr,   rows->indices,
        rows->edge_id,         rows->edge_attr,    rows->x.dense,       rows->x.indptr, rows->x.indices,
        rows->x.data,          rows->x.wide,       rows->y_class,       rows->y_label,  rows->y_target,
        rows->mask[HG_TRAIN],  rows->mask[HG_VAL], rows->mask[HG_TEST], rows->graph,    rows->name_text,
        rows->name_id,
    };
    for (size_t k = 0; k < sizeof blocks / sizeof blocks[0]; k++) hg_mem_free(blocks[k]);
    *rows = (struct hg_node_table){0};
}

void hg_graph_info_structure(struct hg_graph_info *info)
{
    info->num_features = info->num_edge_features = info->name_bytes = 0;
    info->sparse = info->wide = info->has_graph = false;
}

hg_status hg_features_narrow(struct hg_features *x, int64_t values)
{
    hg_real *narrow = NULL;
    if (x->wide == NULL) return HG_OK;
    HG_TRY(HG_NEW(narrow, values));
    for (int64_t k = 0; k < values; k++) narrow[k] = (hg_real)x->wide[k];
    if (x->indptr != NULL)
        x->data = narrow;
    else
        x->dense = narrow;
    HG_FREE(x->wide);
    return HG_OK;
}

hg_status hg_node_table_begin_block(const struct hg_comm *comm, struct hg_node_table *rows)
{
    const struct hg_range range = hg_block_range(rows->info.num_nodes, comm->rank, comm->size);
    rows->count = range.end - range.first;
    HG_TRY(hg_limit_check(rows->info.name, "nodes", rows->count));
    HG_TRY(HG_NEW(rows->stored, rows->count));
    HG_TRY(HG_NEW(rows->imported, rows->count));
    HG_TRY(HG_NEW(rows->indptr, rows->count + 1));
    for (int64_t i = 0; i < rows->count; i++) rows->stored[i] = rows->imported[i] = range.first + i;
    return HG_OK;
}

/* Dense features are in one of two fields. */
static struct hg_row_array feature_array(const struct hg_node_table *rows)
{
    const struct hg_features *x = &rows->x;
    const size_t field =
        rows->info.wide ? offsetof(struct hg_features, wide) : offsetof(struct hg_features, dense);
    return (struct hg_row_array){"/node/x", rows->info.wide ? (void *)x->wide : (void *)x->dense,
                                 (size_t)rows->info.num_features * hg_feature_bytes(&rows->info),
                                 offsetof(struct hg_node_table, x) + field};
}

/* Labels are in one of three fields, by task. */
static struct hg_row_array label_array(const struct hg_node_table *rows)
{
    const size_t outputs = (size_t)rows->info.num_outputs;
    const struct hg_row_array of_task[HG_TASKS] = {
        [HG_SINGLE_LABEL] = {"/node/y", rows->y_class, sizeof *rows->y_class,
                             offsetof(struct hg_node_table, y_class)},
        [HG_MULTI_LABEL] = {"/node/y", rows->y_label, outputs * sizeof *rows->y_label,
                            offsetof(struct hg_node_table, y_label)},
        [HG_REGRESSION] = {"/node/y", rows->y_target, outputs * sizeof *rows->y_target,
                           offsetof(struct hg_node_table, y_target)},
    };
    return of_task[rows->info.task];
}

int hg_node_table_arrays(const struct hg_node_table *rows, struct hg_row_array arrays[HG_ROW_ARRAYS])
{
    const struct hg_graph_info *info = &rows->info;
    int n = 0;
    if (info->num_features > 0 && !info->sparse) arrays[n++] = feature_array(rows);
    if (info->has_labels) arrays[n++] = label_array(rows);
    for (int s = 0; s < HG_SPLITS; s++)
        if (info->has_split[s])
            arrays[n++] = (struct hg_row_array){mask_path[s], rows->mask[s], (size_t)info->num_splits,
                                                offsetof(struct hg_node_table, mask) +
                                                    (size_t)s * sizeof rows->mask[0]};
    if (info->has_graph)
        arrays[n++] = (struct hg_row_array){"/node/graph", rows->graph, sizeof *rows->graph,
                                            offsetof(struct hg_node_table, graph)};
    if (info->name_bytes > 0)
        arrays[n++] = (struct hg_row_array){"/node/name", rows->name_text, (size_t)info->name_bytes,
                                            offsetof(struct hg_node_table, name_text)};
    if (info->name_bytes < 0)
        arrays[n++] = (struct hg_row_array){"/node/name", rows->name_id, sizeof *rows->name_id,
                                            offsetof(struct hg_node_table, name_id)};
    return n;
}

hg_status hg_node_table_allocate_arrays(struct hg_node_table *rows)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const int n = hg_node_table_arrays(rows, arrays);
    rows->x.cols = rows->info.num_features;
    for (int k = 0; k < n; k++) {
        void *block = hg_mem_alloc(rows->count, arrays[k].bytes);
        if (block == NULL) return HG_NOMEM;
        /* copied as bytes, because the field may be a pointer of any type */
        memcpy((char *)rows + arrays[k].offset, &block, sizeof block);
    }
    return HG_OK;
}
