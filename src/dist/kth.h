/** The k-th smallest of numbers spread over ranks: exact shares of random draws. */
#ifndef HG_DIST_KTH_H
#define HG_DIST_KTH_H

#include "base/types.h"
#include "dist/comm.h"

/** The k-th smallest, k = 1 .. all ranks' count, of the ranks' values together: so `value <= *threshold`
 * holds for k of them when they differ. Four passes of a histogram over 16 bits. Collective. */
hg_status hg_select_smallest(const struct hg_comm *comm, const uint64_t *values, int64_t count, int64_t k,
                             uint64_t *threshold);

#endif
