/* Every golden case against PyTorch Geometric in float64: outputs, attention, loss, gradients, 20 losses, final
 * parameters. With METIS and random cells, rows in parts of 6 edges, and as many ranks as the test is started with.
 */
#include "golden_values.h"

#include "infer/edge_order.h"

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

/* Checks the attention coefficients of one layer; rows are in PyG's order, which must be our order of edges. Follows
 * check_outputs. */
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

static void check_hubs(const struct trial *trial, const char *name)
{
    int64_t hubs = trial->data.shard.in->hubs.count;
    hg_comm_sum_i64(&hg_test_comm, &hubs, 1);
    if (hubs == 0) fail_msg("%s: no row is in parts", name);
}

/* Opens a case in its own folder, with the golden parameters. */
static void open_case(struct trial *trial, const char *name, enum hg_partitioner partitioner,
                      enum hg_halo_dtype rows, char folder[SCRATCH_BYTES])
{
    char graph[TRIAL_PATH];
    scratch_make(folder);
    trial_import(folder, name, trial->golden, graph);
    trial_options(trial->golden, &trial->options);
    trial->options.data.graph = graph;
    trial->options.data.partitioner = partitioner;
    trial->options.model.halo_dtype = rows;
    trial->options.data.cells = 9;
    trial_open(trial, 2);
}

static void check_case(const char *name, enum hg_partitioner partitioner, hg_eid hub_edges)
{
    struct trial trial = {.hub_edges = hub_edges};
    struct hg_edge_list list;
    char folder[SCRATCH_BYTES];
    open_case(&trial, name, partitioner, HG_HALO_REAL, folder);
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

/* With bf16 rows, outputs, loss and gradients are near those of full rows. Gradients of attention vectors are small
 * differences of large numbers, so they are compared relative to the largest gradient of all. */
static void bf16_rows(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *name = cases[k];
        struct trial trial = {0};
        struct error error = {0};
        struct hg_h5_shape shape;
        char folder[SCRATCH_BYTES];
        open_case(&trial, name, HG_PARTITION_METIS, HG_HALO_BF16, folder);
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

/* A single rank tests every instruction set; what several ranks add does not depend on the set. */
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
