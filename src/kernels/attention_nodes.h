/** What attention does per node, before and after the passes over edges; each function is one sweep over rows [first, end).
 *
 *  Layout as in kernels/attention.h: heads innermost, rows of K F numbers padded. Outputs, their gradients, residuals and biases are not
 *  padded: out = K F columns [F, K] where heads stand side by side, F where they are averaged.
 */
#ifndef HG_KERNELS_ATTENTION_NODES_H
#define HG_KERNELS_ATTENTION_NODES_H

#include "kernels/activation.h"
#include "kernels/attention.h"

/** The nodes of a layer. Functions say what they read and write. */
struct hg_attention_nodes {
    struct hg_heads heads;
    bool concat; /**< heads side by side, else averaged */
    enum hg_activation activation;
    const hg_real *a_src, *a_dst; /**< [K F padded] */
    const hg_real *bias;          /**< [out]; NULL: none */
    const hg_real *z;             /**< [rows, K F padded], as the type of rows is kept */
    hg_real *p;                   /**< [rows, K] */
    hg_real *exp_p;    /**< [rows, 2 K] exp((1 - lambda) p_j) | exp(lambda p_j); NULL: not asked for */
    bool separated;    /**< the forward pass used them */
    hg_real *targets;  /**< rows [q | M | S | A+ | O], then [q | M | S | D | G] or [u | v | q | D | G] */
    hg_real *o_plus;   /**< [rows, K F padded] */
    hg_real *residual; /**< R [rows, out], then dL/dT; NULL: none */
    hg_real *dz;       /**< [rows, K F padded]; may be o_plus */
    hg_real *dp, *dq;  /**< [rows, K] */
};

/** p_j = <a_src, Z_j> of each head and its exponentials, and q_j = <a_dst, Z_j> unless targets is NULL. True if |p_j| <= HG_SEPARABLE
 *  throughout. Local. */
typedef bool hg_nodes_scores_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end);

/** Y = act(T), T = concat_h O or mean_h O, + R + bias: y [end - first, out]. Local. */
typedef void hg_nodes_output_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                hg_real *y);

/** Begins the backward pass, from dy [end - first, out] = dL/dY, which it overwrites: dL/dT = act'(T) dY takes the place of R, and its column
 *  sums are added to dbias [out]. G = dL/dT, or dL/dT / K where heads are averaged and share it, takes the place of O, as the type of rows
 *  is kept, and D = <G, O> that of A+; separated, where M = LeakyReLU(q), u, v and q take those of q, M and S;
 *  dq = (1 - lambda) (<G, O+> - D A+). Local. */
typedef void hg_nodes_backward_begin_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                        hg_real *dy, double *dbias);

/** Ends it: dZ_j += dp_j a_src + dq_j a_dst; adds sum_j dp_j Z_j and sum_j dq_j Z_j to da_src and da_dst [K F padded]. Local. */
typedef void hg_nodes_backward_end_fn(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                      double *da_src, double *da_dst);

#endif
