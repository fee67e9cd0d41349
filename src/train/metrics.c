#include "train/metrics.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

static double accuracy(const double sum[HG_SUM_KINDS], double spread)
{
    (void)spread;
    return (sum[HG_SUM_TP] + sum[HG_SUM_TN]) / sum[HG_SUM_COUNT];
}

/* 2 TP / (2 TP + FP + FN); 0 when nothing is positive, as scikit-learn */
static double micro_f1(const double sum[HG_SUM_KINDS], double spread)
{
    const double all = 2 * sum[HG_SUM_TP] + sum[HG_SUM_FP] + sum[HG_SUM_FN];
    (void)spread;
    return all > 0 ? 2 * sum[HG_SUM_TP] / all : 0;
}

static double rmse(const double sum[HG_SUM_KINDS], double spread)
{
    (void)spread;
    return sqrt(sum[HG_SUM_SQUARE] / sum[HG_SUM_COUNT]);
}

static double mae(const double sum[HG_SUM_KINDS], double spread)
{
    (void)spread;
    return sum[HG_SUM_ABS] / sum[HG_SUM_COUNT];
}

static double r2(const double sum[HG_SUM_KINDS], double spread)
{
    return spread > 0 ? 1 - sum[HG_SUM_SQUARE] / spread
                      : NAN; /* of constant targets nothing can be explained */
}

/* By enum hg_metric; the first stands for "by task". */
static const struct hg_metric_kind metric_kinds[] = {
    [HG_METRIC_ACCURACY] = {"accuracy", true, accuracy},
    [HG_METRIC_MICRO_F1] = {"micro_f1", true, micro_f1},
    [HG_METRIC_RMSE] = {"rmse", false, rmse},
    [HG_METRIC_MAE] = {"mae", false, mae},
    [HG_METRIC_R2] = {"r2", true, r2},
};

/* What each task is trained and judged by. */
static hg_loss_fn *task_loss(const struct hg_kernels *kernels, enum hg_task task)
{
    hg_loss_fn *const losses[HG_TASKS] = {
        [HG_SINGLE_LABEL] = kernels->loss_softmax,
        [HG_MULTI_LABEL] = kernels->loss_binary,
        [HG_REGRESSION] = kernels->loss_squared,
    };
    return losses[task];
}
static const enum hg_metric task_metric[HG_TASKS] = {
    [HG_SINGLE_LABEL] = HG_METRIC_ACCURACY,
    [HG_MULTI_LABEL] = HG_METRIC_MICRO_F1,
    [HG_REGRESSION] = HG_METRIC_RMSE,
};

static hg_status choose(enum hg_task task, enum hg_metric metric, struct hg_evaluator *evaluator)
{
    const enum hg_metric wanted = metric == HG_METRIC_AUTO ? task_metric[task] : metric;
    evaluator->loss = task_loss(evaluator->work->kernels, task);
    evaluator->kind = &metric_kinds[wanted];
    const bool of_numbers = wanted == HG_METRIC_RMSE || wanted == HG_METRIC_MAE || wanted == HG_METRIC_R2;
    if (of_numbers != (task == HG_REGRESSION))
        return hg_fail(HG_USAGE, "--metric", "%s does not fit the task %s", evaluator->kind->name,
                       hg_task_name[task]);
    return HG_OK;
}

/* The rows of a cell with the targets of a split. */
static struct hg_loss_rows split_rows(const struct hg_evaluator *evaluator, hg_lid cell, int split)
{
    const struct hg_dataset *data = evaluator->data;
    const int64_t first = data->shard.cell_offset[cell], end = data->shard.cell_offset[cell + 1];
    const int64_t cols = data->info.num_outputs;
    static const size_t size[HG_TASKS] = {[HG_SINGLE_LABEL] = sizeof(int32_t),
                                          [HG_MULTI_LABEL] = sizeof(uint8_t),
                                          [HG_REGRESSION] = sizeof(hg_real)};
    const int64_t per_row = data->info.task == HG_SINGLE_LABEL ? 1 : cols;
    return (struct hg_loss_rows){
        /* views are not const; the losses only read outputs */
        .out = hg_mat_packed((hg_real *)(uintptr_t)evaluator->out + first * cols, end - first, cols),
        .target = (const char *)hg_dataset_target(data) + (size_t)(first * per_row) * size[data->info.task],
        .mask = data->mask[split] + first,
        .unit = data->statistics.target_unit,
    };
}

/* Adds what a cell gave. */
static void add_cell(const struct hg_evaluator *evaluator, int split, int thread, double sum[HG_SUM_KINDS])
{
    for (int k = 0; k < HG_SUM_KINDS; k++) sum[k] /= evaluator->unit[split][k];
    hg_exact_add_f64(&evaluator->sums[thread], split * HG_SUM_KINDS, sum, HG_SUM_KINDS);
}

/* Sums of this rank's cells; the work of a cell is `fn`. */
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

/* ... complete on every rank. Collective. */
static void sum_ranks(struct hg_evaluator *evaluator, double total[HG_SPLITS * HG_SUM_KINDS])
{
    hg_exact_allreduce(evaluator->data->shard.comm, &evaluator->sums[0]);
    hg_exact_round_f64(&evaluator->sums[0], 0, total, evaluator->sums[0].n);
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
        const struct hg_loss_rows rows = split_rows(evaluator, cell, s);
        evaluator->loss(&rows, 0, NULL, sum);
        add_cell(evaluator, s, thread->index, sum);
    }
}

/* Errors are about as large as targets, of which few may be much larger than the others: each split has units of its own. Collective. */
static void choose_units(struct hg_evaluator *evaluator)
{
    const struct hg_dataset *data = evaluator->data;
    const hg_real *target = data->info.task == HG_REGRESSION ? data->rows.y_target : NULL;
    const int64_t cols = data->info.num_outputs;
    double largest[2 * HG_SPLITS] = {0}; /* in units of the loss, in those of the metrics */
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

/* The spread is measured as the squared error of predicting each column's mean: two passes with the loss itself. */
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
        HG_TRY(hg_exact_create(&evaluator->sums[t], HG_SPLITS * HG_SUM_KINDS, HG_LIMBS_SCALAR));
    return HG_OK;
}

hg_status hg_evaluator_create(const struct hg_dataset *data, struct hg_workspace *work, enum hg_metric metric,
                              struct hg_evaluator *evaluator)
{
    *evaluator = (struct hg_evaluator){.data = data, .work = work};
    HG_TRY(choose(data->info.task, metric, evaluator));
    HG_TRY(hg_agree(data->shard.comm, allocate(evaluator)));
    choose_units(evaluator);
    evaluator->scale = data->entries[HG_TRAIN] > 0 ? 1 / (double)data->entries[HG_TRAIN] : 0;
    return data->info.task == HG_REGRESSION ? measure_spread(evaluator) : HG_OK;
}

void hg_evaluator_destroy(struct hg_evaluator *evaluator)
{
    for (int t = 0; evaluator->sums != NULL && t < evaluator->work->threads; t++)
        hg_exact_destroy(&evaluator->sums[t]);
    HG_FREE(evaluator->sums);
}

bool hg_evaluator_defines(const struct hg_evaluator *evaluator, enum hg_split split)
{
    const bool varies = evaluator->kind != &metric_kinds[HG_METRIC_R2] || evaluator->spread[split] > 0;
    return evaluator->data->entries[split] > 0 && varies;
}

void hg_evaluator_loss_begin(struct hg_evaluator *evaluator, const hg_real *out, hg_real *grad)
{
    evaluator->out = out;
    evaluator->grad = grad;
    sum_cells(evaluator, loss_cell);
}

double hg_evaluator_loss_end(struct hg_evaluator *evaluator)
{
    double total[HG_SPLITS * HG_SUM_KINDS];
    sum_ranks(evaluator, total);
    return total[HG_TRAIN * HG_SUM_KINDS + HG_SUM_LOSS] / total[HG_TRAIN * HG_SUM_KINDS + HG_SUM_COUNT];
}

void hg_evaluator_metrics(struct hg_evaluator *evaluator, const hg_real *out,
                          struct hg_split_metrics metrics[HG_SPLITS])
{
    double total[HG_SPLITS * HG_SUM_KINDS];
    evaluator->out = out;
    sum_cells(evaluator, metrics_cell);
    sum_ranks(evaluator, total);
    for (int s = 0; s < HG_SPLITS; s++) {
        const double *sum = total + s * HG_SUM_KINDS;
        const int64_t entries = evaluator->data->entries[s];
        metrics[s] = (struct hg_split_metrics){entries, NAN, NAN};
        if (entries == 0) continue;
        metrics[s].loss = sum[HG_SUM_LOSS] / sum[HG_SUM_COUNT];
        metrics[s].metric = evaluator->kind->value(sum, evaluator->spread[s]);
    }
}
