/** Wall-clock seconds, and the time of an epoch by layer, direction (forward or backward) and phase. */
#ifndef HG_BASE_CLOCK_H
#define HG_BASE_CLOCK_H

#include <stdbool.h>

/** Seconds since a fixed moment (CLOCK_MONOTONIC). Local. */
double hg_clock_seconds(void);

/** Phases of an epoch, as the calling thread sees them: their seconds add up to the epoch. */
enum hg_phase {
    HG_PHASE_DENSE,    /**< matrix products, combination of heads, activation */
    HG_PHASE_EDGES,    /**< attention over edges */
    HG_PHASE_EXCHANGE, /**< waiting for halo rows: the part of the exchange that is not hidden behind work */
    /** exact sums: conversion to fixed point, merging the threads' sums, all-reduce, rounding */
    HG_PHASE_SUMS,
    HG_PHASE_WAIT,  /**< waiting for the sums of slower ranks: load imbalance */
    HG_PHASE_OTHER, /**< loss, optimizer */
    HG_PHASES
};

enum {
    HG_CLOCK_LAYERS = 32, /**< layers with a stage of their own */
    /** forward and backward of each layer, and one for everything else */
    HG_CLOCK_STAGES = 2 * HG_CLOCK_LAYERS + 1,
};

/** The stage of a layer's forward or backward pass. Stage HG_CLOCK_STAGES - 1 is the time outside layers. */
static inline int hg_clock_stage(int layer, bool backward)
{
    return 2 * layer + backward;
}

/** Seconds per stage and phase. Set it to zero before the first use. */
struct hg_clock {
    double seconds[HG_CLOCK_STAGES][HG_PHASES];
    int stage;   /**< stage that the next interval is added to */
    double mark; /**< start of the next interval */
};

/** Starts an interval of `stage`: the next hg_clock_add counts from now. Local. */
void hg_clock_start(struct hg_clock *clock, int stage);

/** Adds the time since the last hg_clock_start or hg_clock_add to `phase` of the current stage. Local. */
void hg_clock_add(struct hg_clock *clock, enum hg_phase phase);

#endif
