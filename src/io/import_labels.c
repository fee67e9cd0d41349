#include "io/import_private.h"

#include "base/mem.h"
#include <math.h>

/* A label that says there is none. */
static bool is_missing(double value)
{
    return isnan(value) || value == -1;
}

/* Whether every entry of every rank is 0, 1 or missing. Collective. */
static bool all_binary(const struct hg_import *import, int64_t entries)
{
    int64_t others = 0;
    for (int64_t k = 0; k < entries; k++) {
        const double value = import->labels.value[k];
        others += !(value == 0 || value == 1 || is_missing(value));
    }
    hg_comm_sum_i64(import->comm, &others, 1);
    return others == 0;
}

/* The contract's guess. Collective. */
static enum hg_task guess_task(const struct hg_import *import, int64_t entries)
{
    const bool binary = all_binary(import, entries);
    if (import->labels.cols == 1) return import->labels.integers ? HG_SINGLE_LABEL : HG_REGRESSION;
    return binary ? HG_MULTI_LABEL : HG_REGRESSION;
}

static hg_status bad_label(const struct hg_import *import, int64_t k, const char *why)
{
    const int64_t cols = import->labels.cols;
    return hg_fail(HG_FAILED, import->labels.what, "node %lld, column %lld: %g %s",
                   (long long)(hg_import_block(import).first + k / cols), (long long)(k % cols),
                   import->labels.value[k], why);
}

/* Classes; *largest: of the rank's. */
static hg_status fill_classes(const struct hg_import *import, int64_t entries, int64_t *largest)
{
    struct hg_rows *rows = import->rows;
    HG_TRY(HG_NEW(rows->y_class, entries));
    for (int64_t k = 0; k < entries; k++) {
        const double value = import->labels.value[k];
        rows->y_class[k] = -1;
        if (isnan(value) || (value < 0 && value == floor(value))) continue;
        if (value != floor(value) || value >= INT32_MAX) return bad_label(import, k, "is not a class");
        rows->y_class[k] = (int32_t)value;
        *largest = hg_max_i64(*largest, (int64_t)value);
    }
    return HG_OK;
}

static hg_status fill_labels(const struct hg_import *import, int64_t entries)
{
    struct hg_rows *rows = import->rows;
    HG_TRY(HG_NEW(rows->y_label, entries));
    for (int64_t k = 0; k < entries; k++) {
        const double value = import->labels.value[k];
        if (!is_missing(value) && value != 0 && value != 1)
            return bad_label(import, k, "is neither 0 nor 1 nor missing (-1, nan)");
        rows->y_label[k] = is_missing(value) ? 255 : (uint8_t)value;
    }
    return HG_OK;
}

static hg_status fill_targets(const struct hg_import *import, int64_t entries)
{
    struct hg_rows *rows = import->rows;
    HG_TRY(HG_NEW(rows->y_target, entries));
    for (int64_t k = 0; k < entries; k++) {
        rows->y_target[k] = (hg_real)import->labels.value[k];
        if (isinf(rows->y_target[k])) return bad_label(import, k, "is not finite");
    }
    return HG_OK;
}

static hg_status fill(const struct hg_import *import, enum hg_task task, int64_t entries, int64_t *largest)
{
    if (task == HG_MULTI_LABEL) return fill_labels(import, entries);
    if (task == HG_REGRESSION) return fill_targets(import, entries);
    if (import->labels.cols != 1)
        return hg_fail(HG_FAILED, import->labels.what, "single-label needs one column, not %lld",
                       (long long)import->labels.cols);
    return fill_classes(import, entries, largest);
}

hg_status hg_import_labels(struct hg_import *import)
{
    struct hg_graph_info *info = &import->rows->info;
    const struct hg_range block = hg_import_block(import);
    const int64_t entries = (block.end - block.first) * import->labels.cols;
    int64_t largest = -1;
    info->task = import->options->has_task ? import->options->task : HG_SINGLE_LABEL;
    if (import->labels.what == NULL) return HG_OK;
    if (!import->options->has_task) info->task = guess_task(import, entries);
    HG_TRY(hg_agree(import->comm, fill(import, info->task, entries, &largest)));
    HG_FREE(import->labels.value);
    hg_comm_max_i64(import->comm, &largest, 1);
    info->num_outputs = info->task == HG_SINGLE_LABEL ? largest + 1 : import->labels.cols;
    info->has_labels = true;
    if (info->num_outputs == 0) return hg_fail(HG_FAILED, import->labels.what, "no node has a label");
    return HG_OK;
}
