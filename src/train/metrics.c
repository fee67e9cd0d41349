#include "train/metrics.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

#define KIND(NAME, name, tasks, needs, larger_better)                                                        \
    [HG_METRIC_##                                                                                            \
        NAME] = {#name, HG_METRIC_OF_##tasks, HG_METRIC_NEEDS_##needs, larger_better, hg_metric_##name},
static const struct hg_metric_kind metric_kinds[HG_METRICS] = {HG_METRIC_LIST(KIND)};

static hg_loss_fn *task_loss(const struct hg_kernels *kernels, enum hg_task task)
{
#define LOSS(TASK, name, ...) [HG_##TASK] = kernels->loss_##name,
    hg_loss_fn *const losses[HG_TASKS] = {HG_LOSS_LIST(LOSS, )};
    return losses[task];
}

/* The metric that HG_METRIC_AUTO stands for. */
static const enum hg_metric task_metric[HG_TASKS] = {
    [HG_SINGLE_LABEL] = HG_METRIC_ACCURACY,
    [HG_MULTI_LABEL] = HG_METRIC_MICRO_F1,
    [HG_REGRESSION] = HG_METRIC_RMSE,
};

static bool fits(const struct hg_metric_kind *kind, enum hg_task task)
{
    return kind->tasks == HG_METRIC_OF_NUMBERS   ? task == HG_REGRESSION
           : kind->tasks == HG_METRIC_OF_CLASSES ? task == HG_SINGLE_LABEL
                                                 : task != HG_REGRESSION;
}

static hg_status choose(enum hg_task task, enum hg_metric metric, struct hg_evaluator *evaluator)
{
    evaluator->loss = task_loss(evaluator->work->kernels, task);
    evaluator->kind = &metric_kinds[metric == HG_METRIC_AUTO ? task_metric[task] : metric];
    if (fits(evaluator->kind, task)) return HG_OK;
    return hg_fail(HG_USAGE, "--metric", "%s does not fit the task %s", evaluator->kind->name,
                   hg_task_name[task]);
}

/* Outputs and targets of a cell's rows; the mask selects those in the split. */
static struct hg_loss_rows split_rows(const struct hg_evaluator *evaluator, hg_lid cell, int split)
{
    const struct hg_dataset *data = evaluator->data;
    const int64_t first = data->shard.cell_offset[cell], end = data->shard.cell_offset[cell + 1];
    const int64_t cols = data->info.num_outputs;
#define TARGET_BYTES(TASK, name, type, ...) [HG_##TASK] = sizeof(type),
    static const size_t size[HG_TASKS] = {HG_LOSS_LIST(TARGET_BYTES, )};
    const int64_t per_row = data->info.task == HG_SINGLE_LABEL ? 1 : cols;
    return (struct hg_loss_rows){
        /* struct hg_mat has no const variant; losses only read the outputs */
        .out = hg_mat_packed((hg_real *)(uintptr_t)evaluator->out + first * cols, end - first, cols),
        .target = (const char *)hg_dataset_target(data) + (size_t)(first * per_row) * size[data->info.task],
        .mask = data->mask[split] + first,
        .unit = data->statistics.target_unit,
    };
}

/* A thread's counts [C] of a split (thread 0's become the total); NULL when the metric does not need them. */
static struct hg_class_count *counts_of(const struct hg_evaluator *evaluator, int split, int thread)
{
    const int64_t classes = evaluator->data->info.num_outputs;
    return evaluator->count == NULL ? NULL : evaluator->count + (thread * HG_SPLITS + split) * classes;
}

/* How many integers one thread's counts of all splits hold. */
static int64_t count_numbers(const struct hg_evaluator *evaluator)
{
    return HG_SPLITS * evaluator->data->info.num_outputs * HG_CLASS_NUMBERS;
}

static void clear_counts(struct hg_evaluator *evaluator)
{
    const size_t bytes = (size_t)count_numbers(evaluator) * sizeof(int64_t);
    if (evaluator->count != NULL) memset(evaluator->count, 0, (size_t)evaluator->work->threads * bytes);
}

/* Adds the counts of all threads and ranks. They are integers, so the order does not matter. Collective. */
static void sum_counts(struct hg_evaluator *evaluator)
{
    int64_t *total = (int64_t *)evaluator->count;
    const int64_t n = count_numbers(evaluator);
    if (total == NULL) return;
    for (int64_t k = n; k < n * evaluator->work->threads; k++) total[k % n] += total[k];
    hg_comm_sum_i64(evaluator->data->shard.comm, total, n);
}

/* Adds the sums of one cell to those of the thread. */
static void add_cell(const struct hg_evaluator *evaluator, int split, int thread, double sum[HG_SUM_KINDS])
{
    for (int k = 0; k < HG_SUM_KINDS; k++) sum[k] /= evaluator->unit[split][k];
    hg_exact_add_f64(&evaluator->sums[thread], split * HG_SUM_KINDS, sum, HG_SUM_KINDS);
}

/* Sums over this rank's cells, into sums[0]: `fn` adds the sums of a cell. */
static void sum_cells(struct hg_evaluator *evaluator, hg_cell_fn *fn)
{
    struct hg_workspace *work = evaluator->work;
    for (int t = 0; t < work->threads; t++) hg_exact_zero(&evaluator->sums[t]);
    hg_workspace_cells(work, fn, evaluator);
    for (int t = 1; t < work->threads; t++) {
        hg_exact_merge(&evaluator->sums[0], &evaluator->sums[t], 0, evaluator->sums[0].n);
        hg_exact_merge_nonfinite(&evaluator->sums[0], &evaluator->sums[t]);
    }
}

/* total: sums[0] summed over all ranks, in original units; all NaN when a summand was not finite. Collective. */
static void sum_ranks(struct hg_evaluator *evaluator, double total[HG_SPLITS * HG_SUM_KINDS])
{
    hg_exact_allreduce(evaluator->data->shard.comm, &evaluator->sums[0]);
    hg_exact_round_f64(&evaluator->sums[0], 0, total, HG_SPLITS * HG_SUM_KINDS);
    for (int s = 0; s < HG_SPLITS; s++)
        for (int k = 0; k < HG_SUM_KINDS; k++) total[s * HG_SUM_KINDS + k] *= evaluator->unit[s][k];
    for (int k = 0; hg_exact_nonfinite(&evaluator->sums[0]) > 0 && k < HG_SPLITS * HG_SUM_KINDS; k++)
        total[k] = NAN;
}

static void loss_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_evaluator *evaluator = context;
    double sum[HG_SUM_KINDS] = {0};
    const struct hg_loss_rows rows = split_rows(evaluator, cell, HG_TRAIN);
    evaluator->loss(&rows, evaluator->scale,
                    evaluator->grad + evaluator->data->shard.cell_offset[cell] * rows.out.cols, sum);
    add_cell(evaluator, HG_TRAIN, thread->index, sum);
}

static void metrics_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_evaluator *evaluator = context;
    for (int s = 0; s < HG_SPLITS; s++) {
        double sum[HG_SUM_KINDS] = {0};
        if (evaluator->data->entries[s] == 0) continue;
        struct hg_loss_rows rows = split_rows(evaluator, cell, s);
        rows.count = counts_of(evaluator, s, thread->index);
        evaluator->loss(&rows, 0, NULL, sum);
        add_cell(evaluator, s, thread->index, sum);
    }
}

/* Chooses the units of exact sums from the largest target, because errors are about as large as targets. Each split
 * has its own units: a few targets in another split may be much larger. Collective. */
static void choose_units(struct hg_evaluator *evaluator)
{
    const struct hg_dataset *data = evaluator->data;
    const hg_real *target = data->info.task == HG_REGRESSION ? data->rows.y_target : NULL;
    const int64_t cols = data->info.num_outputs;
    /* of each split: the largest target as the loss sees it, and as metrics see it (target_unit) */
    double largest[2 * HG_SPLITS] = {0};
    for (int s = 0; s < HG_SPLITS; s++) {
        for (int64_t k = 0; target != NULL && data->entries[s] > 0 && k < data->shard.owned * cols; k++) {
            const double size = fabs((double)target[k]), *unit = data->statistics.target_unit;
            if (!data->mask[s][k / cols] || isnan(size)) continue;
            largest[2 * s] = fmax(largest[2 * s], size);
            largest[2 * s + 1] = fmax(largest[2 * s + 1], unit != NULL ? size * unit[k % cols] : size);
        }
    }
    hg_comm_max_f64(data->shard.comm, largest, 2 * HG_SPLITS);
    for (int s = 0; s < HG_SPLITS; s++) {
        const double loss = hg_exact_unit(largest[2 * s]), metric = hg_exact_unit(largest[2 * s + 1]);
        for (int k = 0; k < HG_SUM_KINDS; k++) evaluator->unit[s][k] = 1;
        evaluator->unit[s][HG_SUM_LOSS] = loss * loss;
        evaluator->unit[s][HG_SUM_ABS] = metric;
        evaluator->unit[s][HG_SUM_SQUARE] = metric * metric;
    }
}

/* Computes hg_metric_input.spread of each split as the squared error of outputs that equal the mean of each column:
 * one pass for the means, one with the loss function for the errors. Collective. */
static hg_status measure_spread(struct hg_evaluator *evaluator)
{
    const struct hg_dataset *data = evaluator->data;
    const struct hg_shard *shard = &data->shard;
    const int64_t cols = data->info.num_outputs;
    struct hg_statistics mean = {.targets = cols};
    for (int s = 0; s < HG_SPLITS; s++) {
        double total[HG_SPLITS * HG_SUM_KINDS];
        hg_real *constant = NULL;
        if (data->entries[s] == 0) continue;
        hg_status status = HG_NEW(mean.target_shift, cols);
        if (status == HG_OK) status = HG_NEW(mean.target_unit, cols);
        if (status == HG_OK) status = HG_NEW(constant, shard->owned * cols);
        status = hg_agree(shard->comm, status);
        if (status == HG_OK) status = hg_statistics_measure(shard, &data->rows, data->mask[s], &mean);
        if (status == HG_OK) {
            for (int64_t k = 0; k < shard->owned * cols; k++)
                constant[k] = (hg_real)mean.target_shift[k % cols];
            evaluator->out = constant;
            sum_cells(evaluator, metrics_cell);
            sum_ranks(evaluator, total);
            evaluator->spread[s] = total[s * HG_SUM_KINDS + HG_SUM_SQUARE];
        }
        hg_statistics_destroy(&mean);
        HG_FREE(constant);
        HG_TRY(status);
    }
    return HG_OK;
}

static hg_status allocate(struct hg_evaluator *evaluator)
{
    HG_TRY(HG_NEW(evaluator->sums, evaluator->work->threads));
    for (int t = 0; t < evaluator->work->threads; t++)
        HG_TRY(hg_exact_create(&evaluator->sums[t], HG_SPLITS * HG_SUM_KINDS + HG_REQUESTS, HG_LIMBS_SCALAR));
    if (evaluator->kind->needs != HG_METRIC_NEEDS_COUNTS) return HG_OK;
    const int64_t counts = evaluator->work->threads * HG_SPLITS * evaluator->data->info.num_outputs;
    return HG_NEW(evaluator->count, counts);
}

hg_status hg_evaluator_create(const struct hg_dataset *data, struct hg_workspace *work, enum hg_metric metric,
                              struct hg_evaluator *evaluator)
{
    *evaluator = (struct hg_evaluator){.data = data, .work = work};
    HG_TRY(choose(data->info.task, metric, evaluator));
    HG_TRY(hg_agree(data->shard.comm, allocate(evaluator)));
    choose_units(evaluator);
    evaluator->scale = data->entries[HG_TRAIN] > 0 ? 1 / (double)data->entries[HG_TRAIN] : 0;
    return evaluator->kind->needs == HG_METRIC_NEEDS_SPREAD ? measure_spread(evaluator) : HG_OK;
}

void hg_evaluator_destroy(struct hg_evaluator *evaluator)
{
    for (int t = 0; evaluator->sums != NULL && t < evaluator->work->threads; t++)
        hg_exact_destroy(&evaluator->sums[t]);
    HG_FREE(evaluator->sums);
    HG_FREE(evaluator->count);
}

bool hg_evaluator_defines(const struct hg_evaluator *evaluator, enum hg_split split)
{
    const bool varies = evaluator->kind->needs != HG_METRIC_NEEDS_SPREAD || evaluator->spread[split] > 0;
    return evaluator->data->entries[split] > 0 && varies;
}

void hg_evaluator_loss_begin(struct hg_evaluator *evaluator, const hg_real *out, hg_real *grad)
{
    evaluator->out = out;
    evaluator->grad = grad;
    sum_cells(evaluator, loss_cell);
}

/* The sums that follow those of the splits: how many ranks have made each request. */
static void add_requests(struct hg_exact *sums, unsigned requests)
{
    double made[HG_REQUESTS];
    for (int k = 0; k < HG_REQUESTS; k++) made[k] = requests >> k & 1u;
    hg_exact_add_f64(sums, HG_SPLITS * HG_SUM_KINDS, made, HG_REQUESTS);
}

static unsigned all_requests(const struct hg_exact *sums)
{
    double made[HG_REQUESTS];
    unsigned requests = 0;
    hg_exact_round_f64(sums, HG_SPLITS * HG_SUM_KINDS, made, HG_REQUESTS);
    for (int k = 0; k < HG_REQUESTS; k++) requests |= (unsigned)(made[k] > 0) << k;
    return requests;
}

double hg_evaluator_loss_end(struct hg_evaluator *evaluator, unsigned *requests)
{
    double total[HG_SPLITS * HG_SUM_KINDS];
    add_requests(&evaluator->sums[0], *requests);
    sum_ranks(evaluator, total);
    *requests = all_requests(&evaluator->sums[0]);
    return total[HG_TRAIN * HG_SUM_KINDS + HG_SUM_LOSS] / total[HG_TRAIN * HG_SUM_KINDS + HG_SUM_COUNT];
}

void hg_evaluator_metrics(struct hg_evaluator *evaluator, const hg_real *out,
                          struct hg_split_metrics metrics[HG_SPLITS])
{
    double total[HG_SPLITS * HG_SUM_KINDS];
    evaluator->out = out;
    clear_counts(evaluator);
    sum_cells(evaluator, metrics_cell);
    sum_ranks(evaluator, total);
    sum_counts(evaluator);
    for (int s = 0; s < HG_SPLITS; s++) {
        const double *sum = total + s * HG_SUM_KINDS;
        const struct hg_metric_input in = {sum, evaluator->spread[s], evaluator->data->info.num_outputs,
                                           counts_of(evaluator, s, 0)};
        const int64_t entries = evaluator->data->entries[s];
        metrics[s] = (struct hg_split_metrics){entries, NAN, NAN};
        if (entries == 0 || isnan(sum[HG_SUM_COUNT])) continue;
        metrics[s].loss = sum[HG_SUM_LOSS] / sum[HG_SUM_COUNT];
        metrics[s].metric = evaluator->kind->value(&in);
    }
}
