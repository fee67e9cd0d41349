/** Seconds of the training epochs of a run, without evaluation: of the newest HG_EPOCH_TIMES, however many there are.
 *  All functions are Local. */
#ifndef HG_TRAIN_EPOCH_TIMES_H
#define HG_TRAIN_EPOCH_TIMES_H

#include <stdint.h>

enum { HG_EPOCH_TIMES = 4096 };

/** Zeroed: no epoch. */
struct hg_epoch_times {
    double seconds[HG_EPOCH_TIMES]; /**< of epoch k (from 0) at k modulo HG_EPOCH_TIMES */
    int64_t count;                  /**< epochs so far */
};

/** Adds the next epoch. */
void hg_epoch_times_add(struct hg_epoch_times *times, double seconds);

/** Of the last epoch; 0 without one. */
double hg_epoch_times_last(const struct hg_epoch_times *times);

/** The median of the newest; 0 without one. Sorts them: no epoch may be added afterwards. */
double hg_epoch_times_median(struct hg_epoch_times *times);

#endif
