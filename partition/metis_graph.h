/** The structure of the whole graph on rank 0, for METIS: the only arrays as long as the graph. */
#ifndef HG_PARTITION_METIS_GRAPH_H
#define HG_PARTITION_METIS_GRAPH_H

#include "graph/node_table.h"
#include "partition/metis.h"

/** Fills graph on rank 0 (empty elsewhere) with the symmetrised structure by stored ids, without loops and copies; nodes
 *  weigh 1 and their in-edges (two constraints). Fails when 32-bit indices cannot hold it. Collective. */
hg_status hg_gather_structure(const struct hg_comm *comm, const struct hg_node_table *rows,
                              struct hg_metis_graph *graph);

#endif
