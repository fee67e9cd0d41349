/** Products with sparse input features: CSR rows times a dense matrix, and the transposed product by columns. */
#ifndef HG_KERNELS_SPMM_H
#define HG_KERNELS_SPMM_H

#include "base/exactsum.h"
#include "base/rng.h"
#include "base/types.h"

/** Sparse rows. */
struct hg_csr_view {
    const hg_eid *indptr;   /**< [rows + 1] */
    const int32_t *indices; /**< columns, ascending in a row */
    const hg_real *data;
};

/** Z_i = sum_f x_if W_f for rows [first, end): W [F, n], Z [rows, n]. Local. */
typedef void hg_spmm_fn(struct hg_csr_view x, hg_lid first, hg_lid end, struct hg_mat w, struct hg_mat z);

/** Entries of a column f of X, ascending by row; row[k] holds data[place[k]] and lies in cell[k]. */
struct hg_column_entries {
    const hg_lid *row;
    const hg_lid *cell;
    const hg_eid *place;
    int64_t count;
};

/** Row f of X^T D into exact sums: sum[first ..] += one partial per cell, sum over the cell's entries of
 *  data[place] * D_row. D [rows, n]; scratch [n]. Local; threads may work on different columns. */
typedef void hg_spmm_column_fn(struct hg_column_entries entries, const hg_real *data, struct hg_mat d,
                               hg_real *scratch, struct hg_exact *sum, int64_t first);

/** out = drop(x): the values of rows [first, end) under dropout, in CSR order; hg_drop_values of each row's
 *  stored values. x.data and out may not overlap. Local. */
typedef void hg_spmm_drop_fn(struct hg_csr_view x, hg_lid first, hg_lid end, const hg_gid *imported,
                             struct hg_dropout drop, hg_real *out);

#endif
