/** Sums that do not depend on the order of their addends.
 *
 *  A number is cut into int64 limbs of 43 bits each (fixed point); limbs are added as integers, between threads and
 *  between ranks, and rounded once at the end. Integer addition is associative, so the order of cells, threads and ranks
 *  cannot matter. Up to HG_EXACT_ADDENDS addends fit before a limb could overflow. What lies below the last limb is
 *  rounded away per addend, which depends on the addend alone. (Kulisch's long accumulator; Demmel & Nguyen, "Parallel
 *  reproducible summation", IEEE Trans. Comput. 2015.)
 *
 *      limbs  holds |v| below  resolution  used for
 *      2      2^29             2^-56       gradients
 *      3      2^55             2^-73       losses, metrics, statistics
 *
 *  The loops are here, for the kernels to compile them for every instruction set (kernels/exact.h); the bits are the same in all.
 *
 *  An addend that is not finite or out of range is counted in `bad`, which travels with the limbs: divergence.
 */
#ifndef HG_BASE_EXACTSUM_H
#define HG_BASE_EXACTSUM_H

#include "base/status.h"
#include "base/types.h"
#include <math.h>
#include <string.h>

enum { HG_LIMBS_GRADIENT = 2, HG_LIMBS_SCALAR = 3, HG_LIMB_BITS = 43 };

/** The most addends of one sum: a limb of each is at most 2^42. It is also the most cells that a graph may have, as each cell adds once to
 *  a sum: partition/partitioner.c makes no more, io/graph_file_open.c reads no more. */
enum { HG_EXACT_ADDENDS = 1 << 20 };

/** n sums. limb[l * n + k] is limb l of sum k, most significant first; limb[limbs * n] counts bad addends. */
struct hg_exact {
    int64_t *limb;
    int64_t n;
    int limbs;
};

/** Zeroed sums; limbs is 2 or 3. Destroy frees. Local. */
hg_status hg_exact_create(struct hg_exact *sum, int64_t n, int limbs);
void hg_exact_destroy(struct hg_exact *sum);

void hg_exact_zero(struct hg_exact *sum);

/** Addends that were not finite or out of range. */
static inline int64_t hg_exact_bad(const struct hg_exact *sum)
{
    return sum->limb[sum->limbs * sum->n];
}

/** A power of two by which numbers of at most this size are divided before they, or their squares, are added, so that they neither leave
 *  the range of HG_LIMBS_SCALAR nor sink below its resolution; 1 for ordinary sizes. Exact, but for numbers 2^1000 apart. */
static inline double hg_exact_unit(double size)
{
    int exponent = 0;
    if (size > 0 && size <= 0x1p1000) (void)frexp(size, &exponent);
    return exponent > 16 || exponent < -16 ? ldexp(1, exponent) : 1;
}

/* One addend, already scaled to units of the first limb, into two or three limbs `n` apart. Adding 1.5 * 2^52 to a double below
 * 2^51 leaves its nearest integer in the low bits: rounding and conversion to int64 that every vector unit can do. */
static inline void hg_exact_add_scaled(int64_t *limb, int64_t n, int limbs, double t)
{
    const double magic = 0x1.8p52;
    for (int l = 0; l < limbs; l++) {
        const double u = t + magic;
        int64_t bits, magic_bits;
        memcpy(&bits, &u, sizeof bits);
        memcpy(&magic_bits, &magic, sizeof magic_bits);
        limb[l * n] += bits - magic_bits;
        t = (t - (u - magic)) * 0x1p43;
    }
}

/* sum[k] += v[k]; returns how many were out of range, which become 0. Two loops would read v twice; the select keeps it one, and
 * a vector one. The number of limbs is constant at each call, so the inner loop unrolls. The unit of the first limb is
 * 2^-13 or 2^13: an addend below 2^42 of them leaves a bit of headroom for rounding. */
#define HG_EXACT_ADD(NAME, TYPE)                                                                             \
    static inline int64_t NAME(int64_t *restrict limb, int64_t n, int limbs, const TYPE *restrict v,         \
                               int64_t count)                                                                \
    {                                                                                                        \
        const double scale = limbs == HG_LIMBS_GRADIENT ? 0x1p13 : 0x1p-13;                                  \
        int64_t bad = 0;                                                                                     \
        for (int64_t k = 0; k < count; k++) {                                                                \
            const double t = (double)v[k] * scale;                                                           \
            const bool sound = fabs(t) < 0x1p42; /* false for NaN */                                         \
            bad += !sound;                                                                                   \
            hg_exact_add_scaled(limb + k, n, limbs, sound ? t : 0);                                          \
        }                                                                                                    \
        return bad;                                                                                          \
    }
HG_EXACT_ADD(hg_exact_add_reals, hg_real)
HG_EXACT_ADD(hg_exact_add_f64s, double)
#undef HG_EXACT_ADD

/* Several threads may add to different sums of one object: only the count of bad addends is shared. */
static inline void hg_exact_count_bad(struct hg_exact *sum, int64_t bad)
{
    if (bad > 0) __atomic_fetch_add(&sum->limb[sum->limbs * sum->n], bad, __ATOMIC_RELAXED);
}

/** sum[first + k] += v[k] for k in 0..count. Local; threads may add to different sums of one object at a time. */
static inline void hg_exact_add_real(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count)
{
    int64_t *limb = sum->limb + first;
    hg_exact_count_bad(sum, sum->limbs == HG_LIMBS_GRADIENT
                                ? hg_exact_add_reals(limb, sum->n, HG_LIMBS_GRADIENT, v, count)
                                : hg_exact_add_reals(limb, sum->n, HG_LIMBS_SCALAR, v, count));
}
static inline void hg_exact_add_f64(struct hg_exact *sum, int64_t first, const double *v, int64_t count)
{
    int64_t *limb = sum->limb + first;
    hg_exact_count_bad(sum, sum->limbs == HG_LIMBS_GRADIENT
                                ? hg_exact_add_f64s(limb, sum->n, HG_LIMBS_GRADIENT, v, count)
                                : hg_exact_add_f64s(limb, sum->n, HG_LIMBS_SCALAR, v, count));
}

/** to += from, sums [first, first + count) of each limb; the caller adds `bad` once with hg_exact_merge_bad. Local. */
static inline void hg_exact_merge(struct hg_exact *to, const struct hg_exact *from, int64_t first,
                                  int64_t count)
{
    for (int l = 0; l < to->limbs; l++) {
        int64_t *restrict t = to->limb + l * to->n + first;
        const int64_t *restrict f = from->limb + l * from->n + first;
        for (int64_t k = 0; k < count; k++) t[k] += f[k];
    }
}
static inline void hg_exact_merge_bad(struct hg_exact *to, const struct hg_exact *from)
{
    to->limb[to->limbs * to->n] += hg_exact_bad(from);
}

/* Two limbs as one double, rounded once. Limbs below 2^53 are doubles, and so is the first one shifted; larger ones (many
 * large addends) take the way over 128 bits. */
static inline double hg_exact_round_two(int64_t upper, int64_t lower)
{
    const int64_t exact = (int64_t)1 << 53;
    if (upper < exact && upper > -exact && lower < exact && lower > -exact)
        return (double)upper * 0x1p43 + (double)lower;
    return (double)((__int128)upper * ((int64_t)1 << HG_LIMB_BITS) + lower);
}

/* A third limb adds what is left below the second: first what it holds above its 43 bits is carried. */
static inline double hg_exact_round_three(int64_t upper, int64_t middle, int64_t lower)
{
    const int64_t carry = lower >> HG_LIMB_BITS;
    const double rest = (double)(lower - carry * ((int64_t)1 << HG_LIMB_BITS)) * 0x1p-43;
    return hg_exact_round_two(upper, middle + carry) + rest;
}

static inline double hg_exact_round_one(const struct hg_exact *sum, int64_t k)
{
    const int64_t *limb = sum->limb + k, n = sum->n;
    /* units of the second limb */
    return sum->limbs == HG_LIMBS_GRADIENT ? hg_exact_round_two(limb[0], limb[n]) * 0x1p-56
                                           : hg_exact_round_three(limb[0], limb[n], limb[2 * n]) * 0x1p-30;
}

/** Sums [first, first + count) rounded. Local. */
static inline void hg_exact_round_real(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = (hg_real)hg_exact_round_one(sum, first + k);
}
static inline void hg_exact_round_f64(const struct hg_exact *sum, int64_t first, double *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = hg_exact_round_one(sum, first + k);
}

#endif
