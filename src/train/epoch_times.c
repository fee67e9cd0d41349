#include "train/epoch_times.h"

#include "base/types.h"
#include <stdlib.h>

void hg_epoch_times_add(struct hg_epoch_times *times, double seconds)
{
    times->seconds[times->count++ % HG_EPOCH_TIMES] = seconds;
}

double hg_epoch_times_last(const struct hg_epoch_times *times)
{
    return times->count > 0 ? times->seconds[(times->count - 1) % HG_EPOCH_TIMES] : 0;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double hg_epoch_times_median(struct hg_epoch_times *times)
{
    const int64_t n = hg_min_i64(times->count, HG_EPOCH_TIMES);
    if (n == 0) return 0;
    qsort(times->seconds, (size_t)n, sizeof *times->seconds, by_value);
    return (times->seconds[(n - 1) / 2] + times->seconds[n / 2]) / 2;
}
