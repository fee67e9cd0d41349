/* Whole training runs: no allocation during epochs, a clean failure of every allocation on any rank, divergence,
 * early stopping and best parameters, several runs, continuing from --init. */
#include "trial.h"

#include "cli/config.h"
#include "train/summary.h"
#include "train/trainer.h"
#include <math.h>
#include <sys/stat.h>

/* A folder with a graph, and options that train on it. */
struct stage {
    char folder[SCRATCH_BYTES], golden[TRIAL_PATH], graph[TRIAL_PATH], out[TRIAL_PATH];
    struct hg_train_options options;
};

/* no progress is reported, as with --quiet */
static const struct hg_train_callbacks callbacks = {.write_options = hg_config_write_yaml};

static void stage_make(struct stage *stage, const char *name)
{
    scratch_make(stage->folder);
    trial_import(stage->folder, name, stage->golden, stage->graph);
    snprintf(stage->out, sizeof stage->out, "%s/out", stage->folder);
    trial_options(stage->golden, &stage->options);
    stage->options.data.graph = stage->graph;
    stage->options.out = stage->out;
    stage->options.data.cells = 6;
    stage->options.threads = 2;
    stage->options.overwrite = true;
    stage->options.model.dropout = stage->options.model.attn_dropout = 0.3;
    stage->options.epochs = 4;
}

/* Removes a folder of files, if it is there. Collective. */
static void remove_out(const char *path)
{
    struct stat found;
    hg_comm_barrier(&hg_test_comm);
    const bool there = stat(path, &found) == 0;
    hg_comm_barrier(&hg_test_comm);
    if (there) scratch_remove(path);
}

static void stage_end(struct stage *stage)
{
    remove_out(stage->out);
    scratch_remove(stage->folder);
}

/* Reads a file of the run as JSON: the whole file, or for metrics.jsonl the given line. */
static json_t *read_json(const struct stage *stage, const char *name, int line)
{
    char path[2 * TRIAL_PATH], text[1 << 14];
    snprintf(path, sizeof path, "%s/%s", stage->out, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    json_t *json = NULL;
    if (line < 0) json = json_loadf(file, 0, NULL);
    for (int k = 0; k <= line; k++) assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    if (line >= 0) json = json_loads(text, 0, NULL);
    assert_non_null(json);
    return json;
}

static bool exists(const struct stage *stage, const char *name)
{
    char path[2 * TRIAL_PATH];
    snprintf(path, sizeof path, "%s/%s", stage->out, name);
    hg_comm_barrier(&hg_test_comm);
    return access(path, F_OK) == 0;
}

static int64_t calls_of(struct stage *stage, int64_t epochs)
{
    remove_out(stage->out); /* what lies there is read before it is overwritten */
    const int64_t before = hg_mem_calls();
    stage->options.epochs = epochs;
    assert_ok(hg_train(&hg_test_comm, &stage->options, &callbacks));
    return hg_mem_calls() - before;
}

static void epochs_allocate_nothing(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_edge_features_directed.h5");
    assert_int_equal(calls_of(&stage, 2), calls_of(&stage, 22));
    stage_end(&stage);
}

/* The k-th allocation of one rank, and all its later ones, fail: every rank returns a failure, and none hangs or
 * leaks. HG_TEST_LONG: at every k; else at some 150. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_directed.h5");
    const int64_t live = hg_mem_live();
    int64_t calls = calls_of(&stage, 2);
    hg_comm_min_i64(&hg_test_comm, &calls, 1);
    const int64_t step = getenv("HG_TEST_LONG") != NULL ? 1 : 1 + calls / 150;
    for (int64_t k = 0; k < calls; k += step) {
        if (hg_test_comm.rank == k % hg_test_comm.size) hg_mem_fail_at(k);
        const hg_status status = hg_train(&hg_test_comm, &stage.options, &callbacks);
        hg_mem_fail_at(-1);
        if (status == HG_OK)
            fail_msg("allocation %lld of %lld may fail unnoticed", (long long)k, (long long)calls);
        if (status != HG_NOMEM)
            fail_msg("allocation %lld: status %d, %s", (long long)k, (int)status, hg_status_message());
        assert_true(strlen(hg_status_message()) > 0);
        hg_status_clear();
        if (hg_mem_live() != live)
            fail_msg("allocation %lld: %lld blocks leak", (long long)k, (long long)(hg_mem_live() - live));
    }
    assert_ok(hg_train(&hg_test_comm, &stage.options, &callbacks));
    if (hg_test_comm.rank == 0)
        printf("%lld of %lld allocations failed\n", (long long)((calls + step - 1) / step), (long long)calls);
    stage_end(&stage);
}

static void divergence_keeps_the_last_sound_parameters(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_regression.h5");
    stage.options.optim.lr = 1e18;
    stage.options.epochs = 50;
    assert_int_equal(hg_train(&hg_test_comm, &stage.options, &callbacks), HG_DIVERGED);
    assert_non_null(strstr(hg_status_message(), "epoch "));
    hg_status_clear();
    assert_true(exists(&stage, "last.h5"));
    assert_false(exists(&stage, "complete"));
    /* the last parameters that were stored give a finite loss */
    char last[2 * TRIAL_PATH];
    snprintf(last, sizeof last, "%s/last.h5", stage.out);
    struct trial trial = {.options = stage.options};
    snprintf(trial.golden, sizeof trial.golden, "%.1000s", last);
    trial_open(&trial, 1);
    assert_true(isfinite(trial_loss(&trial, &(struct hg_pass){.training = true})));
    hg_evaluator_destroy(&trial.evaluator);
    hg_model_destroy(trial.model);
    hg_dataset_destroy(&trial.data);
    stage_end(&stage);
}

static void outputs_of_a_run(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_two_layer.h5");
    stage.options.eval_every = 3;
    assert_ok(hg_train(&hg_test_comm, &stage.options, &callbacks));
    assert_true(exists(&stage, "complete"));
    assert_true(exists(&stage, "best.h5") && exists(&stage, "last.h5"));
    json_t *summary = read_json(&stage, "summary.json", -1);
    assert_int_equal(json_integer_value(json_object_get(summary, "epochs")), 4);
    assert_int_equal(json_integer_value(json_object_get(summary, "ranks")), hg_test_comm.size);
    assert_int_equal(json_array_size(json_object_get(summary, "peak_memory_bytes")),
                     (size_t)hg_test_comm.size);
    assert_int_equal(strlen(json_string_value(json_object_get(summary, "params_sha256"))), 64);
    json_decref(summary);
    /* epochs 3 and 4 are evaluated (4 because it is the last) */
    for (int line = 0; line < 4; line++) {
        json_t *epoch = read_json(&stage, "metrics.jsonl", line);
        assert_int_equal(json_integer_value(json_object_get(epoch, "epoch")), line + 1);
        assert_true(json_real_value(json_object_get(epoch, "loss")) > 0);
        assert_int_equal(json_object_get(epoch, "train_accuracy") != NULL, line >= 2);
        json_decref(epoch);
    }
    stage_end(&stage);
}

static void refuses_a_folder_with_a_run(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_two_layer.h5");
    assert_ok(hg_train(&hg_test_comm, &stage.options, &callbacks));
    stage.options.overwrite = false;
    assert_fails(hg_train(&hg_test_comm, &stage.options, &callbacks), "--overwrite");
    stage_end(&stage);
}

static void early_stopping(void **state)
{
    (void)state;
    const struct hg_split_metrics series[] = {/* entries, loss, metric */
                                              {9, 1.0, 0.5}, {9, 0.9, 0.5}, {9, 0.9, 0.5}, {9, 1.2, 0.6},
                                              {9, 0.8, 0.4}, {9, 0.8, 0.6}, {9, 0.9, 0.5}, {9, 0.9, 0.5}};
    /* best epoch after all eight, and the epoch at which patience 2 ends */
    static const struct {
        enum hg_monitor monitor;
        int64_t best, stop;
    } expected[] = {{HG_MONITOR_VAL_METRIC, 6, 3}, {HG_MONITOR_VAL_LOSS, 5, 4}, {HG_MONITOR_BOTH, 6, 8}};
    for (size_t m = 0; m < 3; m++) {
        struct hg_watch watch;
        int64_t stop = 0;
        hg_watch_begin(&watch, expected[m].monitor, true, 2);
        for (int64_t e = 1; e <= 8; e++) {
            struct hg_split_metrics metrics[HG_SPLITS] = {{0}};
            metrics[HG_VAL] = series[e - 1];
            hg_watch_take(&watch, e, metrics);
            if (hg_watch_stop(&watch) && stop == 0) stop = e;
        }
        assert_int_equal(watch.best_epoch, expected[m].best);
        assert_int_equal(stop, expected[m].stop);
    }
}

/* Where the metric is undefined the loss decides, and where that is undefined too, the last epoch; a defined metric
 * wins. */
static void undefined_metrics(void **state)
{
    static const struct {
        enum hg_monitor monitor;
        double loss[4], metric[4];
        int64_t entries, best, stop; /* with patience 2; 0: does not stop */
    } cases[] = {
        {HG_MONITOR_VAL_METRIC, {1, 0.5, 0.7, 0.6}, {NAN, NAN, NAN, NAN}, 5, 2, 4},
        {HG_MONITOR_VAL_METRIC, {1, 0.5, 0.7, 0.6}, {NAN, 0.1, NAN, 0.1}, 5, 2, 4},
        {HG_MONITOR_VAL_METRIC, {NAN, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN}, 5, 4, 2},
        {HG_MONITOR_VAL_LOSS, {NAN, 3, NAN, 4}, {1, 2, 3, 4}, 5, 2, 4},
        {HG_MONITOR_VAL_LOSS, {NAN, NAN, NAN, NAN}, {4, 3, 2, 1}, 5, 4, 2},
        {HG_MONITOR_BOTH, {1, 0.5, 0.7, 0.4}, {NAN, NAN, NAN, NAN}, 5, 4, 0},
        {HG_MONITOR_VAL_METRIC, {NAN, NAN, NAN, NAN}, {NAN, NAN, NAN, NAN}, 0, 4, 0},
        {HG_MONITOR_VAL_METRIC, {3, 2, 1, 1}, {0.5, 0.5, 0.5, 0.5}, 5, 3, 3},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_watch watch;
        int64_t stop = 0;
        hg_watch_begin(&watch, cases[c].monitor, true, 2);
        for (int64_t e = 1; e <= 4; e++) {
            struct hg_split_metrics metrics[HG_SPLITS] = {{0}};
            metrics[HG_VAL] =
                (struct hg_split_metrics){cases[c].entries, cases[c].loss[e - 1], cases[c].metric[e - 1]};
            hg_watch_take(&watch, e, metrics);
            if (hg_watch_stop(&watch) && stop == 0) stop = e;
        }
        if (watch.best_epoch != cases[c].best || stop != cases[c].stop)
            fail_msg("case %zu: best %lld, stop %lld", c, (long long)watch.best_epoch, (long long)stop);
    }
}

static void mean_and_deviation(void **state)
{
    (void)state;
    double mean, deviation;
    hg_summary_mean((const double[]){2, 4, 4, 4, 5, 5, 7, 9}, 8, &mean, &deviation);
    assert_true(fabs(mean - 5) < 1e-15 && fabs(deviation - sqrt(32.0 / 7)) < 1e-15);
    hg_summary_mean((const double[]){3}, 1, &mean, &deviation);
    assert_true(mean == 3 && deviation == 0);
}

/* --init with --epochs 0 writes a checkpoint with the same parameters. */
static void init_is_kept(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, "gat_two_layer.h5");
    stage.options.init = stage.golden;
    stage.options.epochs = 0;
    assert_ok(hg_train(&hg_test_comm, &stage.options, &callbacks));
    json_t *summary = read_json(&stage, "summary.json", -1);
    char first[65];
    snprintf(first, sizeof first, "%s", json_string_value(json_object_get(summary, "params_sha256")));
    json_decref(summary);
    char copy[TRIAL_PATH], last[2 * TRIAL_PATH];
    snprintf(copy, sizeof copy, "%s/copy", stage.folder);
    snprintf(last, sizeof last, "%s/last.h5", stage.out);
    stage.options.init = last;
    stage.options.out = copy;
    assert_ok(hg_train(&hg_test_comm, &stage.options, &callbacks));
    remove_out(stage.out);
    snprintf(stage.out, sizeof stage.out, "%s", copy);
    summary = read_json(&stage, "summary.json", -1);
    assert_string_equal(json_string_value(json_object_get(summary, "params_sha256")), first);
    json_decref(summary);
    stage_end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(epochs_allocate_nothing),
    cmocka_unit_test(every_allocation_may_fail),
    cmocka_unit_test(divergence_keeps_the_last_sound_parameters),
    cmocka_unit_test(outputs_of_a_run),
    cmocka_unit_test(refuses_a_folder_with_a_run),
    cmocka_unit_test(early_stopping),
    cmocka_unit_test(undefined_metrics),
    cmocka_unit_test(mean_and_deviation),
    cmocka_unit_test(init_is_kept),
};

HG_TEST_MAIN(tests)
