/** Losses and metrics (train/metric.h) of the splits: one partial per cell, exact sums.
 */
#ifndef HG_TRAIN_METRICS_H
#define HG_TRAIN_METRICS_H

#include "dist/reduction.h"
#include "kernels/loss.h"
#include "nn/workspace.h"
#include "train/dataset.h"
#include "train/metric.h"

/** Metrics of one split; NaN where they are not defined: no labelled entries, R2 of constant targets, outputs that are not
 *  finite. */
struct hg_split_metrics {
    int64_t entries;
    double loss;   /**< mean over entries */
    double metric; /**< the run's metric */
};

/** A line of HG_METRIC_LIST. */
struct hg_metric_kind {
    const char *name; /**< "accuracy" ... */
    enum hg_metric_tasks tasks;
    enum hg_metric_needs needs;
    bool larger_better;
    hg_metric_fn *value;
};

/** Sums over the splits, with buffers for every thread. */
struct hg_evaluator {
    const struct hg_dataset *data;
    struct hg_workspace *work;
    const struct hg_metric_kind *kind;
    hg_loss_fn *loss;
    struct hg_exact *sums; /**< [threads] of HG_SPLITS x HG_SUM_KINDS; the first is the total */
    double unit[HG_SPLITS][HG_SUM_KINDS]; /**< sums are made in these (hg_exact_unit) */
    double spread[HG_SPLITS];             /**< hg_metric_input.spread, where the metric needs it */
    struct hg_class_count *
        count; /**< [threads, HG_SPLITS, C], where the metric needs them; those of thread 0 become the total */
    const hg_real *out; /**< of the current pass */
    hg_real *grad;
    double scale;
};

/** Chooses loss and metric (HG_METRIC_AUTO: accuracy, micro-F1 or RMSE by task) and allocates; HG_USAGE when the metric does
 *  not fit the task. Destroy also after a failure. Collective. */
hg_status hg_evaluator_create(const struct hg_dataset *data, struct hg_workspace *work, enum hg_metric metric,
                              struct hg_evaluator *evaluator);
void hg_evaluator_destroy(struct hg_evaluator *evaluator);

/** Whether the metric is defined on a split: it has labelled entries, and they are not all equal where the metric needs
 *  their spread. Local. */
bool hg_evaluator_defines(const struct hg_evaluator *evaluator, enum hg_split split);

/** Gradient into grad [owned, C] of the loss (mean over the training entries of the whole graph) of outputs [owned, C]. Waits for no
 *  other rank. Local; allocates nothing. */
void hg_evaluator_loss_begin(struct hg_evaluator *evaluator, const hg_real *out, hg_real *grad);

/** The loss itself; NaN when a term is not finite. Collective; allocates nothing. */
double hg_evaluator_loss_end(struct hg_evaluator *evaluator);

/** Loss and metric of every split from outputs [owned, C]. Collective; allocates nothing. */
void hg_evaluator_metrics(struct hg_evaluator *evaluator, const hg_real *out,
                          struct hg_split_metrics metrics[HG_SPLITS]);

#endif
