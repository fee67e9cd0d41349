/** The steps of attention per node, before and after the passes over edges. Each function makes one pass over
 *  rows [first, end).
 *
 *  Layout as in kernels/attention.h: heads innermost, in groups, and rows padded. Outputs, their gradients,
 *  residuals and biases are not padded. They have `out` columns: those of all groups, one after the other, where
 *  heads are concatenated; F where they are averaged.
 */
#ifndef HG_KERNELS_ATTENTION_NODES_H
#define HG_KERNELS_ATTENTION_NODES_H

#include "kernels/activation.h"
#include "kernels/head_groups.h"

/** The arrays of a layer's nodes for one group of K heads. Each function says which of them it reads and writes. */
struct hg_attention_nodes {
    struct hg_heads heads;
    struct hg_row_layout layout;
    bool shared_g;                /**< heads are averaged: they share G [F]; the first group stores it */
    const hg_real *a_src, *a_dst; /**< [K F padded] */
    const hg_real *z;             /**< [rows, K F padded] Z in the layer's halo dtype */
    hg_real *p;                   /**< [rows, K] */
    /** [rows, 2 K] E_j = exp((1 - lambda) p_j) | B_j = exp(lambda p_j); NULL: not computed */
    hg_real *exp_p;
    bool separated;   /**< the forward pass used exp_p */
    hg_real *targets; /**< rows [q | M | S | A+ | O], then [q | M | S | D | G] or [u | v | q | D | G] */
    hg_real *o_plus;  /**< [rows, K F padded] */
    hg_real *dz;      /**< [rows, K F padded]; may be the same memory as o_plus */
    hg_real *dp, *dq; /**< [rows, K] */
};

/** A layer's outputs Y = act(T), T = (concat_h O or mean_h O) + R + bias, of all groups. */
struct hg_attention_outputs {
    const struct hg_head_group *group; /**< [groups] */
    int groups, heads, width;          /**< `heads` of all groups */
    bool concat;                       /**< heads are concatenated; false: averaged */
    enum hg_activation activation;
    const hg_real *bias; /**< [out]; NULL: none */
    const hg_real *o;    /**< O of row 0 */
    int64_t stride;      /**< numbers from one row of O to the next */
    hg_real *residual;   /**< [rows, out] R; NULL: none */
};

/** Computes p = <a_src, Z>; q = <a_dst, Z> unless targets is NULL; E and B unless exp_p is NULL. Returns true
 *  if exp_p is not NULL and |p| <= HG_SEPARABLE_MAX_P for all these rows. Local. */
typedef bool hg_nodes_scores_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end);

/** y [end - first, out]: Y of these rows. Local. */
typedef void hg_outputs_fn(const struct hg_attention_outputs *outputs, int64_t first, int64_t end,
                           hg_real *y);

/** The first step of the backward pass, from dy [end - first, out] = dL/dY. dL/dT = act'(T) dY replaces R, and its
 *  column sums are added to dbias [out]. dy becomes dL/dT, or dL/dT / K where heads are averaged. Local. */
typedef void hg_outputs_backward_fn(const struct hg_attention_outputs *outputs, int64_t first, int64_t end,
                                    hg_real *dy, double *dbias);

/** The second step, for one group after the other, in their order. From dy, which the first step left: the columns of
 *  the group, or all where heads are averaged, in rows `stride` numbers apart.
 *
 *      G = dy                 replaces O, in the layer's halo dtype
 *      D = <G, O>             replaces A+
 *      dq = (1 - lambda) (<G, O+> - D A+)
 *      u, v and q             replace q, M and S if `separated`; M must be LeakyReLU(q)
 *
 *  Local. */
typedef void hg_nodes_backward_begin_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                        const hg_real *dy, int64_t stride);

/** The last step of the backward pass. da_src and da_dst are [K F padded] and are added to.
 *
 *      dZ_j += dp_j a_src + dq_j a_dst,  da_src += sum_j dp_j Z_j,  da_dst += sum_j dq_j Z_j
 *
 *  Local. */
typedef void hg_nodes_backward_end_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                      double *da_src, double *da_dst);

#endif
