/** The cell order: which node is in which cell, and the nodes' new places. */
#ifndef HG_PARTITION_CELL_ORDER_H
#define HG_PARTITION_CELL_ORDER_H

#include "graph/cells.h"
#include "partition/directory.h"
#include "partition/partitioner.h"

/** A method of cutting: the part (in 0..parts) of each of this rank's rows into part [count]. Collective. */
typedef hg_status (*hg_cut)(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                            uint64_t seed, int64_t *part);

hg_status hg_cut_metis(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                       uint64_t seed, int64_t *part);
hg_status hg_cut_block(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                       uint64_t seed, int64_t *part);
hg_status hg_cut_random(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                        uint64_t seed, int64_t *part);

/** METIS's k-way partition of all nodes, volume objective, balancing nodes and edges, as a directory by stored id,
 *  which the caller destroys. Collective. */
hg_status hg_cut_direct(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t parts,
                        struct hg_directory *directory);

/** Numbers parts as cells, empty ones dropped, and gives rows their places in the cell order (hg_degree_order).
 *
 *  part   in: part of each row; out: its cell
 *  rows   in: blocks of imported ids; out: stored and indices are places in the cell order (rows stay where they are)
 *  cells  out: count, offsets and edges
 *  Collective. */
hg_status hg_cell_order(const struct hg_comm *comm, struct hg_node_table *rows, int64_t parts, int64_t *part,
                        struct hg_cells *cells);

/** Places in the cell order: cell by cell, within a cell by in-degree, most first, then by imported id. Rows of like length follow each
 *  other then, which is what makes the passes over edges quick (docs/performance.md).
 *
 *  cell   cell of each row
 *  cells  offsets
 *  rows   in: blocks of imported ids; out: stored
 *  Collective. */
hg_status hg_degree_order(const struct hg_comm *comm, const int64_t *cell, const struct hg_cells *cells,
                          struct hg_node_table *rows);

/** Fills cells' graph (indptr, indices, weight) from rows in cell order that may lie anywhere, on every rank.
 *  weight(a, b) = #{nodes of a adjacent to b} + #{nodes of b adjacent to a}. Collective. */
hg_status hg_cell_graph(const struct hg_comm *comm, const struct hg_node_table *rows, struct hg_cells *cells);

#endif
