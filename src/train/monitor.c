#include "train/monitor.h"

#include <math.h>
#include <string.h>

void hg_watch_begin(struct hg_watch *watch, enum hg_monitor monitor, bool larger_better, int64_t patience)
{
    *watch = (struct hg_watch){.monitor = monitor, .larger_better = larger_better, .patience = patience};
    watch->best_loss = INFINITY;
    watch->best_metric = larger_better ? -INFINITY : INFINITY;
}

/* -1, 0, 1: the value is worse than, equal to, better than the best. A value that is not a number is worse. */
static int compare(double value, double best, bool larger_better)
{
    if (isnan(value)) return -1;
    if (value == best) return 0;
    return (value > best) == larger_better ? 1 : -1;
}

/* Whether either value is better than that of the best epoch so far. */
static bool better_than_saved(const struct hg_watch *watch, const struct hg_split_metrics *val)
{
    const struct hg_split_metrics *saved = &watch->best[HG_VAL];
    return watch->best_epoch == 0 || compare(val->loss, saved->loss, false) > 0 ||
           compare(val->metric, saved->metric, watch->larger_better) > 0;
}

bool hg_watch_take(struct hg_watch *watch, int64_t epoch, const struct hg_split_metrics metrics[HG_SPLITS])
{
    const struct hg_split_metrics *val = &metrics[HG_VAL];
    const int loss = compare(val->loss, watch->best_loss, false);
    const int metric = compare(val->metric, watch->best_metric, watch->larger_better);
    bool best, improved;
    switch (watch->monitor) {
    case HG_MONITOR_VAL_LOSS:
        best = improved = loss > 0;
        break;
    case HG_MONITOR_BOTH:
        best = loss >= 0 && metric >= 0 && better_than_saved(watch, val);
        improved = best || loss > 0 || metric > 0;
        break;
    default:
        best = improved = metric > 0;
    }
    if (val->entries == 0) best = improved = true;
    if (loss > 0) watch->best_loss = val->loss;
    if (metric > 0) watch->best_metric = val->metric;
    watch->waited = improved ? 0 : watch->waited + 1;
    if (best) {
        watch->best_epoch = epoch;
        memcpy(watch->best, metrics, sizeof watch->best);
    }
    return best;
}

bool hg_watch_stop(const struct hg_watch *watch)
{
    return watch->patience > 0 && watch->waited >= watch->patience;
}
