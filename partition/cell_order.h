/** The cell order: assigns nodes to cells and numbers the nodes cell by cell.
 *
 *  A node's index in the cell order is its stored id from then on (hg_node_table). These functions are the steps of
 *  hg_partition.
 */
#ifndef HG_PARTITION_CELL_ORDER_H
#define HG_PARTITION_CELL_ORDER_H

#include "graph/cells.h"
#include "partition/metis.h"
#include "partition/partitioner.h"

/** What a method divides. */
struct hg_undivided {
    const struct hg_level *graph; /**< level 0: blocks of imported ids */
    int64_t num_edges;            /**< of the whole graph */
    const uint32_t *given;        /**< [owned] part of each node, for the method `file`; else NULL */
};

/** A method that divides the nodes into parts: writes the part of each of this rank's nodes, a number in [0, *parts),
 *  to part [owned]. Parts may be empty.
 *  parts  in: wanted number of parts; out: how many there are
 *  Collective. */
typedef hg_status hg_partition_method(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                                      int64_t *parts, int64_t *part);

#define HG_PARTITION_DECLARE(NAME, name, text) hg_partition_method hg_partition_##name;
HG_PARTITIONER_LIST(HG_PARTITION_DECLARE)
#undef HG_PARTITION_DECLARE

/** METIS's k-way partition of all nodes into `parts` parts: minimises the communication volume and balances both
 *  nodes and edges. part [owned]: the part of each of this rank's nodes. Collective. */
hg_status hg_partition_direct(const struct hg_undivided *nodes, int64_t parts, int64_t *part);

/** Makes a cell of every part that has nodes and gives every node its index in the cell order (hg_degree_order).
 *
 *  part     [owned] in: part of each node; out: its cell
 *  divided  in: graph; out: stored
 *  cells    out: count, offsets and edges
 *  Collective. */
hg_status hg_cell_order(struct hg_divided *divided, int64_t parts, int64_t *part, struct hg_cells *cells);

/** Numbers the nodes in cell order: by cell, within a cell by descending in-degree, then by ascending imported id.
 *  Neighbouring rows then have about the same number of edges, which makes the passes over edges fast
 *  (docs/performance.md).
 *
 *  graph   level 0: blocks of imported ids
 *  cell    [owned] cell of each node
 *  cells   in: count and offsets
 *  stored  [owned] out: index of each node in the cell order
 *  Collective. */
hg_status hg_degree_order(const struct hg_level *graph, const int64_t *cell, const struct hg_cells *cells,
                          int64_t *stored);

/** Builds the graph of cells (indptr, indices, weight), the same on every rank.
 *  weight(a, b) = #{nodes of a adjacent to b} + #{nodes of b adjacent to a}. Collective. */
hg_status hg_cell_graph(const struct hg_divided *divided, struct hg_cells *cells);

#endif
