/** The memory of a training's set-up at its peak. The only part of a forecast that is a formula: what the set-up holds
 *  for a while depends on its steps. tests/test_forecast.c compares it with trainings. */
#ifndef HG_FORECAST_SETUP_H
#define HG_FORECAST_SETUP_H

#include "forecast/outline.h"

/** A rank, and what the set-up leaves behind: bytes of its nodes and edges (HG_NEED_NODES, HG_NEED_EDGES). */
struct hg_setup_of {
    const struct hg_outline *outline;
    const struct hg_rank_shape *part;
    int rank, ranks;
    int64_t nodes, edges;
};

/** Bytes at the peak of the set-up, before the model is made; those of nodes and edges included. Local. */
int64_t hg_setup_peak(const struct hg_setup_of *of);

#endif
