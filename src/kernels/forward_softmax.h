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

/** Scratch arrays of a batch, [edges, lanes]. */
struct hg_forward_scratch {
    hg_real *s;      /**< s_e; then the weights of O+: w_e where s_e > 0, else 0 */
    hg_real *w;      /**< w_e = m_e exp(l_e - M_i), the weights of O before the factor S_i */
    hg_real *factor; /**< m_e */
    /** [lanes] exp(old M_i - new M_i), the factor of the sums over earlier chunks of a row */
    hg_real *rescale;
};

/** The forward pass over a batch. `next` is the batch that is prefetched meanwhile. */
struct hg_forward {
    const struct hg_attention_forward *args;
    struct hg_head_layout heads;
    const struct hg_batch *batch, *next;
    struct hg_forward_scratch x;
};

/** The row [q | M | S | A+ | O] of target i; M_i, S_i and A+_i begin K, 2 K and 3 K numbers later. */
HG_INLINE hg_real *hg_forward_target(const struct hg_attention_forward *args, hg_lid i,
                                     struct hg_head_layout heads)
{
    return args->targets + i * hg_target_stride(hg_count(heads), args->heads.width);
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
    const struct hg_head_layout heads = forward->heads;
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    const hg_real *q = hg_forward_target(args, batch->row[row], heads), *p = args->p;
    hg_real *s = forward->x.s;
    if (hg_lanes(heads) == 1)
        hg_edge_scores_one_head(p, batch->neighbour, q[0], batch->start[row], batch->start[row + 1], s);
    for (int k = batch->start[row]; hg_lanes(heads) > 1 && k < batch->start[row + 1]; k++)
        hg_edge_score(p + (int64_t)batch->neighbour[k] * hg_count(heads), q, heads, s + k * hg_lanes(heads));
    if (args->in.attr != NULL) hg_add_feature_scores(&args->in, batch, row, heads, s);
}

/** The largest of the scores s [count], for the heads of vector v of the lanes: in every lane, that of the
 *  lane's head. */
HG_INLINE hg_vec hg_largest_score(const hg_real *s, int count, int v, int lanes)
{
    const hg_vec least = hg_fill(-(hg_real)INFINITY);
    hg_vec max = least;
    for (int k = v * HG_LANES; k < count; k += hg_lane_vectors(lanes) * HG_LANES)
        max = hg_larger(max, hg_row_lanes(HG_VEC_AT(s, k), count - k, least, lanes));
    HG_FOLD(max, lanes, hg_larger);
    return max;
}

/** M_i over a row's edges so far, from the largest scores of this batch: max_e l_e = LeakyReLU(max_e s_e),
 *  because slopes are >= 0. */
HG_INLINE void hg_row_max(const struct hg_forward *forward, int row, hg_vec *max)
{
    const struct hg_head_layout heads = forward->heads;
    const struct hg_batch *batch = forward->batch;
    hg_real *target_max = hg_forward_target(forward->args, batch->row[row], heads) + hg_count(heads);
    for (int v = 0; v < hg_lane_vectors(hg_lanes(heads)); v++) {
        max[v] = hg_leaky_vector(max[v], forward->args->heads.slope);
        if (batch->first_chunk) continue;
        const hg_vec old = hg_head_vector(target_max, v, heads);
        max[v] = hg_larger(old, max[v]);
        HG_VEC_AT(forward->x.rescale, v * HG_LANES) = hg_exp_vector(old - max[v]);
    }
    hg_store_heads(max, hg_count(heads), target_max);
}

/** s_e and M_i of all rows of the batch. */
HG_INLINE void hg_forward_scores(const struct hg_forward *forward)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    for (int r = 0; r < batch->rows; r++) {
        const struct hg_row_numbers numbers = hg_batch_row_numbers(batch, r, forward->heads);
        hg_vec max[HG_MAX_LANES / HG_LANES];
        if (hg_count(forward->heads) == HG_LANES && args->in.attr == NULL) {
            max[0] =
                hg_scores_eight_heads(args->p, batch->neighbour + batch->start[r], numbers.count / HG_LANES,
                                      HG_VEC_AT(hg_forward_target(args, batch->row[r], forward->heads), 0),
                                      forward->x.s + numbers.begin);
        } else {
            hg_row_scores(forward, r);
            for (int v = 0; v < hg_lane_vectors(hg_lanes(forward->heads)); v++)
                max[v] = hg_largest_score(forward->x.s + numbers.begin, numbers.count, v,
                                          hg_lanes(forward->heads));
        }
        hg_row_max(forward, r, max);
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

/** w_e of a row [count] with at most 8 lanes per edge; returns the sums of exp(l_e - M_i). After the row, s
 *  holds the scores of later rows, which must stay; w may be overwritten, because later rows write theirs
 *  afterwards. */
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

/** The same for vector v of more than 8 lanes per edge; HG_WIDE edges at a time. */
HG_INLINE struct hg_forward_totals hg_weigh_lanes(const struct hg_forward *forward, int row, int v,
                                                  hg_vec max)
{
    const struct hg_forward_scratch x = forward->x;
    const int end = forward->batch->start[row + 1];
    struct hg_forward_totals total = {{0}, {0}};
    for (int k = forward->batch->start[row]; k < end; k += HG_WIDE) {
        const int last = k + HG_WIDE <= end ? k + HG_WIDE - 1 : k;
        const int a = k * hg_lanes(forward->heads) + v * HG_LANES,
                  b = last * hg_lanes(forward->heads) + v * HG_LANES;
        struct hg_forward_weights w = hg_forward_weigh(hg_wide_of(HG_VEC_AT(x.s, a), HG_VEC_AT(x.s, b)),
                                                       (end - k) * HG_LANES, max, forward->args->heads.slope);
        hg_forward_add(&total, w);
        if (forward->args->dropout != NULL) {
            const hg_wide factor = hg_wide_of(HG_VEC_AT(x.factor, a), HG_VEC_AT(x.factor, b));
            w.all *= factor;
            w.plus *= factor;
        }
        /* b first: if it is the same edge as a, part 0 has its weights and must be written last */
        HG_VEC_AT(x.w, b) = hg_wide_part(w.all, HG_WIDE - 1);
        HG_VEC_AT(x.s, b) = hg_wide_part(w.plus, HG_WIDE - 1);
        HG_VEC_AT(x.w, a) = hg_wide_part(w.all, 0);
        HG_VEC_AT(x.s, a) = hg_wide_part(w.plus, 0);
    }
    return total;
}

/** S_i and A+_i for vector v of the lanes, from the sums over a row's edges in this batch. Before the last
 *  chunk of a row, the sums over its chunks so far. */
HG_INLINE struct hg_forward_totals
hg_row_totals(const struct hg_forward *forward, struct hg_forward_totals total, const hg_real *inv_sum, int v)
{
    const struct hg_batch *batch = forward->batch;
    HG_FOLD(total.all, hg_lanes(forward->heads), hg_add);
    HG_FOLD(total.plus, hg_lanes(forward->heads), hg_add);
    if (!batch->first_chunk) {
        const hg_vec rescale = HG_VEC_AT(forward->x.rescale, v * HG_LANES);
        total.all += rescale * hg_head_vector(inv_sum, v, forward->heads);
        total.plus += rescale * hg_head_vector(inv_sum + hg_count(forward->heads), v, forward->heads);
    }
    if (batch->last_chunk) {
        total.all = hg_select(total.all > 0, 1 / total.all, (hg_vec){0});
        total.plus *= total.all;
    }
    return total;
}

/** Writes S_i, and A+_i if there is a backward pass, to the target's row. */
HG_INLINE void hg_store_totals(const struct hg_attention_forward *args, const hg_vec *inv, const hg_vec *plus,
                               int heads, hg_real *inv_sum)
{
    hg_store_heads(inv, heads, inv_sum);
    if (args->o_plus != NULL) hg_store_heads(plus, heads, inv_sum + heads);
}

/** w_e of a row's edges, S_i and A+_i, from the scores. */
HG_INLINE void hg_row_weights(const struct hg_forward *forward, int row)
{
    const struct hg_head_layout heads = forward->heads;
    const struct hg_attention_forward *args = forward->args;
    const struct hg_forward_scratch x = forward->x;
    const struct hg_row_numbers numbers = hg_batch_row_numbers(forward->batch, row, heads);
    hg_real *max = hg_forward_target(args, forward->batch->row[row], heads) + hg_count(heads),
            *inv_sum = max + hg_count(heads);
    hg_vec inv[HG_MAX_LANES / HG_LANES], plus[HG_MAX_LANES / HG_LANES];
    for (int v = 0; v < hg_lane_vectors(hg_lanes(heads)); v++) {
        const hg_vec lane_max = hg_head_vector(max, v, heads);
        struct hg_forward_totals total;
        if (hg_lanes(heads) > HG_LANES)
            total = hg_weigh_lanes(forward, row, v, lane_max);
        else
            total = hg_weigh_row(x.s + numbers.begin, x.w + numbers.begin,
                                 args->dropout != NULL ? x.factor + numbers.begin : NULL, numbers.count,
                                 lane_max, args->heads.slope);
        total = hg_row_totals(forward, total, inv_sum, v);
        inv[v] = total.all;
        plus[v] = total.plus;
    }
    hg_store_totals(args, inv, plus, hg_count(heads), inv_sum);
}

#endif
