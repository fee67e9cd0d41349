/** What a run says of itself: lines of metrics.jsonl and summary.json (docs/formats.md).
 */
#ifndef HG_TRAIN_SUMMARY_H
#define HG_TRAIN_SUMMARY_H

#include "train/run.h"
#include <jansson.h>

/** A number, or null when it is not finite: JSON has no NaN. A new reference. Local. */
json_t *hg_summary_number(double value);

/** The line of an epoch; metrics NULL: not evaluated. A new reference, NULL when out of memory. Local. */
json_t *hg_summary_epoch(const struct hg_run *run, int64_t epoch, const struct hg_split_metrics *metrics);

/** What the run watches, at its best epoch: validation loss for val_loss, else the validation metric; NaN when it is
 *  not defined. Local. */
double hg_summary_best_val(const struct hg_run *run);

/** The test metric at the best epoch; NaN without one. Local. */
double hg_summary_test_at_best(const struct hg_run *run);

/** Median of the training epochs' seconds. Reorders run->epoch_seconds. Local. */
double hg_summary_epoch_seconds(struct hg_run *run);

/** Mean seconds that pass for an epoch, evaluation, waiting and writing included. Local. */
double hg_summary_wall_seconds(const struct hg_run *run);

/** Writes summary.json. Collective. */
hg_status hg_summary_write(struct hg_run *run);

/** Adds "options": those that make the run, in their types, as --config reads them back. Local. */
hg_status hg_summary_options(json_t *summary, const struct hg_train_options *options,
                             const struct hg_train_callbacks *callbacks);

/** Mean and standard deviation (n - 1; 0 for one value) of `count` values; NaN when one of them is. Local. */
void hg_summary_mean(const double *values, int64_t count, double *mean, double *deviation);

#endif
