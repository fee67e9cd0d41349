/** The time that each step of a training's set-up takes, for summary.json. */
#ifndef HG_TRAIN_SETUP_CLOCK_H
#define HG_TRAIN_SETUP_CLOCK_H

#include "base/clock.h"

/** X(NAME, name) for each step, in order; "name" is its key in summary.json. */
#define HG_SETUP_LIST(X)                                                                                     \
    X(START, start)           /* from the begin of the process: MPI, options, backend, folder */             \
    X(OPEN, open)             /* description of the graph file */                                            \
    X(CELLS, cells)           /* owners of cells; for a file in imported order also making cells */          \
    X(READ, read)             /* rows of the graph file */                                                   \
    X(DISTRIBUTE, distribute) /* local numbers, halo, plans of exchanges */                                  \
    X(MODEL, model)           /* statistics, parameters, buffers */                                          \
    X(RESUME, resume)         /* the checkpoint, and the folder of the run */

#define HG_SETUP_NAMED(NAME, name) HG_SETUP_##NAME,
enum hg_setup_step { HG_SETUP_LIST(HG_SETUP_NAMED) HG_SETUP_STEPS };
#undef HG_SETUP_NAMED

/** Seconds of the steps. Zero-initialised; begin with hg_setup_begin. */
struct hg_setup_clock {
    double seconds[HG_SETUP_STEPS];
    double begun; /**< clock when it began */
    double mark;  /**< clock at the end of the last step: mark - begun is the time of the whole set-up */
};

/** The first step begins now. Local. */
static inline void hg_setup_begin(struct hg_setup_clock *clock)
{
    clock->begun = clock->mark = hg_clock_seconds();
}

/** `step` came before the first one, and began at `begun`. Local. */
static inline void hg_setup_precede(struct hg_setup_clock *clock, enum hg_setup_step step, double begun)
{
    clock->seconds[step] += clock->begun - begun;
    clock->begun = begun;
}

/** What was done since the last call belongs to `step`. Local. */
static inline void hg_setup_add(struct hg_setup_clock *clock, enum hg_setup_step step)
{
    const double now = hg_clock_seconds();
    clock->seconds[step] += now - clock->mark;
    clock->mark = now;
}

#endif
