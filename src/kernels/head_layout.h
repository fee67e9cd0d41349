/** How the numbers per head are laid out in vectors.
 *
 *  A row is [F, K], heads innermost: number n of a row belongs to head n % K. So the heads of a row's vectors
 *  of 8 repeat. A number per head (for example alpha_e) that multiplies a whole row is stored in one of two
 *  forms, so that vectors of both can be multiplied lane by lane:
 *
 *  - *Lane form*: `lanes` numbers, of which number c belongs to head c % K.
 *
 *        lanes = K            for K = 1, 2, 4 (loading repeats them to fill a vector) and multiples of 8
 *        lanes = lcm(K, 8)    else: the smallest number of whole vectors after which heads repeat
 *
 *  - *Compact form*, for K = 3, 5, 6 and 7: one vector (lanes = 8) whose first K lanes are the heads. It is
 *    permuted where it multiplies a vector of a row. Lane form would take 3 to 7 vectors per edge for numbers
 *    that fit into one. Only the kernels over edges use compact form.
 *
 *  The sources of these kernels are compiled once per form of heads (HG_HEAD_FORM_LIST in kernels/kernels.h):
 *  for K = 1, 2, 4 and 8, where HG_HEADS is K and heads and lanes are constants; for K with a compact form
 *  (HG_HEADS_COMPACT); for all K > 8 (HG_HEADS_MANY).
 */
#ifndef HG_KERNELS_HEAD_LAYOUT_H
#define HG_KERNELS_HEAD_LAYOUT_H

#include "base/simd.h"
#include "kernels/attention.h"

#define HG_INLINE static inline __attribute__((always_inline))

/** A function that is not inlined, so that its loops need not share the registers with those of its caller. */
#define HG_NOINLINE static __attribute__((noinline))

enum { HG_MAX_LANES = HG_MAX_HEADS * HG_LANES };

/** The number of heads and the form of numbers per head. */
struct hg_head_layout {
    int count; /**< K */
    int lanes; /**< numbers in lane form; 8 in compact form */
};

/** The number of heads of a layout, and of its lanes. Where the build fixes K, the layouts that hg_lane_layout makes
 *  are constants, which the compiler finds once functions are inlined. Under the address sanitizer these functions
 *  return the constants themselves: it compiles in a third of the time. Not otherwise: with GCC 12 and AVX2 an epoch
 *  of 8 heads then takes 1.2 times as long. */
#if defined(HG_HEADS) && defined(__SANITIZE_ADDRESS__)
#define HG_OF_LAYOUT(number, layout) ((void)(layout), HG_HEADS)
#else
#define HG_OF_LAYOUT(number, layout) (layout).number
#endif

HG_INLINE int hg_count(struct hg_head_layout layout)
{
    return HG_OF_LAYOUT(count, layout);
}

HG_INLINE int hg_lanes(struct hg_head_layout layout)
{
    return HG_OF_LAYOUT(lanes, layout);
}

/** Whether this number of heads has a compact form: 3, 5, 6 and 7. */
HG_INLINE bool hg_heads_compact(int heads)
{
    return heads < HG_LANES && HG_LANES % heads != 0;
}

/** The number of lanes in lane form. */
static inline int hg_lane_form_size(int heads)
{
    int lanes = heads;
    while (lanes >= HG_LANES ? lanes % HG_LANES != 0 : HG_LANES % lanes != 0) lanes += heads;
    return lanes;
}

/** Lane form. A constant where the build fixes K (HG_HEADS). */
HG_INLINE struct hg_head_layout hg_lane_layout(int heads)
{
#ifdef HG_HEADS
    (void)heads;
    return (struct hg_head_layout){HG_HEADS, HG_HEADS};
#else
#ifdef HG_HEADS_COMPACT
    if (!hg_heads_compact(heads)) __builtin_unreachable();
#elif defined(HG_HEADS_MANY)
    if (heads <= HG_LANES) __builtin_unreachable();
#endif
    return (struct hg_head_layout){heads, hg_lane_form_size(heads)};
#endif
}

/** The form of numbers per edge and head: compact form where there is one, else lane form. */
HG_INLINE struct hg_head_layout hg_edge_layout(int heads)
{
    struct hg_head_layout layout = hg_lane_layout(heads);
    if (hg_heads_compact(hg_count(layout))) layout.lanes = HG_LANES;
    return layout;
}

/** Whether a layout is in compact form. */
HG_INLINE bool hg_layout_compact(struct hg_head_layout heads)
{
    return hg_lanes(heads) == HG_LANES && hg_count(heads) < HG_LANES;
}

/** Of the numbers `w` in lane form, those that multiply vector t of a row. */
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

/** Number of vectors of a row after which heads repeat, for K with a compact form: lcm(K, 8) / 8. */
HG_INLINE int hg_compact_period(int heads)
{
    return heads == 6 ? 3 : heads;
}

/** hg_compact_heads[K][t]: the head of each lane of vector t of a row, for K = 3, 5, 6 and 7. There is one
 *  vector more than a period has, because two adjacent vectors are read as one wide vector (hg_tile_index in
 *  tile.h). */
#define HG_HEADS_OF(K, T)                                                                                    \
    {                                                                                                        \
        8 * T % K, (8 * T + 1) % K, (8 * T + 2) % K, (8 * T + 3) % K, (8 * T + 4) % K, (8 * T + 5) % K,      \
            (8 * T + 6) % K, (8 * T + 7) % K                                                                 \
    }
static const hg_ivec hg_compact_heads[HG_LANES][HG_LANES] = {
    [3] = {HG_HEADS_OF(3, 0), HG_HEADS_OF(3, 1), HG_HEADS_OF(3, 2), HG_HEADS_OF(3, 3)},
    [5] = {HG_HEADS_OF(5, 0), HG_HEADS_OF(5, 1), HG_HEADS_OF(5, 2), HG_HEADS_OF(5, 3), HG_HEADS_OF(5, 4),
           HG_HEADS_OF(5, 5)},
    [6] = {HG_HEADS_OF(6, 0), HG_HEADS_OF(6, 1), HG_HEADS_OF(6, 2), HG_HEADS_OF(6, 3)},
    [7] = {HG_HEADS_OF(7, 0), HG_HEADS_OF(7, 1), HG_HEADS_OF(7, 2), HG_HEADS_OF(7, 3), HG_HEADS_OF(7, 4),
           HG_HEADS_OF(7, 5), HG_HEADS_OF(7, 6), HG_HEADS_OF(7, 7)},
};
#undef HG_HEADS_OF

/** K = 3, 5, 6 or 7 numbers per head in compact form. The lanes after the first K hold valid but meaningless
 *  numbers. Reads exactly K numbers. */
HG_INLINE hg_vec hg_compact_load(const hg_real *per_head, int heads)
{
    static const hg_ivec source[HG_LANES] = {
        [5] = {0, 1, 2, 3, 7, 7, 7, 7}, /* lanes of the first four numbers, then the last four */
        [6] = {0, 1, 2, 3, 6, 7, 7, 7},
        [7] = {0, 1, 2, 3, 5, 6, 7, 7}};
    if (heads == 3) return (hg_vec){per_head[0], per_head[1], per_head[2]};
    const hg_vec both = __builtin_shufflevector(
        *(const hg_vec4 *)per_head, *(const hg_vec4 *)(per_head + heads - 4), 0, 1, 2, 3, 4, 5, 6, 7);
    return hg_permute(both, source[heads]);
}

/** What multiplies vector t of a row, from one number per head as it lies in memory [K]: vector t of its lane
 *  form, or for t = 0 its compact form. */
HG_INLINE hg_vec hg_head_vector(const hg_real *per_head, int t, struct hg_head_layout heads)
{
    hg_vec v;
    if (hg_count(heads) == hg_lanes(heads)) return hg_lane_vector(per_head, t, hg_lanes(heads));
    if (hg_heads_compact(hg_count(heads)))
        return hg_permute(hg_compact_load(per_head, hg_count(heads)),
                          hg_compact_heads[hg_count(heads)][t % hg_compact_period(hg_count(heads))]);
    for (int l = 0, h = t * HG_LANES % hg_count(heads); l < HG_LANES;
         l++, h = h + 1 < hg_count(heads) ? h + 1 : 0)
        v[l] = per_head[h];
    return v;
}

/** First head of the block of eight heads that starts at head h, a multiple of 8, for K >= 8. If K is not a
 *  multiple of 8, the last block is shifted left, so that it stays within the K heads, and overlaps the one
 *  before it. */
HG_INLINE int hg_head_block(int h, int heads)
{
    return h + HG_LANES <= heads ? h : heads - HG_LANES;
}

/** Writes the numbers of eight heads, from head `first` on, to every place in lane form `w` where these heads
 *  repeat. */
HG_INLINE void hg_repeat_block(hg_vec eight, int first, struct hg_head_layout heads, hg_real *w)
{
    for (int r = first; r < hg_lanes(heads); r += hg_count(heads)) *(hg_vec *)(w + r) = eight;
}

/** Writes one number per head [K] in the layout's form to w [lanes]. */
HG_INLINE void hg_heads_to_lanes(const hg_real *restrict per_head, struct hg_head_layout heads,
                                 hg_real *restrict w)
{
    if (hg_heads_compact(hg_count(heads))) {
        const hg_vec compact = hg_compact_load(per_head, hg_count(heads));
        for (int t = 0; t < hg_lanes(heads) / HG_LANES; t++)
            *(hg_vec *)(w + t * HG_LANES) = hg_permute(compact, hg_compact_heads[hg_count(heads)][t]);
    } else if (hg_count(heads) < HG_LANES) {
        HG_SIMD
        for (int h = 0; h < hg_count(heads); h++) w[h] = per_head[h];
    } else {
        for (int h = 0; h < hg_count(heads); h += HG_LANES) {
            const int first = hg_head_block(h, hg_count(heads));
            hg_repeat_block(*(const hg_vec *)(per_head + first), first, heads, w);
        }
    }
}

/** Vectors of the lane form: at least 1. A sum over a row is accumulated in that many vectors. */
HG_INLINE int hg_lane_vectors(int lanes)
{
    return lanes < HG_LANES ? 1 : lanes / HG_LANES;
}

/** Numbers of a row, in whole vectors, after which heads repeat. */
HG_INLINE int hg_row_period(struct hg_head_layout heads)
{
    return HG_LANES *
           (hg_layout_compact(heads) ? hg_compact_period(hg_count(heads)) : hg_lane_vectors(hg_lanes(heads)));
}

/** With fewer than eight heads, several lanes of vector x hold numbers of the same head. Combines these by OP
 *  and writes the result to each of the lanes. The order is fixed. */
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

/** Lane by lane the larger number; a where either is NaN. */
HG_INLINE hg_vec hg_larger(hg_vec a, hg_vec b)
{
    return hg_max(b, a);
}

/** Writes the first `heads` lanes of vectors to memory: per_head [heads]. */
HG_INLINE void hg_store_heads(const hg_vec *lane, int heads, hg_real *per_head)
{
    if (heads == HG_LANES)
        *(hg_vec *)per_head = *lane;
    else
        for (int h = 0; h < heads; h++) per_head[h] = lane[h / HG_LANES][h % HG_LANES];
}

/** Sums of v over the repetitions of eight heads, from head `first` on: v[first] + v[first + K] + ... below
 *  `lanes`. Lanes after the last head are meaningless; up to 7 numbers after v [lanes] are read for them. */
HG_INLINE hg_vec hg_sum_repetitions(const hg_real *v, int first, int heads, int lanes)
{
    hg_vec sum = *(const hg_vec *)(v + first);
    for (int c = first + heads; c < lanes; c += heads) sum += *(const hg_vec *)(v + c);
    return sum;
}

/** Sums per head, from the sums of a row's vectors v [8 hg_lane_vectors, and up to 7 numbers after it are
 *  read]: writes `lanes` numbers in lane form to `sum`, which may be v. The order of addition depends on K
 *  alone. */
HG_INLINE void hg_sum_per_head(const hg_real *v, struct hg_head_layout heads, hg_real *sum)
{
    if (hg_lanes(heads) <= HG_LANES) {
        hg_vec x = *(const hg_vec *)v;
        HG_FOLD(x, hg_lanes(heads), hg_add);
        hg_store_heads(&x, hg_lanes(heads), sum);
    } else if (hg_count(heads) < hg_lanes(heads)) {
        hg_real total[HG_MAX_HEADS + HG_LANES];
        for (int h = 0; h < hg_count(heads); h += HG_LANES)
            *(hg_vec *)(total + h) = hg_sum_repetitions(v, h, hg_count(heads), hg_lanes(heads));
        hg_heads_to_lanes(total, heads, sum);
    } else if (sum != v) {
        for (int c = 0; c < hg_lanes(heads); c++) sum[c] = v[c];
    }
}

#endif
