/** A Linear of a layer's input X' = drop(X), without bias: R = X' W, computed and differentiated cell by cell.
 *
 *  A layer may have several Linears that read the same X': that of its convolution, and that of the residual.
 *  Together they give dX' = sum_k dR_k W_k^T, and each has dW_k = X'^T dR_k. */
#ifndef HG_NN_LINEAR_H
#define HG_NN_LINEAR_H

#include "kernels/halo_dtype.h"
#include "nn/input.h"

struct hg_layer;

/** Columns [first, first + count) of R, stored from number `place` of a row on. */
struct hg_column_block {
    int64_t first, count, place;
};

struct hg_linear {
    int64_t weight;           /**< index of W [in, out] in the parameters */
    int64_t out;              /**< columns of R */
    int64_t stride;           /**< numbers from one row of R to the next before conversion to `dtype` */
    enum hg_halo_dtype dtype; /**< type in which R is stored */
    /** [blocks] the columns in blocks, whose places leave gaps when there are several. Not owned; a Linear that is
     *  added with NULL has one block, `whole`. */
    const struct hg_column_block *block;
    int blocks;
    struct hg_column_block whole;
    hg_real *result; /**< R [owned, out], with rows hg_halo_room(dtype, stride) apart */
    /** dL/dR [owned, out], computed by the backward pass, possibly in the memory of R; 0 for sources without a
     *  gradient. Its columns are stored in the same places. */
    struct hg_mat gradient;
    int64_t sum; /**< index of dW among the sums of weights */
};

/** X' of a cell's sources, packed; when sparse, X' of all rows of the rank. */
struct hg_cell_input {
    bool sparse;
    struct hg_mat dense;
    struct hg_csr_view csr;
};

/** Whether R is not computed where it is stored, but in memory of the thread. Local. */
bool hg_linear_converted(const struct hg_linear *linear);

/** R_k = X' W_k for a cell's sources. Local. */
void hg_linear_forward(const struct hg_layer *layer, int k, hg_lid cell, const struct hg_cell_input *x,
                       struct hg_thread *thread);

/** d[k] = dL/dR_k of a cell's sources, packed, for every Linear k. Local. */
void hg_linears_gradient(const struct hg_layer *layer, hg_lid cell, struct hg_thread *thread,
                         struct hg_mat d[HG_LINEARS]);

/** dL/dX' = sum_k dR_k W_k^T for the rows of d: written to dx [rows, in] and returned. Local. */
struct hg_mat hg_linears_input_gradient(const struct hg_layer *layer, const struct hg_mat d[HG_LINEARS],
                                        hg_real *dx);

/** dW_k += X'^T dR_k over the rows of a cell, for dense X'. Local. */
void hg_linears_weight_gradient(struct hg_layer *layer, struct hg_mat x, const struct hg_mat d[HG_LINEARS],
                                struct hg_thread *thread);

/** dW_k += X'^T dR_k for sparse X', over all cells at once. Local. */
void hg_linears_weight_gradient_sparse(struct hg_layer *layer, const struct hg_input *input);

#endif
