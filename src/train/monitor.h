/** Finds the best epoch, and decides when to stop early. */
#ifndef HG_TRAIN_MONITOR_H
#define HG_TRAIN_MONITOR_H

#include "train/metrics.h"
#include "train/options.h"

/** State of monitoring the evaluations of a run. */
struct hg_watch {
    enum hg_monitor monitor;
    bool larger_better;            /**< a larger metric is better */
    int64_t patience;              /**< evaluations without improvement before stopping; 0: never stop */
    int64_t waited;                /**< evaluations since the last improvement */
    int64_t best_epoch;            /**< 0: none yet */
    double best_loss, best_metric; /**< best values so far, perhaps of different epochs; NaN: none */
    struct hg_split_metrics best[HG_SPLITS]; /**< losses and metrics of the best epoch */
};

/** Starts monitoring. Local. */
void hg_watch_begin(struct hg_watch *watch, enum hg_monitor monitor, bool larger_better, int64_t patience);

/** Records the evaluation of an epoch; true when this epoch is the best so far. By monitor:
 *
 *  val_metric  best: the better metric; among equal ones the smaller loss, then the earlier epoch. Only a better
 *              metric is an improvement.
 *  val_loss    best: the smaller loss; among equal ones the earlier epoch.
 *  both        best: neither loss nor metric is worse than its best value so far, and one of them is better than at
 *              the best epoch. A better loss, a better metric and a new best epoch are improvements. (Early stopping
 *              as in the authors' code of Velickovic et al. 2018.)
 *
 *  A metric that is not defined (NaN) is worse than any number; when none is defined, the loss is used instead. When
 *  nothing is defined or there are no validation entries, the latest evaluation is the best, so that there always is
 *  a best epoch. Local. */
bool hg_watch_take(struct hg_watch *watch, int64_t epoch, const struct hg_split_metrics metrics[HG_SPLITS]);

/** Whether the run must stop: `patience` evaluations without improvement. Local. */
bool hg_watch_stop(const struct hg_watch *watch);

#endif
