/** Checked, counted allocation. All memory of the library comes from here, so that tests can count live blocks, assert
 *  that an epoch allocates nothing, and make the k-th allocation fail.
 */
#ifndef HG_BASE_MEM_H
#define HG_BASE_MEM_H

#include "base/status.h"
#include "base/team.h"
#include "base/types.h"

/** `count` zeroed elements of `size` bytes, aligned to 64 bytes; a count of 0 gives a valid, empty block.
 *  NULL and a recorded "out of memory" failure when there is none. The caller frees with hg_mem_free. Local. */
void *hg_mem_alloc(int64_t count, size_t size);

/** The same with contents that nobody may rely on: for blocks that are written before they are read. Local. */
void *hg_mem_alloc_unset(int64_t count, size_t size);

/** hg_mem_alloc, or with `unset` hg_mem_alloc_unset, of a block that the threads of the team work on: they write it first, and so its pages
 *  lie near all of them. (A page lies near the thread that wrote it first. Which thread will work on which rows is chance, so
 *  no page has a better place than another.) Local. */
void *hg_mem_alloc_spread(struct hg_team *team, int64_t count, size_t size, bool unset);

/** Block `p` (may be NULL) of `old_count` elements as one of `count`, old elements kept, new ones zeroed.
 *  On failure NULL, and `p` is still the caller's. Local. */
void *hg_mem_resize(void *p, int64_t old_count, int64_t count, size_t size);

/** Frees a block; NULL is allowed. Local. */
void hg_mem_free(void *p);

/** Blocks alive now. */
int64_t hg_mem_live(void);

/** Allocations so far: equal before and after an epoch. */
int64_t hg_mem_calls(void);

/** Lets the k-th allocation from now fail (k = 0: the next), and every one after it; k < 0: none. For tests. */
void hg_mem_fail_at(int64_t k);

/** Fills blocks of hg_mem_alloc_unset from now on with bytes of ones: NaN, or -1; or no longer. For tests. */
void hg_mem_poison(bool on);

/** Allocates `count` zeroed elements for the pointer `p` and yields a status. */
#define HG_NEW(p, count) (((p) = hg_mem_alloc((count), sizeof *(p))) != NULL ? HG_OK : HG_NOMEM)

/** Allocates `count` elements for the pointer `p`, to be written before they are read, and yields a status. */
#define HG_NEW_UNSET(p, count) (((p) = hg_mem_alloc_unset((count), sizeof *(p))) != NULL ? HG_OK : HG_NOMEM)

/** HG_NEW and HG_NEW_UNSET for large arrays that the threads of `team` work on (hg_mem_alloc_spread). */
#define HG_NEW_SPREAD(team, p, count)                                                                        \
    (((p) = hg_mem_alloc_spread((team), (count), sizeof *(p), false)) != NULL ? HG_OK : HG_NOMEM)
#define HG_NEW_UNSET_SPREAD(team, p, count)                                                                  \
    (((p) = hg_mem_alloc_spread((team), (count), sizeof *(p), true)) != NULL ? HG_OK : HG_NOMEM)

/** Frees and forgets. */
#define HG_FREE(p) (hg_mem_free(p), (p) = NULL)

/** Grows the array `p` of `*capacity` elements to hold at least `needed`, doubling; yields a status. */
#define HG_RESERVE(p, capacity, needed) hg_mem_reserve((void *)&(p), (capacity), (needed), sizeof *(p))

/** See HG_RESERVE; `array` is the address of the array's pointer. Local. */
hg_status hg_mem_reserve(void *array, int64_t *capacity, int64_t needed, size_t size);

#endif
