/** Sorted sets of 64-bit keys: which halo rows, which pairs of a node and a cell. */
#ifndef HG_DIST_SORT_H
#define HG_DIST_SORT_H

#include "dist/comm.h"

/** A growing list of keys. Zero it to begin. */
struct hg_keys {
    int64_t count, capacity;
    uint64_t *key;
};

/** Appends a key. Local. */
hg_status hg_keys_add(struct hg_keys *keys, uint64_t key);

/** Appends a key to a list that is to become a set: drops duplicates before the list grows. Local. */
hg_status hg_keys_insert(struct hg_keys *keys, uint64_t key);

/** Sorts the keys ascending, duplicates kept. Local. */
hg_status hg_keys_sort(struct hg_keys *keys);

/** Sorts keys[from, count) ascending and drops duplicates among them (radix sort, 8 bits a pass). Local. */
hg_status hg_keys_unique(struct hg_keys *keys, int64_t from);

/** Place of `key` in the sorted keys, or -1. Local. */
int64_t hg_keys_find(const struct hg_keys *keys, uint64_t key);

/** Replaces the keys by this rank's share of the set of all ranks' keys: those whose low number (hg_key_low) is in
 *  its block of 0..total-1 (hg_block_range), sorted, without duplicates. Destroy the keys in any case. Collective. */
hg_status hg_keys_share(const struct hg_comm *comm, int64_t total, struct hg_keys *keys);

void hg_keys_destroy(struct hg_keys *keys);

/** A key of two numbers: sorts by `high` (below 2^24), then by `low` (below 2^40). */
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
