/** The graph's features as the input X of the first layer: dense or sparse rows, under the dropout of the pass.
 *
 *  Dense features are read where they are, and dropout is applied when a cell is read. Sparse features have one copy
 *  of their values under the dropout of the pass, and an index by column for X^T dZ. */
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
    struct hg_csr_view csr; /**< sparse features without dropout */
    hg_real *dropped;       /**< [nnz] their values under the dropout of this pass; training only */
    /* index by column: entries of column f are column_start[f]..column_start[f+1], ascending by row */
    hg_eid *column_start; /**< [cols + 1] */
    hg_lid *entry_row;    /**< [nnz] row of each entry */
    hg_lid *entry_cell;   /**< [nnz] cell of that row: one partial sum is made per cell and column */
    hg_eid *entry_index;  /**< [nnz] index of the entry's value in csr */
};

/** Makes the input of the graph's features, which are not copied and must outlive it; sparse ones get their index by
 *  column when `training`. Destroy with hg_input_destroy, also after a failure. Local: the caller agrees. */
hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input);
void hg_input_destroy(struct hg_input *input);

/** Makes the index by column of sparse features from the rows of the set only. Does nothing for dense features.
 *  Local. */
void hg_input_restrict(const struct hg_shard *shard, const struct hg_row_set *rows, struct hg_input *input);

/** Pointer to row `first` of dense features. Only to be read: it is not const because struct hg_mat, which matrix
 *  products take, is not. Local. */
static inline hg_real *hg_input_rows(const struct hg_input *input, int64_t first)
{
    return (hg_real *)(uintptr_t)input->dense + first * input->cols;
}

/** The sparse features, with values under the dropout of the pass if `dropping`. Local. */
static inline struct hg_csr_view hg_input_sparse(const struct hg_input *input, bool dropping)
{
    struct hg_csr_view view = input->csr;
    if (dropping) view.data = input->dropped;
    return view;
}

#endif
