/** Cells: contiguous ranges of the cell order, the unit of ownership, of work and of summation.
 *
 *  Nothing about a cell depends on the number of ranks; which rank owns a cell is decided for each number of ranks anew.
 */
#ifndef HG_GRAPH_CELLS_H
#define HG_GRAPH_CELLS_H

#include "base/types.h"
#include "dist/comm.h"

struct hg_cells {
    int64_t count; /**< C */
    hg_gid
        *offsets; /**< [C + 1] cell k holds nodes offsets[k]..offsets[k+1] of the cell order; none is empty */
    int64_t *edges;   /**< [C] edges into the cell's nodes: the work */
    int64_t *indptr;  /**< [C + 1] graph of cells, symmetric, without loops */
    int64_t *indices; /**< neighbouring cells, ascending */
    int64_t *weight;  /**< rows that would be halo if the two cells had different owners (both ways) */
    int *owner;       /**< [C] rank that owns each cell; NULL until chosen */
};

void hg_cells_destroy(struct hg_cells *cells);

/** Same cells on every rank from those of rank 0. Collective. */
hg_status hg_cells_bcast(const struct hg_comm *comm, struct hg_cells *cells);

/** The cell that holds node `id` of the cell order: binary search. Local. */
int64_t hg_cells_find(const struct hg_cells *cells, hg_gid id);

/** Ranges of the cell order that `rank` owns: its cells in order, neighbouring ones joined. ranges has room for C; returns
 *  their number. Local. */
int64_t hg_cells_ranges(const struct hg_cells *cells, int rank, struct hg_range *ranges);

#endif
