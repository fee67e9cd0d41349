/** A table of 32-bit numbers whose entries 0..total-1 are divided into consecutive blocks, one per rank: entries are
 *  read and changed by any rank. Unlike the blocks of hg_block_range, these may have any sizes. */
#ifndef HG_DIST_BLOCKS_H
#define HG_DIST_BLOCKS_H

#include "dist/comm.h"

struct hg_blocks {
    const struct hg_comm *comm;
    int64_t *first; /**< [size + 1] rank r holds entries first[r]..first[r+1]; owned */
};

/** Blocks in the order of ranks; `count` is the number of entries of this rank's. Refers to comm. Destroy it also
 *  after a failure. Collective. */
hg_status hg_blocks_create(const struct hg_comm *comm, int64_t count, struct hg_blocks *blocks);
void hg_blocks_destroy(struct hg_blocks *blocks);

/** The number of entries of all ranks. Local. */
static inline int64_t hg_blocks_total(const struct hg_blocks *blocks)
{
    return blocks->first[blocks->comm->size];
}

/** The first entry of this rank's block, and whether the block holds entry `id`. Local. */
static inline int64_t hg_blocks_first(const struct hg_blocks *blocks)
{
    return blocks->first[blocks->comm->rank];
}
static inline bool hg_blocks_own(const struct hg_blocks *blocks, int64_t id)
{
    return id >= hg_blocks_first(blocks) && id < blocks->first[blocks->comm->rank + 1];
}

/** The rank whose block holds entry `id`: binary search. Local. */
int hg_blocks_owner(const struct hg_blocks *blocks, int64_t id);

/** values[k] = entry ids[k], k < n; table is this rank's block. Only ids of other ranks' blocks travel. Collective. */
hg_status hg_blocks_read(const struct hg_blocks *blocks, const uint32_t *table, const uint32_t *ids,
                         int64_t n, uint32_t *values);

/** A value for an entry. */
struct hg_entry {
    uint32_t id, value;
};

/** Adds the values of entries[k], k < n, modulo 2^32; table is this rank's block. Collective. */
hg_status hg_blocks_add(const struct hg_blocks *blocks, uint32_t *table, const struct hg_entry *entries,
                        int64_t n);

/** The same, but replaces entries by the values. Entries with the same id have the same value. Collective. */
hg_status hg_blocks_set(const struct hg_blocks *blocks, uint32_t *table, const struct hg_entry *entries,
                        int64_t n);

#endif
