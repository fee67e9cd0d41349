/** The graph's features as what the first layer reads: dense or sparse rows, under the pass's dropout.
 *
 *  Dense features are read as they are, and dropped as a cell is read. Sparse ones keep one copy of their values
 *  under the pass's dropout, and their columns for X^T dZ.
 */
#ifndef HG_NN_INPUT_H
#define HG_NN_INPUT_H

#include "graph/node_table.h"
#include "graph/subgraph.h"
#include "kernels/spmm.h"
#include "nn/workspace.h"

/** X [owned, cols]. */
struct hg_input {
    int64_t cols;
    const hg_real *dense;   /**< [owned, cols]; NULL: sparse */
    struct hg_csr_view csr; /**< sparse features as they are */
    hg_real *dropped;       /**< [nnz] their values under the dropout of this pass, training only */
    /* columns: entries of column f are column_start[f]..column_start[f+1], ascending by row */
    hg_eid *column_start; /**< [cols + 1] */
    hg_lid *entry_row;    /**< [nnz] */
    hg_lid *entry_cell;   /**< [nnz] the cell of the row: one partial is made per cell and column */
    hg_eid *entry_place;  /**< [nnz] place in csr */
};

/** The graph's features as an input; they are referred to, and sparse ones get columns when `training`.
 *  Destroy with hg_input_destroy, also after a failure. Local: the caller agrees. */
hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input);
void hg_input_destroy(struct hg_input *input);

/** Leaves only the entries of the set's rows in the columns of sparse features. Local. */
void hg_input_restrict(const struct hg_shard *shard, const struct hg_row_set *rows, struct hg_input *input);

/** Row `first` of dense features, followed by the others: to be read only, though views of products are not const. */
static inline hg_real *hg_input_rows(const struct hg_input *input, int64_t first)
{
    return (hg_real *)(uintptr_t)input->dense + first * input->cols;
}

/** The values of sparse features, under the pass's dropout if it is on. */
static inline struct hg_csr_view hg_input_sparse(const struct hg_input *input, bool dropping)
{
    struct hg_csr_view view = input->csr;
    if (dropping) view.data = input->dropped;
    return view;
}

#endif
