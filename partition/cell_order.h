/** The cell order: assigns nodes to cells and numbers the nodes cell by cell.
 *
 *  A node's index in the cell order is its stored id from then on (hg_node_table). These functions are the steps of
 *  hg_partition.
 */
#ifndef HG_PARTITION_CELL_ORDER_H
#define HG_PARTITION_CELL_ORDER_H

#include "graph/cells.h"
#include "partition/directory.h"
#include "partition/partitioner.h"

/** What a method divides: blocks of imported ids. */
struct hg_undivided {
    const struct hg_comm *comm;
    const struct hg_node_table *rows;
    const struct hg_level *graph; /**< level 0 of the same nodes */
    const uint32_t *given;        /**< [rows->count] part of each row, for the method `file`; else NULL */
};

/** A method that divides the nodes into parts: writes the part of each of this rank's rows, a number in [0, *parts),
 *  to part [rows->count]. Parts may be empty.
 *  parts  in: wanted number of parts; out: how many there are
 *  Collective. */
typedef hg_status hg_partition_method(const struct hg_undivided *nodes, uint64_t seed, int64_t *parts,
                                      int64_t *part);

#define HG_PARTITION_DECLARE(NAME, name, text) hg_partition_method hg_partition_##name;
HG_PARTITIONER_LIST(HG_PARTITION_DECLARE)
#undef HG_PARTITION_DECLARE

/** METIS's k-way partition of all nodes into `parts` parts: minimises the communication volume and balances both
 *  nodes and edges. directory: the part of every node, by stored id; the caller destroys it. Collective. */
hg_status hg_partition_direct(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                              struct hg_directory *directory);

/** Makes a cell of every part that has nodes and gives every node its index in the cell order (hg_degree_order).
 *
 *  part     [rows->count] in: part of each row; out: its cell
 *  rows     in: blocks of imported ids; out: stored and indices are indices in the cell order; no row moves to another
 *           rank
 *  divided  in: graph; out: stored
 *  cells    out: count, offsets and edges
 *  Collective. */
hg_status hg_cell_order(const struct hg_comm *comm, struct hg_node_table *rows, int64_t parts, int64_t *part,
                        struct hg_divided *divided, struct hg_cells *cells);

/** Numbers the nodes in cell order: by cell, within a cell by descending in-degree, then by ascending imported id.
 *  Neighbouring rows then have about the same number of edges, which makes the passes over edges fast
 *  (docs/performance.md).
 *
 *  cell   [rows->count] cell of each row
 *  cells  in: count and offsets
 *  rows   in: blocks of imported ids; out: stored
 *  Collective. */
hg_status hg_degree_order(const struct hg_comm *comm, const int64_t *cell, const struct hg_cells *cells,
                          struct hg_node_table *rows);

/** Builds the graph of cells (indptr, indices, weight), the same on every rank.
 *  weight(a, b) = #{nodes of a adjacent to b} + #{nodes of b adjacent to a}. Collective. */
hg_status hg_cell_graph(const struct hg_divided *divided, struct hg_cells *cells);

#endif
