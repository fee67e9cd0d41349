/* Metrics of classes against naive ones, of outputs that are a function of the imported ids, on several ranks and
 * threads. */
#include "trial.h"

#include "base/rng.h"
#include <math.h>

enum { CLASSES = 64 };

/* What a naive metric sees of a split: its nodes by true and by predicted class, of all ranks. */
struct confusion {
    int64_t classes, nodes[CLASSES * CLASSES];
};

static double naive_accuracy(const struct confusion *confusion)
{
    double right = 0, all = 0;
    for (int64_t y = 0; y < confusion->classes; y++) {
        for (int64_t c = 0; c < confusion->classes; c++) {
            all += (double)confusion->nodes[y * CLASSES + c];
            if (c == y) right += (double)confusion->nodes[y * CLASSES + c];
        }
    }
    return right / all;
}

/* Mean of the recall of each class that occurs. */
static double naive_balanced_accuracy(const struct confusion *confusion)
{
    double recalls = 0, present = 0;
    for (int64_t y = 0; y < confusion->classes; y++) {
        int64_t all = 0;
        for (int64_t c = 0; c < confusion->classes; c++) all += confusion->nodes[y * CLASSES + c];
        if (all == 0) continue;
        recalls += (double)confusion->nodes[y * CLASSES + y] / (double)all;
        present += 1;
    }
    return recalls / present;
}

static const struct {
    enum hg_metric metric;
    double (*naive)(const struct confusion *confusion);
} cases[] = {
    {HG_METRIC_ACCURACY, naive_accuracy},
    {HG_METRIC_MICRO_F1, naive_accuracy}, /* the same where each node has one class */
    {HG_METRIC_BALANCED_ACCURACY, naive_balanced_accuracy},
};
enum { CASES = sizeof cases / sizeof *cases };

/* Halves, so that largest outputs often come twice. */
static void make_outputs(const struct hg_dataset *data, hg_real *out)
{
    const struct hg_rng rng = {{3, 4}};
    const int64_t classes = data->info.num_outputs;
    for (int64_t k = 0; k < data->shard.owned * classes; k++) {
        const uint64_t id = (uint64_t)(data->shard.in->imported[k / classes] * classes + k % classes);
        out[k] = (hg_real)(floor(8 * hg_rng_uniform(rng, 0, id)) / 2);
    }
}

static void count_rows(const struct hg_dataset *data, const hg_real *out, int split,
                       struct confusion *confusion)
{
    const int32_t *y = hg_dataset_target(data);
    const int64_t classes = data->info.num_outputs;
    *confusion = (struct confusion){.classes = classes};
    assert_true(classes <= CLASSES);
    for (int64_t i = 0; i < data->shard.owned; i++) {
        int64_t best = 0;
        for (int64_t c = 1; c < classes; c++)
            if (out[i * classes + c] > out[i * classes + best]) best = c;
        if (data->mask[split][i] && y[i] >= 0) confusion->nodes[y[i] * CLASSES + best]++;
    }
    hg_comm_sum_i64(&hg_test_comm, confusion->nodes, CLASSES * CLASSES);
}

static void check_metric(struct trial *trial, int k, const hg_real *out)
{
    struct hg_evaluator evaluator;
    struct hg_split_metrics metrics[HG_SPLITS];
    struct confusion confusion;
    assert_ok(hg_evaluator_create(&trial->data, &trial->model->work, cases[k].metric, &evaluator));
    for (int round = 0; round < 2; round++) hg_evaluator_metrics(&evaluator, out, metrics);
    for (int s = 0; s < HG_SPLITS; s++) {
        if (trial->data.entries[s] == 0) continue;
        assert_true(hg_evaluator_defines(&evaluator, (enum hg_split)s));
        count_rows(&trial->data, out, s, &confusion);
        const double want = cases[k].naive(&confusion), got = metrics[s].metric;
        if (!(fabs(got - want) <= 1e-15))
            fail_msg("%s of split %d: %.17g, not %.17g", hg_metric_name[cases[k].metric], s, got, want);
    }
    hg_evaluator_destroy(&evaluator);
}

static void equal_naive_ones(void **state)
{
    struct trial trial = {0};
    char folder[SCRATCH_BYTES], graph[TRIAL_PATH];
    (void)state;
    scratch_make(folder);
    trial_import(folder, "gat_two_layer.h5", trial.golden, graph);
    trial_options(trial.golden, &trial.options);
    trial.options.data.graph = graph;
    trial.options.data.cells = 5;
    for (int threads = 1; threads <= 3; threads += 2) {
        trial_open(&trial, threads);
        hg_real *out = hg_mem_alloc(trial.data.shard.owned * trial.data.info.num_outputs, sizeof *out);
        assert_non_null(out);
        make_outputs(&trial.data, out);
        for (int k = 0; k < CASES; k++) check_metric(&trial, k, out);
        hg_mem_free(out);
        trial_close(&trial);
    }
    scratch_remove(folder);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(equal_naive_ones)};

HG_TEST_MAIN(tests)
