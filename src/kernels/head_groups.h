/** Groups of heads: the K heads of a layer are divided into groups of eight, and of four, two and one for the rest.
 *
 *  The kernels over edges and nodes take one group at a time. Its number of heads divides a vector of eight, so it
 *  needs no rearrangement, and it is a constant of the build (kernels/kernels.h). The rows of a layer have the
 *  groups one after the other; each begins with a whole vector, and bf16 rows (kernels/halo_vectors.h) with a pair
 *  of vectors. Numbers per node and head that only one kernel reads (p, E and B, dp, dq) are stored by group:
 *  those of all nodes for the first group, then those for the second.
 */
#ifndef HG_KERNELS_HEAD_GROUPS_H
#define HG_KERNELS_HEAD_GROUPS_H

#include "kernels/attention.h"

/** Most groups of a layer: of eight heads, and those of the rest. */
enum { HG_MAX_GROUPS = HG_MAX_HEADS / HG_LANES + 2 };

/** Heads [first, first + count) of a layer. */
struct hg_head_group {
    int first, count;
    int64_t place; /**< where its numbers begin in a row of O, O+ or dZ */
};

/** The number of heads of the group that begins with head `first` of `heads`. */
static inline int hg_group_size(int heads, int first)
{
    int size = HG_LANES;
    while (size > heads - first) size /= 2;
    return size;
}

/** Divides K heads of width F into groups; returns their number. */
static inline int hg_head_groups(int heads, int width, enum hg_halo_dtype type,
                                 struct hg_head_group group[HG_MAX_GROUPS])
{
    const int64_t unit = type == HG_HALO_BF16 ? 2 * HG_LANES : HG_LANES;
    int64_t place = 0;
    int groups = 0;
    for (int first = 0; first < heads; first += group[groups++].count) {
        const int count = hg_group_size(heads, first);
        group[groups] = (struct hg_head_group){first, count, place};
        place += ((int64_t)count * width + unit - 1) / unit * unit;
    }
    return groups;
}

/** The index in a row of K heads without padding, as parameters and outputs have it, of number f of head h, both
 *  from 0. */
static inline int64_t hg_head_index(int heads, int64_t width, int h, int64_t f)
{
    int first = h / HG_LANES * HG_LANES, size = hg_group_size(heads, first);
    while (h >= first + size) {
        first += size;
        size = hg_group_size(heads, first);
    }
    return first * width + f * size + (h - first);
}

#endif
