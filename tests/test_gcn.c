/* A convolution that is not part of the library (gcn/gcn.h) in the library's model, against PyTorch Geometric's
 * GCNConv in float64: outputs, losses, gradients, parameters after 20 steps. What the model adds to any convolution
 * and GCNConv lacks (dropout, residual, passes over the subgraph that the loss needs) is compared with finite
 * differences. */
#include "gcn/gcn.h"
#include "golden_values.h"

/* Two blocks as the golden file describes them, with one head. */
static struct hg_model_options options_of(const struct trial *trial, bool residual, double dropout)
{
    struct hg_model_options options = {.layers = trial->options.model.heads.count};
    for (int l = 0; l < options.layers; l++) {
        const bool last = l == options.layers - 1;
        options.block[l] = (struct hg_block){
            .conv = &gcn_conv,
            .heads = 1,
            .width = (int)(last ? trial->data.info.num_outputs : trial->options.model.hidden.value[0]),
            .residual = residual,
            .bias = true,
            .activation = last ? HG_IDENTITY : HG_ELU,
            .dropout = dropout,
        };
    }
    return options;
}

/* Restricts training passes to the training nodes. */
static void want_labelled(struct trial *trial)
{
    uint8_t *wanted = hg_mem_alloc(trial->data.rows.count, 1);
    assert_non_null(wanted);
    hg_dataset_mark(&trial->data, HG_TRAIN, wanted);
    assert_ok(hg_model_restrict(trial->model, wanted));
    hg_mem_free(wanted);
}

static void open_trial(struct trial *trial, hg_eid hub_edges, bool residual, double dropout,
                       char folder[SCRATCH_BYTES])
{
    char graph[TRIAL_PATH];
    struct hg_backend backend;
    scratch_make(folder);
    trial_import(folder, "gcn_two_layer.h5", trial->golden, graph);
    trial_options(trial->golden, &trial->options);
    trial->options.data.graph = graph;
    trial->options.data.cells = 9;
    assert_ok(hg_dataset_open(&hg_test_comm, &trial->options.data, true, &trial->data));
    if (hub_edges > 0) assert_ok(hg_shard_order(&trial->data.shard, hub_edges));
    assert_ok(hg_backend_open(&hg_test_comm, 2, &backend));
    const struct hg_model_options options = options_of(trial, residual, dropout);
    assert_ok(
        hg_model_create(&trial->data.shard, &trial->data.rows.x, &options, &backend, true, &trial->model));
    assert_ok(hg_evaluator_create(&trial->data, &trial->model->work, HG_METRIC_AUTO, &trial->evaluator));
}

static void close_trial(struct trial *trial, const char *folder)
{
    trial_close(trial);
    scratch_remove(folder);
}

static void check_golden(hg_eid hub_edges, bool labelled)
{
    struct trial trial = {0};
    char folder[SCRATCH_BYTES];
    open_trial(&trial, hub_edges, false, 0, folder);
    if (labelled) want_labelled(&trial);
    assert_ok(hg_trained_read_params(trial.golden, trial.model));
    check_outputs(&trial, output_bound, "gcn");
    check_training(&trial, "gcn");
    assert_false(hg_model_attention(trial.model, 0, NULL));
    close_trial(&trial, folder);
}

static void as_pyg(void **state)
{
    (void)state;
    check_golden(0, false);
    check_golden(0, true);
    check_golden(5, false);
}

#ifdef HG_DOUBLE
static double loss_with(struct trial *trial, const struct hg_pass *pass, int64_t at, double value)
{
    trial->model->params.value[at] = value;
    return trial_loss(trial, pass);
}

static void finite_differences(void **state)
{
    const struct hg_pass pass = {.training = true, .seed = 11, .epoch = 3};
    struct trial trial = {0};
    char folder[SCRATCH_BYTES];
    (void)state;
    open_trial(&trial, 5, true, 0.4, folder);
    want_labelled(&trial);
    struct hg_params *params = &trial.model->params;
    hg_params_initialise(params, 7);
    double *gradient = hg_mem_alloc(params->count, sizeof *gradient);
    assert_non_null(gradient);
    assert_true(isfinite(trial_loss(&trial, &pass)));
    memcpy(gradient, params->grad, (size_t)params->count * sizeof *gradient);
    for (int64_t at = 0; at < params->count; at += 13) {
        const double value = params->value[at], step = 1e-6;
        const double above = loss_with(&trial, &pass, at, value + step),
                     below = loss_with(&trial, &pass, at, value - step);
        params->value[at] = value;
        if (!(fabs((above - below) / (2 * step) - gradient[at]) <= 1e-8))
            fail_msg("parameter %lld: gradient %.12g, finite difference %.12g", (long long)at, gradient[at],
                     (above - below) / (2 * step));
    }
    hg_mem_free(gradient);
    close_trial(&trial, folder);
}
#endif

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(as_pyg),
#ifdef HG_DOUBLE
    cmocka_unit_test(finite_differences),
#endif
};

HG_TEST_MAIN(tests)
