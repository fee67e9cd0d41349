/** The k-th smallest of numbers that are spread over ranks: how random splits get sets of exact size. */
#ifndef HG_DIST_KTH_H
#define HG_DIST_KTH_H

#include "base/types.h"
#include "dist/comm.h"

/** *threshold = the k-th smallest, k >= 1, of all ranks' values together (`count` of them on this rank). When the
 *  values are distinct, value <= *threshold holds for exactly k of them. A histogram over 16 bits, four times. Fails
 *  with HG_NOMEM. Collective. */
hg_status hg_select_smallest(const struct hg_comm *comm, const uint64_t *values, int64_t count, int64_t k,
                             uint64_t *threshold);

#endif
