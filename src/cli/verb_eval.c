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

static void print_json(const struct hg_evaluator *evaluator, const struct hg_split_metrics metrics[HG_SPLITS])
{
    json_t *all = json_object();
    for (int s = 0; s < HG_SPLITS; s++)
        if (metrics[s].entries > 0)
            json_object_set_new(all, hg_split_name[s],
                                json_pack("{s:I, s:o, s:o}", "entries", (json_int_t)metrics[s].entries,
                                          "loss", hg_summary_number(metrics[s].loss), evaluator->kind->name,
                                          hg_summary_number(metrics[s].metric)));
    json_dumpf(all, hg_results(), JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    hg_print("\n");
    json_decref(all);
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
    struct hg_split_metrics metrics[HG_SPLITS];
    if (trained->labels != HG_LABELS_FIT)
        return hg_fail(HG_FAILED, config->input, "%s", no_comparison[trained->labels]);
    hg_status status =
        hg_evaluator_create(&trained->data, &trained->model->work, config->train.metric, &evaluator);
    if (status == HG_OK) status = hg_trained_outputs(trained, &outputs);
    if (status == HG_OK) {
        hg_evaluator_metrics(&evaluator, outputs, metrics);
        if (comm->rank == 0) (config->json ? print_json : print_table)(&evaluator, metrics);
    }
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
