/** Separable scores (kernels/attention.h): exponentials of nodes instead of edges.
 */
#ifndef HG_KERNELS_ATTENTION_SEPARATE_H
#define HG_KERNELS_ATTENTION_SEPARATE_H

#include "kernels/exp.h"
#include "kernels/lanes.h"

/** A node's factor of the weights of its edges with s_e > 0, and of the others. */
struct hg_branches {
    hg_vec above, below;
};

/** exp(above) and exp(below) */
HG_INLINE struct hg_branches hg_exp_branches(hg_vec above, hg_vec below)
{
    const hg_wide both = hg_exp_wide(hg_wide_of(above, below));
    return (struct hg_branches){hg_wide_part(both, 0),
                                HG_WIDE > 1 ? hg_wide_part(both, HG_WIDE - 1) : hg_exp_vector(below)};
}

/** A target's: exp(q - M) and exp(lambda q - M). */
HG_INLINE struct hg_branches hg_target_branches(hg_vec q, hg_vec max, hg_real slope)
{
    return hg_exp_branches(q - max, slope * q - max);
}

/** Whether all bits are set. */
HG_INLINE bool hg_all(hg_ivec mask)
{
    hg_int all = -1;
    for (int l = 0; l < HG_LANES; l++) all &= mask[l];
    return all == -1;
}

#endif
