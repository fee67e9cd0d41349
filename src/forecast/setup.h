/** The memory that the set-up of a training needs beyond what it leaves behind. The only part of a forecast that is a
 *  formula: what the set-up holds for a while depends on the graph, step by step. */
#ifndef HG_FORECAST_SETUP_H
#define HG_FORECAST_SETUP_H

#include "forecast/outline.h"

/** Bytes of this rank at the peak of the set-up beyond its nodes and edges (HG_NEED_NODES, HG_NEED_EDGES), which exist
 *  by then. Local. */
int64_t hg_setup_extra_bytes(const struct hg_outline *outline, const struct hg_rank_shape *part, int rank,
                             int ranks);

#endif
