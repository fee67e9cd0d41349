/** The weights of separable scores (kernels/attention.h) in the forward pass. With E_j = exp((1 - lambda) p_j)
 *  and B_j = exp(lambda p_j),
 *
 *      exp(l_e - M_i) = B_j max(E_j exp(q_i - M_i), exp(lambda q_i - M_i))
 *
 *  The first argument of max is the larger one where s_e > 0. If the two differ by less than rounding error,
 *  the sign of s_e is ambiguous: then the row is computed again from its scores, so that s_e > 0 means the same
 *  in both ways.
 */
#ifndef HG_KERNELS_FORWARD_SEPARABLE_H
#define HG_KERNELS_FORWARD_SEPARABLE_H

#include "kernels/forward_softmax.h"
#include "kernels/separable_scores.h"

/** A target's factors for a vector of heads, and the sums over its edges so far. */
struct hg_separable_row {
    struct hg_branches factor; /**< exp(q_i - M_i), exp(lambda q_i - M_i) */
    hg_vec min_gap; /**< smallest difference between the two arguments of max over the edges so far */
    struct hg_forward_totals total;
};

/** w_e of an edge: `all`; `plus` is 0 where s_e <= 0. */
struct hg_separable_weights {
    hg_vec all, plus;
};

/** M_i = LeakyReLU(q_i). It is the same for all chunks of a row, so sums over earlier chunks are multiplied by
 *  1. */
HG_INLINE void hg_row_separable_max(const struct hg_forward *forward, int row)
{
    hg_real *q = hg_forward_target(forward->args, forward->batch->row[row]);
    const hg_vec max = hg_leaky_vector(hg_repeat_heads(q, forward->heads), forward->args->heads.slope);
    HG_VEC_AT(forward->x.rescale, 0) = hg_fill(1);
    hg_store_heads(max, forward->heads, q + forward->heads);
}

/** The factors of the target whose numbers are at q. */
HG_INLINE struct hg_separable_row hg_separable_begin(const struct hg_forward *forward, const hg_real *q)
{
    return (struct hg_separable_row){
        .factor = hg_target_branches(hg_repeat_heads(q, forward->heads), forward->args->heads.slope),
        .min_gap = hg_fill((hg_real)INFINITY),
        .total = {{0}, {0}},
    };
}

/** Whether rounding cannot have changed the sign of any score so far. */
HG_INLINE bool hg_signs_certain(const struct hg_separable_row *separable)
{
    /* more than the relative error of E_j exp(q_i - M_i), relative to the second argument of max */
    const hg_real tolerance = (hg_real)0x1p-20;
    return hg_all(separable->min_gap > tolerance * separable->factor.negative);
}

/** Weights from vectors of E_j and B_j, of which the first `count` lanes belong to the row; multiplied by m_e
 *  at `factor` unless that is NULL. */
HG_INLINE struct hg_separable_weights hg_separable_weigh(const struct hg_forward *forward,
                                                         struct hg_separable_row *separable, hg_vec e,
                                                         hg_vec b, const hg_real *factor, int64_t count)
{
    const hg_vec if_positive = e * separable->factor.positive, if_negative = separable->factor.negative,
                 larger = hg_max(if_positive, if_negative),
                 min_gap = hg_min(separable->min_gap, larger - hg_min(if_positive, if_negative));
    hg_vec all = hg_row_lanes(b * larger, count, (hg_vec){0}, forward->heads);
    hg_vec plus = (hg_vec)((if_positive > if_negative) & (hg_ivec)all);
    separable->min_gap = hg_row_lanes(min_gap, count, separable->min_gap, forward->heads);
    separable->total.all += all;
    separable->total.plus += plus;
    if (factor != NULL) {
        all *= HG_VEC_AT(factor, 0);
        plus *= HG_VEC_AT(factor, 0);
    }
    return (struct hg_separable_weights){all, plus};
}

/** The pairs E_j, B_j of four edges, 0, 1, 4 and 5 from `neighbour` on, for one head. */
HG_INLINE hg_vec hg_load_exp_pairs(const hg_real *exp_p, const hg_lid *neighbour)
{
#define PAIR(k) (*(const hg_vec2 *)(exp_p + 2 * (int64_t)neighbour[k]))
    const hg_vec4 low = __builtin_shufflevector(PAIR(0), PAIR(1), 0, 1, 2, 3),
                  high = __builtin_shufflevector(PAIR(4), PAIR(5), 0, 1, 2, 3);
#undef PAIR
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}

/** w_e, S_i and A+_i of a row, for one head. Returns false if the sign of a score is ambiguous; then S_i and
 *  A+_i are not written, and the row must be computed from its scores. */
HG_INLINE bool hg_row_separable_weights(const struct hg_forward *forward, int row)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_forward_scratch x = forward->x;
    const struct hg_row_numbers numbers = hg_batch_row_numbers(forward->batch, row, forward->heads);
    hg_real *q = hg_forward_target(args, forward->batch->row[row]);
    struct hg_separable_row separable = hg_separable_begin(forward, q);
    for (int k = 0; k < numbers.count; k += HG_LANES) {
        const int at = numbers.begin + k;
        const hg_lid *neighbour = forward->batch->neighbour + at;
        const hg_real *factor = args->dropout != NULL ? x.factor + at : NULL;
        const hg_vec a = hg_load_exp_pairs(args->exp_p, neighbour),
                     b = hg_load_exp_pairs(args->exp_p, neighbour + 2);
        const struct hg_separable_weights w = hg_separable_weigh(
            forward, &separable, __builtin_shufflevector(a, b, 0, 2, 8, 10, 4, 6, 12, 14),
            __builtin_shufflevector(a, b, 1, 3, 9, 11, 5, 7, 13, 15), factor, numbers.count - k);
        HG_VEC_AT(x.w, at) = w.all;
        HG_VEC_AT(x.s, at) = w.plus;
    }
    if (!hg_signs_certain(&separable)) return false;
    hg_store_totals(forward, separable.total, q + 2);
    return true;
}

#endif
