/** Wall-clock seconds, and time of an epoch by layer, direction and phase. */
#ifndef HG_BASE_CLOCK_H
#define HG_BASE_CLOCK_H

#include <stdbool.h>

/** Seconds since some fixed moment, monotonic. Local. */
double hg_clock_seconds(void);

/** Phases whose seconds add up to an epoch (the calling thread's time). */
enum hg_phase {
    HG_PHASE_DENSE,    /**< products, combination of heads, activation */
    HG_PHASE_EDGES,    /**< attention over edges */
    HG_PHASE_EXCHANGE, /**< waiting for halo rows: exchange that work did not hide */
    HG_PHASE_SUMS,     /**< exact sums: conversion, merge of threads, all-reduce, rounding */
    HG_PHASE_WAIT,     /**< waiting for sums of slower ranks: imbalance */
    HG_PHASE_OTHER,    /**< loss, optimizer */
    HG_PHASES
};

enum {
    HG_CLOCK_LAYERS = 32,                      /**< most layers that are told apart */
    HG_CLOCK_STAGES = 2 * HG_CLOCK_LAYERS + 1, /**< forward and backward of each, and what belongs to none */
};

/** The stage of a layer's pass; HG_CLOCK_STAGES - 1 is the one outside of layers. */
static inline int hg_clock_stage(int layer, bool backward)
{
    return 2 * layer + backward;
}

/** Seconds per stage and phase. Zero it to start anew. */
struct hg_clock {
    double seconds[HG_CLOCK_STAGES][HG_PHASES];
    int stage;   /**< that is booked now */
    double mark; /**< end of the last phase booked */
};

/** Starts booking for a stage: the next hg_clock_book counts from here. */
void hg_clock_start(struct hg_clock *clock, int stage);

/** Books the time since the last call to `phase` of the present stage. */
void hg_clock_book(struct hg_clock *clock, enum hg_phase phase);

#endif
