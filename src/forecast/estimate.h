/** Estimates the sizes of the ranks' parts where the edges are not at hand (docs/mathematics.md). */
#ifndef HG_FORECAST_ESTIMATE_H
#define HG_FORECAST_ESTIMATE_H

#include "forecast/outline.h"

/** Fills one part, which stands for all ranks, by the model of degrees. Local. */
hg_status hg_estimate_by_model(const struct hg_outline *outline, int ranks, int layers,
                               struct hg_rank_shape *part);

/** Fills the parts [ranks] by the graph of cells: nodes, edges and neighbours are exact, halo rows are not. Local. */
hg_status hg_estimate_by_cells(const struct hg_outline *outline, int layers, struct hg_rank_shapes *shapes);

#endif
