#include "cli/class_table.h"

#include "base/printable.h"
#include "cli/results.h"
#include "cli/show.h"
#include "train/summary.h"
#include <math.h>
#include <stdio.h>

enum { SHOWN_CLASSES = 20, NAME_BYTES = 24 };

/* The name of a class, or its number; cut off to fit a column. */
static const char *name_of(const struct hg_graph_info *info, int64_t c, char name[NAME_BYTES])
{
    if (info->class_name == NULL)
        snprintf(name, NAME_BYTES, "%lld", (long long)c);
    else
        hg_printable(info->class_name + c * info->class_bytes, (size_t)info->class_bytes, "", name,
                     NAME_BYTES);
    return name;
}

static void print_score(double score)
{
    if (isnan(score))
        hg_print(" %9s", "-");
    else
        hg_print(" %9.4f", score);
}

static void print_classes(const struct hg_graph_info *info, const struct hg_per_class *p, enum hg_split split)
{
    char name[NAME_BYTES];
    hg_print("%-*s %9s %9s %9s %9s %9s\n", NAME_BYTES, "class", "nodes", "predicted", "precision", "recall",
             "f1");
    for (int64_t c = 0; c < p->classes; c++) {
        const int64_t at = split * p->classes + c;
        const struct hg_class_scores scores = hg_class_scores(p, split, c);
        hg_print("%-*s %9lld %9lld", NAME_BYTES, name_of(info, c, name), (long long)p->labelled[at],
                 (long long)p->predicted[at]);
        print_score(scores.precision);
        print_score(scores.recall);
        print_score(scores.f1);
        hg_print("\n");
    }
}

static void print_confusion(const struct hg_graph_info *info, const struct hg_per_class *p,
                            enum hg_split split)
{
    char name[NAME_BYTES];
    if (p->confusion == NULL || p->classes > SHOWN_CLASSES) return;
    hg_print("\nnodes of a class (row) for which a class (column, by number) is predicted\n%-*s", NAME_BYTES,
             "");
    for (int64_t c = 0; c < p->classes; c++) hg_print(" %7lld", (long long)c);
    hg_print("\n");
    for (int64_t c = 0; c < p->classes; c++) {
        hg_print("%-*s", NAME_BYTES, name_of(info, c, name));
        for (int64_t k = 0; k < p->classes; k++)
            hg_print(" %7lld", (long long)p->confusion[(split * p->classes + c) * p->classes + k]);
        hg_print("\n");
    }
}

static bool has_nodes(const struct hg_per_class *p, enum hg_split split)
{
    for (int64_t c = 0; c < p->classes; c++)
        if (p->labelled[split * p->classes + c] > 0) return true;
    return false;
}

void hg_class_table_print(const struct hg_graph_info *info, const struct hg_per_class *per_class)
{
    for (enum hg_split s = 0; s < HG_SPLITS; s++) {
        if (!has_nodes(per_class, s)) continue;
        hg_print("\n%s\n", hg_split_name[s]);
        print_classes(info, per_class, s);
        print_confusion(info, per_class, s);
    }
}

static json_t *class_json(const struct hg_graph_info *info, const struct hg_per_class *p, enum hg_split split,
                          int64_t c)
{
    const int64_t at = split * p->classes + c;
    const struct hg_class_scores scores = hg_class_scores(p, split, c);
    json_t *entry = json_pack("{s:I, s:I, s:I, s:o, s:o, s:o}", "class", (json_int_t)c, "nodes",
                              (json_int_t)p->labelled[at], "predicted", (json_int_t)p->predicted[at],
                              "precision", hg_summary_number(scores.precision), "recall",
                              hg_summary_number(scores.recall), "f1", hg_summary_number(scores.f1));
    if (info->class_name != NULL)
        json_object_set_new(
            entry, "name", hg_show_text(info->class_name + c * info->class_bytes, (size_t)info->class_bytes));
    return entry;
}

static json_t *confusion_json(const struct hg_per_class *p, enum hg_split split)
{
    json_t *rows = json_array();
    for (int64_t c = 0; c < p->classes; c++) {
        json_t *row = json_array();
        for (int64_t k = 0; k < p->classes; k++)
            json_array_append_new(row, json_integer(p->confusion[(split * p->classes + c) * p->classes + k]));
        json_array_append_new(rows, row);
    }
    return rows;
}

json_t *hg_class_table_json(const struct hg_graph_info *info, const struct hg_per_class *per_class,
                            enum hg_split split)
{
    json_t *table = json_object(), *classes = json_array();
    for (int64_t c = 0; c < per_class->classes; c++)
        json_array_append_new(classes, class_json(info, per_class, split, c));
    json_object_set_new(table, "classes", classes);
    if (per_class->confusion != NULL)
        json_object_set_new(table, "confusion", confusion_json(per_class, split));
    return table;
}
