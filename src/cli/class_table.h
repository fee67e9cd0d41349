/** Shows how well a model finds each class: what `eval --per-class` prints. For rank 0. */
#ifndef HG_CLI_CLASS_TABLE_H
#define HG_CLI_CLASS_TABLE_H

#include "infer/per_class.h"
#include <jansson.h>

/** Prints, for each split with labelled nodes, a table of classes, and the confusion matrix where there are at most 20
 *  of them. Local. */
void hg_class_table_print(const struct hg_graph_info *info, const struct hg_per_class *per_class);

/** The same of one split as JSON: {"classes": [{"class", "name", "nodes", "predicted", "precision", "recall", "f1"},
 *  ...], "confusion": [[...], ...]}; without "confusion" where there is none. A new reference. Local. */
json_t *hg_class_table_json(const struct hg_graph_info *info, const struct hg_per_class *per_class,
                            enum hg_split split);

#endif
