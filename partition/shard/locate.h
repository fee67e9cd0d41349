/** Finds nodes: stored id -> owner and local row there -> local row on this rank. */
#ifndef HG_PARTITION_SHARD_LOCATE_H
#define HG_PARTITION_SHARD_LOCATE_H

#include "dist/sort.h"
#include "graph/cells.h"
#include "graph/shard.h"

/** Finds the owner of any node, and its local row there, from C numbers. Refers to the cells. */
struct hg_locator {
    const struct hg_cells *cells;
    hg_gid *first_row; /**< [C] local row, on the cell's owner, of the cell's first node */
};

/** Makes a locator; cells->owner must be for `size` ranks. Destroy with hg_locator_destroy. Local. */
hg_status hg_locator_create(struct hg_locator *locator, const struct hg_cells *cells, int size);
void hg_locator_destroy(struct hg_locator *locator);

/** The key (owner, local row there) of the node with stored id `id`. Keys in ascending order are grouped by owner,
 *  and ascend by stored id for each owner: the order of halo rows. Local. */
static inline uint64_t hg_locate(const struct hg_locator *locator, hg_gid id)
{
    const int64_t cell = hg_cells_find(locator->cells, id);
    return hg_key_pair(locator->cells->owner[cell],
                       locator->first_row[cell] + id - locator->cells->offsets[cell]);
}

/** Makes an adjacency's exchange plan, and fetches the imported ids of its halo rows: sets plan and imported.
 *
 *  owned     this rank's owned rows
 *  halo      sorted set of the keys of the halo nodes
 *  imported  [owned] imported ids of this rank's rows
 *  Fails when rows and halo exceed 2^31 - 1. Collective. */
hg_status hg_adjacency_connect(const struct hg_comm *comm, hg_lid owned, const struct hg_keys *halo,
                               const hg_gid *imported, struct hg_adjacency *adjacency);

/** The local row of the node with this key, which `rank` owns or has in its halo. Local. */
static inline hg_lid hg_local_row(int rank, hg_lid owned, const struct hg_key_index *halo, uint64_t key)
{
    if (hg_key_high(key) == rank) return (hg_lid)hg_key_low(key);
    return (hg_lid)(owned + hg_key_index_find(halo, key));
}

#endif
