/** From places in the cell order to owners and their rows, and from those to halo rows. */
#ifndef HG_PARTITION_SHARD_LOCATE_H
#define HG_PARTITION_SHARD_LOCATE_H

#include "dist/sort.h"
#include "graph/cells.h"
#include "graph/shard.h"

/** Where every node is, told by C numbers. Refers to the cells. */
struct hg_locator {
    const struct hg_cells *cells;
    hg_gid *first_row; /**< [C] row of a cell's first node on the cell's owner */
};

/** For `size` ranks. Destroy with hg_locator_destroy. Local. */
hg_status hg_locator_create(struct hg_locator *locator, const struct hg_cells *cells, int size);
void hg_locator_destroy(struct hg_locator *locator);

/** The key (owner, row there) of node `id`: sorted, such keys are a halo by owner, ascending by stored id.
 * Local. */
static inline uint64_t hg_locate(const struct hg_locator *locator, hg_gid id)
{
    const int64_t cell = hg_cells_find(locator->cells, id);
    return hg_key_pair(locator->cells->owner[cell],
                       locator->first_row[cell] + id - locator->cells->offsets[cell]);
}

/** Gives an adjacency its plan and the imported ids of all its rows.
 *
 *  halo      the unique keys of the nodes that other ranks own
 *  imported  [owned] imported ids of this rank's rows
 *  Fails when rows and halo exceed 2^31 - 1. Collective. */
hg_status hg_adjacency_connect(const struct hg_comm *comm, hg_lid owned, const struct hg_keys *halo,
                               const hg_gid *imported, struct hg_adjacency *adjacency);

/** The local row of the node with this key: owned, or found in the halo. Local. */
static inline hg_lid hg_local_row(int rank, hg_lid owned, const struct hg_keys *halo, uint64_t key)
{
    if (hg_key_high(key) == rank) return (hg_lid)hg_key_low(key);
    return (hg_lid)(owned + hg_keys_find(halo, key));
}

#endif
