/** Graph attention over edges. The forward pass computes one row per target from its in-edges, the backward
 *  pass one row per source from its out-edges. Nothing is stored per edge.
 *
 *  Equations 1-6 of Velickovic et al., "Graph attention networks", ICLR 2018, as docs/mathematics.md derives
 *  them. For one head:
 *
 *      s_e = p_j + q_i (+ r_e),  l_e = LeakyReLU(s_e),  M_i = max_e l_e,  S_i = 1 / sum_e exp(l_e - M_i)
 *      alpha_e = exp(l_e - M_i) S_i,   O_i = sum_e m_e alpha_e Z_j
 *      O+_i and A+_i: the same sums of m_e alpha_e Z_j and of alpha_e over the edges with s_e > 0
 *
 *  Backward, for each source j over its out-edges e = (j -> i), with alpha_e computed again:
 *
 *      dalpha_e = m_e <G_i, Z_j>,  ds_e = lambda_e alpha_e (dalpha_e - D_i)
 *      dp_j = sum ds_e,  dZ_j = sum m_e alpha_e G_i,  dU_j = sum x_e ds_e
 *
 *  *Layout.* The heads of a layer are in groups (kernels/head_groups.h), and the functions below compute one
 *  group at a time. The row of a group of K heads of width F is [F, K], heads innermost. So one multiplication
 *  of vectors applies the weights of all heads of the group, and <G_i, Z_j> of all heads is a sum of vectors.
 *  Rows of Z, O, O+ and dZ are padded with zeros to whole vectors (hg_row_stride). The numbers of a target are
 *  one row, so that an edge reads them from adjacent cache lines: [q | M | S | A+ | O] after the forward pass;
 *  in the backward pass [q | M | S | D | G], where D replaces A+ and G replaces O.
 *
 *  *Separable scores.* Without r_e, an exponential of an edge is a product of exponentials of its nodes:
 *
 *      exp(l_e - M_i) = exp(p_j) exp(q_i - M_i)                    where s_e > 0
 *                       exp(lambda p_j) exp(lambda q_i - M_i)      elsewhere
 *
 *  M_i is then LeakyReLU(q_i). For lambda < 1 it differs from the largest l_e by at most max |p_j|, which must
 *  not exceed HG_SEPARABLE_MAX_P. In the backward pass a target's row is then [u | v | q | D | G], where
 *
 *      u_i = exp(q_i - M_i) S_i         v_i = exp(lambda q_i - M_i) S_i
 *      alpha_e = exp(p_j) u_i where s_e > 0, else exp(lambda p_j) v_i
 *
 *  *Order.* The sum of a row runs over its edges in their stored order. The dropout factor m_e is a function of
 *  the imported ids of source and target, the index of the edge among parallel edges, the head, epoch, layer
 *  and seed.
 */
#ifndef HG_KERNELS_ATTENTION_H
#define HG_KERNELS_ATTENTION_H

#include "base/rng.h"
#include "base/types.h"
#include "kernels/halo_dtype.h"

enum {
    HG_MAX_HEADS = 256,
    HG_MAX_ROW = 1 << 20,   /**< largest K F, so that sizes of rows fit an int */
    HG_HEADS_PER_BLOCK = 8, /**< heads that share one block of random bits */
    HG_HEAD_BLOCKS = HG_MAX_HEADS / HG_HEADS_PER_BLOCK,
    /** Largest |p_j| of separable scores. exp(40) < 2^58, so products and sums stay far from float32's limits. */
    HG_SEPARABLE_MAX_P = 40,
    HG_ATTENTION_SCRATCH = 6 * 4160, /**< numbers of scratch memory per thread for the functions below */
};

/** A group of heads of a layer. */
struct hg_heads {
    int count;     /**< K: 1, 2, 4 or 8 */
    int width;     /**< F */
    hg_real slope; /**< lambda: slope of LeakyReLU below 0 */
    int first;     /**< its first head among all heads of the layer */
};

/** Where the numbers of a group are in the rows of a layer, which have those of all groups. In numbers of
 *  hg_real. */
struct hg_row_layout {
    int64_t z;      /**< distance between rows of Z */
    int64_t wide;   /**< distance between rows of O+ and dZ */
    int64_t target; /**< distance between rows of targets */
    int64_t o, g;   /**< in a target's row, distance from the group's q to its O, and to its G */
};

/** Whether scores without r_e are computed in the separable form, if all |p_j| allow it. This is faster with one
 *  head and with eight, whose E_j and B_j fill whole vectors. With other numbers of heads, one exponential per edge
 *  costs as little. */
static inline bool hg_heads_separable(struct hg_heads heads)
{
    return (heads.count == 1 || heads.count == HG_LANES) && heads.slope < 1;
}

/** n rounded up to whole vectors: the distance between rows of n numbers. */
static inline int64_t hg_row_stride(int64_t n)
{
    return (n + HG_LANES - 1) / HG_LANES * HG_LANES;
}

/** Length of the part of a target's row before O or G: four numbers per head, padded to whole vectors. Those of a
 *  group of K heads, which begins with head h, are its q, M, S and A+, each [K], from number 4 h on. */
static inline int64_t hg_target_scalars(int heads)
{
    return hg_row_stride(4 * (int64_t)heads);
}

/** Edges in CSR form: in-edges by target, or out-edges by source. */
struct hg_edge_view {
    const hg_eid *indptr; /**< [rows + 1] */
    /** [edges] local row of the neighbour (the source of in-edges, the target of out-edges) */
    const hg_lid *indices;
    /** [rows] imported ids of the rows; differs from `imported` where rows are parts of hubs */
    const hg_gid *row_imported;
    const hg_gid *imported;     /**< [owned + halo] imported ids of local rows */
    const hg_real *attr;        /**< x_e [edges, attr_cols]; NULL: no edge features */
    const hg_real *attr_vector; /**< U [attr_cols, K] = W_edge^T a_edge: r_e = x_e U */
    int attr_cols;
};

/** Attention dropout of one layer and epoch. */
struct hg_attention_dropout {
    struct hg_dropout drop; /**< threshold 0: off */
    /** Streams of the blocks of eight heads, for the first of parallel edges. Later ones are derived from
     *  drop.rng. */
    struct hg_rng block_rng[HG_HEAD_BLOCKS];
};

/** Dropout with probability p for `heads` heads; `stream` is that of (seed, purpose, epoch, layer). Local. */
static inline void hg_attention_dropout_init(struct hg_attention_dropout *dropout, double p, int heads,
                                             struct hg_rng stream)
{
    dropout->drop = hg_dropout_make(p, stream);
    for (int b = 0; b * HG_HEADS_PER_BLOCK < heads; b++)
        dropout->block_rng[b] = hg_rng_fold(stream, (uint64_t)b, 0);
}

/** Arguments of the forward pass. */
struct hg_attention_forward {
    struct hg_heads heads;
    struct hg_row_layout layout;
    struct hg_edge_view in;
    const struct hg_attention_dropout *dropout; /**< NULL: off */
    const hg_real *z;                           /**< [owned + halo, K F padded] Z in the layer's halo dtype */
    const hg_real *p;                           /**< [owned + halo, K] p_j = <a_src, Z_j> */
    /** [owned + halo, 2 K] E_j = exp((1 - lambda) p_j) | B_j = exp(lambda p_j); needs hg_heads_separable. NULL:
     *  every edge has its own exponential. */
    const hg_real *exp_p;
    /** [owned] rows [q | M | S | A+ | O]. q_i = <a_dst, Z_i> is read, the rest is written. S is 0 without
     *  in-edges. */
    hg_real *targets;
    /** [owned, K F padded] O+; NULL: O+ and A+ are not computed (no backward pass follows) */
    hg_real *o_plus;
};

/** Computes M, S, A+, O and O+ of the `count` targets listed in `rows`. A target without in-edges gets O = 0.
 *  scratch [HG_ATTENTION_SCRATCH]. Local. */
typedef void hg_attention_forward_fn(const struct hg_attention_forward *args, const hg_lid *rows,
                                     int64_t count, hg_real *scratch);

/** Joins the parts of a hub: row `row` of `whole` from rows 0..count of `parts`, each of which is the result of
 *  hg_attention_forward_fn for a part of the row's edges. Summed in the order of the parts; q is not written.
 *
 *      M = max_k M_k,  c_k = exp(M_k - M) / S_k,  S = 1 / sum_k c_k,  O = sum_k c_k S O_k,  O+ and A+ likewise
 *
 *  Local. */
typedef void hg_attention_join_forward_fn(const struct hg_attention_forward *parts, hg_lid count,
                                          const struct hg_attention_forward *whole, hg_lid row);

/** alpha_e, without dropout, of every in-edge of rows [first, end), from q, M and S: K numbers at alpha, `stride`
 *  numbers after those of the edge before. Local. */
typedef void hg_attention_alpha_fn(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                   hg_real *alpha, int64_t stride);

/** Arguments of the backward pass. */
struct hg_attention_backward {
    struct hg_heads heads;
    struct hg_row_layout layout;
    struct hg_edge_view out;
    const struct hg_attention_dropout *dropout; /**< NULL: off */
    const hg_real *targets; /**< [owned + halo] rows [q | M | S | D | G], G in the layer's halo dtype */
    bool shared_g;          /**< G is [F], shared by all heads (averaged heads); else [F, K] */
    const hg_real *z;       /**< [owned, K F padded] Z in the layer's halo dtype */
    const hg_real *p;       /**< [owned, K] */
    bool separated;         /**< rows of targets are [u | v | q | D | G] (separable scores) */
    hg_real *dz; /**< [owned, K F padded] sum of m alpha G; the caller adds the terms of a_src and a_dst */
    hg_real *dp; /**< [owned, K] */
    hg_real *du; /**< [owned, attr_cols K] sum of x_e ds_e; NULL without edge features */
};

/** Computes dZ, dp and dU of the `count` sources listed in `rows`; scratch [HG_ATTENTION_SCRATCH]. Local. */
typedef void hg_attention_backward_fn(const struct hg_attention_backward *args, const hg_lid *rows,
                                      int64_t count, hg_real *scratch);

/** Joins the parts of a hub: row `row` of `whole` is the sum of dZ, dp and dU of rows 0..count of `parts`, in
 *  this order. Local. */
typedef void hg_attention_join_backward_fn(const struct hg_attention_backward *parts, hg_lid count,
                                           const struct hg_attention_backward *whole, hg_lid row);

#endif
