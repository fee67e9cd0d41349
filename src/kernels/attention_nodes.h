/** What attention does per node, before and after the passes over edges; each function is one sweep over rows [first, end).
 *
 *  Layout as in kernels/attention.h: heads innermost, rows of K F numbers padded. Outputs, their gradients and biases are not padded:
 *  out = K F columns [F, K] where heads stand side by side, F where they are averaged.
 */
#ifndef HG_KERNELS_ATTENTION_NODES_H
#define HG_KERNELS_ATTENTION_NODES_H

#include "kernels/attention.h"
#include "kernels/pointwise.h"

/** The nodes of a layer. Functions say what they read and write. */
struct hg_attention_nodes {
    struct hg_heads heads;
    bool concat;   /**< heads side by side, else averaged */
    bool residual; /**< y holds the residual before nodes_combine */
    enum hg_activation activation;
    const hg_real *a_src, *a_dst; /**< [K F padded] */
    const hg_real *bias;          /**< [out]; NULL: none */
    hg_real *z;                   /**< [rows, K F padded] */
    hg_real *p, *q;               /**< [rows, K] */
    hg_real *max, *inv_sum;       /**< M, S [rows, K] */
    hg_real *o, *o_plus;          /**< [rows, K F padded] */
    hg_real *alpha_plus;          /**< [rows, K] */
    hg_real *y;                   /**< [rows, out] */
    hg_real *dy;                  /**< [rows, out] dL/dY */
    hg_real *targets;             /**< rows [G | q | M | S | D] */
    hg_real *dz;                  /**< [rows, K F padded] */
    hg_real *dp, *dq;             /**< [rows, K] */
};

/** p_j = <a_src, Z_j> of each head, and q_j = <a_dst, Z_j> unless q is NULL. Local. */
typedef void hg_nodes_scores_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end);

/** Y = act(concat_h O or mean_h O, + residual + bias). Local. */
typedef void hg_nodes_combine_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end);

/** Opens the backward pass: dY *= act'(Y) in place, its column sums are added to dbias [out]; rows [G | q | M | S | D] with G = dY, or
 *  dY / K where heads are averaged and share it, and D = <G, O>; dq = (1 - lambda) (<G, O+> - D A+). Local. */
typedef void hg_nodes_open_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                              double *dbias);

/** Closes it: dZ_j += dp_j a_src + dq_j a_dst; adds sum_j dp_j Z_j and sum_j dq_j Z_j to da_src and da_dst [K F padded]. Local. */
typedef void hg_nodes_close_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                               double *da_src, double *da_dst);

#endif
