/** Graph attention over edges: forward over targets' rows, backward over sources' rows; nothing is stored per edge.
 *
 *  Velickovic et al., "Graph attention networks", ICLR 2018, eq. 1-6; docs/mathematics.md derives the split below. One head:
 *
 *      s_e = p_j + q_i (+ r_e),  l_e = LeakyReLU(s_e),  M_i = max_e l_e,  S_i = 1 / sum_e exp(l_e - M_i)
 *      alpha_e = exp(l_e - M_i) S_i,   O_i = sum_e m_e alpha_e Z_j
 *      O+_i and A+_i: the same sums of m_e alpha_e Z_j and of alpha_e over the edges with s_e > 0
 *
 *  and backward, for each source j over its out-edges e = (j -> i), alpha_e recomputed:
 *
 *      dalpha_e = m_e <G_i, Z_j>,  ds_e = lambda_e alpha_e (dalpha_e - D_i)
 *      dp_j = sum ds_e,  dZ_j = sum m_e alpha_e G_i,  dU_j = sum x_e ds_e
 *
 *  Layout: K heads of width F lie with the head innermost, [F, K]: a vector of a row meets the weights of all heads at once, and
 *  <G_i, Z_j> of every head is a sum of vectors. Rows of Z, O, O+ and dZ are padded with zeros to hg_row_stride(K F)
 *  numbers, so that every row is whole vectors. What belongs to a target lies in one row: [q | M | S | A+ | O] after the forward sums, and
 *  [q | M | S | D | G] for the backward ones, G in the place of O, so that a source finds all it needs of a target side by side.
 *
 *  Scores without r_e are *separable*: exp(l_e - M_i) is exp(p_j) exp(q_i - M_i) where s_e > 0, else exp(lambda p_j) exp(lambda q_i - M_i),
 *  so exponentials are of nodes, not of edges. LeakyReLU(q_i) then serves for M_i: for lambda < 1 it differs from the largest score by at
 *  most the largest |p_j|, which must not exceed HG_SEPARABLE. Backward, rows of targets are [u | v | q | D | G] with
 *
 *      u_i = exp(q_i - M_i) S_i,  v_i = exp(lambda q_i - M_i) S_i,  alpha_e = exp(p_j) u_i where s_e > 0, else exp(lambda p_j) v_i
 *
 *  Rows are summed over edges in their stored order. m_e is attention dropout, a function of (source, target, ordinal among parallel copies)
 *  in imported ids, of head, epoch, layer and seed.
 */
#ifndef HG_KERNELS_ATTENTION_H
#define HG_KERNELS_ATTENTION_H

#include "base/rng.h"
#include "base/types.h"
#include "kernels/halo_dtype.h"

enum {
    HG_MAX_HEADS = 256,
    HG_MAX_ROW = 1 << 20,   /**< most numbers K F in a row of Z: keeps row sizes well within int */
    HG_HEADS_PER_BLOCK = 8, /**< heads that share one block of random bits */
    HG_HEAD_BLOCKS = HG_MAX_HEADS / HG_HEADS_PER_BLOCK,
    HG_SEPARABLE =
        40, /**< largest |p_j| of separable scores: exp of it and sums of many such stay far from both ends of float32 */
    HG_ATTENTION_SCRATCH = 6 * 4160, /**< numbers of scratch that one thread needs for the functions below */
};

/** Heads and their width. */
struct hg_heads {
    int count;     /**< K */
    int width;     /**< F */
    hg_real slope; /**< of LeakyReLU below 0 */
};

/** Whether separating scores without r_e pays: one head and eight fill vectors with the powers of their sources as they lie in memory, for
 *  others an exponential an edge is as cheap. */
static inline bool hg_heads_separable(struct hg_heads heads)
{
    return (heads.count == 1 || heads.count == HG_LANES) && heads.slope < 1;
}

/** Numbers between rows of n numbers that are padded to whole vectors. */
static inline int64_t hg_row_stride(int64_t n)
{
    return (n + HG_LANES - 1) / HG_LANES * HG_LANES;
}

/** Numbers of a target's row before O or G: four per head, padded to whole vectors. */
static inline int64_t hg_target_scalars(int heads)
{
    return hg_row_stride(4 * (int64_t)heads);
}

/** Room for a target's row up to the end of G, which has g_cols numbers: what travels. */
static inline int64_t hg_target_room(enum hg_halo_dtype type, int heads, int64_t g_cols)
{
    return hg_target_scalars(heads) + hg_halo_room(type, hg_row_stride(g_cols));
}

/** Numbers between rows of targets: O has K F. */
static inline int64_t hg_target_stride(int heads, int width)
{
    return hg_target_scalars(heads) + hg_row_stride((int64_t)heads * width);
}

/** Edges grouped by the row at one end. */
struct hg_edge_view {
    const hg_eid *indptr;       /**< [rows + 1] */
    const hg_lid *indices;      /**< local row at the other end */
    const hg_gid *row_imported; /**< imported id of every row; `imported` unless the rows are parts of hubs */
    const hg_gid *imported;     /**< of every local row */
    const hg_real *attr;        /**< x_e [edges, attr_cols]; NULL: no edge features */
    const hg_real *attr_vector; /**< U [attr_cols, K] = W_edge^T a_edge: r_e = x_e U */
    int attr_cols;
};

/** Attention dropout of one layer and epoch. */
struct hg_attention_dropout {
    struct hg_dropout drop;                  /**< threshold 0: off */
    struct hg_rng block_rng[HG_HEAD_BLOCKS]; /**< of each block of heads, for the first copy of an edge */
};

/** The dropout of K heads with probability p from the stream of (seed, purpose, epoch, layer). Local. */
static inline void hg_attention_dropout_init(struct hg_attention_dropout *dropout, double p, int heads,
                                             struct hg_rng stream)
{
    dropout->drop = hg_dropout_make(p, stream);
    for (int b = 0; b * HG_HEADS_PER_BLOCK < heads; b++)
        dropout->block_rng[b] = hg_rng_fold(stream, (uint64_t)b, 0);
}

struct hg_attention_forward {
    struct hg_heads heads;
    struct hg_edge_view in;
    const struct hg_attention_dropout *dropout; /**< NULL: off */
    const hg_real *z;                           /**< [rows + halo, K F padded], as the type of rows is kept */
    const hg_real *p;                           /**< [rows + halo, K] <a_src, Z_j> */
    const hg_real *
        exp_p; /**< [rows + halo, 2 K] exp((1 - lambda) p_j) | exp(lambda p_j), of hg_heads_separable; NULL: scores are not separated */
    hg_real *
        targets; /**< rows [q | M | S | A+ | O]: q = <a_dst, Z_i> is read, the rest made; S is 0 without edges */
    hg_real *o_plus; /**< O+ [rows, K F padded]; NULL, and A+ not made: no backward pass follows */
};

/** The forward sums of the `count` target rows listed; scratch [HG_ATTENTION_SCRATCH]. Rows without edges give 0. Local. */
typedef void hg_attention_forward_fn(const struct hg_attention_forward *args, const hg_lid *rows,
                                     int64_t count, hg_real *scratch);

/** Row `row` of `whole` from parts of its edges one after the other, rows 0..count of `parts`, in this order; q is not touched:
 *
 *      M = max M_k,  c_k = exp(M_k - M) / S_k,  S = 1 / sum c_k,  O = sum c_k S O_k,  O+ and A+ likewise
 *
 *  Local. */
typedef void hg_attention_join_forward_fn(const struct hg_attention_forward *parts, hg_lid count,
                                          const struct hg_attention_forward *whole, hg_lid row);

/** alpha_e without dropout of every in-edge of rows [first, end): alpha [edges of those rows, K], from q, M and S. */
typedef void hg_attention_alpha_fn(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                   hg_real *alpha);

struct hg_attention_backward {
    struct hg_heads heads;
    struct hg_edge_view out;
    const struct hg_attention_dropout *dropout; /**< NULL: off */
    const hg_real *targets; /**< rows [q | M | S | D | G] of [rows + halo], G as the type of rows is kept */
    int g_cols;             /**< K F, or F when all heads share G (averaged heads) */
    const hg_real *z;       /**< [rows, K F padded], as the type of rows is kept */
    const hg_real *p;       /**< [rows, K] */
    bool separated;         /**< targets are [u | v | q | D | G] */
    hg_real *dz; /**< [rows, K F padded]: sum of m alpha G (the terms of a_src, a_dst are the caller's) */
    hg_real *dp; /**< [rows, K] */
    hg_real *du; /**< [rows, attr_cols K]; NULL without edge features */
};

/** The backward sums of the `count` source rows listed; scratch [HG_ATTENTION_SCRATCH]. Local. */
typedef void hg_attention_backward_fn(const struct hg_attention_backward *args, const hg_lid *rows,
                                      int64_t count, hg_real *scratch);

/** Row `row` of `whole` from parts of its edges, rows 0..count of `parts`: sums of their dZ, dp and dU in this order. Local. */
typedef void hg_attention_join_backward_fn(const struct hg_attention_backward *parts, hg_lid count,
                                           const struct hg_attention_backward *whole, hg_lid row);

#endif
