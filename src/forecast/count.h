/** Counts the sizes of the ranks' parts from the edges of the whole graph. */
#ifndef HG_FORECAST_COUNT_H
#define HG_FORECAST_COUNT_H

#include "forecast/outline.h"

/** Fills the parts [ranks], zeroed, for the owners that a training on `ranks` ranks chooses. outline->source is
 *  HG_OUTLINE_EDGES. Local. */
hg_status hg_count_shapes(const struct hg_outline *outline, int layers, struct hg_rank_shapes *shapes);

#endif
