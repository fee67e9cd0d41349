/** The weights of separable scores (kernels/attention.h), for the forward pass: with E_j = exp((1 - lambda) p_j), B_j = exp(lambda p_j),
 *
 *      exp(l_e - M_i) = B_j (E_j exp(q_i - M_i) where s_e > 0, else exp(lambda q_i - M_i))
 *
 *  and s_e > 0 where E_j > exp(-(1 - lambda) q_i). Of a row in which two of these are nearer to each other than their roundings, the
 *  scores have to be made.
 */
#ifndef HG_KERNELS_ATTENTION_POWERS_H
#define HG_KERNELS_ATTENTION_POWERS_H

#include "kernels/attention_separate.h"
#include "kernels/attention_softmax.h"

/** What is known of a target for a vector of its heads, and the sums over its edges. */
struct hg_powers {
    struct hg_branches factor; /**< exp(q_i - M_i), exp(lambda q_i - M_i) */
    hg_vec high, low;          /**< s_e > 0 where E_j is above `high`, < 0 where it is below `low` */
    hg_ivec sure;              /**< lanes of which no edge lay between */
    struct hg_forward_totals total;
};

/** Weights of an edge, and 0 where s_e <= 0. */
struct hg_power_weights {
    hg_vec all, plus;
};

/** M_i of separable scores: LeakyReLU(q_i), from the first part of a row to the last. */
HG_INLINE void hg_row_shift(const struct hg_forward *forward, int row, int heads, int lanes)
{
    hg_real *q = hg_forward_target(forward->args, forward->batch->row[row], heads);
    hg_vec shift[HG_MAX_LANES / HG_LANES];
    for (int v = 0; v < hg_lane_vectors(lanes); v++) {
        shift[v] = hg_leaky_vector(hg_head_vector(q, v, heads, lanes), forward->args->heads.slope);
        HG_AT(forward->x.shrink, v * HG_LANES) = (hg_vec){0} + 1;
    }
    hg_store_heads(shift, heads, q + heads);
}

/** For vector v of the lanes of the target at q. */
HG_INLINE struct hg_powers hg_powers_begin(const hg_real *q, hg_real slope, int v, int heads, int lanes)
{
    const hg_real roundings = (hg_real)0x1p-21, most = 2 * HG_SEPARABLE + 1; /* log E_j is below this */
    const hg_vec q_lanes = hg_head_vector(q, v, heads, lanes);
    const hg_vec turn = hg_exp_vector(-hg_max((hg_vec){0} - most, (1 - slope) * q_lanes));
    return (struct hg_powers){
        .factor = hg_target_branches(q_lanes, hg_head_vector(q + heads, v, heads, lanes), slope),
        .high = turn + roundings * turn,
        .low = turn - roundings * turn,
        .sure = (hg_vec){0} == (hg_vec){0},
        .total = {{0}, {0}},
    };
}

/** Of E_j and B_j in lanes of which `count` are the row's; times m_e at factor, unless that is NULL. */
HG_INLINE struct hg_power_weights hg_power_weigh(struct hg_powers *powers, hg_vec ratio, hg_vec below,
                                                 const hg_real *factor, int64_t count, int lanes)
{
    const hg_ivec above = ratio > powers->high, sure = above | (ratio < powers->low);
    hg_vec all = below * hg_select(above, ratio * powers->factor.above, powers->factor.below);
    all = hg_row_lanes(all, count, (hg_vec){0}, lanes);
    powers->sure &= (hg_ivec)hg_row_lanes((hg_vec)sure, count, (hg_vec)powers->sure, lanes);
    hg_vec plus = (hg_vec)(above & (hg_ivec)all);
    powers->total.all += all;
    powers->total.plus += plus;
    if (factor != NULL) {
        all *= HG_AT(factor, 0);
        plus *= HG_AT(factor, 0);
    }
    return (struct hg_power_weights){all, plus};
}

/** E_j and B_j of a row's edges for one head: eight pairs become two vectors. */
HG_INLINE void hg_powers_of_one(const struct hg_forward *forward, int row)
{
    const struct hg_batch *batch = forward->batch;
    const hg_real *exp_p = forward->args->exp_p;
    for (int k = batch->start[row]; k < batch->start[row + 1]; k += HG_LANES) {
        const hg_lid *j = batch->other + k;
        for (int l = 0; l < HG_LANES; l++) {
            forward->x.w[k + l] = exp_p[2 * (int64_t)j[l]];
            forward->x.s[k + l] = exp_p[2 * (int64_t)j[l] + 1];
        }
    }
}

/** w_e of a row of one head, S_i and A+_i. False, and nothing is told, if scores have to be made. */
HG_INLINE bool hg_row_powers(const struct hg_forward *forward, int row)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_forward_scratch x = forward->x;
    const struct hg_batch_row numbers = hg_batch_numbers(forward->batch, row, 1);
    hg_real *q = hg_forward_target(args, forward->batch->row[row], 1), *inv_sum = q + 2;
    struct hg_powers powers = hg_powers_begin(q, args->heads.slope, 0, 1, 1);
    hg_powers_of_one(forward, row);
    for (int k = 0; k < numbers.count; k += HG_LANES) {
        const int at = numbers.begin + k;
        const hg_real *factor = args->dropout != NULL ? x.factor + at : NULL;
        const struct hg_power_weights w =
            hg_power_weigh(&powers, HG_AT(x.w, at), HG_AT(x.s, at), factor, numbers.count - k, 1);
        HG_AT(x.w, at) = w.all;
        HG_AT(x.s, at) = w.plus;
    }
    if (!hg_all(powers.sure)) return false;
    const struct hg_forward_totals total = hg_row_totals(forward, powers.total, inv_sum, 0, 1, 1);
    hg_store_totals(args, &total.all, &total.plus, 1, inv_sum);
    return true;
}

#endif
