/** A golden case (tests/golden, PyTorch Geometric in float64): imported, written as a graph file, and opened for
 *  training. */
#ifndef HG_TESTS_TRIAL_H
#define HG_TESTS_TRIAL_H

#include "scratch.h"

#include "io/graph_file.h"
#include "io/hdf5/h5.h"
#include "io/import/import.h"
#include "partition/partitioner.h"
#include "train/metrics.h"
#include "train/trained.h"
#include <jansson.h>

enum { TRIAL_PATH = 2 * SCRATCH_BYTES };

struct trial {
    char golden[TRIAL_PATH];
    struct hg_train_options options;
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
    hg_eid hub_edges; /* edges in a part of a hub; 0: the default, more than any row of these graphs has */
};

/* Reads a JSON list of the golden file's configuration. */
static inline void trial_list(const json_t *from, struct hg_int_list *list)
{
    list->count = (int)json_array_size(from);
    for (int k = 0; k < list->count; k++)
        list->value[k] = json_integer_value(json_array_get(from, (size_t)k));
}

/** Sets model and optimizer options from the golden file's attribute `config`. Local. */
static inline void trial_options(const char *golden, struct hg_train_options *options)
{
    struct hg_h5 file;
    char *text = NULL;
    assert_ok(hg_h5_open(golden, &file));
    assert_ok(hg_h5_get_text(&file, "config", &text));
    hg_h5_close(&file);
    json_t *json = json_loads(text, 0, NULL), *optimizer = json_object_get(json, "optimizer");
    assert_non_null(json);
    hg_mem_free(text);
    *options = hg_train_options_default();
    trial_list(json_object_get(json, "heads"), &options->model.heads);
    trial_list(json_object_get(json, "hidden"), &options->model.hidden);
    options->model.residual = json_is_true(json_object_get(json, "residual"));
    options->model.bias = json_is_true(json_object_get(json, "bias"));
    options->data.self_loops = json_is_true(json_object_get(json, "self_loops"));
    options->model.negative_slope = json_real_value(json_object_get(json, "negative_slope"));
    options->optim.lr = json_real_value(json_object_get(optimizer, "lr"));
    options->optim.weight_decay = json_real_value(json_object_get(optimizer, "weight_decay"));
    json_decref(json);
}

/** Imports `name` (in tests/golden) into folder/graph.h5. Collective. */
static inline void trial_import(const char *folder, const char *name, char golden[TRIAL_PATH],
                                char graph[TRIAL_PATH])
{
    struct hg_node_table rows = {0};
    snprintf(golden, TRIAL_PATH, "%s/golden/%s", HG_TESTS_DIR, name);
    snprintf(graph, TRIAL_PATH, "%s/graph.h5", folder);
    const struct hg_import_options options = {.source = golden, .split_train = -1};
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_ok(hg_graph_file_write(&hg_test_comm, graph, &rows, NULL));
    hg_node_table_destroy(&rows);
}

/** Opens dataset, model and evaluator of the options (data.graph set), with the golden file's initial parameters.
 *  Collective. */
static inline void trial_open(struct trial *trial, int threads)
{
    assert_ok(hg_dataset_open(&hg_test_comm, &trial->options.data, true, &trial->data));
    if (trial->hub_edges > 0) assert_ok(hg_shard_order(&trial->data.shard, trial->hub_edges));
    struct hg_backend backend;
    assert_ok(hg_backend_open(&hg_test_comm, threads, &backend));
    assert_ok(hg_dataset_model_create(&trial->options.model, &trial->data, &backend, true, &trial->model));
    assert_ok(hg_evaluator_create(&trial->data, &trial->model->work, HG_METRIC_AUTO, &trial->evaluator));
    assert_ok(hg_trained_read_params(trial->golden, trial->model));
}

static inline void trial_close(struct trial *trial)
{
    hg_evaluator_destroy(&trial->evaluator);
    hg_model_destroy(trial->model);
    hg_dataset_destroy(&trial->data);
}

/** Returns the loss of a pass; its gradients are in model->params.grad. Collective. */
static inline double trial_loss(struct trial *trial, const struct hg_pass *pass)
{
    const hg_real *out = hg_model_forward(trial->model, pass);
    hg_evaluator_loss_begin(&trial->evaluator, out, hg_model_output_grad(trial->model));
    hg_model_backward(trial->model);
    unsigned requests = 0;
    return hg_evaluator_loss_end(&trial->evaluator, &requests);
}

#endif
