/** Nets of cells (struct hg_nets): from the edges of the graph, or, where these are not at hand, from the graph of
 *  cells. */
#ifndef HG_PARTITION_CELL_NETS_H
#define HG_PARTITION_CELL_NETS_H

#include "partition/partitioner.h"

/** The entries of hg_nets.cells are at most about so many, before equal nets are joined: beyond that, nodes are sampled
 *  by a hash of their index in the cell order. */
enum { HG_NET_CELLS = 1 << 22 };

/** Counts the nets, on rank 0; empty on other ranks. Each net occurs once; nets ascend by their cells, so that they do
 *  not depend on the number of ranks. Destroy it also after a failure. Collective. */
hg_status hg_nets_count(const struct hg_divided *divided, const struct hg_cells *cells, struct hg_nets *nets);

/** A net for each edge of the graph of cells, of as many rows as the edge weighs: the number of halo rows is then that
 *  of edges cut. Destroy it also after a failure. Local. */
hg_status hg_nets_of_graph(const struct hg_cells *cells, struct hg_nets *nets);

#endif
