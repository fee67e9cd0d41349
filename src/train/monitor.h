/** Which epoch is the best, and when to stop. */
#ifndef HG_TRAIN_MONITOR_H
#define HG_TRAIN_MONITOR_H

#include "train/metrics.h"
#include "train/options.h"

/** The evaluations so far. */
struct hg_watch {
    enum hg_monitor monitor;
    bool larger_better; /**< of the metric */
    int64_t patience;   /**< evaluations without improvement before stopping; 0: never */
    int64_t waited;
    int64_t best_epoch;                      /**< 0: none yet */
    double best_loss, best_metric;           /**< best values seen so far */
    struct hg_split_metrics best[HG_SPLITS]; /**< all metrics of the best epoch */
};

/** Starts watching. Local. */
void hg_watch_begin(struct hg_watch *watch, enum hg_monitor monitor, bool larger_better, int64_t patience);

/** Takes an evaluation; true when it is the best so far.
 *
 *  val_metric: better in the metric; of equal ones the smaller loss, then the earlier epoch. Only a better metric
 *              resets the wait.
 *  val_loss: strictly smaller loss.
 *  both: best when neither loss nor metric is worse than its best value and one is better than at the best epoch; an
 *        evaluation that improves either resets the wait (Velickovic et al. 2018, the authors' early stopping).
 *  A metric that is not defined (NaN) is worse than any that is, and where none is the loss takes its place; while
 *  nothing is defined, and without validation entries, the last evaluation is the best, so that there always is one.
 *  Local. */
bool hg_watch_take(struct hg_watch *watch, int64_t epoch, const struct hg_split_metrics metrics[HG_SPLITS]);

/** Whether patience is used up. Local. */
bool hg_watch_stop(const struct hg_watch *watch);

#endif
