#include "train/progress.h"

#include "base/clock.h"
#include <math.h>
#include <stdio.h>
#include <unistd.h>

void hg_progress_begin(struct hg_progress *progress, bool silent, int64_t epochs, const char *metric)
{
    *progress =
        (struct hg_progress){silent, isatty(STDOUT_FILENO) != 0, epochs, metric, hg_clock_seconds(), 0};
}

static bool due(const struct hg_progress *progress, int64_t epoch, double now)
{
    if (epoch == progress->epochs) return true;
    if (progress->terminal) return now - progress->last_shown >= 0.1;
    return epoch == 1 || epoch % hg_max_i64(1, progress->epochs / 10) == 0;
}

void hg_progress_show(struct hg_progress *progress, const struct hg_progress_point *point)
{
    const double now = hg_clock_seconds();
    if (progress->silent || !due(progress, point->epoch, now)) return;
    const double per_epoch = (now - progress->start) / (double)point->epoch;
    const double remaining = per_epoch * (double)(progress->epochs - point->epoch);
    char val[64] = "";
    if (!isnan(point->val)) snprintf(val, sizeof val, "  val %s %.4f", progress->metric, point->val);
    printf("%sepoch %lld/%lld  loss %.4f%s  %.4f s/epoch  %lld:%02lld left%s", progress->terminal ? "\r" : "",
           (long long)point->epoch, (long long)progress->epochs, point->loss, val, point->seconds,
           (long long)remaining / 60, (long long)remaining % 60, progress->terminal ? "\x1b[K" : "\n");
    fflush(stdout);
    progress->last_shown = now;
}

void hg_progress_end(struct hg_progress *progress)
{
    if (progress->silent || !progress->terminal) return;
    printf("\n");
    fflush(stdout);
}
