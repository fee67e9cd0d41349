/** Local search on the owners of cells: little halo, balanced nodes and edges. */
#ifndef HG_PARTITION_REFINE_H
#define HG_PARTITION_REFINE_H

#include "graph/cells.h"

/** Moves cells between ranks while that lowers
 *
 *      cost = cut (1 + K excess),   excess = sum over ranks of max(0, load / mean - tolerance), nodes and edges
 *
 *  owner  [C] in: any owners in 0..ranks, ranks <= C; out: each rank owns a cell
 *  cost   of the result
 *  Local. */
hg_status hg_owners_refine(const struct hg_cells *cells, int ranks, int *owner, double *cost);

#endif
