/** One training of a case, with given ranks, threads and layout, and its outcome: the bytes that must be the same for
 *  all ways. */
#ifndef HG_TESTS_MATRIX_RUN_H
#define HG_TESTS_MATRIX_RUN_H

#include "matrix_graph.h"
#include "scratch.h"

#include "cli/config.h"
#include "infer/edge_order.h"
#include "train/run.h"
#include <malloc.h>
#include <unistd.h>

enum { MATRIX_EPOCHS = 5 };

/** A way to run a case. */
struct matrix_way {
    const char *row; /**< row of the matrix: "RANKS" */
    int ranks;
    int threads[2]; /**< of rank 0; of the other ranks */
    enum matrix_layout layout;
    bool poison;  /**< fresh memory is filled with NaN patterns */
    bool planted; /**< one bit of one feature is flipped: for tests of the tests */
    bool restart; /**< stopped after every epoch, and resumed as matrix_segments says */
};

/** How the epochs of a way with `restart` are run: each by other ranks and threads, and from another file. */
static const struct matrix_segment {
    int ranks, threads;
    enum matrix_layout layout;
} matrix_segments[MATRIX_EPOCHS] = {
    {4, 1, M_IMPORTED}, {1, 3, M_CELL_ORDER}, {7, 1, M_IMPORTED}, {2, 2, M_CHUNKED_CELLS}, {3, 1, M_CHUNKED}};

/** What must be equal, as consecutive parts: each is "name\n", the number of its bytes as an int64, and the bytes. On
 *  rank 0 of the run; NULL on the others. */
struct matrix_outcome {
    char *bytes;
    size_t count;
};

static inline void matrix_part(FILE *to, const char *name, const void *bytes, size_t count)
{
    const int64_t length = (int64_t)count;
    if (to == NULL) return;
    fprintf(to, "%s\n", name);
    assert_int_equal(fwrite(&length, sizeof length, 1, to), 1);
    assert_int_equal(fwrite(bytes, 1, count, to), count);
}

static inline void matrix_options(const struct matrix_case *c, struct hg_train_options *options)
{
    const int layers = (int)matrix_number(c, M_LAYERS);
    const bool loops = matrix_is(c, M_LOOPS, "added") || matrix_is(c, M_LOOPS, "replaced");
    *options = hg_train_options_default();
    options->model.heads.count = layers;
    for (int l = 0; l < layers; l++)
        options->model.heads.value[l] = matrix_number(c, l == layers - 1 ? M_LAST_HEADS : M_HEADS);
    if (layers == 1) options->model.heads.value[0] = matrix_number(c, M_HEADS);
    options->model.hidden = (struct hg_int_list){1, {matrix_number(c, M_WIDTH)}};
    options->data.self_loops = loops;
    options->model.concat = matrix_is(c, M_CONCAT, "yes");
    options->model.bias = matrix_is(c, M_BIAS, "yes");
    options->model.residual = matrix_is(c, M_RESIDUAL, "yes");
    options->model.dropout = strtod(matrix_value(c, M_DROPOUT), NULL);
    options->model.attn_dropout = strtod(matrix_value(c, M_ATTN_DROPOUT), NULL);
    options->model.activation =
        (enum hg_activation)matrix_choice(c, M_ACTIVATION, hg_activation_name, HG_ACTIVATIONS);
    options->data.normalize_features =
        (enum hg_normalize)matrix_choice(c, M_NORMALIZE, hg_normalize_name, HG_NORMALIZE_KINDS);
    options->data.standardize_targets =
        matrix_is(c, M_TASK, "regression") && matrix_is(c, M_NORMALIZE, "standard");
    options->model.halo_dtype =
        (enum hg_halo_dtype)matrix_choice(c, M_HALO, hg_halo_dtype_name, HG_HALO_DTYPES);
    options->optim.kind = (enum hg_optimizer)matrix_choice(c, M_OPTIMIZER, hg_optimizer_name, HG_OPTIMIZERS);
    options->optim.lr = 0.02;
    options->optim.weight_decay = 1e-3;
    options->data.cells = matrix_number(c, M_CELLS);
    options->data.partitioner =
        (enum hg_partitioner)matrix_choice(c, M_PARTITIONER, hg_partitioner_name, HG_PARTITIONERS);
    options->seed = (int64_t)c->seed;
    options->epochs = MATRIX_EPOCHS;
}

/* Flips the last bit of the first feature of imported node 0. */
static inline void matrix_plant(struct hg_node_table *rows)
{
    hg_real *x = rows->x.dense != NULL ? rows->x.dense : rows->x.data;
    for (int64_t i = 0; i < rows->count; i++)
        if (rows->imported[i] == 0)
            ((unsigned char *)&x[rows->x.dense != NULL ? i * rows->x.cols : rows->x.indptr[i]])[0] ^= 1;
}

/* Writes a part with the rows (of `columns` numbers) of all ranks, in the order of their positions. Collective. */
static inline void matrix_rows_part(const struct hg_comm *comm, FILE *to, const char *name,
                                    const hg_real *value, int64_t columns, const int64_t *position,
                                    int64_t count)
{
    const size_t data = (size_t)columns * sizeof *value, record = sizeof *position + data;
    int64_t counts[64], total = 0;
    char *mine = hg_mem_alloc(count, record), *sorted = NULL;
    void *all = NULL;
    for (int64_t k = 0; k < count; k++) {
        memcpy(mine + (size_t)k * record, &position[k], sizeof *position);
        memcpy(mine + (size_t)k * record + sizeof *position, value + k * columns, data);
    }
    assert_ok(hg_comm_gather(comm, record, mine, count, 0, &all, counts));
    hg_mem_free(mine);
    if (to == NULL) return;
    for (int r = 0; r < comm->size; r++) total += counts[r];
    sorted = hg_mem_alloc(total, data);
    for (int64_t k = 0; k < total; k++) {
        int64_t place;
        memcpy(&place, (char *)all + (size_t)k * record, sizeof place);
        assert_in_range(place, 0, total - 1);
        memcpy(sorted + (size_t)place * data, (char *)all + (size_t)k * record + sizeof place, data);
    }
    matrix_part(to, name, sorted, (size_t)total * data);
    hg_mem_free(all);
    hg_mem_free(sorted);
}

/* Writes a part with metrics.jsonl, without its times. */
static inline void matrix_metrics_part(FILE *to, const struct hg_run_dir *dir)
{
    char path[HG_PATH_BYTES];
    size_t count, kept = 0;
    if (to == NULL) return;
    assert_ok(hg_run_dir_file(dir, "metrics.jsonl", path));
    char *text = scratch_read(path, &count);
    for (size_t k = 0; k < count; k++) {
        if (strncmp(text + k, ",\"seconds\":", 11) == 0) k += strcspn(text + k, "}");
        text[kept++] = text[k];
    }
    matrix_part(to, "metrics.jsonl", text, kept);
    hg_mem_free(text);
}

static inline void matrix_params_parts(FILE *to, const struct hg_model *model, const char *when,
                                       const hg_real *value)
{
    hg_real *disk = NULL;
    if (to == NULL) return;
    assert_ok(HG_NEW(disk, model->params.count));
    hg_params_to_disk(&model->params, value, disk);
    for (int64_t t = 0; t < model->params.num; t++) {
        const struct hg_param *param = &model->params.list[t];
        char name[2 * HG_PARAM_NAME];
        snprintf(name, sizeof name, "%s of the %s epoch", param->name, when);
        matrix_part(to, name, disk + param->offset, (size_t)param->count * sizeof *disk);
    }
    hg_mem_free(disk);
}

/* Writes parts with the outputs of every node and the attention coefficients of every edge, from a pass without
 * dropout. Collective. */
static inline void matrix_results(const struct hg_comm *comm, FILE *to, const struct hg_dataset *data,
                                  struct hg_model *model)
{
    struct hg_edge_list list;
    const hg_real *out = hg_model_forward(model, &(struct hg_pass){0});
    matrix_rows_part(comm, to, "predictions", out, data->info.num_outputs, data->rows.imported,
                     data->rows.count);
    assert_ok(hg_edge_list_create(&data->shard, NULL, &list));
    for (int l = 0; l < model->layers; l++) {
        const int heads = model->layer[l]->block.heads;
        char name[64];
        hg_real *alpha = NULL;
        assert_ok(HG_NEW(alpha, list.count * heads)); /* the list is in the shard's order */
        assert_true(hg_model_attention(model, l, alpha));
        snprintf(name, sizeof name, "attention of layer %d", l);
        matrix_rows_part(comm, to, name, alpha, heads, list.position, list.count);
        hg_mem_free(alpha);
    }
    hg_edge_list_destroy(&list);
}

static inline void matrix_collect(struct hg_run *run, struct matrix_outcome *outcome)
{
    FILE *to = run->comm->rank == 0 ? open_memstream(&outcome->bytes, &outcome->count) : NULL;
    assert_int_equal(to != NULL, run->comm->rank == 0);
    matrix_metrics_part(to, &run->dir);
    matrix_params_parts(to, run->model, "last", run->model->params.value);
    matrix_params_parts(to, run->model, "best", run->best);
    matrix_results(run->comm, to, run->data, run->model);
    if (to != NULL) assert_int_equal(fclose(to), 0);
}

/** Describes a way: "RANKS: 3 ranks, 1 threads on rank 0 and 1 on others, imported order". */
static inline void matrix_way_describe(const struct matrix_way *way, char text[MATRIX_TEXT])
{
    snprintf(text, MATRIX_TEXT, "%s: %d ranks, %d threads on rank 0 and %d on others, %s%s", way->row,
             way->ranks, way->threads[0], way->threads[1], matrix_layout_name[way->layout],
             way->poison ? ", memory poisoned" : "");
}

/** Fails, naming the way and the case, unless status is HG_OK. */
static inline void matrix_must(hg_status status, const struct matrix_way *way, const struct matrix_case *c)
{
    char what[MATRIX_TEXT], which[MATRIX_TEXT];
    matrix_way_describe(way, what);
    matrix_describe(c, which);
    if (status != HG_OK) fail_msg("%s\n  fails in the case\n  %s\n  %s", what, which, hg_status_message());
}

/* Trains on an open data set, or resumes the training; writes the outcome when it has reached its end. Collective. */
static inline hg_status matrix_train(const struct hg_comm *comm, const struct hg_train_options *options,
                                     int threads, struct hg_dataset *data, struct matrix_outcome *outcome)
{
    const enum hg_run_entry entry = options->resume ? HG_RUN_RESUME : HG_RUN_NEW;
    struct hg_backend backend;
    struct hg_model *model = NULL;
    struct hg_evaluator evaluator;
    struct hg_identity identity;
    assert_ok(hg_statistics_measure(&data->shard, &data->rows, data->mask[HG_TRAIN], &data->statistics));
    assert_ok(hg_statistics_apply(data->shard.comm, &options->data, &data->statistics, &data->rows, NULL));
    assert_ok(hg_backend_open(comm, threads, &backend));
    assert_ok(hg_dataset_model_create(&options->model, data, &backend, true, &model));
    assert_ok(hg_evaluator_create(data, &model->work, HG_METRIC_AUTO, &evaluator));
    assert_ok(hg_identity_find(comm, &options->data, data, &backend, &identity));
    static const struct hg_train_callbacks callbacks = {.write_options = hg_config_write_yaml,
                                                        .compare_options = hg_config_compare_yaml};
    struct hg_run run = {.comm = comm,
                         .options = options,
                         .callbacks = &callbacks,
                         .data = data,
                         .identity = &identity,
                         .model = model,
                         .evaluator = &evaluator};
    assert_ok(hg_run_dir_open(comm, options->out, entry, &run.dir));
    const hg_status status = hg_run_train(&run);
    if (status == HG_OK) matrix_collect(&run, outcome);
    hg_run_end(&run);
    hg_evaluator_destroy(&evaluator);
    hg_model_destroy(model);
    return status;
}

static inline void matrix_poison(bool on)
{
    mallopt(M_PERTURB, on ? 1 : 0); /* for memory that other libraries allocate */
    hg_mem_poison(on);
}

/* Opens the graph in a layout, and trains on it. Collective. */
static inline hg_status matrix_open_and_train(const struct hg_comm *comm, const char *folder, int number,
                                              const struct matrix_case *c, const struct matrix_way *way,
                                              const struct matrix_segment *segment,
                                              struct hg_train_options *options,
                                              struct matrix_outcome *outcome)
{
    struct hg_dataset data;
    char graph[MATRIX_PATH];
    matrix_path(graph, folder, number, segment->layout);
    options->data.graph = graph;
    matrix_must(hg_dataset_open(comm, &options->data, true, &data), way, c);
    assert_ok(hg_agree(comm, hg_shard_order(&data.shard, matrix_number(c, M_PART))));
    if (way->planted) matrix_plant(&data.rows);
    const hg_status status = matrix_train(comm, options, segment->threads, &data, outcome);
    hg_dataset_destroy(&data);
    return status;
}

/* One epoch by the first ranks of comm: the last of them requests to stop after it. Collective over comm. */
static inline void matrix_segment_run(const struct hg_comm *comm, const char *folder, int number,
                                      const struct matrix_case *c, const struct matrix_way *way, int epoch,
                                      struct hg_train_options *options, struct matrix_outcome *outcome)
{
    const struct matrix_segment *segment = &matrix_segments[epoch];
    const bool last = epoch == MATRIX_EPOCHS - 1, in = comm->rank < segment->ranks;
    struct hg_comm some;
    MPI_Comm group;
    MPI_Comm_split(comm->mpi, in ? 0 : MPI_UNDEFINED, comm->rank, &group);
    if (in) {
        assert_ok(hg_comm_create(group, &some));
        if (!last && some.rank == some.size - 1) hg_request(HG_REQUEST_STOP, "the test");
        const hg_status status =
            matrix_open_and_train(&some, folder, number, c, way, segment, options, outcome);
        hg_requests_take(HG_REQUEST_STOP);
        if (!last) {
            assert_int_equal(status, HG_STOPPED);
            hg_status_clear();
        } else {
            matrix_must(status, way, c);
        }
        hg_comm_destroy(&some);
        MPI_Comm_free(&group);
    }
    MPI_Request request;
    int done = 0;
    MPI_Ibarrier(comm->mpi, &request);
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE), !done) usleep(200);
}

/** Runs case `number` in a way, in its own folder. Collective over comm, which has way->ranks ranks. */
static inline struct matrix_outcome matrix_run(const struct hg_comm *comm, const char *folder, int number,
                                               const struct matrix_case *c, const struct matrix_way *way,
                                               int job)
{
    struct matrix_outcome outcome = {0};
    struct hg_train_options options;
    const struct matrix_segment whole = {way->ranks, way->threads[comm->rank > 0], way->layout};
    char out[MATRIX_PATH];
    snprintf(out, sizeof out, "%.900s/job-%d", folder, job);
    matrix_options(c, &options);
    options.out = out;
    options.resume = way->restart;
    matrix_poison(way->poison);
    for (int epoch = 0; way->restart && epoch < MATRIX_EPOCHS; epoch++)
        matrix_segment_run(comm, folder, number, c, way, epoch, &options, &outcome);
    if (!way->restart)
        matrix_must(matrix_open_and_train(comm, folder, number, c, way, &whole, &options, &outcome), way, c);
    matrix_poison(false);
    if (comm->rank == 0) scratch_remove_here(out);
    return outcome;
}

#endif
