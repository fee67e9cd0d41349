/** Shows the progress of a run: on a terminal one line that is rewritten, elsewhere plain lines. For rank 0.
 */
#ifndef HG_CLI_PROGRESS_H
#define HG_CLI_PROGRESS_H

#include "train/callbacks.h"

struct hg_progress {
    bool terminal;
    int64_t epochs, done; /**< of the run; done before, when it is resumed */
    char run[48];         /**< beginning of the lines in a series of runs: "run 2/5  "; "" for a single run */
    const char *metric;
    double start, last_shown; /**< hg_clock_seconds */
};

/** Starts to show a run. Local. */
void hg_progress_begin(struct hg_progress *progress, const struct hg_run_heading *run);

/** Shows epoch, loss, validation metric, seconds per epoch and remaining time: on a terminal at most ten times a
 *  second; elsewhere after the first and the last epoch, about ten times in between, and at least every ten minutes.
 *  Local. */
void hg_progress_show(struct hg_progress *progress, const struct hg_run_point *point);

/** Ends the rewritten line. Local. */
void hg_progress_end(struct hg_progress *progress);

#endif
