/** A cell's rows of a set as one matrix, the form that products take. Where the set has the whole cell the rows are
 *  the matrix's own and nothing moves, else they are copies.
 */
#ifndef HG_NN_CELL_ROWS_H
#define HG_NN_CELL_ROWS_H

#include "graph/subgraph.h"

/** Which rows. */
struct hg_cell_rows {
    const struct hg_shard *shard;
    const struct hg_row_set *set;
    hg_lid cell;
};

/** Place for the rows of a matrix [owned, ..]: its own, or `copy`, one after the other. Local. */
struct hg_mat hg_cell_place(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy);

/** The same, with the matrix's rows in it. Local. */
struct hg_mat hg_cell_gather(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy);

/** The way back: copies `from` hg_cell_place go to the matrix; nothing to do where they are its own. Local. */
void hg_cell_scatter(struct hg_cell_rows rows, struct hg_mat from, struct hg_mat matrix);

/** Zeros in the cell's rows that are not in the set. Local. */
void hg_cell_zero_others(struct hg_cell_rows rows, struct hg_mat matrix);

/** Packed rows x [rows, cols] as rows of a larger set of the same cell, zeros in the others: x itself where the sets
 *  are equal, else in `copy`. Local. */
hg_real *hg_cell_spread(struct hg_cell_rows rows, const struct hg_row_set *larger, int64_t cols, hg_real *x,
                        hg_real *copy);

#endif
