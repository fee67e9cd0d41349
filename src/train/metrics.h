/** Losses and metrics (train/metric.h) of the splits. Each cell gives one partial sum, and partial sums are added
 *  exactly (hg_exact), so that results do not depend on threads and ranks.
 */
#ifndef HG_TRAIN_METRICS_H
#define HG_TRAIN_METRICS_H

#include "base/requests.h"
#include "dist/reduction.h"
#include "kernels/loss.h"
#include "nn/workspace.h"
#include "train/dataset.h"
#include "train/metric.h"

/** Loss and metric of one split; NaN when not defined: without labelled entries, R2 of equal targets, or outputs that
 *  are not finite. */
struct hg_split_metrics {
    int64_t entries; /**< labelled entries of the whole graph */
    double loss;     /**< mean over entries */
    double metric;   /**< the run's metric */
};

/** A metric: one line of HG_METRIC_LIST. */
struct hg_metric_kind {
    const char *name; /**< "accuracy" ... */
    enum hg_metric_tasks tasks;
    enum hg_metric_needs needs;
    bool larger_better;
    hg_metric_fn *value;
};

/** Computes losses and metrics of the splits, with sums for every thread. */
struct hg_evaluator {
    const struct hg_dataset *data;
    struct hg_workspace *work;
    const struct hg_metric_kind *kind;
    hg_loss_fn *loss;
    /** [threads], each [HG_SPLITS, HG_SUM_KINDS], then [HG_REQUESTS]; the first becomes the total */
    struct hg_exact *sums;
    double unit[HG_SPLITS][HG_SUM_KINDS]; /**< summands are divided by these units (hg_exact_unit) */
    double spread[HG_SPLITS];             /**< hg_metric_input.spread, if the metric needs it */
    struct hg_class_count *
        count; /**< [threads, HG_SPLITS, C]; thread 0's become the total; NULL: the metric does not need them */
    const hg_real *out; /**< [owned, C] outputs of the current pass */
    hg_real *grad;      /**< [owned, C] gradient that the current pass writes */
    double scale;       /**< 1 / number of training entries; 0 without any */
};

/** Chooses loss and metric (HG_METRIC_AUTO: by task) and allocates. HG_USAGE when the metric is not defined for the
 *  task. `data` and `work` must outlive the evaluator. Destroy also after a failure. Collective. */
hg_status hg_evaluator_create(const struct hg_dataset *data, struct hg_workspace *work, enum hg_metric metric,
                              struct hg_evaluator *evaluator);
void hg_evaluator_destroy(struct hg_evaluator *evaluator);

/** Whether the metric is defined for a split: the split has labelled entries, and hg_metric_input.spread, if the
 *  metric needs it, is not 0. Local. */
bool hg_evaluator_defines(const struct hg_evaluator *evaluator, enum hg_split split);

/** Writes to grad [owned, C] the gradient of the loss (mean over the training entries of the whole graph) with
 *  respect to the outputs out [owned, C]. Local: does not communicate. Allocates nothing. */
void hg_evaluator_loss_begin(struct hg_evaluator *evaluator, const hg_real *out, hg_real *grad);

/** The loss of the outputs that hg_evaluator_loss_begin got; NaN when a term is not finite. *requests: in: what this
 *  rank requests (base/requests.h); out: what any rank does. It travels with the loss, so that all ranks act in the
 *  same epoch without another message. Collective; allocates nothing. */
double hg_evaluator_loss_end(struct hg_evaluator *evaluator, unsigned *requests);

/** Loss and metric of every split, from outputs out [owned, C]. Collective; allocates nothing. */
void hg_evaluator_metrics(struct hg_evaluator *evaluator, const hg_real *out,
                          struct hg_split_metrics metrics[HG_SPLITS]);

#endif
