/** What a layer reads: dense or sparse features, or the output of the layer before, which that layer makes as it is read.
 *
 *  Dropout on inputs is part of reading: drop(X) is made for a cell when it is needed, forward and backward alike, and never kept for
 *  dense inputs. Sparse features keep one copy of their values under the epoch's dropout, and their columns for X^T dZ.
 */
#ifndef HG_NN_INPUT_H
#define HG_NN_INPUT_H

#include "graph/rows.h"
#include "graph/scope.h"
#include "kernels/spmm.h"
#include "nn/workspace.h"

struct hg_conv;
struct hg_layer;

/** X [owned, cols]. */
struct hg_input {
    int64_t cols;
    const struct hg_conv *conv; /**< of the layer before; NULL: features */
    struct hg_layer *layer;     /**< the layer before, which takes X's gradient (nn/layer.h) */
    const hg_real *dense;       /**< [owned, cols] dense features */
    struct hg_csr_view csr;     /**< the features as they are */
    hg_real *dropped;           /**< [nnz] drop(X) of this pass; NULL before hg_input_sparse */
    /* columns: entries of column f are column_start[f]..column_start[f+1], ascending by row */
    hg_eid *column_start; /**< [cols + 1] */
    hg_lid *entry_row;    /**< [nnz] */
    hg_lid *entry_cell;   /**< [nnz] the cell of the row: one partial is made per cell and column */
    hg_eid *entry_place;  /**< [nnz] place in csr */
};

/** The graph's features as an input; dense ones are referred to, sparse ones get columns when `training`.
 *  Destroy with hg_input_destroy, also after a failure. Local: the caller agrees. */
hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input);
void hg_input_destroy(struct hg_input *input);

/** Leaves only the entries of the set's rows in the columns of sparse features. Local. */
void hg_input_restrict(const struct hg_shard *shard, const struct hg_row_set *rows, struct hg_input *input);

/** One pass over an input: the epoch's dropout decides what is read. */
struct hg_reading {
    const struct hg_input *input;
    const struct hg_shard *shard;
    const struct hg_row_set *sources; /**< the rows that are read */
    const struct hg_kernels *kernels;
    const struct hg_dropout *drop; /**< NULL: off */
};

/** drop(X) of a cell's sources as a dense matrix: dense features themselves without dropout where they are the whole cell, else in thread->x.
 *  `also` (NULL: none) holds values of the same rows, packed, that lose the same elements in place: the input's gradient. Dense inputs
 *  only. Local. */
struct hg_mat hg_reading_dense(const struct hg_reading *reading, hg_lid cell, struct hg_thread *thread,
                               hg_real *also);

/** Prepares a cell's sources of a sparse input: their values under dropout into input->dropped. Local. */
void hg_reading_drop_sparse(const struct hg_reading *reading, hg_lid cell);

/** The sparse input's values under dropout as a view (the features themselves without dropout). */
struct hg_csr_view hg_reading_sparse(const struct hg_reading *reading);

#endif
