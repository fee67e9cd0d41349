/** Divides the coarsest level into cells, by METIS on rank 0. */
#ifndef HG_PARTITION_CLUSTER_COARSEST_H
#define HG_PARTITION_CLUSTER_COARSEST_H

#include "partition/level.h"
#include "partition/metis.h"

/** What the cells are. */
struct hg_coarsest_cells {
    int64_t
        count; /**< in: how many are wanted; out: how many there are: with groups, at least one for each */
    uint32_t mean; /**< out: mean weight of a cell, in the group where it is largest */
};

/** part [owned]: the cell of each node (hg_metis_cells), few edges between cells, weights balanced
 *  within each group. The graph is gathered on rank 0; METIS takes about 100 bytes an edge of it. Collective. */
hg_status hg_coarsest_partition(const struct hg_level *level, const struct hg_attempt *attempt,
                                uint32_t *part, struct hg_coarsest_cells *cells);

#endif
