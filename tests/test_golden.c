/* Every golden case against PyTorch Geometric in float64: outputs, attention, loss, gradients, 20 losses, final parameters;
 * METIS and random order, rows in parts of 6 edges, on as many ranks as the test was started with. Errors are max|a - b| / max|b| per tensor. */
#include "trial.h"

#include "infer/edge_order.h"
#include "nn/optim.h"
#include <math.h>

#ifdef HG_DOUBLE
static const double output_bound = 1e-9, loss_bound = 1e-9, params_bound = 1e-9;
#else
static const double output_bound = 1e-4, loss_bound = 5e-4, params_bound = 2e-3;
#endif

static const char *const cases[] = {
    "gat_two_layer.h5",
    "gat_average_six_heads.h5",
    "gat_directed.h5",
    "gat_edge_features.h5",
    "gat_edge_features_directed.h5",
    "gat_edge_features_self_loops.h5",
    "gat_existing_self_loops.h5",
    "gat_hub.h5",
    "gat_kept_self_loops.h5",
    "gat_multi_edges.h5",
    "gat_no_self_loops_directed.h5",
    "gat_odd_widths.h5",
    "gat_regression.h5",
    "gat_regression_two_targets.h5",
    "gat_three_layer_residual.h5",
    "gat_wide.h5",
};

/* max|a - b| and max|b|, over all ranks */
struct error {
    double difference, size;
};

static void compare(struct error *error, double a, double b)
{
    /* not fmax: a NaN must not be lost */
    if (!(fabs(a - b) <= error->difference)) error->difference = fabs(a - b);
    if (fabs(b) > error->size) error->size = fabs(b);
}

static void check(struct error error, double bound, const char *name, const char *what)
{
    double both[2] = {isnan(error.difference) ? INFINITY : error.difference, error.size};
    hg_comm_max_f64(&hg_test_comm, both, 2);
    if (!(both[0] <= bound * both[1]) || both[1] == 0)
        fail_msg("%s: %s is off by %.3g of %.3g (bound %.1g)", name, what, both[0], both[1], bound);
}

/* A whole data set of the golden file, newly allocated. */
static hg_real *golden(const char *path, const char *dataset, struct hg_h5_shape *shape)
{
    struct hg_h5 file;
    int64_t count = 1;
    assert_ok(hg_h5_open(path, &file));
    assert_ok(hg_h5_describe(&file, dataset, shape));
    for (int d = 0; d < shape->dims; d++) count *= shape->size[d];
    hg_real *values = hg_mem_alloc(count, sizeof *values);
    assert_non_null(values);
    assert_ok(hg_h5_read_rows(&file, dataset, HG_H5_REAL, (struct hg_range){0, shape->size[0]}, values));
    hg_h5_close(&file);
    return values;
}

static void check_outputs(struct trial *trial, double bound, const char *name)
{
    const struct hg_pass pass = {0};
    const int64_t cols = trial->data.info.num_outputs;
    struct hg_h5_shape shape;
    struct error error = {0};
    const hg_real *out = hg_model_forward(trial->model, &pass);
    hg_real *wanted = golden(trial->golden, "/out", &shape);
    for (int64_t i = 0; i < trial->data.rows.count; i++)
        for (int64_t c = 0; c < cols; c++)
            compare(&error, (double)out[i * cols + c],
                    (double)wanted[trial->data.rows.imported[i] * cols + c]);
    hg_mem_free(wanted);
    check(error, bound, name, "the output");
}

/* Attention of one layer; rows are in PyG's order, whose edges must be ours. Follows check_outputs. */
static void check_attention(struct trial *trial, int l, const struct hg_edge_list *list, const char *name)
{
    char path[64];
    struct hg_h5_shape shape;
    struct error error = {0};
    const int heads = trial->model->layer[l]->block.heads;
    const struct hg_shard *shard = &trial->data.shard;
    hg_real *alpha = hg_mem_alloc(shard->in->indptr[shard->owned] * heads, sizeof *alpha);
    assert_non_null(alpha);
    assert_true(hg_model_attention(trial->model, l, alpha));
    snprintf(path, sizeof path, "/alpha_edge_index/%d", l);
    hg_real *ends = golden(trial->golden, path, &shape);
    assert_int_equal(shape.size[1], list->total);
    snprintf(path, sizeof path, "/alpha/%d", l);
    hg_real *wanted = golden(trial->golden, path, &shape);
    for (int64_t k = 0; k < list->count; k++) {
        const int64_t at = list->position[k];
        assert_int_equal(list->ends[2 * k], (int64_t)ends[at]);
        assert_int_equal(list->ends[2 * k + 1], (int64_t)ends[list->total + at]);
        for (int h = 0; h < heads; h++)
            compare(&error, (double)alpha[list->edge[k] * heads + h], (double)wanted[at * heads + h]);
    }
    hg_mem_free(alpha);
    hg_mem_free(ends);
    hg_mem_free(wanted);
    check(error, output_bound, name, "attention");
}

/* Tensor t of a flat vector in the disk's layout against /GROUP/NAME. */
static void compare_tensor(struct error *error, const struct trial *trial, const hg_real *disk, int64_t t,
                           const char *group)
{
    const struct hg_param *param = &trial->model->params.list[t];
    char path[HG_PARAM_NAME + 32];
    struct hg_h5_shape shape;
    snprintf(path, sizeof path, "/%s/%s", group, param->name);
    hg_real *wanted = golden(trial->golden, path, &shape);
    for (int64_t k = 0; k < param->count; k++)
        compare(error, (double)disk[param->offset + k], (double)wanted[k]);
    hg_mem_free(wanted);
}

/* All tensors of a flat vector in memory's layout: each by itself, or, with `together`, beside the largest number of all. */
static void check_tensors(struct trial *trial, const hg_real *values, const char *group, double bound,
                          bool together, const char *name)
{
    const struct hg_params *params = &trial->model->params;
    struct error error = {0};
    hg_real *disk = hg_mem_alloc(params->count, sizeof *disk);
    assert_non_null(disk);
    hg_params_to_disk(params, values, disk);
    for (int64_t t = 0; t < params->num; t++) {
        if (!together) error = (struct error){0};
        compare_tensor(&error, trial, disk, t, group);
        if (!together || t == params->num - 1)
            check(error, bound, name, together ? group : params->list[t].name);
    }
    hg_mem_free(disk);
}

static void check_training(struct trial *trial, const char *name)
{
    struct hg_h5_shape shape;
    struct error error = {0};
    struct hg_optim optim;
    const struct hg_optim_options options = {HG_ADAM, trial->config.lr, trial->config.weight_decay};
    hg_real *losses = golden(trial->golden, "/losses", &shape);
    assert_ok(hg_optim_create(&optim, &options, trial->model->work.kernels, trial->model->params.count));
    for (int64_t step = 0; step < shape.size[0]; step++) {
        const struct hg_pass pass = {.training = true, .epoch = step + 1};
        compare(&error, trial_loss(trial, &pass), (double)losses[step]);
        if (step == 0) check_tensors(trial, trial->model->params.grad, "grads", output_bound, false, name);
        hg_optim_step(&optim, trial->model->params.grad, trial->model->params.value);
    }
    check(error, loss_bound, name, "the losses");
    check_tensors(trial, trial->model->params.value, "params_after", params_bound, false, name);
    hg_mem_free(losses);
    hg_optim_destroy(&optim);
}

static void check_hubs(const struct trial *trial, const char *name)
{
    int64_t hubs = trial->data.shard.in->hubs.count;
    hg_comm_sum_i64(&hg_test_comm, &hubs, 1);
    if (hubs == 0) fail_msg("%s: no row is in parts", name);
}

/* A case in a folder of its own, its model with the golden parameters. */
static void open_case(struct trial *trial, const char *name, enum hg_partitioner partitioner,
                      enum hg_row_type rows, char folder[SCRATCH_BYTES])
{
    char graph[TRIAL_PATH];
    scratch_make(folder);
    trial_import(folder, name, trial->golden, graph);
    trial_config(trial->golden, &trial->config);
    trial->config.input = graph;
    trial->config.partitioner = (int)partitioner;
    trial->config.halo_dtype = (int)rows;
    trial->config.cells = 9;
    trial_open(trial, 2);
}

static void check_case(const char *name, enum hg_partitioner partitioner, hg_eid hub_edges)
{
    struct trial trial = {.hub_edges = hub_edges};
    struct hg_edge_list list;
    char folder[SCRATCH_BYTES];
    open_case(&trial, name, partitioner, HG_ROWS_REAL, folder);
    if (hub_edges > 0) check_hubs(&trial, name);
    check_outputs(&trial, output_bound, name);
    assert_ok(hg_edge_list_create(&trial.data.shard, NULL, &list));
    for (int l = 0; l < trial.model->layers; l++) check_attention(&trial, l, &list, name);
    hg_edge_list_destroy(&list);
    check_training(&trial, name);
    trial_close(&trial);
    scratch_remove(folder);
}

static void metis_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(cases[k], HG_PARTITION_METIS, 0);
}

static void random_order(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(cases[k], HG_PARTITION_RANDOM, 0);
}

static void with_hubs(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) check_case(cases[k], HG_PARTITION_METIS, 6);
}

/* Rows of 8 significant bits: outputs, loss and gradients near those of full rows. Gradients of attention vectors are small
 * differences, and are compared beside the largest. */
static void bf16_rows(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *name = cases[k];
        struct trial trial = {0};
        struct error error = {0};
        struct hg_h5_shape shape;
        char folder[SCRATCH_BYTES];
        open_case(&trial, name, HG_PARTITION_METIS, HG_ROWS_BF16, folder);
        check_outputs(&trial, 0.02, name);
        hg_real *losses = golden(trial.golden, "/losses", &shape);
        compare(&error, trial_loss(&trial, &(struct hg_pass){.training = true}), (double)losses[0]);
        check(error, 0.02, name, "the loss");
        check_tensors(&trial, trial.model->params.grad, "grads", 0.05, true, name);
        hg_mem_free(losses);
        trial_close(&trial);
        scratch_remove(folder);
    }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(metis_order), cmocka_unit_test(random_order),
                                          cmocka_unit_test(with_hubs), cmocka_unit_test(bf16_rows)};

/* One rank goes through the instruction sets; what many ranks add does not depend on them. */
static int run_sets(void)
{
    int failures = 0;
    for (int s = hg_kernels_highest(); s >= 0; s = hg_test_comm.size == 1 ? s - 1 : -1) {
        if (hg_test_comm.size == 1) setenv("HALOGAT_ISA", hg_kernel_sets[s]->instructions, 1);
        failures += cmocka_run_group_tests_name(hg_kernel_sets[s]->instructions, tests, NULL, NULL);
    }
    return failures;
}

HG_TEST_MAIN_RUNNING(run_sets())
