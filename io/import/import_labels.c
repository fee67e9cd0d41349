#include "io/import/import_private.h"

#include "base/mem.h"
#include "io/import/import_precision.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_COUNTED = 1 << 20 /* with more classes than this, the nodes of each class are not counted */ };

/* Whether the value means "no label". */
static bool is_missing(double value)
{
    return isnan(value) || value == -1;
}

/* Counts over the labels of all ranks. All members are int64, so that the ranks' structs are added as arrays. */
struct label_counts {
    int64_t fractions; /* entries that are not whole numbers */
    int64_t others;    /* entries that are neither 0, 1 nor missing */
    int64_t low;       /* entries below -1 */
    int64_t single;    /* rows with exactly one 1 */
    int64_t several;   /* rows with more than one 1 */
    int64_t empty;     /* rows with an entry that is not missing, but no 1 */
};

static void count_row(const double *value, int64_t cols, struct label_counts *counts)
{
    int64_t ones = 0, present = 0;
    for (int64_t c = 0; c < cols; c++) {
        if (isnan(value[c])) continue;
        counts->fractions += value[c] != floor(value[c]);
        counts->others += !(value[c] == 0 || value[c] == 1 || is_missing(value[c]));
        counts->low += value[c] < -1;
        ones += value[c] == 1;
        present += !is_missing(value[c]);
    }
    counts->single += ones == 1;
    counts->several += ones > 1;
    counts->empty += ones == 0 && present > 0;
}

/* Counts over the labels of all ranks; entries: numbers on this rank. Collective. */
static struct label_counts count_labels(const struct hg_import *import, int64_t entries)
{
    struct label_counts counts = {0};
    const int64_t cols = import->labels.cols;
    for (int64_t k = 0; k < entries; k += cols) count_row(import->labels.value + k, cols, &counts);
    hg_comm_sum_i64(import->comm, (int64_t *)&counts, sizeof counts / sizeof(int64_t));
    return counts;
}

/* The task that the labels suggest, by the rule in docs/formats.md. */
static enum hg_task guess_task(const struct hg_import *import, const struct label_counts *counts)
{
    if (import->options->targets != NULL) return HG_REGRESSION;
    if (import->labels.cols == 1) return import->labels.integers ? HG_SINGLE_LABEL : HG_REGRESSION;
    return counts->others == 0 ? HG_MULTI_LABEL : HG_REGRESSION;
}

/* Notes where the user may have meant another task. */
static void note_guess(const struct hg_import *import, enum hg_task task, const struct label_counts *counts)
{
    struct hg_notes *notes = import->options->notes;
    const char *what = import->labels.name;
    if (import->options->targets != NULL) return;
    if (task == HG_REGRESSION && counts->fractions == 0 && counts->low == 0 && import->labels.cols == 1)
        hg_note(notes, what, "whole numbers as floats: classes? --task single-label");
    if (task == HG_REGRESSION && counts->fractions == 0 && import->labels.cols > 1)
        hg_note(notes, what, "whole numbers in %lld columns: taken as targets of regression",
                (long long)import->labels.cols);
    if (task == HG_MULTI_LABEL && counts->several == 0 && counts->single > counts->empty)
        hg_note(notes, what, "%s 1 in every row: one-hot classes? --task single-label",
                counts->empty == 0 ? "one" : "at most one");
}

static hg_status bad_label(const struct hg_import *import, int64_t k, const char *why)
{
    const int64_t cols = import->labels.cols;
    return hg_fail(HG_FAILED, import->labels.what, "node %lld, column %lld: %.15g %s",
                   (long long)(hg_import_block(import).first + k / cols), (long long)(k % cols),
                   import->labels.value[k], why);
}

/* Fills y_class from one column; *largest: the rank's largest class. */
static hg_status fill_classes(const struct hg_import *import, int64_t entries, int64_t *largest)
{
    struct hg_node_table *rows = import->rows;
    HG_TRY(HG_NEW(rows->y_class, entries));
    for (int64_t k = 0; k < entries; k++) {
        const double value = import->labels.value[k];
        rows->y_class[k] = -1;
        if (is_missing(value)) continue;
        if (value < -1) return bad_label(import, k, "is below -1 (none)");
        if (value != floor(value) || value >= INT32_MAX) return bad_label(import, k, "is not a class");
        rows->y_class[k] = (int32_t)value;
        *largest = hg_max_i64(*largest, (int64_t)value);
    }
    return HG_OK;
}

/* The class of a one-hot row: the column of its 1; -1 when it has none. */
static hg_status find_one(const struct hg_import *import, int64_t row, int32_t *class)
{
    const int64_t cols = import->labels.cols;
    *class = -1;
    for (int64_t k = row * cols; k < (row + 1) * cols; k++) {
        const double value = import->labels.value[k];
        if (is_missing(value) || value == 0) continue;
        if (value != 1)
            return bad_label(import, k, "is neither 0 nor 1: several columns of single-label are one-hot");
        if (*class >= 0) return bad_label(import, k, "is a second 1 in its row: not single-label");
        *class = (int32_t)(k % cols);
    }
    return HG_OK;
}

static hg_status fill_one_hot(const struct hg_import *import, int64_t entries, int64_t *largest)
{
    struct hg_node_table *rows = import->rows;
    const int64_t cols = import->labels.cols, count = entries / cols;
    HG_TRY(HG_NEW(rows->y_class, count));
    for (int64_t i = 0; i < count; i++) HG_TRY(find_one(import, i, &rows->y_class[i]));
    *largest = cols - 1;
    return HG_OK;
}

static hg_status fill_labels(const struct hg_import *import, int64_t entries)
{
    struct hg_node_table *rows = import->rows;
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
    struct hg_node_table *rows = import->rows;
    HG_TRY(HG_NEW(rows->y_target, entries));
    for (int64_t k = 0; k < entries; k++) {
        const double value = import->labels.value[k];
        rows->y_target[k] = (hg_real)value;
        if (isinf(value)) return bad_label(import, k, "is not finite");
        if (isinf(rows->y_target[k])) return bad_label(import, k, "is beyond float32");
    }
    return HG_OK;
}

static hg_status fill(const struct hg_import *import, enum hg_task task, int64_t entries, int64_t *largest)
{
    if (task == HG_MULTI_LABEL) return fill_labels(import, entries);
    if (task == HG_REGRESSION) return fill_targets(import, entries);
    return (import->labels.cols == 1 ? fill_classes : fill_one_hot)(import, entries, largest);
}

/* Notes targets of regression that lose information in float32. Collective. */
static hg_status note_targets(const struct hg_import *import)
{
    const struct hg_range block = hg_import_block(import);
    return hg_import_note_precision(
        import->comm, import->options->notes,
        &(struct hg_import_table){
            .name = import->labels.name,
            .first = block.first,
            .rows = block.end - block.first,
            .total = import->rows->info.num_nodes,
            .values = {.cols = import->labels.cols, .wide = import->labels.value},
            .remedy = "targets are float32: take their origin or their scale away",
        });
}

/* Counts the nodes of each class over all ranks into newly allocated *nodes. Collective. */
static hg_status count_classes(const struct hg_import *import, int64_t classes, int64_t **nodes)
{
    const struct hg_range block = hg_import_block(import);
    const hg_status status = hg_agree(import->comm, HG_NEW(*nodes, classes));
    if (status != HG_OK) HG_FREE(*nodes);
    HG_TRY(status);
    for (int64_t i = 0; i < block.end - block.first; i++)
        if (import->rows->y_class[i] >= 0) (*nodes)[import->rows->y_class[i]]++;
    hg_comm_sum_i64(import->comm, *nodes, classes);
    return HG_OK;
}

/* Notes classes without nodes: the classes may be numbered from 1, or the labels may not be classes. Collective. */
static hg_status note_empty_classes(const struct hg_import *import, int64_t classes)
{
    char list[128] = "";
    int64_t *nodes = NULL, empty = 0, first = -1;
    if (classes > MOST_COUNTED || import->options->class_names != NULL) return HG_OK;
    HG_TRY(count_classes(import, classes, &nodes));
    for (int64_t c = 0; c < classes; c++) {
        if (nodes[c] > 0) continue;
        const size_t used = strlen(list);
        if (empty == 0) first = c;
        if (empty++ < 3)
            snprintf(list + used, sizeof list - used, "%s%lld", used > 0 ? ", " : "", (long long)c);
    }
    hg_mem_free(nodes);
    if (empty == 1)
        hg_note(import->options->notes, import->labels.name, "class %s has no node%s", list,
                first == 0 ? ": are classes counted from 1?" : "");
    if (empty > 1)
        hg_note(import->options->notes, import->labels.name, "%lld of %lld classes have no node: %s%s",
                (long long)empty, (long long)classes, list, empty > 3 ? ", ..." : "");
    return HG_OK;
}

/* Checks the number of classes over all ranks. Collective. */
static hg_status check_classes(const struct hg_import *import, int64_t classes)
{
    const hg_gid nodes = import->rows->info.num_nodes;
    if (classes == 0) return hg_fail(HG_FAILED, import->labels.what, "no node has a label");
    if (classes > nodes && !import->options->has_task && import->options->class_names == NULL)
        return hg_fail(
            HG_FAILED, import->labels.what,
            "class %lld for %lld nodes: more classes than nodes; --task single-label takes them so",
            (long long)classes - 1, (long long)nodes);
    return note_empty_classes(import, classes);
}

/* Sets info->task unless the user gave it. Collective. */
static void choose_task(struct hg_import *import, int64_t entries)
{
    struct hg_graph_info *info = &import->rows->info;
    if (import->options->has_task) return;
    const struct label_counts counts = count_labels(import, entries);
    info->task = guess_task(import, &counts);
    note_guess(import, info->task, &counts);
}

hg_status hg_import_labels(struct hg_import *import)
{
    struct hg_graph_info *info = &import->rows->info;
    const struct hg_range block = hg_import_block(import);
    const int64_t entries = (block.end - block.first) * import->labels.cols;
    int64_t largest = -1;
    info->task = import->options->has_task ? import->options->task : HG_SINGLE_LABEL;
    if (import->labels.what == NULL) return HG_OK;
    if (import->labels.cols == 0) return hg_fail(HG_FAILED, import->labels.what, "labels have no columns");
    choose_task(import, entries);
    HG_TRY(hg_agree(import->comm, fill(import, info->task, entries, &largest)));
    if (info->task == HG_REGRESSION) HG_TRY(note_targets(import));
    HG_FREE(import->labels.value);
    hg_comm_max_i64(import->comm, &largest, 1);
    info->num_outputs = info->task == HG_SINGLE_LABEL ? largest + 1 : import->labels.cols;
    info->has_labels = true;
    return info->task == HG_SINGLE_LABEL ? check_classes(import, info->num_outputs) : HG_OK;
}
