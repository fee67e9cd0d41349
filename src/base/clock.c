#include "base/clock.h"

#include <time.h>

double hg_clock_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void hg_clock_start(struct hg_clock *clock, int stage)
{
    clock->stage = stage;
    clock->mark = hg_clock_seconds();
}

void hg_clock_add(struct hg_clock *clock, enum hg_phase phase)
{
    const double now = hg_clock_seconds();
    clock->seconds[clock->stage][phase] += now - clock->mark;
    clock->mark = now;
}
