/** Products with sparse input features X: X W by rows, X^T D by columns of X, and dropout of X. */
#ifndef HG_KERNELS_SPMM_H
#define HG_KERNELS_SPMM_H

#include "base/exactsum.h"
#include "base/rng.h"
#include "base/types.h"

/** A sparse matrix by rows (CSR). */
struct hg_csr_view {
    const hg_eid *indptr;   /**< [rows + 1] */
    const int32_t *indices; /**< columns of the entries, ascending within a row */
    const hg_real *data;
};

/** Z_i = sum_f x_if W_f for rows [first, end): W [F, n], Z [rows, n]. Local. */
typedef void hg_spmm_fn(struct hg_csr_view x, hg_lid first, hg_lid end, struct hg_mat w, struct hg_mat z);

/** The entries of one column of X, by ascending row: entry k has value data[data_index[k]] and is in row[k], which
 *  is in cell[k]. */
struct hg_column_entries {
    const hg_lid *row;
    const hg_lid *cell;
    const hg_eid *data_index;
    int64_t count;
};

/** Adds row f of X^T D, D [rows, n], to the exact sums sum[first .. first + n), where `entries` are those of
 *  column f of X. One partial sum per cell is added: the sum of data[data_index] * D_row over the cell's entries.
 *  scratch [n]. Local; different threads may work on different columns. */
typedef void hg_spmm_column_fn(struct hg_column_entries entries, const hg_real *data, struct hg_mat d,
                               hg_real *scratch, struct hg_exact *sum, int64_t first);

/** out = drop(x) for the stored values of rows [first, end): hg_drop_values_fn of each row, with out in the order
 *  of x.data. x.data and out must not overlap. Local. */
typedef void hg_spmm_drop_fn(struct hg_csr_view x, hg_lid first, hg_lid end, const hg_gid *imported,
                             struct hg_dropout drop, hg_real *out);

#endif
