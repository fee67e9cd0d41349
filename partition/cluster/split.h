/** Divides cells that are much too heavy. */
#ifndef HG_PARTITION_CLUSTER_SPLIT_H
#define HG_PARTITION_CLUSTER_SPLIT_H

#include "partition/level.h"

/** Divides each cell of more than twice the mean weight into pieces of about the mean weight: its nodes in the order of
 *  ids, consecutive ones together. Propagation cannot do it where all neighbours of such a cell's nodes are in full
 *  cells, as around a hub. New pieces get numbers from *parts on, some of which may be empty.
 *
 *  part   [owned] cell of each node
 *  parts  in and out: number of cells
 *  Collective. */
hg_status hg_cells_split(const struct hg_level *level, uint32_t mean, uint32_t *part, int64_t *parts);

#endif
