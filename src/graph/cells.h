/** Cells: contiguous ranges of nodes in the cell order. A cell is the unit of ownership, of work and of summation.
 *
 *  Nothing about a cell depends on the number of ranks; only the owner of each cell is chosen anew for each number of
 *  ranks. */
#ifndef HG_GRAPH_CELLS_H
#define HG_GRAPH_CELLS_H

#include "base/types.h"
#include "dist/comm.h"

/** Which cells need rows of which: a hypergraph whose vertices are cells. A net stands for nodes of one cell whose rows
 *  the same other cells need, because edges lead from the nodes into them. If its cells have k different owners, each
 *  of its rows is a halo row of k - 1 ranks: of all but the owner of its first cell. */
struct hg_nets {
    int64_t count;
    int64_t *indptr; /**< [count + 1] */
    int64_t *
        cells; /**< [indptr[count]] of each net: the cell of its nodes, then those that need them, ascending */
    int64_t *rows; /**< [count] nodes of each net, > 0 */
};

void hg_nets_destroy(struct hg_nets *nets);

/** The cells of a graph. Owns its arrays. */
struct hg_cells {
    int64_t count; /**< C, number of cells */
    /** [C + 1] cell k holds nodes offsets[k]..offsets[k+1] of the cell order; no cell is empty */
    hg_gid *offsets;
    int64_t *edges;   /**< [C] edges into the cell's nodes: a measure of its work */
    int64_t *indptr;  /**< [C + 1] the graph of cells in CSR: symmetric, without self-loops */
    int64_t *indices; /**< [indptr[C]] neighbouring cells, ascending in each row */
    /** [indptr[C]] halo rows, on both sides together, if the two cells had different owners */
    int64_t *weight;
    struct hg_nets nets; /**< of all nodes, or of a sample of them; NULL arrays: not known */
    int *owner;          /**< [C] rank that owns each cell; NULL until owners are chosen */
};

void hg_cells_destroy(struct hg_cells *cells);

/** Allocates arrays of the sizes of those of `like`, and owners, without contents: for counting memory. Local. */
hg_status hg_cells_allocate_like(const struct hg_cells *like, struct hg_cells *cells);

/** Copies the cells of rank 0 to every rank. Fails with HG_NOMEM. Collective. */
hg_status hg_cells_bcast(const struct hg_comm *comm, struct hg_cells *cells);

/** The cell that contains node `id` of the cell order: binary search. Local. */
int64_t hg_cells_find(const struct hg_cells *cells, hg_gid id);

/** Writes the ranges of the cell order that `rank` owns: its cells in ascending order, adjacent cells joined to one
 *  range. `ranges` has room for C ranges; returns their number. Local. */
int64_t hg_cells_ranges(const struct hg_cells *cells, int rank, struct hg_range *ranges);

#endif
