/** Improves the owners of cells by local search: fewer halo rows, none of the ranks with much more than the others,
 *  balanced nodes and edges. */
#ifndef HG_PARTITION_REFINE_H
#define HG_PARTITION_REFINE_H

#include "partition/owner_halo.h"

/** Moves and swaps cells between ranks as long as that lowers
 *
 *      cost = (halo + L above + c0) (1 + K excess)
 *      halo   = halo rows of the nets (hg_owner_halo)
 *      above  = max(0, ranks x halo rows of the rank that has most - T halo)
 *      excess = sum over ranks, and over nodes and edges, of max(0, load / mean load - tolerance)
 *
 *  with constants c0, K, L, T and tolerance (refine.c). Chains of moves may pass through owners of higher cost
 *  (Fiduccia, Mattheyses, "A linear-time heuristic for improving network partitions", DAC 1982). The search ends after
 *  an amount of work, which is counted, not timed: the result does not depend on the machine.
 *
 *  work   about how many entries of nets the search looks at
 *  owner  [C] in: any owners in [0, ranks), ranks <= C; out: each rank owns at least one cell
 *  cost   out: cost of the result
 *  Local. */
hg_status hg_owners_refine(const struct hg_cells *cells, const struct hg_nets_of_cells *of, int ranks,
                           int64_t work, int *owner, double *cost);

/** Of a full search, about a tenth of a second, and of a short one. */
enum { HG_OWNERS_WORK = 1 << 25, HG_OWNERS_SHORT_WORK = 1 << 20 };

#endif
