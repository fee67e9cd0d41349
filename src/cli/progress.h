/** Shows the progress of a run: on a terminal one line that is rewritten, elsewhere plain lines. And that of the steps
 *  before and after it, and of other verbs, where one takes long: plain lines. For rank 0. */
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

/** From now on, until it is set to false, a step of the main thread (a phase of base/alive.h) that takes more than two
 *  seconds is shown: after 2, 4, 8, ... seconds, and then every minute, how much of it is done, its rate and the
 *  remaining time, as far as they are known. Afterwards nothing more is printed. Local. */
void hg_progress_steps(bool on);

/** Prints such a line if it is time. Called by the guard (cli/guard.h) several times a second. */
void hg_progress_look(void);

#endif
