/** Separable scores (kernels/attention.h): exponentials per node instead of per edge.
 */
#ifndef HG_KERNELS_SEPARABLE_SCORES_H
#define HG_KERNELS_SEPARABLE_SCORES_H

#include "kernels/exp.h"
#include "kernels/head_layout.h"

/** A node's factor in exp(l_e - M_i) of its edges: `positive` where s_e > 0, `negative` elsewhere. */
struct hg_branches {
    hg_vec positive, negative;
};

/** exp(positive) and exp(negative), in one call where a wide vector holds both. */
HG_INLINE struct hg_branches hg_exp_branches(hg_vec positive, hg_vec negative)
{
    const hg_wide both = hg_exp_wide(hg_wide_of(positive, negative));
    return (struct hg_branches){hg_wide_part(both, 0),
                                HG_WIDE > 1 ? hg_wide_part(both, HG_WIDE - 1) : hg_exp_vector(negative)};
}

/** The factors of a target: exp(q - M) and exp(lambda q - M). M = LeakyReLU(q) is q or lambda q, so one of the
 *  two factors is 1, and only the other needs an exponential. */
HG_INLINE struct hg_branches hg_target_branches(hg_vec q, hg_real slope)
{
    const hg_vec gap = (1 - slope) * q, one = hg_fill(1), lesser = hg_exp_vector(hg_min(gap, -gap));
    return (struct hg_branches){hg_select(q > 0, one, lesser), hg_select(q > 0, lesser, one)};
}

HG_INLINE hg_ivec hg_mask_and(hg_ivec a, hg_ivec b)
{
    return a & b;
}

/** Whether a comparison is true in all lanes. */
HG_INLINE bool hg_all(hg_ivec mask)
{
    HG_FOLD(mask, 1, hg_mask_and);
    return mask[0] == -1;
}

#endif
