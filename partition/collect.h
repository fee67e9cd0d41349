/** Collects the rows of cells out of a graph in imported order: reads them chunk by chunk where they are, and sends
 *  them to the ranks that get them, so that no rank holds more of the graph than a chunk and what it gets. */
#ifndef HG_PARTITION_COLLECT_H
#define HG_PARTITION_COLLECT_H

#include "partition/partitioner.h"
#include "partition/row_source.h"

/** Bytes of a row in a node table, without its edges and sparse features; of an edge; of a sparse feature. Local. */
int64_t hg_row_bytes(const struct hg_graph_info *info);
int64_t hg_edge_bytes(const struct hg_graph_info *info, bool edge_ids);
int64_t hg_value_bytes(const struct hg_graph_info *info);

/** Collects rows in cell order.
 *
 *  divided  a partition of the source's rows, with cells
 *  owner    [C] the rank that gets the rows of each cell; -1: none
 *  rows     out: the rows that this rank gets, as hg_node_table describes them; empty on failure
 *  Fails when the source's rows are not those that were divided. Collective. */
hg_status hg_collect_rows(const struct hg_row_source *source, const struct hg_divided *divided,
                          const struct hg_cells *cells, const int *owner, struct hg_node_table *rows);

#endif
