/** metrics.jsonl: a line per epoch (train/summary.h makes the lines). */
#ifndef HG_TRAIN_RUN_METRICS_H
#define HG_TRAIN_RUN_METRICS_H

#include "base/status.h"
#include "train/epoch_times.h"
#include <stdint.h>
#include <stdio.h>

/** Replaces metrics.jsonl by a new file, opened for appending. It has the lines of epochs 1 to `epochs` that run `run`
 *  has written into the old one, each once and in order: none when epochs is 0. A new file, so that a process that
 *  still writes into the old one does not write here. The durations that these lines tell are added to `times`. Local,
 *  for rank 0. */
hg_status hg_run_metrics_open(const char *path, const char *run, int64_t epochs, struct hg_epoch_times *times,
                              FILE **file);

#endif
