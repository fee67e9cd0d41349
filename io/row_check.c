#include "io/row_check.h"

#include <math.h>

static bool within(int64_t value, int64_t end)
{
    return value >= 0 && value < end;
}

static hg_status check_ids(const char *path, const struct hg_node_table *rows)
{
    const hg_gid n = rows->info.num_nodes;
    for (int64_t i = 0; i < rows->count; i++)
        if (!within(rows->imported[i], n))
            return hg_fail(HG_FAILED, path, "row %lld: its imported id %lld is outside 0..%lld",
                           (long long)rows->stored[i], (long long)rows->imported[i], (long long)(n - 1));
    return HG_OK;
}

static hg_status check_edges(const char *path, const struct hg_node_table *rows)
{
    const hg_gid n = rows->info.num_nodes;
    if (rows->indices == NULL) return HG_OK; /* not read */
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const long long node = (long long)rows->imported[i];
            if (!within(rows->indices[e], n))
                return hg_fail(HG_FAILED, path, "node %lld has an edge from node %lld, outside 0..%lld", node,
                               (long long)rows->indices[e], (long long)(n - 1));
            if (rows->edge_id != NULL && (rows->edge_id[e] < -1 || rows->edge_id[e] > HG_MAX_ITEMS))
                return hg_fail(HG_FAILED, path, "node %lld has an edge with id %lld", node,
                               (long long)rows->edge_id[e]);
        }
    return HG_OK;
}

static hg_status check_edge_features(const char *path, const struct hg_node_table *rows)
{
    const int64_t cols = rows->info.num_edge_features;
    if (rows->edge_attr == NULL) return HG_OK;
    for (int64_t i = 0; i < rows->count; i++)
        for (int64_t k = rows->indptr[i] * cols; k < rows->indptr[i + 1] * cols; k++)
            if (!isfinite(rows->edge_attr[k]))
                return hg_fail(HG_FAILED, path, "feature %lld of an edge into node %lld is NaN or infinite",
                               (long long)(k % cols), (long long)rows->imported[i]);
    return HG_OK;
}

static hg_status check_dense(const char *path, const struct hg_node_table *rows)
{
    const int64_t cols = rows->info.num_features;
    if (rows->x.indptr != NULL) return HG_OK;
    for (int64_t k = 0; k < hg_node_table_features(rows); k++)
        if (!isfinite(hg_features_value(&rows->x, k)))
            return hg_fail(HG_FAILED, path, "feature %lld of node %lld is NaN or infinite",
                           (long long)(k % cols), (long long)rows->imported[k / cols]);
    return HG_OK;
}

static hg_status check_sparse(const char *path, const struct hg_node_table *rows)
{
    const struct hg_features *x = &rows->x;
    if (x->indptr == NULL || x->indices == NULL) return HG_OK; /* none, or not read */
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = x->indptr[i]; e < x->indptr[i + 1]; e++) {
            const long long node = (long long)rows->imported[i], column = x->indices[e];
            if (!within(column, rows->info.num_features))
                return hg_fail(HG_FAILED, path, "feature column %lld of node %lld is outside 0..%lld", column,
                               node, (long long)(rows->info.num_features - 1));
            if (e > x->indptr[i] && column <= x->indices[e - 1])
                return hg_fail(HG_FAILED, path, "feature columns of node %lld do not ascend", node);
            if (!isfinite(hg_features_value(x, e)))
                return hg_fail(HG_FAILED, path, "feature %lld of node %lld is NaN or infinite", column, node);
        }
    return HG_OK;
}

static hg_status check_labels(const char *path, const struct hg_node_table *rows)
{
    const int64_t outputs = rows->info.num_outputs;
    if (rows->y_class != NULL)
        for (int64_t i = 0; i < rows->count; i++)
            if (rows->y_class[i] < -1 || rows->y_class[i] >= outputs)
                return hg_fail(HG_FAILED, path, "the class of node %lld is %d, not -1 (none) or 0..%lld",
                               (long long)rows->imported[i], (int)rows->y_class[i], (long long)(outputs - 1));
    if (rows->y_label != NULL)
        for (int64_t k = 0; k < rows->count * outputs; k++)
            if (rows->y_label[k] > 1 && rows->y_label[k] != UINT8_MAX)
                return hg_fail(HG_FAILED, path, "label %lld of node %lld is %d, not 0, 1 or 255 (none)",
                               (long long)(k % outputs), (long long)rows->imported[k / outputs],
                               (int)rows->y_label[k]);
    if (rows->y_target != NULL)
        for (int64_t k = 0; k < rows->count * outputs; k++)
            if (isinf(rows->y_target[k]))
                return hg_fail(HG_FAILED, path, "target %lld of node %lld is infinite",
                               (long long)(k % outputs), (long long)rows->imported[k / outputs]);
    return HG_OK;
}

static hg_status check_masks(const char *path, const struct hg_node_table *rows)
{
    const int64_t splits = rows->info.num_splits;
    for (int s = 0; s < HG_SPLITS; s++)
        for (int64_t k = 0; rows->mask[s] != NULL && k < rows->count * splits; k++)
            if (rows->mask[s][k] > 1)
                return hg_fail(HG_FAILED, path, "the %s mask of node %lld is %d, not 0 or 1",
                               hg_split_name[s], (long long)rows->imported[k / splits],
                               (int)rows->mask[s][k]);
    return HG_OK;
}

hg_status hg_node_table_check(const char *path, const struct hg_node_table *rows)
{
    HG_TRY(check_ids(path, rows));
    HG_TRY(check_edges(path, rows));
    HG_TRY(check_edge_features(path, rows));
    HG_TRY(check_dense(path, rows));
    HG_TRY(check_sparse(path, rows));
    HG_TRY(check_labels(path, rows));
    return check_masks(path, rows);
}
