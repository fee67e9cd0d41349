/** A Linear of a layer's input X' = drop(X), without bias: R = X' W, made and differentiated cell by cell.
 *
 *  A layer has a few that read the same X': those of its convolution, and that of the residual. Together they make
 *  dX' = sum_k dR_k W_k^T, and each gets dW_k = X'^T dR_k.
 */
#ifndef HG_NN_LINEAR_H
#define HG_NN_LINEAR_H

#include "kernels/halo_dtype.h"
#include "nn/input.h"

struct hg_layer;

struct hg_linear {
    int64_t weight;          /**< place of W [in, out] in the parameters */
    int64_t out;             /**< columns of R */
    int64_t stride;          /**< numbers between rows of R before they are kept */
    enum hg_halo_dtype kept; /**< how the rows of R are kept */
    hg_real *result;         /**< R [owned], rows hg_halo_room(kept, stride) apart */
    /** dL/dR [owned, out], which the backward pass makes, maybe where R was; 0 in sources that got none. */
    struct hg_mat gradient;
    int64_t sum; /**< place of dW among the layer's gradients of weights */
};

/** X' of a cell's sources, one after the other; sparse: of all rows of the rank. */
struct hg_cell_input {
    bool sparse;
    struct hg_mat dense;
    struct hg_csr_view csr;
};

/** R = X' W for a cell's sources. Local. */
void hg_linear_forward(const struct hg_layer *layer, int k, hg_lid cell, const struct hg_cell_input *x,
                       struct hg_thread *thread);

/** dL/dR of a cell's sources, of every Linear, one row after the other. Local. */
void hg_linears_gradient(const struct hg_layer *layer, hg_lid cell, struct hg_thread *thread,
                         struct hg_mat d[HG_LINEARS]);

/** dL/dX' = sum_k dR_k W_k^T of the rows of d, in dx. Local. */
struct hg_mat hg_linears_input_gradient(const struct hg_layer *layer, const struct hg_mat d[HG_LINEARS],
                                        hg_real *dx);

/** dW_k += X'^T dR_k over the rows of a cell, for dense X'. Local. */
void hg_linears_weight_gradient(struct hg_layer *layer, struct hg_mat x, const struct hg_mat d[HG_LINEARS],
                                struct hg_thread *thread);

/** The same for sparse X', over all cells at once. Local. */
void hg_linears_weight_gradient_sparse(struct hg_layer *layer, const struct hg_input *input);

#endif
