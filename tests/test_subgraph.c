/* What training leaves out changes nothing: gradients for a few labelled nodes, computed on the subgraph that the
 * loss needs, against those from the whole graph. Directed and symmetric graphs, edge features, residuals, several
 * layers, dropout; whole rows and rows in parts. */
#include "trial.h"

#ifdef HG_DOUBLE
static const double bound = 1e-13;
#else
static const double bound = 3e-5; /* matrix products have other shapes, and so other rounding */
#endif

/* Makes one node in 29 a training node. */
static void label_few(struct hg_dataset *data)
{
    for (int64_t i = 0; i < data->rows.count; i++)
        data->mask_column[HG_TRAIN][i] = data->rows.imported[i] % 29 == 3;
}

/* Gradients, newly allocated, when training is restricted to the rows marked in `wanted`. */
static hg_real *gradients(struct trial *trial, const uint8_t *wanted, double *loss)
{
    const struct hg_pass pass = {.training = true, .seed = 5, .epoch = 2};
    const int64_t count = trial->model->params.count;
    hg_real *grad = hg_mem_alloc(count, sizeof *grad);
    assert_non_null(grad);
    assert_ok(hg_model_restrict(trial->model, wanted));
    *loss = trial_loss(trial, &pass);
    memcpy(grad, trial->model->params.grad, (size_t)count * sizeof *grad);
    return grad;
}

/* Fills everything that must not be read with NaN. */
static void poison(struct trial *trial)
{
    const int64_t owned = trial->data.shard.owned;
    hg_real *out = hg_model_forward(trial->model, &(struct hg_pass){.training = true});
    for (int64_t k = 0; k < owned * trial->data.info.num_outputs; k++) out[k] = (hg_real)NAN;
}

static void compare(const struct hg_params *params, const hg_real *got, const hg_real *want, const char *name)
{
    for (int64_t t = 0; t < params->num; t++) {
        double difference = 0, size = 0;
        for (int64_t k = params->list[t].offset; k < params->list[t].offset + params->list[t].count; k++) {
            if (!(fabs((double)got[k] - (double)want[k]) <= difference))
                difference = fabs((double)got[k] - (double)want[k]);
            size = fmax(size, fabs((double)want[k]));
        }
        /* exact sums have a resolution: parts of hubs begin at other edges, and each is rounded */
        if (!(difference <= bound * size + 0x1p-54) || size == 0)
            fail_msg("%s: %s is off by %.3g of %.3g", name, params->list[t].name, difference, size);
    }
}

static void check_case(const char *name, hg_eid hub_edges)
{
    struct trial trial = {.hub_edges = hub_edges};
    char folder[SCRATCH_BYTES], graph[TRIAL_PATH];
    double few_loss, all_loss;
    scratch_make(folder);
    trial_import(folder, name, trial.golden, graph);
    trial_options(trial.golden, &trial.options);
    trial.options.data.graph = graph;
    trial.options.data.cells = 9;
    trial.options.model.dropout = 0.3;
    trial.options.model.attn_dropout = 0.3;
    trial_open(&trial, 2);
    label_few(&trial.data);
    uint8_t *wanted = hg_mem_alloc(trial.data.rows.count, 1);
    assert_non_null(wanted);
    hg_dataset_mark(&trial.data, HG_TRAIN, wanted);
    poison(&trial);
    hg_real *few = gradients(&trial, wanted, &few_loss);
    const struct hg_subgraph *last = &trial.model->needed[trial.model->layers - 1];
    assert_ptr_equal(last->in, &last->own_in);
    memset(wanted, 1, (size_t)trial.data.rows.count);
    hg_real *all = gradients(&trial, wanted, &all_loss);
    assert_ptr_equal(last->in, trial.data.shard.in);
    assert_true(fabs(few_loss - all_loss) <= bound * fabs(all_loss));
    compare(&trial.model->params, few, all, name);
    hg_mem_free(few);
    hg_mem_free(all);
    hg_mem_free(wanted);
    trial_close(&trial);
    scratch_remove(folder);
}

static void test_gradients(void **state)
{
    (void)state;
    static const char *const names[] = {"gat_directed.h5",
                                        "gat_edge_features_directed.h5",
                                        "gat_edge_features.h5",
                                        "gat_three_layer_residual.h5",
                                        "gat_average_six_heads.h5",
                                        "gat_no_self_loops_directed.h5",
                                        "gat_regression_two_targets.h5"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        check_case(names[k], 0);
        check_case(names[k], 5);
    }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_gradients)};

HG_TEST_MAIN(tests)
