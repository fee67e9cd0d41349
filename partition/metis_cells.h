/** Divides a graph that one rank holds into cells, by METIS. */
#ifndef HG_PARTITION_METIS_CELLS_H
#define HG_PARTITION_METIS_CELLS_H

#include "partition/metis.h"

/** Writes the cell of each node, a number in [0, *parts), to part [nodes]: few halo rows, both for small and for large
 *  numbers of ranks.
 *
 *  Ranks have the least halo when the boundaries between them are also boundaries of cells. So METIS first partitions
 *  the graph into a few numbers of parts, on attempt 0 into 2, 3 and 4; the nodes that are together in all of these
 *  partitions are a region, and each region is divided into cells. With fewer than HG_REGION_CELLS cells all of the
 *  graph is one region.
 *
 *  graph   as hg_metis_graph_gather makes it: the weights of a node are 1 and its number of in-edges; or with one
 *          weight, and with weights of edges, as graphs of clusters have them: then few edges are cut, by weight
 *  attempt  its number chooses the numbers of parts whose boundaries are kept
 *  parts   in: wanted number of cells; out: how many there are: with regions, fewer than one more for each; some may be
 *          empty
 *  Local. */
hg_status hg_metis_cells(const struct hg_metis_graph *graph, const struct hg_attempt *attempt, int64_t *parts,
                         int32_t *part);

/** The least number of cells for which regions are made, and the largest number of regions. */
enum { HG_REGION_CELLS = 48 };

#endif
