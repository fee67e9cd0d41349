/** Heads in vectors. Rows have the head innermost, [F, K], so the heads of a vector's lanes repeat with a period.
 *
 *  Numbers per head that meet whole rows are kept in *lane form*: `lanes` numbers, lane c for head c % K, where
 *
 *      lanes = K              for K = 1, 2, 4 (a vector holds them several times) and multiples of 8
 *      lanes = lcm(K, 8)      else: the least number of whole vectors after which heads repeat
 *
 *  Of a *few* heads, 3, 5, 6 and 7, lane form is long beside the numbers. The kernels over edges keep these in the first lanes of one vector,
 *  the *few form*, lanes = 8: it is the first vector of lane form, and they make the others where they meet a row.
 *
 *  Functions are inlined into copies for the common counts of heads, where heads and lanes are constants.
 */
#ifndef HG_KERNELS_HEAD_LAYOUT_H
#define HG_KERNELS_HEAD_LAYOUT_H

#include "base/simd.h"
#include "kernels/attention.h"

#define HG_INLINE static inline __attribute__((always_inline))

/** A function that is not inlined: its loops have the registers for themselves. */
#define HG_NOINLINE static __attribute__((noinline))

enum { HG_MAX_LANES = HG_MAX_HEADS * HG_LANES };

static inline int hg_lanes(int heads)
{
    int lanes = heads;
    while (lanes >= HG_LANES ? lanes % HG_LANES != 0 : HG_LANES % lanes != 0) lanes += heads;
    return lanes;
}

/** Calls FN(..., heads, lanes) with constants for the counts that are worth a copy of their own. */
#define HG_BY_HEADS(FN, HEADS, ...)                                                                          \
    do {                                                                                                     \
        const int hg_k = (HEADS);                                                                            \
        if (hg_k == 8)                                                                                       \
            FN(__VA_ARGS__, 8, 8);                                                                           \
        else if (hg_k == 4)                                                                                  \
            FN(__VA_ARGS__, 4, 4);                                                                           \
        else if (hg_k == 2)                                                                                  \
            FN(__VA_ARGS__, 2, 2);                                                                           \
        else if (hg_k == 1)                                                                                  \
            FN(__VA_ARGS__, 1, 1);                                                                           \
        else                                                                                                 \
            FN(__VA_ARGS__, hg_k, hg_lanes(hg_k));                                                           \
    } while (0)

/** The numbers in lane form `w` that meet vector t of a row. */
HG_INLINE hg_vec hg_lane_vector(const hg_real *w, int t, int lanes)
{
    if (lanes == 1) return hg_fill(w[0]);
    if (lanes == 2) return (hg_vec){w[0], w[1], w[0], w[1], w[0], w[1], w[0], w[1]};
    if (lanes == 4) {
        const hg_vec4 half = *(const hg_vec4 *)w;
        return __builtin_shufflevector(half, half, 0, 1, 2, 3, 0, 1, 2, 3);
    }
    return *(const hg_vec *)(w + (lanes == HG_LANES ? 0 : t * HG_LANES % lanes));
}

/** Whether heads repeat over several vectors although they would fit one: 3, 5, 6 and 7. */
HG_INLINE bool hg_heads_few(int heads)
{
    return heads < HG_LANES && HG_LANES % heads != 0;
}

/** Whether `lanes` are those of the few form. */
HG_INLINE bool hg_lanes_few(int heads, int lanes)
{
    return lanes == HG_LANES && heads < HG_LANES;
}

/** Vectors after which a few heads repeat. */
HG_INLINE int hg_few_period(int heads)
{
    return heads == 6 ? 3 : heads;
}

/** The heads of the vectors of the lane form of 3, 5, 6 and 7, and of one more. */
#define HG_HEADS_OF(K, T)                                                                                    \
    {                                                                                                        \
        8 * T % K, (8 * T + 1) % K, (8 * T + 2) % K, (8 * T + 3) % K, (8 * T + 4) % K, (8 * T + 5) % K,      \
            (8 * T + 6) % K, (8 * T + 7) % K                                                                 \
    }
static const hg_ivec hg_few_places[HG_LANES][HG_LANES] = {
    [3] = {HG_HEADS_OF(3, 0), HG_HEADS_OF(3, 1), HG_HEADS_OF(3, 2), HG_HEADS_OF(3, 3)},
    [5] = {HG_HEADS_OF(5, 0), HG_HEADS_OF(5, 1), HG_HEADS_OF(5, 2), HG_HEADS_OF(5, 3), HG_HEADS_OF(5, 4),
           HG_HEADS_OF(5, 5)},
    [6] = {HG_HEADS_OF(6, 0), HG_HEADS_OF(6, 1), HG_HEADS_OF(6, 2), HG_HEADS_OF(6, 3)},
    [7] = {HG_HEADS_OF(7, 0), HG_HEADS_OF(7, 1), HG_HEADS_OF(7, 2), HG_HEADS_OF(7, 3), HG_HEADS_OF(7, 4),
           HG_HEADS_OF(7, 5), HG_HEADS_OF(7, 6), HG_HEADS_OF(7, 7)},
};
#undef HG_HEADS_OF

/** The numbers of a few heads in the first lanes of a vector, with some of them behind. None is read beyond them. */
HG_INLINE hg_vec hg_few(const hg_real *per_head, int heads)
{
    static const hg_ivec place[HG_LANES] = {
        [5] = {0, 1, 2, 3, 7, 7, 7, 7}, /* of the first four, then the last */
        [6] = {0, 1, 2, 3, 6, 7, 7, 7},
        [7] = {0, 1, 2, 3, 5, 6, 7, 7}};
    if (heads == 3) return (hg_vec){per_head[0], per_head[1], per_head[2]};
    const hg_vec both = __builtin_shufflevector(
        *(const hg_vec4 *)per_head, *(const hg_vec4 *)(per_head + heads - 4), 0, 1, 2, 3, 4, 5, 6, 7);
    return hg_permute(both, place[heads]);
}

/** Vector t of the lane form of what hg_few holds. */
HG_INLINE hg_vec hg_few_vector(hg_vec few, int t, int heads)
{
    return hg_permute(few, hg_few_places[heads][t % hg_few_period(heads)]);
}

/** What hg_few holds into lane form. */
HG_INLINE void hg_few_repeat(hg_vec few, int heads, int lanes, hg_real *w)
{
    for (int t = 0; t < lanes / HG_LANES; t++)
        *(hg_vec *)(w + t * HG_LANES) = hg_permute(few, hg_few_places[heads][t]);
}

/** Vector t of the lane form of numbers per head, which are in lane form already unless heads repeat over several vectors; of a few heads
 *  the few form. */
HG_INLINE hg_vec hg_head_vector(const hg_real *per_head, int t, int heads, int lanes)
{
    hg_vec v;
    if (heads == lanes) return hg_lane_vector(per_head, t, lanes);
    if (hg_heads_few(heads)) return hg_few_vector(hg_few(per_head, heads), t, heads);
    for (int l = 0, h = t * HG_LANES % heads; l < HG_LANES; l++, h = h + 1 < heads ? h + 1 : 0)
        v[l] = per_head[h];
    return v;
}

/** The first of eight heads, of at least as many, among which is head h, a multiple of eight: the last eight come with some that others have. */
HG_INLINE int hg_eight_from(int h, int heads)
{
    return h + HG_LANES <= heads ? h : heads - HG_LANES;
}

/** The numbers of eight heads into lane form, wherever they repeat. */
HG_INLINE void hg_repeat(hg_vec eight, int first, int heads, int lanes, hg_real *w)
{
    for (int r = first; r < lanes; r += heads) *(hg_vec *)(w + r) = eight;
}

/** Numbers per head into lane form. */
HG_INLINE void hg_lanes_repeat(const hg_real *restrict per_head, int heads, int lanes, hg_real *restrict w)
{
    if (hg_heads_few(heads)) {
        hg_few_repeat(hg_few(per_head, heads), heads, lanes, w);
    } else if (heads < HG_LANES) {
        HG_SIMD
        for (int h = 0; h < heads; h++) w[h] = per_head[h];
    } else {
        for (int h = 0; h < heads; h += HG_LANES) {
            const int first = hg_eight_from(h, heads);
            hg_repeat(*(const hg_vec *)(per_head + first), first, heads, lanes, w);
        }
    }
}

/** Vectors that hold one number for each lane: sums over a row end in them. */
HG_INLINE int hg_lane_vectors(int lanes)
{
    return lanes < HG_LANES ? 1 : lanes / HG_LANES;
}

/** Numbers, in whole vectors, after which the heads of a row's vectors repeat. */
HG_INLINE int hg_row_period(int heads, int lanes)
{
    return HG_LANES * (hg_lanes_few(heads, lanes) ? hg_few_period(heads) : hg_lane_vectors(lanes));
}

/** Lanes of fewer than eight heads hold different terms: OP of the lanes of each head, in every lane, always in this order. */
#define HG_FOLD(x, lanes, OP)                                                                                \
    do {                                                                                                     \
        if ((lanes) < 8) x = OP(x, __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3));                   \
        if ((lanes) < 4) x = OP(x, __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5));                   \
        if ((lanes) < 2) x = OP(x, __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6));                   \
    } while (0)

HG_INLINE hg_vec hg_add(hg_vec a, hg_vec b)
{
    return a + b;
}

/** The larger of each lane; a when b is NaN. */
HG_INLINE hg_vec hg_larger(hg_vec a, hg_vec b)
{
    return hg_max(b, a);
}

/** Numbers of `heads` heads from the first lanes. */
HG_INLINE void hg_store_heads(const hg_vec *lane, int heads, hg_real *per_head)
{
    if (heads == HG_LANES)
        *(hg_vec *)per_head = *lane;
    else
        for (int h = 0; h < heads; h++) per_head[h] = lane[h / HG_LANES][h % HG_LANES];
}

/** Sums over the numbers v of heads that repeat, for heads from `first` on: what lies behind the last is of no meaning. */
HG_INLINE hg_vec hg_heads_sum(const hg_real *v, int first, int heads, int lanes)
{
    hg_vec sum = *(const hg_vec *)(v + first);
    for (int c = first + heads; c < lanes; c += heads) sum += *(const hg_vec *)(v + c);
    return sum;
}

/** Sums over a row's numbers, v [hg_lane_vectors * 8 and 7 that do not count], to sums over those of each head: `lanes` numbers in lane
 *  form. The order of addition depends on K alone. */
HG_INLINE void hg_lanes_sum(const hg_real *v, int heads, int lanes, hg_real *sum)
{
    if (lanes <= HG_LANES) {
        hg_vec x = *(const hg_vec *)v;
        HG_FOLD(x, lanes, hg_add);
        hg_store_heads(&x, lanes, sum);
    } else if (heads < lanes) {
        hg_real total[HG_MAX_HEADS + HG_LANES];
        for (int h = 0; h < heads; h += HG_LANES) *(hg_vec *)(total + h) = hg_heads_sum(v, h, heads, lanes);
        hg_lanes_repeat(total, heads, lanes, sum);
    } else if (sum != v) {
        for (int c = 0; c < lanes; c++) sum[c] = v[c];
    }
}

#endif
