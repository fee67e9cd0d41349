/** The softmax of attention over edges, for the forward pass: scores, M, weights, S and A+ of the rows of a batch (kernels/attention.h has
 *  the letters). A row that has more edges than a batch takes meets its parts one by one: what was summed shrinks as M grows.
 */
#ifndef HG_KERNELS_ATTENTION_SOFTMAX_H
#define HG_KERNELS_ATTENTION_SOFTMAX_H

#include "kernels/attention_batch.h"

#include <math.h>

/* Arrays of a batch, [edges, lanes] in lane form. */
struct scratch {
    hg_real *s;      /* scores; then the weights of the edges with s_e > 0 */
    hg_real *w;      /* exp(l_e - M_i) m_e */
    hg_real *factor; /* m_e */
    hg_real
        *shrink; /* [lanes] what the sums of a row's earlier parts become, as M_i grew: exp(old M_i - M_i) */
};

/* The batch at hand. */
struct pass {
    const struct hg_attention_forward *args;
    const struct hg_batch *batch, *next;
    struct scratch x;
};

/* The row [q | M | S | A+ | O] of target i; M_i, S_i and A+_i begin K, 2 K and 3 K numbers later. */
HG_INLINE hg_real *target_of(const struct hg_attention_forward *args, hg_lid i, int heads)
{
    return args->targets + i * hg_target_stride(heads, args->heads.width);
}

/* s_e of the edges to `count` others for eight heads, and their largest. */
HG_APART hg_vec scores_of_eight(const hg_real *p, const hg_lid *other, int count, hg_vec q, hg_real *s)
{
    hg_vec max = (hg_vec){0} - (hg_real)INFINITY;
    for (int k = 0; k < count; k++) {
        const hg_vec score = *(const hg_vec *)(p + (int64_t)other[k] * HG_LANES) + q;
        HG_AT(s, k * HG_LANES) = score;
        max = hg_larger(max, score);
    }
    return max;
}

/* s_e of a row's edges here, for any heads */
HG_INLINE void row_scores(const struct pass *pass, int row, int heads, int lanes)
{
    const struct hg_attention_forward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const hg_real *q = target_of(args, batch->row[row], heads), *p = args->p;
    hg_real *s = pass->x.s;
    if (lanes == 1) hg_score_one_head(p, batch->other, q[0], batch->start[row], batch->start[row + 1], s);
    for (int k = batch->start[row]; lanes > 1 && k < batch->start[row + 1]; k++)
        hg_score(p + (int64_t)batch->other[k] * heads, q, heads, lanes, s + k * lanes);
    if (args->in.attr != NULL) hg_add_edge_scores(&args->in, batch, row, heads, lanes, s);
}

/* The largest score in every lane of its head, for vector v of the lanes, of `count` numbers at s. */
HG_INLINE hg_vec largest(const hg_real *s, int count, int v, int lanes)
{
    const hg_vec least = (hg_vec){0} - (hg_real)INFINITY;
    hg_vec max = least;
    for (int k = v * HG_LANES; k < count; k += hg_lane_vectors(lanes) * HG_LANES)
        max = hg_larger(max, hg_row_lanes(HG_AT(s, k), count - k, least, lanes));
    HG_FOLD(max, lanes, hg_larger);
    return max;
}

/* M_i of a row's edges so far, from the largest scores here: LeakyReLU is monotone for slopes >= 0. */
HG_INLINE void row_max(const struct pass *pass, int row, hg_vec *max, int heads, int lanes)
{
    const struct hg_batch *batch = pass->batch;
    hg_real *place = target_of(pass->args, batch->row[row], heads) + heads;
    for (int v = 0; v < hg_lane_vectors(lanes); v++) {
        max[v] = hg_leaky_vector(max[v], pass->args->heads.slope);
        if (batch->opens) continue;
        const hg_vec old = hg_head_vector(place, v, heads, lanes);
        max[v] = hg_larger(old, max[v]);
        HG_AT(pass->x.shrink, v * HG_LANES) = hg_exp_vector(old - max[v]);
    }
    hg_store_heads(max, heads, place);
}

HG_INLINE void batch_scores(const struct pass *pass, int heads, int lanes)
{
    const struct hg_attention_forward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    for (int r = 0; r < batch->rows; r++) {
        const struct hg_batch_row numbers = hg_batch_numbers(batch, r, lanes);
        hg_vec max[HG_MAX_LANES / HG_LANES];
        if (heads == HG_LANES && args->in.attr == NULL) {
            max[0] =
                scores_of_eight(args->p, batch->other + batch->start[r], numbers.count / HG_LANES,
                                HG_AT(target_of(args, batch->row[r], heads), 0), pass->x.s + numbers.begin);
        } else {
            row_scores(pass, r, heads, lanes);
            for (int v = 0; v < hg_lane_vectors(lanes); v++)
                max[v] = largest(pass->x.s + numbers.begin, numbers.count, v, lanes);
        }
        row_max(pass, r, max, heads, lanes);
    }
}

/* exp(l_e - M_i) of eight numbers and more; of every edge, and of those with s_e > 0. */
struct weights {
    hg_wide all, plus;
};

/* Sums of them over edges. */
struct totals {
    hg_vec all, plus;
};

/* The weights of scores, of which the first `count` are a row's: the others weigh 0. */
HG_INLINE struct weights weigh(hg_wide s, int count, hg_vec max, hg_real slope)
{
    const hg_wide l = hg_leaky_wide(s, slope);
    const hg_wide weight = hg_wide_first(hg_exp_wide(l - hg_wide_of(max, max)), count, (hg_wide){0});
    return (struct weights){weight, (hg_wide)((s > 0) & (hg_iwide)weight)};
}

HG_INLINE void add_weights(struct totals *total, struct weights w)
{
    for (int v = 0; v < HG_WIDE; v++) {
        total->all += hg_wide_part(w.all, v);
        total->plus += hg_wide_part(w.plus, v);
    }
}

/* w_e of a row whose lanes are at most one vector, `count` numbers, and their sums. What is behind them belongs to other rows. */
HG_APART struct totals weigh_row(hg_real *s, hg_real *w, const hg_real *factor, int count, hg_vec max,
                                 hg_real slope)
{
    struct totals total = {{0}, {0}};
    for (int k = 0; k < count; k += HG_WIDE_LANES) {
        const hg_wide scores = HG_WIDE_AT(s, k);
        struct weights weights = weigh(scores, count - k, max, slope);
        add_weights(&total, weights);
        if (factor != NULL) {
            weights.all *= *(const hg_wide *)(factor + k);
            weights.plus *= *(const hg_wide *)(factor + k);
        }
        HG_WIDE_AT(w, k) = weights.all;
        HG_WIDE_AT(s, k) = hg_wide_first(weights.plus, count - k, scores);
    }
    return total;
}

/* The same for vector v of more lanes, of as many edges at once as a register holds vectors. */
HG_INLINE struct totals weigh_lanes(const struct pass *pass, int row, int v, hg_vec max, int lanes)
{
    const struct scratch x = pass->x;
    const int end = pass->batch->start[row + 1];
    struct totals total = {{0}, {0}};
    for (int k = pass->batch->start[row]; k < end; k += HG_WIDE) {
        const int last = k + HG_WIDE <= end ? k + HG_WIDE - 1 : k;
        const int a = k * lanes + v * HG_LANES, b = last * lanes + v * HG_LANES;
        struct weights w = weigh(hg_wide_of(HG_AT(x.s, a), HG_AT(x.s, b)), (end - k) * HG_LANES, max,
                                 pass->args->heads.slope);
        add_weights(&total, w);
        if (pass->args->dropout != NULL) {
            const hg_wide factor = hg_wide_of(HG_AT(x.factor, a), HG_AT(x.factor, b));
            w.all *= factor;
            w.plus *= factor;
        }
        /* in this order, as the two may be the same */
        HG_AT(x.w, b) = hg_wide_part(w.all, HG_WIDE - 1);
        HG_AT(x.s, b) = hg_wide_part(w.plus, HG_WIDE - 1);
        HG_AT(x.w, a) = hg_wide_part(w.all, 0);
        HG_AT(x.s, a) = hg_wide_part(w.plus, 0);
    }
    return total;
}

/* S_i and A+_i, for vector v of the lanes, from the sums over a row's edges here; the sums so far until the row closes. */
HG_INLINE struct totals row_totals(const struct pass *pass, struct totals total, const hg_real *inv_sum,
                                   int v, int heads, int lanes)
{
    const struct hg_batch *batch = pass->batch;
    HG_FOLD(total.all, lanes, hg_add);
    HG_FOLD(total.plus, lanes, hg_add);
    if (!batch->opens) {
        const hg_vec shrink = HG_AT(pass->x.shrink, v * HG_LANES);
        total.all += shrink * hg_head_vector(inv_sum, v, heads, lanes);
        total.plus += shrink * hg_head_vector(inv_sum + heads, v, heads, lanes);
    }
    if (batch->closes) {
        total.all = hg_select(total.all > 0, 1 / total.all, (hg_vec){0});
        total.plus *= total.all;
    }
    return total;
}

HG_INLINE void row_weights(const struct pass *pass, int row, int heads, int lanes)
{
    const struct hg_attention_forward *args = pass->args;
    const struct scratch x = pass->x;
    const struct hg_batch_row numbers = hg_batch_numbers(pass->batch, row, lanes);
    hg_real *max = target_of(args, pass->batch->row[row], heads) + heads, *inv_sum = max + heads;
    hg_vec inv[HG_MAX_LANES / HG_LANES], plus[HG_MAX_LANES / HG_LANES];
    for (int v = 0; v < hg_lane_vectors(lanes); v++) {
        const hg_vec lane_max = hg_head_vector(max, v, heads, lanes);
        struct totals total;
        if (lanes > HG_LANES)
            total = weigh_lanes(pass, row, v, lane_max, lanes);
        else
            total = weigh_row(x.s + numbers.begin, x.w + numbers.begin,
                              args->dropout != NULL ? x.factor + numbers.begin : NULL, numbers.count,
                              lane_max, args->heads.slope);
        total = row_totals(pass, total, inv_sum, v, heads, lanes);
        inv[v] = total.all;
        plus[v] = total.plus;
    }
    hg_store_heads(inv, heads, inv_sum);
    if (args->o_plus != NULL) hg_store_heads(plus, heads, inv_sum + heads);
}

#endif
