/** Limits that the size of a C int sets: of a message between ranks, and of what one rank holds.
 *
 *  Both are defined in limits.c alone, so that a test which links a copy of that file with small limits
 *  (HG_LIMITS_SMALL, tests/CMakeLists.txt) sees what happens beyond them. */
#ifndef HG_BASE_LIMITS_H
#define HG_BASE_LIMITS_H

#include "base/status.h"
#include "base/types.h"

/** The most bytes in one message of MPI, whose counts are ints: whatever is larger travels in several. 2^30. */
extern const int64_t hg_message_bytes;

/** The most nodes that a rank can hold, halo rows included, and the most edges: local numbers are of 32 bits.
 *  2^31 - 1. */
extern const int64_t hg_rank_items;

/** Fails when `count` items ("nodes", "edges") on this rank are more than hg_rank_items: "what: N edges on one rank,
 *  but at most M are possible: use more ranks". To be called before they are allocated. Local. */
hg_status hg_limit_check(const char *what, const char *items, int64_t count);

/** hg_limit_check for the mean share of a rank, when `ranks` ranks hold `count` items together. Local. */
hg_status hg_limit_check_share(const char *what, const char *items, int64_t count, int ranks);

#endif
