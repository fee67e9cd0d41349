/** Wall-clock seconds, and time by phase of an epoch. */
#ifndef HG_BASE_CLOCK_H
#define HG_BASE_CLOCK_H

/** Seconds since some fixed moment, monotonic. Local. */
double hg_clock_seconds(void);

/** Phases whose seconds add up to an epoch (the calling thread's time). */
enum hg_phase {
    HG_PHASE_DENSE,    /**< products, combination of heads, activation */
    HG_PHASE_EDGES,    /**< attention over edges */
    HG_PHASE_EXCHANGE, /**< waiting for halo rows: exchange that work did not hide */
    HG_PHASE_SUMS,     /**< exact sums: conversion, merge of threads, all-reduce, rounding */
    HG_PHASE_WAIT,     /**< waiting for slower ranks before sums are added between ranks: imbalance */
    HG_PHASE_OTHER,    /**< loss, optimizer */
    HG_PHASES
};

/** Seconds per phase. Zero it to start anew. */
struct hg_clock {
    double seconds[HG_PHASES];
    double mark; /**< end of the last phase booked */
};

/** Starts booking: the next hg_clock_book counts from here. */
void hg_clock_start(struct hg_clock *clock);

/** Books the time since the last call to `phase`. */
void hg_clock_book(struct hg_clock *clock, enum hg_phase phase);

#endif
