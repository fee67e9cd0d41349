#include "cli/class_table.h"
#include "cli/results.h"
#include "cli/trained_model.h"
#include "cli/verbs.h"
#include "train/metrics.h"
#include "train/summary.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>

static void print_table(const struct hg_evaluator *evaluator,
                        const struct hg_split_metrics metrics[HG_SPLITS])
{
    hg_print("%-6s %12s %12s %12s\n", "split", "entries", "loss", evaluator->kind->name);
    for (int s = 0; s < HG_SPLITS; s++) {
        char metric[32] = "not defined";
        if (metrics[s].entries == 0) continue;
        if (!isnan(metrics[s].metric)) snprintf(metric, sizeof metric, "%.6f", metrics[s].metric);
        hg_print("%-6s %12lld %12.6f %12s\n", hg_split_name[s], (long long)metrics[s].entries,
                 metrics[s].loss, metric);
    }
}

static json_t *split_json(const struct hg_evaluator *evaluator, const struct hg_split_metrics *metrics)
{
    return json_pack("{s:I, s:o, s:o}", "entries", (json_int_t)metrics->entries, "loss",
                     hg_summary_number(metrics->loss), evaluator->kind->name,
                     hg_summary_number(metrics->metric));
}

/* per_class: NULL: not wanted */
static void print_json(const struct hg_evaluator *evaluator, const struct hg_split_metrics metrics[HG_SPLITS],
                       const struct hg_per_class *per_class)
{
    json_t *all = json_object();
    for (enum hg_split s = 0; s < HG_SPLITS; s++) {
        if (metrics[s].entries == 0) continue;
        json_t *split = split_json(evaluator, &metrics[s]), *table;
        table = per_class != NULL ? hg_class_table_json(&evaluator->data->info, per_class, s) : NULL;
        json_object_update(split, table);
        json_decref(table);
        json_object_set_new(all, hg_split_name[s], split);
    }
    json_dumpf(all, hg_results(), JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    hg_print("\n");
    json_decref(all);
}

static void print(const struct hg_config *config, const struct hg_evaluator *evaluator,
                  const struct hg_split_metrics metrics[HG_SPLITS], const struct hg_per_class *per_class)
{
    if (config->json) {
        print_json(evaluator, metrics, per_class);
        return;
    }
    print_table(evaluator, metrics);
    if (per_class != NULL) hg_class_table_print(&evaluator->data->info, per_class);
}

/* Collective. */
static hg_status compare(const struct hg_comm *comm, const struct hg_config *config,
                         struct hg_evaluator *evaluator, const hg_real *outputs)
{
    struct hg_split_metrics metrics[HG_SPLITS];
    struct hg_per_class per_class = {0};
    hg_status status = HG_OK;
    hg_evaluator_metrics(evaluator, outputs, metrics);
    if (config->per_class) status = hg_per_class_count(evaluator->data, outputs, &per_class);
    if (status == HG_OK && comm->rank == 0)
        print(config, evaluator, metrics, config->per_class ? &per_class : NULL);
    hg_per_class_destroy(&per_class);
    return status;
}

/* Why outputs cannot be compared with the graph's labels. */
static const char *const no_comparison[] = {
    [HG_LABELS_NONE] = "has no labels or targets to compare with (/node/y)",
    [HG_LABELS_TASK] = "has labels of another task than the model's",
    [HG_LABELS_COLUMNS] = "has labels or targets with other columns than the model's outputs",
    [HG_LABELS_CLASSES] = "has nodes of a class that the model does not know",
};

static hg_status evaluate(const struct hg_comm *comm, const struct hg_config *config,
                          struct hg_trained *trained)
{
    hg_real *outputs = NULL;
    struct hg_evaluator evaluator;
    if (trained->labels != HG_LABELS_FIT)
        return hg_fail(HG_FAILED, config->input, "%s", no_comparison[trained->labels]);
    if (config->per_class && trained->data.info.task == HG_REGRESSION)
        return hg_fail(HG_USAGE, "--per-class", "%s has numbers to predict, no classes", config->input);
    hg_status status =
        hg_evaluator_create(&trained->data, &trained->model->work, config->train.metric, &evaluator);
    if (status == HG_OK) status = hg_trained_outputs(trained, &outputs);
    if (status == HG_OK) status = compare(comm, config, &evaluator, outputs);
    hg_evaluator_destroy(&evaluator);
    return status;
}

hg_status hg_verb_eval(const struct hg_comm *comm, struct hg_config *config)
{
    struct hg_trained trained;
    hg_status status = hg_open_trained(comm, config, (struct hg_trained_wants){.splits = true}, &trained);
    if (status == HG_OK) status = evaluate(comm, config, &trained);
    hg_trained_close(&trained);
    return status;
}
