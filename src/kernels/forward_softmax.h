/** The softmax of the forward pass: scores, M, weights, S and A+ of the rows of a batch (letters:
 *  kernels/attention.h).
 *
 *  A row in chunks is computed chunk by chunk. When M_i grows from one chunk to the next, the sums so far are
 *  multiplied by exp(old M_i - new M_i), as in FlashAttention. Until the last chunk, S_i and A+_i hold the sums
 *  over the chunks so far: sum exp(l_e - M_i) over all edges, and over those with s_e > 0.
 */
#ifndef HG_KERNELS_FORWARD_SOFTMAX_H
#define HG_KERNELS_FORWARD_SOFTMAX_H

#include "kernels/attention_batch.h"

#include <math.h>

/** Scratch arrays of a batch, [edges, HG_HEADS]. */
struct hg_forward_scratch {
    hg_real *s;      /**< s_e; then the weights of O+: w_e where s_e > 0, else 0 */
    hg_real *w;      /**< w_e = m_e exp(l_e - M_i), the weights of O before the factor S_i */
    hg_real *factor; /**< m_e */
    /** [8] exp(old M_i - new M_i), the factor of the sums over earlier chunks of a row, as hg_repeat_heads */
    hg_real *rescale;
};

/** The forward pass over a batch. `next` is the batch that is prefetched meanwhile. */
struct hg_forward {
    const struct hg_attention_forward *args;
    /** HG_HEADS, which the compiler finds once these functions are inlined. With HG_HEADS itself in them, GCC 12 keeps
     *  tiles in memory with AVX2: the pass takes up to four times as long. */
    int heads;
    const struct hg_batch *batch, *next;
    struct hg_forward_scratch x;
};

/** [q | M | S | A+] of target i; M_i, S_i and A+_i begin K, 2 K and 3 K numbers later. */
HG_INLINE hg_real *hg_forward_target(const struct hg_attention_forward *args, hg_lid i)
{
    return args->targets + i * args->layout.target;
}

/** s_e of `count` edges of a row for eight heads; returns the largest of each head. */
HG_NOINLINE hg_vec hg_scores_eight_heads(const hg_real *p, const hg_lid *neighbour, int count, hg_vec q,
                                         hg_real *s)
{
    hg_vec max = hg_fill(-(hg_real)INFINITY);
    for (int k = 0; k < count; k++) {
        const hg_vec score = *(const hg_vec *)(p + (int64_t)neighbour[k] * HG_LANES) + q;
        HG_VEC_AT(s, k * HG_LANES) = score;
        max = hg_larger(max, score);
    }
    return max;
}

/** s_e of a row's edges in this batch, for any number of heads. */
HG_INLINE void hg_row_scores(const struct hg_forward *forward, int row)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    const hg_real *q = hg_forward_target(args, batch->row[row]), *p = args->p;
    hg_real *s = forward->x.s;
    if (forward->heads == 1)
        hg_edge_scores_one_head(p, batch->neighbour, q[0], batch->start[row], batch->start[row + 1], s);
    for (int k = batch->start[row]; forward->heads > 1 && k < batch->start[row + 1]; k++)
        hg_edge_score(p + (int64_t)batch->neighbour[k] * forward->heads, q, forward->heads,
                      s + k * forward->heads);
    if (args->in.attr != NULL) hg_add_feature_scores(&args->in, batch, row, forward->heads, s);
}

/** The largest of a row's scores s [count]: in every lane, that of the lane's head. */
HG_INLINE hg_vec hg_largest_score(const hg_real *s, int count, int heads)
{
    const hg_vec least = hg_fill(-(hg_real)INFINITY);
    hg_vec max = least;
    HG_BY_VECTORS(k, count)
    max = hg_larger(max, hg_row_lanes(HG_VEC_AT(s, k), count - k, least, heads));
    HG_FOLD(max, heads, hg_larger);
    return max;
}

/** M_i over a row's edges so far, from the largest scores of this batch: max_e l_e = LeakyReLU(max_e s_e),
 *  because slopes are >= 0. */
HG_INLINE void hg_row_max(const struct hg_forward *forward, int row, hg_vec largest)
{
    const struct hg_batch *batch = forward->batch;
    hg_real *target_max = hg_forward_target(forward->args, batch->row[row]) + forward->heads;
    hg_vec max = hg_leaky_vector(largest, forward->args->heads.slope);
    if (!batch->first_chunk) {
        const hg_vec old = hg_repeat_heads(target_max, forward->heads);
        max = hg_larger(old, max);
        HG_VEC_AT(forward->x.rescale, 0) = hg_exp_vector(old - max);
    }
    hg_store_heads(max, forward->heads, target_max);
}

/** s_e and M_i of all rows of the batch. */
HG_INLINE void hg_forward_scores(const struct hg_forward *forward)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    for (int r = 0; r < batch->rows; r++) {
        const struct hg_row_numbers numbers = hg_batch_row_numbers(batch, r, forward->heads);
        hg_vec largest;
        if (forward->heads == HG_LANES && args->in.attr == NULL) {
            largest = hg_scores_eight_heads(
                args->p, batch->neighbour + batch->start[r], numbers.count / HG_LANES,
                HG_VEC_AT(hg_forward_target(args, batch->row[r]), 0), forward->x.s + numbers.begin);
        } else {
            hg_row_scores(forward, r);
            largest = hg_largest_score(forward->x.s + numbers.begin, numbers.count, forward->heads);
        }
        hg_row_max(forward, r, largest);
    }
}

/** A wide vector of exp(l_e - M_i): `all` for every edge, `plus` where s_e > 0, else 0. */
struct hg_forward_weights {
    hg_wide all, plus;
};

/** Their sums over edges. */
struct hg_forward_totals {
    hg_vec all, plus;
};

/** exp(l_e - M_i) of the first `count` scores; 0 in the other lanes, which belong to other rows. */
HG_INLINE struct hg_forward_weights hg_forward_weigh(hg_wide s, int count, hg_vec max, hg_real slope)
{
    const hg_wide l = hg_leaky_wide(s, slope);
    const hg_wide weight = hg_wide_first(hg_exp_wide(l - hg_wide_of(max, max)), count, (hg_wide){0});
    return (struct hg_forward_weights){weight, (hg_wide)((s > 0) & (hg_iwide)weight)};
}

HG_INLINE void hg_forward_add(struct hg_forward_totals *total, struct hg_forward_weights w)
{
    for (int v = 0; v < HG_WIDE; v++) {
        total->all += hg_wide_part(w.all, v);
        total->plus += hg_wide_part(w.plus, v);
    }
}

/** w_e of a row [count]; returns the sums of exp(l_e - M_i). After the row, s holds the scores of later rows,
 *  which must stay; w may be overwritten, because later rows write theirs afterwards. */
HG_NOINLINE struct hg_forward_totals hg_weigh_row(hg_real *s, hg_real *w, const hg_real *factor, int count,
                                                  hg_vec max, hg_real slope)
{
    struct hg_forward_totals total = {{0}, {0}};
    for (int k = 0; k < count; k += HG_WIDE_LANES) {
        const hg_wide scores = HG_WIDE_AT(s, k);
        struct hg_forward_weights weights = hg_forward_weigh(scores, count - k, max, slope);
        hg_forward_add(&total, weights);
        if (factor != NULL) {
            weights.all *= *(const hg_wide *)(factor + k);
            weights.plus *= *(const hg_wide *)(factor + k);
        }
        HG_WIDE_AT(w, k) = weights.all;
        HG_WIDE_AT(s, k) = hg_wide_first(weights.plus, count - k, scores);
    }
    return total;
}

/** S_i, and A+_i if there is a backward pass, from the sums over a row's edges in this batch, to the target's row.
 *  Before the last chunk of a row, the sums over its chunks so far. */
HG_INLINE void hg_store_totals(const struct hg_forward *forward, struct hg_forward_totals total,
                               hg_real *inv_sum)
{
    const struct hg_batch *batch = forward->batch;
    HG_FOLD(total.all, forward->heads, hg_add);
    HG_FOLD(total.plus, forward->heads, hg_add);
    if (!batch->first_chunk) {
        const hg_vec rescale = HG_VEC_AT(forward->x.rescale, 0);
        total.all += rescale * hg_repeat_heads(inv_sum, forward->heads);
        total.plus += rescale * hg_repeat_heads(inv_sum + forward->heads, forward->heads);
    }
    if (batch->last_chunk) {
        total.all = hg_select(total.all > 0, 1 / total.all, (hg_vec){0});
        total.plus *= total.all;
    }
    hg_store_heads(total.all, forward->heads, inv_sum);
    if (forward->args->o_plus != NULL) hg_store_heads(total.plus, forward->heads, inv_sum + forward->heads);
}

/** w_e of a row's edges, S_i and A+_i, from the scores. */
HG_INLINE void hg_row_weights(const struct hg_forward *forward, int row)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_forward_scratch x = forward->x;
    const struct hg_row_numbers numbers = hg_batch_row_numbers(forward->batch, row, forward->heads);
    hg_real *max = hg_forward_target(args, forward->batch->row[row]) + forward->heads;
    const struct hg_forward_totals total = hg_weigh_row(
        x.s + numbers.begin, x.w + numbers.begin, args->dropout != NULL ? x.factor + numbers.begin : NULL,
        numbers.count, hg_repeat_heads(max, forward->heads), args->heads.slope);
    hg_store_totals(forward, total, max + forward->heads);
}

#endif
