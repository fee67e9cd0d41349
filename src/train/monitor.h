/** Which epoch is the best, and when to stop. */
#ifndef HG_TRAIN_MONITOR_H
#define HG_TRAIN_MONITOR_H

#include "train/config.h"
#include "train/metrics.h"

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

/** Takes an evaluation; true when it is the best so far (ties go to the earlier epoch).
 *
 *  val_metric, val_loss: strictly better in that value.
 *  both: best when neither loss nor metric is worse than its best value and one is better than at the best epoch; an evaluation
 *        that improves either resets the wait (Velickovic et al. 2018, the authors' early stopping).
 *  Without validation entries every evaluation is the best. Local. */
bool hg_watch_take(struct hg_watch *watch, int64_t epoch, const struct hg_split_metrics metrics[HG_SPLITS]);

/** Whether patience is used up. Local. */
bool hg_watch_stop(const struct hg_watch *watch);

#endif
