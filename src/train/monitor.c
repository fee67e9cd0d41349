#include "train/monitor.h"

#include <math.h>
#include <string.h>

void hg_watch_begin(struct hg_watch *watch, enum hg_monitor monitor, bool larger_better, int64_t patience)
{
    *watch = (struct hg_watch){.monitor = monitor, .larger_better = larger_better, .patience = patience};
    watch->best_loss = watch->best_metric = NAN;
}

/* -1, 0 or 1: the value is worse than, equal to, or better than `best`. NaN (not defined) is worse than any
 * number. */
static int compare(double value, double best, bool larger_better)
{
    if (isnan(value) || isnan(best)) return (int)isnan(best) - (int)isnan(value);
    if (value == best) return 0;
    return (value > best) == larger_better ? 1 : -1;
}

/* An evaluation compared (as by compare) with the best loss and the best metric seen so far, and with loss and metric
 * of the best epoch. */
struct standing {
    int loss, metric, saved_loss, saved_metric;
};

static bool best_by_metric(const struct standing *s)
{
    return s->saved_metric > 0 || (s->saved_metric == 0 && s->saved_loss > 0);
}

static bool best_by_loss(const struct standing *s)
{
    return s->saved_loss > 0;
}

static bool best_by_both(const struct standing *s)
{
    return s->loss >= 0 && s->metric >= 0 && (s->saved_loss > 0 || s->saved_metric > 0);
}

static bool improves(enum hg_monitor monitor, const struct standing *s, bool has_metric)
{
    const bool loss = s->loss > 0, metric = has_metric ? s->metric > 0 : loss;
    if (monitor == HG_MONITOR_BOTH) return loss || metric || best_by_both(s);
    return monitor == HG_MONITOR_VAL_LOSS ? loss : metric;
}

/* The value that is monitored; the loss where the metric is not defined, for example R2 of constant targets. */
static double watched(enum hg_monitor monitor, const struct hg_split_metrics *val)
{
    return monitor == HG_MONITOR_VAL_LOSS || isnan(val->metric) ? val->loss : val->metric;
}

bool hg_watch_take(struct hg_watch *watch, int64_t epoch, const struct hg_split_metrics metrics[HG_SPLITS])
{
    static bool (*const best_by[])(const struct standing *) = {[HG_MONITOR_VAL_METRIC] = best_by_metric,
                                                               [HG_MONITOR_VAL_LOSS] = best_by_loss,
                                                               [HG_MONITOR_BOTH] = best_by_both};
    const struct hg_split_metrics *val = &metrics[HG_VAL], *saved = &watch->best[HG_VAL];
    const struct standing standing = {compare(val->loss, watch->best_loss, false),
                                      compare(val->metric, watch->best_metric, watch->larger_better),
                                      compare(val->loss, saved->loss, false),
                                      compare(val->metric, saved->metric, watch->larger_better)};
    const bool blind = isnan(watched(watch->monitor, val)) && isnan(watched(watch->monitor, saved));
    const bool best =
        watch->best_epoch == 0 || val->entries == 0 || blind || best_by[watch->monitor](&standing);
    const bool improved = val->entries == 0 || improves(watch->monitor, &standing, !isnan(val->metric));
    if (standing.loss > 0) watch->best_loss = val->loss;
    if (standing.metric > 0) watch->best_metric = val->metric;
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
