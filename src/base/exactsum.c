#include "base/exactsum.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

enum { LIMB_BITS = 43 };

/* Units of the limbs: the first is 2^(TOP - 43); an addend below 2^(TOP - 1) leaves a bit of headroom for rounding. */
static int top_exponent(int limbs)
{
    return limbs == HG_LIMBS_GRADIENT ? 30 : 56;
}

/* Adding 1.5 * 2^52 to a double below 2^51 leaves its nearest integer in the low bits: rounding and conversion to int64
 * that every vector unit can do. */
#define MAGIC 0x1.8p52

static inline int64_t double_bits(double x)
{
    int64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

hg_status hg_exact_create(struct hg_exact *sum, int64_t n, int limbs)
{
    *sum = (struct hg_exact){.n = n, .limbs = limbs};
    return HG_NEW(sum->limb, limbs * n + 1);
}

void hg_exact_destroy(struct hg_exact *sum)
{
    HG_FREE(sum->limb);
}

void hg_exact_zero(struct hg_exact *sum)
{
    memset(sum->limb, 0, (size_t)(sum->limbs * sum->n + 1) * sizeof *sum->limb);
}

/* One addend, already scaled to units of the first limb, into two or three limbs `n` apart. */
static inline void add_scaled(int64_t *limb, int64_t n, int limbs, double t)
{
    for (int l = 0; l < limbs; l++) {
        const double u = t + MAGIC;
        limb[l * n] += double_bits(u) - double_bits(MAGIC);
        t = (t - (u - MAGIC)) * 0x1p43;
    }
}

/* sum[k] += v[k]. Values out of range become 0 and are counted. Two loops would read v twice; the select keeps it one,
 * and a vector one. The number of limbs is constant at each call, so the inner loop unrolls. */
#define DEFINE_ADD(NAME, TYPE)                                                                               \
    static inline int64_t NAME(int64_t *restrict limb, int64_t n, int limbs, const TYPE *restrict v,         \
                               int64_t count)                                                                \
    {                                                                                                        \
        const double scale = ldexp(1, LIMB_BITS - top_exponent(limbs));                                      \
        int64_t bad = 0;                                                                                     \
        for (int64_t k = 0; k < count; k++) {                                                                \
            const double t = (double)v[k] * scale;                                                           \
            const bool sound = fabs(t) < 0x1p42; /* false for NaN */                                         \
            bad += !sound;                                                                                   \
            add_scaled(limb + k, n, limbs, sound ? t : 0);                                                   \
        }                                                                                                    \
        return bad;                                                                                          \
    }
DEFINE_ADD(add_real, hg_real)
DEFINE_ADD(add_f64, double)

/* Several threads may add to different sums of one object: only the count of bad addends is shared. */
static void count_bad(struct hg_exact *sum, int64_t bad)
{
    if (bad > 0) __atomic_fetch_add(&sum->limb[sum->limbs * sum->n], bad, __ATOMIC_RELAXED);
}

void hg_exact_add_real(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count)
{
    count_bad(sum, sum->limbs == HG_LIMBS_GRADIENT
                       ? add_real(sum->limb + first, sum->n, HG_LIMBS_GRADIENT, v, count)
                       : add_real(sum->limb + first, sum->n, HG_LIMBS_SCALAR, v, count));
}

void hg_exact_add_f64(struct hg_exact *sum, int64_t first, const double *v, int64_t count)
{
    count_bad(sum, sum->limbs == HG_LIMBS_GRADIENT
                       ? add_f64(sum->limb + first, sum->n, HG_LIMBS_GRADIENT, v, count)
                       : add_f64(sum->limb + first, sum->n, HG_LIMBS_SCALAR, v, count));
}

void hg_exact_merge(struct hg_exact *to, const struct hg_exact *from, int64_t first, int64_t count)
{
    for (int l = 0; l < to->limbs; l++) {
        int64_t *restrict t = to->limb + l * to->n + first;
        const int64_t *restrict f = from->limb + l * from->n + first;
        for (int64_t k = 0; k < count; k++) t[k] += f[k];
    }
}

void hg_exact_merge_bad(struct hg_exact *to, const struct hg_exact *from)
{
    to->limb[to->limbs * to->n] += from->limb[from->limbs * from->n];
}

void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum)
{
    if (comm->size > 1) hg_comm_sum_i64(comm, sum->limb, sum->limbs * sum->n + 1);
}

int64_t hg_exact_bad(const struct hg_exact *sum)
{
    return sum->limb[sum->limbs * sum->n];
}

/* Two limbs as one double, rounded once. Limbs below 2^53 are doubles, and so is the first one shifted; larger ones (many
 * large addends) take the way over 128 bits. */
static inline double round_two(int64_t upper, int64_t lower)
{
    const int64_t exact = (int64_t)1 << 53;
    if (upper < exact && upper > -exact && lower < exact && lower > -exact)
        return (double)upper * 0x1p43 + (double)lower;
    return (double)((__int128)upper * ((int64_t)1 << LIMB_BITS) + lower);
}

/* A third limb adds what is left below the second: first what it holds above its 43 bits is carried. */
static inline double round_three(int64_t upper, int64_t middle, int64_t lower)
{
    const int64_t carry = lower >> LIMB_BITS;
    const double rest = (double)(lower - carry * ((int64_t)1 << LIMB_BITS)) * 0x1p-43;
    return round_two(upper, middle + carry) + rest;
}

static inline double round_one(const struct hg_exact *sum, int64_t k)
{
    const int64_t *limb = sum->limb + k, n = sum->n;
    /* units of the second limb */
    return sum->limbs == HG_LIMBS_GRADIENT ? round_two(limb[0], limb[n]) * 0x1p-56
                                           : round_three(limb[0], limb[n], limb[2 * n]) * 0x1p-30;
}

void hg_exact_round_real(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = (hg_real)round_one(sum, first + k);
}

void hg_exact_round_f64(const struct hg_exact *sum, int64_t first, double *out, int64_t count)
{
    for (int64_t k = 0; k < count; k++) out[k] = round_one(sum, first + k);
}
