/** How the numbers of a group of heads (kernels/head_groups.h) lie in vectors.
 *
 *  A row of K heads is [F, K], heads innermost, and K divides eight: the heads of every vector of eight of the row
 *  are the same. So a vector in which one number per head is repeated (for example alpha_e of each head) multiplies
 *  any vector of the row, lane by lane. Numbers per edge and head are stored as [edges, K].
 */
#ifndef HG_KERNELS_HEAD_LAYOUT_H
#define HG_KERNELS_HEAD_LAYOUT_H

#include "base/simd.h"
#include "kernels/attention.h"

#define HG_INLINE static inline __attribute__((always_inline))

/** A function that is not inlined, so that its loops need not share the registers with those of its caller. */
#define HG_NOINLINE static __attribute__((noinline))

/** A vector in which the numbers of K heads are repeated. */
HG_INLINE hg_vec hg_repeat_heads(const hg_real *per_head, int heads)
{
    const hg_real *w = per_head;
    if (heads == 1) return hg_fill(w[0]);
    if (heads == 2) return (hg_vec){w[0], w[1], w[0], w[1], w[0], w[1], w[0], w[1]};
    if (heads == 4) {
        const hg_vec4 half = *(const hg_vec4 *)w;
        return __builtin_shufflevector(half, half, 0, 1, 2, 3, 0, 1, 2, 3);
    }
    return *(const hg_vec *)w;
}

/** Writes one number per head [K]: the first K lanes. */
HG_INLINE void hg_store_heads(hg_vec lanes, int heads, hg_real *per_head)
{
    if (heads == HG_LANES)
        *(hg_vec *)per_head = lanes;
    else
        for (int h = 0; h < heads; h++) per_head[h] = lanes[h];
}

/** With fewer than eight heads, several lanes of vector x belong to the same head. Combines these by OP and writes
 *  the result to each of the lanes. The order is fixed. */
#define HG_FOLD(x, heads, OP)                                                                                \
    do {                                                                                                     \
        if ((heads) < 8) x = OP(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3));                   \
        if ((heads) < 4) x = OP(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));                   \
        if ((heads) < 2) x = OP(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));                   \
    } while (0)

HG_INLINE hg_vec hg_add(hg_vec a, hg_vec b)
{
    return a + b;
}

/** Lane by lane the larger number; a where either is NaN. */
HG_INLINE hg_vec hg_larger(hg_vec a, hg_vec b)
{
    return hg_max(b, a);
}

#endif
