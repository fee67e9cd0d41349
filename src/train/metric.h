/** The metrics, as functions of sums over the labelled entries of a split.
 *
 *  To add a metric: a line in HG_METRIC_LIST, whose order is also that of the choices of --metric, and its function
 *  below.
 */
#ifndef HG_TRAIN_METRIC_H
#define HG_TRAIN_METRIC_H

#include "kernels/loss.h"
#include <math.h>

/** The tasks for which a metric is defined. */
enum hg_metric_tasks {
    HG_METRIC_OF_CLASSES, /**< single-label */
    HG_METRIC_OF_LABELS,  /**< single-label and multi-label */
    HG_METRIC_OF_NUMBERS, /**< regression */
};

/** What a metric needs in addition to the sums. It is computed only for metrics that need it. */
enum hg_metric_needs {
    HG_METRIC_NEEDS_SUMS,   /**< nothing more */
    HG_METRIC_NEEDS_SPREAD, /**< hg_metric_input.spread; the metric is not defined when it is 0 */
    HG_METRIC_NEEDS_COUNTS, /**< hg_metric_input.count; only for HG_METRIC_OF_CLASSES */
};

/** X(NAME, name, tasks, needs, larger_better) for each metric: for accuracy, the constant HG_METRIC_ACCURACY,
 *  "accuracy" in options and outputs, and the function hg_metric_accuracy. */
#define HG_METRIC_LIST(X)                                                                                    \
    X(ACCURACY, accuracy, LABELS, SUMS, true)                                                                \
    X(MICRO_F1, micro_f1, LABELS, SUMS, true)                                                                \
    X(RMSE, rmse, NUMBERS, SUMS, false)                                                                      \
    X(MAE, mae, NUMBERS, SUMS, false)                                                                        \
    X(R2, r2, NUMBERS, SPREAD, true)                                                                         \
    X(BALANCED_ACCURACY, balanced_accuracy, CLASSES, COUNTS, true)

/** HG_METRIC_AUTO: accuracy (single-label), micro-F1 (multi-label) or RMSE (regression). */
#define HG_METRIC_NAMED(NAME, ...) HG_METRIC_##NAME,
enum hg_metric { HG_METRIC_AUTO, HG_METRIC_LIST(HG_METRIC_NAMED) HG_METRICS };
#undef HG_METRIC_NAMED

/** Sums over the labelled entries of a split, from which metrics are computed. */
struct hg_metric_input {
    const double *sum; /**< [HG_SUM_KINDS] */
    double spread;     /**< sum (y - mean y)^2 over targets y, with the mean of each column */
    int64_t classes;
    const struct hg_class_count *count; /**< [classes]; NULL: the metric does not need it */
};

/** The value of a metric; NaN when it is not defined. Local. */
typedef double hg_metric_fn(const struct hg_metric_input *in);

static inline double hg_metric_accuracy(const struct hg_metric_input *in)
{
    return (in->sum[HG_SUM_TP] + in->sum[HG_SUM_TN]) / in->sum[HG_SUM_COUNT];
}

/* 2 TP / (2 TP + FP + FN); 0 when TP, FP and FN are 0, as in scikit-learn. */
static inline double hg_metric_micro_f1(const struct hg_metric_input *in)
{
    const double all = 2 * in->sum[HG_SUM_TP] + in->sum[HG_SUM_FP] + in->sum[HG_SUM_FN];
    return all > 0 ? 2 * in->sum[HG_SUM_TP] / all : 0;
}

static inline double hg_metric_rmse(const struct hg_metric_input *in)
{
    return sqrt(in->sum[HG_SUM_SQUARE] / in->sum[HG_SUM_COUNT]);
}

static inline double hg_metric_mae(const struct hg_metric_input *in)
{
    return in->sum[HG_SUM_ABS] / in->sum[HG_SUM_COUNT];
}

/* 1 - sum (o - y)^2 / sum (y - mean y)^2, the explained share of the variance; not defined when the targets
 * of each column are all equal, because there is no variance then. */
static inline double hg_metric_r2(const struct hg_metric_input *in)
{
    return in->spread > 0 ? 1 - in->sum[HG_SUM_SQUARE] / in->spread : (double)NAN;
}

/* Mean recall (right / labelled) of the classes that have labelled rows in the split; scikit-learn's
 * balanced_accuracy_score. */
static inline double hg_metric_balanced_accuracy(const struct hg_metric_input *in)
{
    double recalls = 0;
    int64_t present = 0;
    for (int64_t c = 0; c < in->classes; c++) {
        if (in->count[c].labelled == 0) continue;
        recalls += (double)in->count[c].right / (double)in->count[c].labelled;
        present++;
    }
    return present > 0 ? recalls / (double)present : (double)NAN;
}

#endif
