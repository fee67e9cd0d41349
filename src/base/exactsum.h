/** Sums that do not depend on the order of their addends.
 *
 *  Each addend is converted to fixed point: two or three int64 limbs of 43 bits each. Limbs are added as integers,
 *  within a thread, between threads and between ranks, and the total is rounded to floating point once. Integer
 *  addition is associative, so the order of cells, threads and ranks does not change the result. Up to
 *  HG_EXACT_ADDENDS addends cannot overflow a limb. What is smaller than the last limb's unit is rounded off each
 *  addend; that depends on the addend alone. (Kulisch's long accumulator; Demmel & Nguyen, "Parallel reproducible
 *  summation", IEEE Trans. Comput. 2015.)
 *
 *      limbs  holds |v| below  resolution  used for
 *      2      2^29             2^-56       gradients
 *      3      2^55             2^-73       losses, metrics, statistics
 *
 *  The loops are inline functions in this header, so that the kernels (kernels/exact.h) compile them for every
 *  instruction set; the bits are the same in all.
 *
 *  An addend that is NaN, infinite or out of range is replaced by 0 and counted as *nonfinite*. The count travels
 *  with the limbs, and a count above 0 is reported as divergence. */
#ifndef HG_BASE_EXACTSUM_H
#define HG_BASE_EXACTSUM_H

#include "base/status.h"
#include "base/types.h"
#include <math.h>
#include <string.h>

enum { HG_LIMBS_GRADIENT = 2, HG_LIMBS_SCALAR = 3, HG_LIMB_BITS = 43 };

/** The largest number of addends of one sum: a limb of an addend is at most 2^42 in size, so 2^20 of them stay below
 *  2^63. It is also the largest number of cells of a graph, as each cell adds once to a sum: partition/partitioner.c
 *  makes no more, io/graph_file_open.c refuses more. */
enum { HG_EXACT_ADDENDS = 1 << 20 };

/** n sums. limb[l * n + k] is limb l of sum k, the most significant limb first; limb[limbs * n] is the number of
 *  nonfinite addends. */
struct hg_exact {
    int64_t *limb;
    int64_t n;
    int limbs;
};

/** Creates n sums, all zero, of 2 or 3 limbs. hg_exact_destroy frees them. Local. */
hg_status hg_exact_create(struct hg_exact *sum, int64_t n, int limbs);
void hg_exact_destroy(struct hg_exact *sum);

/** Sets all sums, and the count of nonfinite addends, to zero. Local. */
void hg_exact_zero(struct hg_exact *sum);

/** Number of addends so far that were NaN, infinite or out of range. Local. */
static inline int64_t hg_exact_nonfinite(const struct hg_exact *sum)
{
    return sum->limb[sum->limbs * sum->n];
}

/** Unit for sums of numbers of at most `size`, or of their squares: dividing the numbers by it keeps these sums
 *  within range and resolution of HG_LIMBS_SCALAR. A power of two, so the division is exact (except for numbers
 *  smaller than `size` by a factor near 2^1000); 1 where `size` is between 2^-17 and 2^16. Local. */
static inline double hg_exact_unit(double size)
{
    int exponent = 0;
    if (size > 0 && size <= 0x1p1000) (void)frexp(size, &exponent);
    return exponent > 16 || exponent < -16 ? ldexp(1, exponent) : 1;
}

/* Adds t, in units of the first limb, to two or three limbs that lie `n` apart. Adding 1.5 * 2^52 to a double below
 * 2^51 leaves its nearest integer in the low bits of the result. So rounding and conversion to int64 are additions
 * and subtractions, which every vector unit has. */
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

/* sum[k] += v[k] for k in 0..count; returns the number of nonfinite addends, which count as 0. One loop with a select
 * reads v once and is vectorised; a separate check would read v twice. `limbs` is a constant at each call, so the
 * inner loop is unrolled. The first limb has units of 2^-13 (two limbs) or 2^13 (three limbs): addends below 2^42
 * units leave one bit for rounding. */
#define HG_EXACT_ADD(NAME, TYPE)                                                                             \
    static inline int64_t NAME(int64_t *restrict limb, int64_t n, int limbs, const TYPE *restrict v,         \
                               int64_t count)                                                                \
    {                                                                                                        \
        const double scale = limbs == HG_LIMBS_GRADIENT ? 0x1p13 : 0x1p-13;                                  \
        int64_t nonfinite = 0;                                                                               \
        for (int64_t k = 0; k < count; k++) {                                                                \
            const double t = (double)v[k] * scale;                                                           \
            const bool sound = fabs(t) < 0x1p42; /* false for NaN, too */                                    \
            nonfinite += !sound;                                                                             \
            hg_exact_add_scaled(limb + k, n, limbs, sound ? t : 0);                                          \
        }                                                                                                    \
        return nonfinite;                                                                                    \
    }
HG_EXACT_ADD(hg_exact_add_reals, hg_real)
HG_EXACT_ADD(hg_exact_add_f64s, double)
#undef HG_EXACT_ADD

/* Adds to the count of nonfinite addends. Atomic, because threads that add to different sums of one object share this
 * count. */
static inline void hg_exact_count_nonfinite(struct hg_exact *sum, int64_t nonfinite)
{
    if (nonfinite > 0) __atomic_fetch_add(&sum->limb[sum->limbs * sum->n], nonfinite, __ATOMIC_RELAXED);
}

/** sum[first + k] += v[k] for k in 0..count. Threads may add to different sums of one object at the same time. Local.
 */
static inline void hg_exact_add_real(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count)
{
    int64_t *limb = sum->limb + first;
    hg_exact_count_nonfinite(sum, sum->limbs == HG_LIMBS_GRADIENT
                                      ? hg_exact_add_reals(limb, sum->n, HG_LIMBS_GRADIENT, v, count)
                                      : hg_exact_add_reals(limb, sum->n, HG_LIMBS_SCALAR, v, count));
}
static inline void hg_exact_add_f64(struct hg_exact *sum, int64_t first, const double *v, int64_t count)
{
    int64_t *limb = sum->limb + first;
    hg_exact_count_nonfinite(sum, sum->limbs == HG_LIMBS_GRADIENT
                                      ? hg_exact_add_f64s(limb, sum->n, HG_LIMBS_GRADIENT, v, count)
                                      : hg_exact_add_f64s(limb, sum->n, HG_LIMBS_SCALAR, v, count));
}

/** to += from for sums [first, first + count). The count of nonfinite addends is left out: the caller adds it once by
 *  hg_exact_merge_nonfinite. Local. */
static inline void hg_exact_merge(struct hg_exact *to, const struct hg_exact *from, int64_t first,
                                  int64_t count)
{
    for (int l = 0; l < to->limbs; l++) {
        int64_t *restrict t = to->limb + l * to->n + first;
        const int64_t *restrict f = from->limb + l * from->n + first;
        for (int64_t k = 0; k < count; k++) t[k] += f[k];
    }
}
static inline void hg_exact_merge_nonfinite(struct hg_exact *to, const struct hg_exact *from)
{
    to->limb[to->limbs * to->n] += hg_exact_nonfinite(from);
}

/* upper * 2^43 + lower, rounded once. Both limbs below 2^53 are exact as doubles, and so is upper * 2^43: the only
 * rounding is that of the sum. Larger limbs (from many large addends) are added as 128-bit integers. */
static inline double hg_exact_round_two(int64_t upper, int64_t lower)
{
    const int64_t exact = (int64_t)1 << 53;
    if (upper < exact && upper > -exact && lower < exact && lower > -exact)
        return (double)upper * 0x1p43 + (double)lower;
    return (double)((__int128)upper * ((int64_t)1 << HG_LIMB_BITS) + lower);
}

/* Three limbs, in units of the middle one: what the lower limb holds above its 43 bits is carried into the middle
 * limb first, then the rest of the lower limb is added. */
static inline double hg_exact_round_three(int64_t upper, int64_t middle, int64_t lower)
{
    const int64_t carry = lower >> HG_LIMB_BITS;
    const double rest = (double)(lower - carry * ((int64_t)1 << HG_LIMB_BITS)) * 0x1p-43;
    return hg_exact_round_two(upper, middle + carry) + rest;
}

static inline double hg_exact_round_one(const struct hg_exact *sum, int64_t k)
{
    const int64_t *limb = sum->limb + k, n = sum->n;
    /* the functions return units of the second limb */
    return sum->limbs == HG_LIMBS_GRADIENT ? hg_exact_round_two(limb[0], limb[n]) * 0x1p-56
                                           : hg_exact_round_three(limb[0], limb[n], limb[2 * n]) * 0x1p-30;
}

/** out[k] = sum first + k, rounded, for k in 0..count. Local. */
static inline void hg_exact_round_real(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = (hg_real)hg_exact_round_one(sum, first + k);
}
static inline void hg_exact_round_f64(const struct hg_exact *sum, int64_t first, double *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = hg_exact_round_one(sum, first + k);
}

#endif
