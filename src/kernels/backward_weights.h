/** The weights of the backward pass: alpha_e of a batch's edges, computed again from p of the source and q, M
 *  and S of the targets (letters: kernels/attention.h).
 */
#ifndef HG_KERNELS_BACKWARD_WEIGHTS_H
#define HG_KERNELS_BACKWARD_WEIGHTS_H

#include "kernels/attention_batch.h"
#include "kernels/separable_scores.h"

/** Scratch arrays of a batch, [edges, HG_HEADS]. */
struct hg_backward_scratch {
    hg_real *s;       /**< s_e, then lambda_e alpha_e, then ds_e */
    hg_real *w;       /**< M_i, or with separable scores exp(lambda p_j) v_i; then m_e alpha_e */
    hg_real *inv_sum; /**< S_i, or with separable scores exp(p_j) u_i */
    hg_real *d;       /**< D_i */
    hg_real *factor;  /**< m_e */
    /** <G_i, Z_j>: first sums of vectors [edges, 8], then per head [edges, HG_HEADS] */
    hg_real *dot;
};

/** The backward pass over a batch. `next` is the batch that is prefetched meanwhile. */
struct hg_backward {
    const struct hg_attention_backward *args;
    const struct hg_batch *batch, *next;
    struct hg_backward_scratch x;
};

/** A wide vector of alpha_e, and of lambda_e alpha_e. */
struct hg_backward_weights {
    hg_wide alpha, slope_alpha;
};

/** From s_e, M_i and S_i. */
HG_INLINE struct hg_backward_weights hg_backward_weigh(hg_wide s, hg_wide max, hg_wide inv_sum, hg_real slope)
{
    const hg_wide alpha = hg_exp_wide(hg_leaky_wide(s, slope) - max) * inv_sum;
    return (struct hg_backward_weights){alpha, hg_wide_select(s > 0, alpha, slope * alpha)};
}

/** With separable scores: `positive` is alpha_e where s_e > 0, `negative` elsewhere. */
HG_INLINE struct hg_backward_weights hg_backward_weigh_separable(hg_wide s, hg_wide positive,
                                                                 hg_wide negative, hg_real slope)
{
    const hg_iwide is_positive = s > 0;
    return (struct hg_backward_weights){hg_wide_select(is_positive, positive, negative),
                                        hg_wide_select(is_positive, positive, slope * negative)};
}

/** Vector k of rows a and b in one wide vector; only that of a where HG_WIDE is 1. */
HG_INLINE hg_wide hg_pair_of_rows(const hg_real *a, const hg_real *b, int k)
{
    return hg_wide_of(*(const hg_vec *)(a + k * HG_LANES), *(const hg_vec *)(b + k * HG_LANES));
}

/** alpha_e (w) and lambda_e alpha_e (s) of `count` edges of a row, for eight heads, directly from the
 *  targets' rows. It may write after the row's edges: there later rows write their own numbers afterwards. */
HG_NOINLINE void hg_weigh_eight_heads(const struct hg_attention_backward *args, const hg_lid *neighbour,
                                      int count, hg_vec p, hg_real *s, hg_real *w)
{
    const int64_t stride = args->layout.target;
    const hg_real *targets = args->targets, slope = args->heads.slope;
    const hg_wide p_wide = hg_wide_of(p, p);
    for (int k = 0; k < count; k += HG_WIDE) {
        const hg_real *a = targets + neighbour[k] * stride,
                      *b = targets + neighbour[k + HG_WIDE - 1] * stride;
        const struct hg_backward_weights weights = hg_backward_weigh(
            p_wide + hg_pair_of_rows(a, b, 0), hg_pair_of_rows(a, b, 1), hg_pair_of_rows(a, b, 2), slope);
        HG_WIDE_AT(w, k * HG_LANES) = weights.alpha;
        HG_WIDE_AT(s, k * HG_LANES) = weights.slope_alpha;
    }
}

/** The same with separable scores. */
HG_NOINLINE void hg_weigh_separable_eight_heads(const struct hg_attention_backward *args,
                                                const hg_lid *neighbour, int count, hg_vec p, hg_real *s,
                                                hg_real *w)
{
    const int64_t stride = args->layout.target;
    const hg_real *targets = args->targets, slope = args->heads.slope;
    const struct hg_branches f = hg_exp_branches(p, slope * p);
    const hg_wide positive = hg_wide_of(f.positive, f.positive),
                  negative = hg_wide_of(f.negative, f.negative), p_wide = hg_wide_of(p, p);
    for (int k = 0; k < count; k += HG_WIDE) {
        const hg_real *a = targets + neighbour[k] * stride,
                      *b = targets + neighbour[k + HG_WIDE - 1] * stride;
        const struct hg_backward_weights weights = hg_backward_weigh_separable(
            p_wide + hg_pair_of_rows(a, b, 2), positive * hg_pair_of_rows(a, b, 0),
            negative * hg_pair_of_rows(a, b, 1), slope);
        HG_WIDE_AT(w, k * HG_LANES) = weights.alpha;
        HG_WIDE_AT(s, k * HG_LANES) = weights.slope_alpha;
    }
}

/** For one head: fills s, w, inv_sum and d of x for `count` edges of a row, with s_e, M_i, S_i and D_i. With
 *  separable scores, w and inv_sum get exp(lambda p_j) v_i and exp(p_j) u_i. Loads the four numbers of eight targets
 *  and transposes them into four vectors. It may write after the row's edges: there later rows write their own
 *  numbers afterwards. */
HG_NOINLINE void hg_scores_one_head(const struct hg_attention_backward *args, const hg_lid *neighbour,
                                    int count, hg_real p, struct hg_backward_scratch x)
{
    const int64_t stride = args->layout.target;
    const hg_real *targets = args->targets;
    const hg_vec p_lanes = hg_fill(p);
    const struct hg_branches f = hg_exp_branches(p_lanes, args->heads.slope * p_lanes);
    for (int k = 0; k < count; k += HG_LANES) {
        hg_vec pair[4]; /* four numbers of edge k + r in the lower half, of edge k + r + 4 in the upper */
        for (int r = 0; r < 4; r++)
            pair[r] = __builtin_shufflevector(*(const hg_vec4 *)(targets + neighbour[k + r] * stride),
                                              *(const hg_vec4 *)(targets + neighbour[k + r + 4] * stride), 0,
                                              1, 2, 3, 4, 5, 6, 7);
        const hg_vec ab01 = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13),
                     ab23 = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13),
                     cd01 = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15),
                     cd23 = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
        const hg_vec a = __builtin_shufflevector(ab01, ab23, 0, 1, 8, 9, 4, 5, 12, 13),
                     b = __builtin_shufflevector(ab01, ab23, 2, 3, 10, 11, 6, 7, 14, 15),
                     c = __builtin_shufflevector(cd01, cd23, 0, 1, 8, 9, 4, 5, 12, 13);
        HG_VEC_AT(x.s, k) = p_lanes + (args->separated ? c : a);
        HG_VEC_AT(x.w, k) = b;
        HG_VEC_AT(x.inv_sum, k) = c;
        if (args->separated) {
            HG_VEC_AT(x.w, k) = f.negative * b;
            HG_VEC_AT(x.inv_sum, k) = f.positive * a;
        }
        HG_VEC_AT(x.d, k) = __builtin_shufflevector(cd01, cd23, 2, 3, 10, 11, 6, 7, 14, 15);
    }
}

/** Copies one number per head. */
HG_INLINE void hg_copy_heads(const hg_real *restrict from, hg_real *restrict to)
{
    HG_SIMD
    for (int h = 0; h < HG_HEADS; h++) to[h] = from[h];
}

/** s_e, M_i, S_i and D_i of a row's edges for any number of heads. Not for separable scores. */
HG_INLINE void hg_scores_any_heads(const struct hg_backward *backward, int row)
{
    const struct hg_attention_backward *args = backward->args;
    const struct hg_batch *batch = backward->batch;
    const struct hg_backward_scratch x = backward->x;
    const hg_real *p = args->p + (int64_t)batch->row[row] * HG_HEADS;
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *q = args->targets + batch->neighbour[k] * args->layout.target;
        hg_edge_score(p, q, HG_HEADS, x.s + k * HG_HEADS);
        hg_copy_heads(q + HG_HEADS, x.w + k * HG_HEADS);
        hg_copy_heads(q + 2 * HG_HEADS, x.inv_sum + k * HG_HEADS);
        hg_copy_heads(q + 3 * HG_HEADS, x.d + k * HG_HEADS);
    }
}

/** alpha_e (w) and lambda_e alpha_e (s) of `count` numbers, from what the functions above wrote to x. */
HG_NOINLINE void hg_weigh_scores(struct hg_backward_scratch x, int count, hg_real slope, bool separated)
{
    for (int k = 0; k < count; k += HG_WIDE_LANES) {
        const hg_wide s = HG_WIDE_AT(x.s, k), w = HG_WIDE_AT(x.w, k), inv_sum = HG_WIDE_AT(x.inv_sum, k);
        const struct hg_backward_weights weights = separated
                                                       ? hg_backward_weigh_separable(s, inv_sum, w, slope)
                                                       : hg_backward_weigh(s, w, inv_sum, slope);
        HG_WIDE_AT(x.w, k) = weights.alpha;
        HG_WIDE_AT(x.s, k) = weights.slope_alpha;
    }
}

/** w = m_e alpha_e and s = lambda_e alpha_e for all edges of the batch. d = D_i, but not for eight heads without
 *  edge features: gather_span reads their D_i from the targets' rows. */
HG_INLINE void hg_backward_batch_weights(const struct hg_backward *backward)
{
    const struct hg_attention_backward *args = backward->args;
    const struct hg_batch *batch = backward->batch;
    const struct hg_backward_scratch x = backward->x;
    const bool eight = HG_HEADS == HG_LANES && args->out.attr == NULL;
    for (int r = 0; r < batch->rows; r++) {
        const struct hg_row_numbers numbers = hg_batch_row_numbers(batch, r, HG_HEADS);
        const hg_lid *neighbour = batch->neighbour + batch->start[r];
        const hg_real *p = args->p + (int64_t)batch->row[r] * HG_HEADS;
        if (eight && args->separated)
            hg_weigh_separable_eight_heads(args, neighbour, numbers.count / HG_LANES, *(const hg_vec *)p,
                                           x.s + numbers.begin, x.w + numbers.begin);
        else if (eight)
            hg_weigh_eight_heads(args, neighbour, numbers.count / HG_LANES, *(const hg_vec *)p,
                                 x.s + numbers.begin, x.w + numbers.begin);
        else if (HG_HEADS == 1)
            hg_scores_one_head(args, neighbour, numbers.count, p[0],
                               (struct hg_backward_scratch){.s = x.s + numbers.begin,
                                                            .w = x.w + numbers.begin,
                                                            .inv_sum = x.inv_sum + numbers.begin,
                                                            .d = x.d + numbers.begin});
        else
            hg_scores_any_heads(backward, r);
        if (args->out.attr != NULL) hg_add_feature_scores(&args->out, batch, r, HG_HEADS, x.s);
    }
    if (!eight) hg_weigh_scores(x, batch->edges * HG_HEADS, args->heads.slope, args->separated);
    if (args->dropout == NULL) return;
    HG_KERNEL(batch_drop)(batch, &args->out, args->dropout, true, args->heads, x.factor);
    for (int k = 0; k < batch->edges * HG_HEADS; k += HG_WIDE_LANES)
        HG_WIDE_AT(x.w, k) *= HG_WIDE_AT(x.factor, k);
}

#endif
