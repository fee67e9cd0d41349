/* What is forecast for a rank beside what its training allocates and sends, for the cases of the matrix: a pair of
 * every two values of all options. An allocation that the forecast does not know of makes an item differ. */
#include "testing.h"

#include "matrix_run.h"

#include "forecast/need.h"
#include "train/run_checkpoint.h"

/* What the real set-up of a rank has allocated, and what an epoch has sent. */
struct actual {
    int64_t bytes[HG_NEED_ITEMS], sent;
    int threads;
};

static void take(struct actual *actual, enum hg_need_item item, int64_t *counted)
{
    actual->bytes[item] = hg_mem_bytes() - *counted;
    *counted = hg_mem_bytes();
}

/* Bytes of the node table, of the masks that were chosen from it, and of the statistics. */
static int64_t node_bytes(const struct hg_dataset *data)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const struct hg_node_table *rows = &data->rows;
    const struct hg_statistics *statistics = &data->statistics;
    const int n = hg_node_table_arrays(rows, arrays);
    int64_t row = sizeof *rows->stored + sizeof *rows->imported, bytes = 0;
    for (int k = 0; k < n; k++) row += (int64_t)arrays[k].bytes;
    for (int s = 0; s < HG_SPLITS; s++) row += data->mask_column[s] != NULL;
    if (rows->info.sparse)
        bytes = (rows->count + 1) * (int64_t)sizeof *rows->x.indptr +
                rows->x.indptr[rows->count] * (int64_t)(sizeof *rows->x.indices + sizeof *rows->x.data);
    if (statistics->feature_shift != NULL) bytes += 2 * statistics->features * (int64_t)sizeof(double);
    if (statistics->target_shift != NULL) bytes += 2 * statistics->targets * (int64_t)sizeof(double);
    return rows->count * row + bytes;
}

static int64_t epoch_bytes(struct hg_model *model, struct hg_evaluator *evaluator)
{
    const struct hg_pass pass = {.training = true, .epoch = 1};
    const int64_t before = hg_model_bytes_sent(model);
    hg_params_initialise(&model->params, 1);
    hg_evaluator_loss_begin(evaluator, hg_model_forward(model, &pass), hg_model_output_grad(model));
    hg_model_backward(model);
    return hg_model_bytes_sent(model) - before;
}

/* What writing a checkpoint needs for a while. Collective. */
static int64_t checkpoint_bytes(struct hg_run *run, const char *path)
{
    struct hg_trained_vector vectors[HG_TRAINED_VECTORS];
    const struct hg_statistics none = {0};
    const struct hg_graph_info unnamed = {.class_name = NULL};
    const struct hg_trained_contents contents = {.vectors = vectors,
                                                 .num_vectors = hg_run_vectors(run, vectors),
                                                 .statistics = &none,
                                                 .graph = &unnamed};
    hg_mem_peak_reset();
    assert_ok(hg_trained_write(path, run->model, &contents));
    return hg_mem_peak() - hg_mem_bytes();
}

/* Sets up the training as hg_train does. Collective. */
static void train(const struct hg_train_options *options, struct actual *actual)
{
    struct hg_dataset data;
    struct hg_backend backend;
    struct hg_model *model = NULL;
    struct hg_evaluator evaluator;
    struct hg_run run = {.comm = &hg_test_comm, .options = options};
    int64_t counted = hg_mem_bytes();
    assert_ok(hg_dataset_open(&hg_test_comm, &options->data, false, &data));
    assert_ok(hg_statistics_measure(&data.shard, &data.rows, data.mask[HG_TRAIN], &data.statistics));
    assert_ok(hg_statistics_apply(&hg_test_comm, &options->data, &data.statistics, &data.rows, NULL));
    take(actual, HG_NEED_EDGES, &counted);
    actual->bytes[HG_NEED_NODES] = node_bytes(&data);
    actual->bytes[HG_NEED_EDGES] -= actual->bytes[HG_NEED_NODES];
    assert_ok(hg_backend_open(&hg_test_comm, actual->threads, &backend));
    assert_ok(hg_dataset_model_create(&options->model, &data, &backend, true, &model));
    take(actual, HG_NEED_MODEL, &counted);
    assert_ok(hg_evaluator_create(&data, &model->work, options->metric, &evaluator));
    run.model = model;
    assert_ok(hg_run_allocate(&run));
    take(actual, HG_NEED_OPTIMIZER, &counted);
    actual->sent = epoch_bytes(model, &evaluator);
    actual->bytes[HG_NEED_CHECKPOINT] = checkpoint_bytes(&run, options->out);
    hg_run_end(&run);
    hg_evaluator_destroy(&evaluator);
    hg_model_destroy(model);
    hg_dataset_destroy(&data);
}

/* The forecast of this rank, from the file, by this rank alone. */
static void forecast(const struct hg_train_options *options, int threads, struct hg_need *need)
{
    static const struct hg_outline_assumed assumed = {.labelled = 1, .cut = -1};
    struct hg_comm alone;
    struct hg_outline outline;
    struct hg_rank_shapes shapes;
    assert_ok(hg_comm_alone(&alone));
    assert_ok(hg_outline_read(&alone, &options->data, false, &assumed, &outline));
    assert_ok(hg_outline_shapes(&outline, hg_test_comm.size, options->model.heads.count, &shapes));
    const struct hg_need_of of = {&outline, options, threads, hg_test_comm.size};
    assert_ok(
        hg_need_of_rank(&of, &shapes.part[hg_test_comm.rank], hg_test_comm.rank, hg_test_comm.size, need));
    hg_rank_shapes_destroy(&shapes);
    hg_outline_destroy(&outline);
    hg_comm_destroy(&alone);
}

static void compare(const char *what, int64_t forecast, int64_t actual, int64_t slack,
                    const struct matrix_case *c)
{
    char which[MATRIX_TEXT];
    matrix_describe(c, which);
    if (llabs(forecast - actual) > slack)
        fail_msg("%s: %lld are forecast, there are %lld\n  %s", what, (long long)forecast, (long long)actual,
                 which);
}

static void compare_case(const char *folder, int number, const struct matrix_case *c)
{
    struct hg_train_options options;
    struct hg_need need;
    struct actual actual = {.threads = 1 + number % 3};
    char graph[MATRIX_PATH], checkpoint[MATRIX_PATH];
    matrix_options(c, &options);
    snprintf(checkpoint, sizeof checkpoint, "%.900s/checkpoint.h5", folder);
    options.out = checkpoint;
    matrix_path(graph, folder, number, number % 2 == 0 ? M_IMPORTED : M_CELL_ORDER);
    options.data.graph = graph;
    train(&options, &actual);
    forecast(&options, actual.threads, &need);
    const bool sparse = matrix_is(c, M_FEATURES, "sparse");
    const int64_t values = sparse ? MATRIX_NODES * matrix_number(c, M_COLUMNS) * 50 : 0;
    compare("bytes of nodes", need.bytes[HG_NEED_NODES], actual.bytes[HG_NEED_NODES], values, c);
    compare("bytes of edges", need.bytes[HG_NEED_EDGES], actual.bytes[HG_NEED_EDGES], 256, c);
    compare("bytes of the model", need.bytes[HG_NEED_MODEL] + need.bytes[HG_NEED_SUBGRAPHS],
            actual.bytes[HG_NEED_MODEL], values + 256, c);
    compare("bytes of the optimizer", need.bytes[HG_NEED_OPTIMIZER], actual.bytes[HG_NEED_OPTIMIZER], 0, c);
    compare("bytes of a checkpoint", need.bytes[HG_NEED_CHECKPOINT], actual.bytes[HG_NEED_CHECKPOINT], 4096,
            c);
    compare("bytes sent", hg_work_bytes(&need.work), actual.sent, 0, c);
}

static void test_every_option(void **state)
{
    static struct matrix_case cases[MATRIX_CASES];
    const int count = matrix_cases(cases);
    char folder[SCRATCH_BYTES];
    (void)state;
    scratch_make(folder);
    for (int k = hg_test_comm.rank; k < count; k += hg_test_comm.size) matrix_write(folder, k, &cases[k]);
    hg_comm_barrier(&hg_test_comm);
    for (int k = 0; k < count; k++) compare_case(folder, k, &cases[k]);
    scratch_remove(folder);
}

int run(void);
int run(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_option)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

HG_TEST_MAIN_RUNNING(run())
