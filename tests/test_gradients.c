/* Gradients against central finite differences, in the double build, with dropout of inputs and of attention
 * coefficients. Masks are functions of ids, so the loss is a smooth function of the parameters, except at the kinks
 * of LeakyReLU. */
#include "trial.h"

#include <math.h>

static const char *const cases[] = {
    "gat_two_layer.h5",
    "gat_edge_features_directed.h5",
    "gat_multi_edges.h5",
    "gat_three_layer_residual.h5",
    "gat_regression_two_targets.h5",
    "gat_average_six_heads.h5",
};

/* Number of parameters of each tensor that are checked. */
enum { CHECKED = 5 };

/* (loss(value + h) - loss(value - h)) / 2 h */
static double slope(struct trial *trial, const struct hg_pass *pass, int64_t at, double h)
{
    hg_real *value = trial->model->params.value + at, kept = *value;
    double loss[2];
    for (int side = 0; side < 2; side++) {
        *value = kept + (hg_real)(side == 0 ? h : -h);
        loss[side] = trial_loss(trial, pass);
    }
    *value = kept;
    return (loss[0] - loss[1]) / (2 * h);
}

static void check_param(struct trial *trial, const struct hg_pass *pass, const struct hg_param *param,
                        const hg_real *gradient, const char *name)
{
    double largest = 0;
    for (int64_t k = 0; k < param->count; k++)
        largest = fmax(largest, fabs((double)gradient[param->offset + k]));
    for (int64_t c = 0; c < CHECKED; c++) {
        const int64_t at = param->offset + (c * 7919) % param->count;
        const double numeric = slope(trial, pass, at, 1e-6), exact = (double)gradient[at];
        if (!(fabs(numeric - exact) <= 1e-6 * largest + 1e-9))
            fail_msg("%s: %s[%lld]: gradient %.12g, finite difference %.12g", name, param->name,
                     (long long)(at - param->offset), exact, numeric);
    }
}

static void check_case(const char *name, double dropout, enum hg_activation activation)
{
    const struct hg_pass pass = {.training = true, .seed = 11, .epoch = 3};
    struct trial trial = {0};
    char folder[SCRATCH_BYTES], graph[TRIAL_PATH];
    scratch_make(folder);
    trial_import(folder, name, trial.golden, graph);
    trial_options(trial.golden, &trial.options);
    trial.options.data.graph = graph;
    trial.options.data.cells = 5;
    trial.options.model.activation = activation;
    trial.options.model.dropout = trial.options.model.attn_dropout = dropout;
    trial_open(&trial, 2);
    const struct hg_params *params = &trial.model->params;
    hg_real *gradient = hg_mem_alloc(params->count, sizeof *gradient);
    assert_non_null(gradient);
    assert_true(isfinite(trial_loss(&trial, &pass)));
    memcpy(gradient, params->grad, (size_t)params->count * sizeof *gradient);
    for (int64_t t = 0; t < params->num; t++) check_param(&trial, &pass, &params->list[t], gradient, name);
    hg_mem_free(gradient);
    trial_close(&trial);
    scratch_remove(folder);
}

static void without_dropout(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(cases[k], 0, HG_ELU);
}

static void with_dropout(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(cases[k], 0.4, HG_ELU);
}

static void with_every_activation(void **state)
{
    (void)state;
    for (int a = 0; a < HG_ACTIVATIONS; a++)
        check_case("gat_three_layer_residual.h5", 0, (enum hg_activation)a);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(without_dropout), cmocka_unit_test(with_dropout),
                                          cmocka_unit_test(with_every_activation)};

HG_TEST_MAIN(tests)
