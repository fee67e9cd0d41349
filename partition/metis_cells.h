/** Divides a graph that one rank holds into cells, by METIS. */
#ifndef HG_PARTITION_METIS_CELLS_H
#define HG_PARTITION_METIS_CELLS_H

#include "partition/metis.h"

/** Writes the cell of each node, a number in [0, *parts), to part [nodes]: few halo rows, both for small and for large
 *  numbers of ranks.
 *
 *  Few ranks have the least halo when the boundaries between them are also boundaries of cells. So METIS first
 *  partitions the graph into 2, 3 and 4 parts; the nodes that are together in all three are a region, and each region
 *  is divided into cells. With fewer than HG_REGION_CELLS cells all of the graph is one region.
 *
 *  graph   as hg_metis_graph_gather makes it: the weights of a node are 1 and its number of in-edges
 *  parts   in: wanted number of cells; out: how many there are: with regions, at most half as many more; some may be
 *          empty
 *  Local. */
hg_status hg_metis_cells(const struct hg_metis_graph *graph, uint64_t seed, int64_t *parts, int32_t *part);

/** The least number of cells for which regions are made: about two for each. */
enum { HG_REGION_CELLS = 48 };

#endif
