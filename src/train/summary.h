/** Makes the lines of metrics.jsonl, and summary.json (docs/formats.md).
 */
#ifndef HG_TRAIN_SUMMARY_H
#define HG_TRAIN_SUMMARY_H

#include "train/run.h"
#include <jansson.h>

/** A JSON number, or null when the value is not finite, since JSON has no NaN. A new reference. Local. */
json_t *hg_summary_number(double value);

/** The line of an epoch; metrics NULL: the epoch was not evaluated. A new reference; NULL when out of memory.
 *  Local. */
json_t *hg_summary_epoch(const struct hg_run *run, int64_t epoch, const struct hg_split_metrics *metrics);

/** The monitored value at the best epoch: the validation loss for monitor val_loss, else the validation metric; NaN
 *  when not defined. Local. */
double hg_summary_best_val(const struct hg_run *run);

/** The test metric at the best epoch; NaN when not defined. Local. */
double hg_summary_test_at_best(const struct hg_run *run);

/** Mean seconds per epoch, with evaluation, waiting and writing. Local. */
double hg_summary_wall_seconds(const struct hg_run *run);

/** *test: the test metric of a complete run, from FOLDER/summary.json; NaN when it is not defined. Fails when the file
 *  is missing or damaged. Local. */
hg_status hg_summary_read_test(const char *folder, double *test);

/** Writes summary.json. Collective. */
hg_status hg_summary_write(struct hg_run *run);

/** Adds an object "options" with the options that reproduce the run, in their types; --config can read it. Local. */
hg_status hg_summary_options(json_t *summary, const struct hg_train_options *options,
                             const struct hg_train_callbacks *callbacks);

/** Mean and standard deviation (dividing by count - 1; 0 for one value); NaN when a value is NaN. Local. */
void hg_summary_mean(const double *values, int64_t count, double *mean, double *deviation);

#endif
