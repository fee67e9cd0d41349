/** Improves the owners of cells by local search: fewer halo rows, balanced nodes and edges. */
#ifndef HG_PARTITION_REFINE_H
#define HG_PARTITION_REFINE_H

#include "graph/cells.h"

/** Moves and swaps cells between ranks as long as that lowers
 *
 *      cost = (cut + c0) (1 + K excess)
 *      cut    = sum of weight(a, b) over pairs of cells with different owners
 *      excess = sum over ranks, and over nodes and edges, of max(0, load / mean load - tolerance)
 *
 *  with constants c0, K and tolerance (refine.c).
 *
 *  owner  [C] in: any owners in [0, ranks), ranks <= C; out: each rank owns at least one cell
 *  cost   out: cost of the result
 *  Local. */
hg_status hg_owners_refine(const struct hg_cells *cells, int ranks, int *owner, double *cost);

#endif
