/** Sums by label: a small hash table, emptied after each use. */
#ifndef HG_PARTITION_CLUSTER_TALLY_H
#define HG_PARTITION_CLUSTER_TALLY_H

#include "base/mem.h"
#include "base/mix.h"

struct hg_tally_entry {
    uint32_t label, size;
    uint64_t sum; /**< 0: the slot is free; addends are positive */
};

struct hg_tally {
    struct hg_tally_entry *slot; /**< [slots] */
    uint32_t *used;              /**< [entries] slots that are not free, in the order of their first use */
    int64_t slots;               /**< a power of 2 */
    int64_t capacity, entries;
    uint32_t mask; /**< of the slots in use for the present sums */
};

/** For up to `labels` labels at a time. Destroy it also after a failure. Local. */
hg_status hg_tally_create(int64_t labels, struct hg_tally *tally);
void hg_tally_destroy(struct hg_tally *tally);

/** Empties the table, for up to `labels` labels: few labels use few slots, which stay in cache. Local. */
void hg_tally_clear(struct hg_tally *tally, int64_t labels);

/** The sum of an entry as the weight of an edge: at most 2^32 - 1. Local. */
static inline uint32_t hg_tally_weight(const struct hg_tally_entry *entry)
{
    return entry->sum < UINT32_MAX ? (uint32_t)entry->sum : UINT32_MAX;
}

/** Adds value > 0 to the sum of a label; `size` is kept with it. Local. */
static inline void hg_tally_add(struct hg_tally *tally, uint32_t label, uint32_t size, uint32_t value)
{
    uint32_t s = (label * UINT32_C(0x9e3779b1)) >> 7 & tally->mask;
    while (tally->slot[s].sum != 0 && tally->slot[s].label != label) s = (s + 1) & tally->mask;
    struct hg_tally_entry *entry = &tally->slot[s];
    if (entry->sum == 0) {
        *entry = (struct hg_tally_entry){label, size, 0};
        tally->used[tally->entries++] = s;
    }
    entry->sum += value;
}

#endif
