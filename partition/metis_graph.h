/** The edges of the whole graph on rank 0, as METIS needs them. Only these arrays are as long as the whole graph. */
#ifndef HG_PARTITION_METIS_GRAPH_H
#define HG_PARTITION_METIS_GRAPH_H

#include "partition/cell_order.h"
#include "partition/metis.h"

/** Gathers the symmetrised graph on rank 0, without self-loops and parallel edges; nodes are numbered by id. Each node
 *  has two weights (constraints): 1, and its number of in-edges. On other ranks `graph` is empty. Fails when 32-bit
 *  indices cannot hold the graph. Destroy with hg_metis_graph_destroy. Collective. */
hg_status hg_metis_graph_gather(const struct hg_undivided *nodes, struct hg_metis_graph *graph);

#endif
