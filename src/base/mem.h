/** Checked and counted allocation. All memory of the library comes from here, so that tests can count live blocks,
 *  check that an epoch allocates nothing, and make any allocation fail. */
#ifndef HG_BASE_MEM_H
#define HG_BASE_MEM_H

#include "base/status.h"
#include "base/team.h"
#include "base/types.h"

/** Allocates `count` zeroed elements of `size` bytes, aligned to 64 bytes; a count of 0 gives a valid, empty block.
 *  Returns NULL and records an "out of memory" failure when there is not enough memory. The caller frees the block
 *  with hg_mem_free. Local. */
void *hg_mem_alloc(int64_t count, size_t size);

/** hg_mem_alloc for blocks that are written before they are read: their contents are unspecified. Local. */
void *hg_mem_alloc_unset(int64_t count, size_t size);

/** hg_mem_alloc, or with `unset` hg_mem_alloc_unset, of a block that the threads of the team will work on. The
 *  threads write the block first, so that its pages are spread over the NUMA nodes of all of them: a page lies near
 *  the thread that wrote it first. It does not matter which thread writes which page, because it is chance which
 *  thread later works on which rows. `team` may be NULL: the caller writes. Local. */
void *hg_mem_alloc_spread(struct hg_team *team, int64_t count, size_t size, bool unset);

/** The same for a block (NULL is allowed) that one thread has written: the pages of a large one are replaced, part by
 *  part, by new ones that the threads of the team write. Contents stay; each thread needs 2 MiB for the time of the
 *  call, and pages stay where it does not get them. Local. */
void hg_mem_spread(struct hg_team *team, void *block, int64_t count, size_t size);

/** Replaces block `p` (may be NULL) of `old_count` elements by one of `count` elements: old elements are kept, new
 *  ones are zero. Returns NULL on failure, and `p` still belongs to the caller. Local. */
void *hg_mem_resize(void *p, int64_t old_count, int64_t count, size_t size);

/** Frees a block; NULL is allowed. Local. */
void hg_mem_free(void *p);

/** Number of blocks that are allocated and not freed. Local. */
int64_t hg_mem_live(void);

/** Number of allocations so far; the same before and after an epoch. Local. */
int64_t hg_mem_calls(void);

/** Bytes of these blocks, as they were asked for. Local. */
int64_t hg_mem_bytes(void);

/** The largest hg_mem_bytes since the last call of hg_mem_peak_reset. Local. */
int64_t hg_mem_peak(void);
void hg_mem_peak_reset(void);

/** Begins to count without memory: until hg_mem_count_end, blocks only reserve addresses. They read as zero, and only
 *  the pages that are written get memory, so the code that sets up a training can be run for sizes that fit no
 *  machine. All of them are freed before the end; blocks that were allocated before stay as they are. Does not nest;
 *  one thread. Fails when the system reserves no addresses (ulimit -v). Local. */
hg_status hg_mem_count_begin(void);
void hg_mem_count_end(void);

/** Whether blocks only reserve addresses: what would be written to them, and is not read again, can be left out.
 *  Local. */
bool hg_mem_counting(void);

/** Makes the k-th allocation from now (k = 0: the next) and every later one fail; k < 0: none. For tests. */
void hg_mem_fail_at(int64_t k);

/** Switches poisoning on or off: while it is on, blocks of hg_mem_alloc_unset are filled with bytes of ones, which
 *  read as NaN or -1. For tests. */
void hg_mem_poison(bool on);

/** Allocates `count` zeroed elements, sets the pointer `p` to them, and yields a status. */
#define HG_NEW(p, count) (((p) = hg_mem_alloc((count), sizeof *(p))) != NULL ? HG_OK : HG_NOMEM)

/** HG_NEW for elements that are written before they are read (hg_mem_alloc_unset). */
#define HG_NEW_UNSET(p, count) (((p) = hg_mem_alloc_unset((count), sizeof *(p))) != NULL ? HG_OK : HG_NOMEM)

/** HG_NEW and HG_NEW_UNSET of large arrays that the threads of `team` work on (hg_mem_alloc_spread). */
#define HG_NEW_SPREAD(team, p, count)                                                                        \
    (((p) = hg_mem_alloc_spread((team), (count), sizeof *(p), false)) != NULL ? HG_OK : HG_NOMEM)
#define HG_NEW_UNSET_SPREAD(team, p, count)                                                                  \
    (((p) = hg_mem_alloc_spread((team), (count), sizeof *(p), true)) != NULL ? HG_OK : HG_NOMEM)

/** Frees a block and sets its pointer to NULL. */
#define HG_FREE(p) (hg_mem_free(p), (p) = NULL)

/** Grows the array `p` of `*capacity` elements, at least doubling it, until it holds `needed` elements; yields a
 *  status. */
#define HG_RESERVE(p, capacity, needed) hg_mem_reserve((void *)&(p), (capacity), (needed), sizeof *(p))

/** The function behind HG_RESERVE; `array` is the address of the array's pointer. Local. */
hg_status hg_mem_reserve(void *array, int64_t *capacity, int64_t needed, size_t size);

#endif
