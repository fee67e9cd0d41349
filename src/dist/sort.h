/** Sorted sets of 64-bit keys, for instance of halo rows, or of pairs of a node and a cell. */
#ifndef HG_DIST_SORT_H
#define HG_DIST_SORT_H

#include "dist/comm.h"

/** A growing list of keys; {0} is empty. */
struct hg_keys {
    int64_t count, capacity;
    uint64_t *key;
};

/** Appends a key. Local. */
hg_status hg_keys_add(struct hg_keys *keys, uint64_t key);

/** Appends a key to a list that is to become a set: before the list grows, duplicates are dropped. Local. */
hg_status hg_keys_insert(struct hg_keys *keys, uint64_t key);

/** Sorts the keys ascending; duplicates stay. Local. */
hg_status hg_keys_sort(struct hg_keys *keys);

/** Sorts keys [from, count) ascending and drops duplicates among them (radix sort, 8 bits per pass). Local. */
hg_status hg_keys_unique(struct hg_keys *keys, int64_t from);

/** Index of `key` in the sorted keys, or -1: binary search. Local. */
int64_t hg_keys_find(const struct hg_keys *keys, uint64_t key);

/** Replaces the keys by this rank's share of the union of all ranks' keys: the keys whose low number (hg_key_low) is
 *  in this rank's block of 0..total-1 (hg_block_range), sorted, without duplicates. Destroy the keys also after a
 *  failure. Collective. */
hg_status hg_keys_share(const struct hg_comm *comm, int64_t total, struct hg_keys *keys);

void hg_keys_destroy(struct hg_keys *keys);

/** Sorted keys divided into intervals of equal length, of about four keys each where keys are spread evenly, so that a
 *  key is found with few accesses to memory. */
struct hg_key_index {
    const struct hg_keys *keys;
    int shift;
    int64_t *start; /**< [intervals + 1] first key of each interval; owned */
    int64_t intervals;
};

/** Refers to the keys, which are sorted and without duplicates. Destroy it also after a failure. Local. */
hg_status hg_key_index_create(const struct hg_keys *keys, struct hg_key_index *index);
void hg_key_index_destroy(struct hg_key_index *index);

/** As hg_keys_find. Local. */
int64_t hg_key_index_find(const struct hg_key_index *index, uint64_t key);

/** A key made of two numbers: keys sort by `high` (below 2^24), then by `low` (below 2^40). */
static inline uint64_t hg_key_pair(int64_t high, int64_t low)
{
    return (uint64_t)high << 40 | (uint64_t)low;
}
static inline int64_t hg_key_high(uint64_t key)
{
    return (int64_t)(key >> 40);
}
static inline int64_t hg_key_low(uint64_t key)
{
    return (int64_t)(key & ((UINT64_C(1) << 40) - 1));
}

#endif
