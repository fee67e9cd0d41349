/** What a person sees while a run goes on: one line that is rewritten on a terminal, plain lines elsewhere. Rank 0
 *  only.
 */
#ifndef HG_CLI_PROGRESS_H
#define HG_CLI_PROGRESS_H

#include "train/callbacks.h"

struct hg_progress {
    bool terminal;
    int64_t epochs;
    char run[48]; /**< what lines of a series begin with, "run 2/5  "; "" for one run */
    const char *metric;
    double start, last_shown;
};

/** Takes the time. Local. */
void hg_progress_begin(struct hg_progress *progress, const struct hg_run_heading *run);

/** Shows epoch, loss, validation metric, seconds per epoch and remaining time: on a terminal at most ten times a
 *  second, elsewhere the first, the last, and every tenth of the epochs. Local. */
void hg_progress_show(struct hg_progress *progress, const struct hg_run_point *point);

/** Ends the rewritten line. Local. */
void hg_progress_end(struct hg_progress *progress);

#endif
