/** The rows of a cell that are in a row set, as one matrix, for matrix products. Where the set contains the whole
 *  cell these are rows of the original matrix, and nothing is copied; else they are copies. */
#ifndef HG_NN_CELL_ROWS_H
#define HG_NN_CELL_ROWS_H

#include "graph/subgraph.h"

/** The rows of `set` in cell `cell`. */
struct hg_cell_rows {
    const struct hg_shard *shard;
    const struct hg_row_set *set;
    hg_lid cell;
};

/** Memory for these rows of a matrix [owned, ..], without their values: the rows of `matrix` itself where the set
 *  contains the whole cell, else `copy`, packed. Local. */
struct hg_mat hg_cell_buffer(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy);

/** hg_cell_buffer with the values of the matrix's rows. Local. */
struct hg_mat hg_cell_gather(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy);

/** Copies rows `from`, which are in memory of hg_cell_buffer, back to the matrix; does nothing where they are the
 *  matrix's own rows. Local. */
void hg_cell_scatter(struct hg_cell_rows rows, struct hg_mat from, struct hg_mat matrix);

/** Sets the cell's rows that are not in the set to zero. Local. */
void hg_cell_zero_others(struct hg_cell_rows rows, struct hg_mat matrix);

/** Converts packed rows x [rows, cols] to packed rows of a larger set of the same cell, with zeros in the additional
 *  rows. Returns x itself where the sets have the same rows in the cell, else `copy`. Local. */
hg_real *hg_cell_expand(struct hg_cell_rows rows, const struct hg_row_set *larger, int64_t cols, hg_real *x,
                        hg_real *copy);

#endif
