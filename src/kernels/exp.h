/** exp and expm1 of arguments <= 0 in hg_real; exp and log1p in float64 for the losses.
 *
 *  They use only basic arithmetic, because the C library's functions choose their instructions by the processor
 *  and differ in the last digit. They have no branches, so that compilers vectorise loops that call them. The
 *  double build, which only tests use, takes exp and expm1 of the C library.
 */
#ifndef HG_KERNELS_EXP_H
#define HG_KERNELS_EXP_H

#include "base/simd.h"
#include <math.h>
#include <string.h>

/** max(x, low); NaN stays NaN. Written with bit masks, because compilers turn `?:` into a branch here, which
 *  prevents vectorisation. */
static inline double hg_at_least(double x, double low)
{
    uint64_t x_bits, low_bits;
    memcpy(&x_bits, &x, sizeof x);
    memcpy(&low_bits, &low, sizeof low);
    const uint64_t below = -(uint64_t)(x < low);
    x_bits = (x_bits & ~below) | (low_bits & below);
    memcpy(&x, &x_bits, sizeof x);
    return x;
}

/** exp(x), x <= 0, in float64: x = n ln 2 + r with |r| <= ln 2 / 2, exp(x) = 2^n exp(r), exp(r) by its series
 *  to r^13. Within 1.5 ulp. Below -708 the result is exp(-708), which is negligible beside 1. NaN stays NaN. */
static inline double hg_exp_f64(double x)
{
    const double magic = 0x1.8p52; /* x + magic is x rounded to an integer, which is in the sum's low bits */
    const double clamped = hg_at_least(x, -708), shifted = clamped * 0x1.71547652b82fep0 + magic,
                 n = shifted - magic;
    const double r = (clamped - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33;
    double p = 1 / 6227020800.0;
    p = p * r + 1 / 479001600.0;
    p = p * r + 1 / 39916800.0;
    p = p * r + 1 / 3628800.0;
    p = p * r + 1 / 362880.0;
    p = p * r + 1 / 40320.0;
    p = p * r + 1 / 5040.0;
    p = p * r + 1 / 720.0;
    p = p * r + 1 / 120.0;
    p = p * r + 1 / 24.0;
    p = p * r + 1 / 6.0;
    p = p * r + 0.5;
    const double q = p * r * r + r;
    uint64_t bits;
    double scale;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52; /* 2^n: n + 1023 becomes the exponent, all bits above are shifted out */
    memcpy(&scale, &bits, sizeof scale);
    return scale * q + scale;
}

/** log(1 + x), x >= 0 and finite, in float64, by the method of fdlibm's log1p. Within 2 ulp. NaN stays NaN.
 *
 *      u = 1 + x = 2^k m with m in [sqrt(1/2), sqrt(2)),  f = m - 1,  s = f / (2 + f)
 *      log m = f - f^2/2 + s (f^2/2 + R(s^2))
 *
 *  The rounding error of u is added back. */
static inline double hg_log1p_f64(double x)
{
    const double u = 1 + x, lost = (x - (u - 1)) / u;
    const uint64_t root_half = 0x3fe6a09e667f3bcd, two_52 = 0x4330000000000000;
    uint64_t bits;
    memcpy(&bits, &u, sizeof bits);
    const uint64_t exponent = (bits - root_half) >> 52, k_bits = exponent | two_52,
                   m_bits = bits - (exponent << 52);
    double k, m;
    memcpy(&k, &k_bits, sizeof k);
    memcpy(&m, &m_bits, sizeof m);
    k -= 0x1p52;
    const double f = m - 1, s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    double r = 1.479819860511658591e-01;
    r = r * z + 1.531383769920937332e-01;
    r = r * z + 1.818357216161805012e-01;
    r = r * z + 2.222219843214978396e-01;
    r = r * z + 2.857142874366239149e-01;
    r = r * z + 3.999999999940941908e-01;
    r = r * z + 6.666666666666735130e-01;
    return k * 0x1.62e42feep-1 - ((half - (s * (half + r * z) + (k * 0x1.a39ef35793c76p-33 + lost))) - f);
}

#ifdef HG_DOUBLE

static inline hg_real hg_exp(hg_real x)
{
    return exp(x);
}
static inline hg_real hg_expm1(hg_real x)
{
    return expm1(x);
}
static inline hg_wide hg_exp_wide(hg_wide x)
{
    for (int l = 0; l < HG_WIDE_LANES; l++) x[l] = exp(x[l]);
    return x;
}

#else

/* exp(x) = scale (1 + q) with scale = 2^n, q = exp(r) - 1, where x = n ln 2 + r and |r| <= ln 2 / 2. q is the
 * polynomial of Cephes' expf. Below -87, where 2^n could be subnormal, scale is 0. */
static inline void hg_exp_parts(hg_real x, hg_real *scale, hg_real *q)
{
    const float magic = 0x1.8p23f; /* x + magic is x rounded to an integer, which is in the sum's low bits */
    const float clamped = x < -87.0f ? -87.0f : x, shifted = clamped * 1.44269504f + magic,
                n = shifted - magic;
    const float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    *q = p * r * r + r;
    uint32_t bits; /* unsigned, because arithmetic on a NaN's bits must not overflow */
    memcpy(&bits, &shifted, sizeof bits);
    const uint32_t exponent = (bits - 0x4B400000u + 127u) << 23;
    memcpy(scale, &exponent, sizeof exponent);
    *scale = x < -87.0f ? 0 : *scale;
}

/** exp(x) for x <= 0, or slightly above. Within 2 ulp; 0 below -87. */
static inline hg_real hg_exp(hg_real x)
{
    hg_real scale, q;
    hg_exp_parts(x, &scale, &q);
    return scale * q + scale;
}

typedef uint32_t hg_exp_bits __attribute__((vector_size(HG_WIDE_LANES * sizeof(uint32_t))));

/** The same for a wide vector; 0 below -87.7. */
static inline hg_wide hg_exp_wide(hg_wide x)
{
    /* clamped to -127 ln 2, where n = -127 and so the exponent bits of 2^n, and the result, are 0 */
    const hg_wide magic = hg_wide_fill(0x1.8p23f), clamped = hg_wide_max(hg_wide_fill(-88.0296919f), x);
    const hg_wide shifted = clamped * 1.44269504f + magic, n = shifted - magic;
    const hg_wide r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
    /* the polynomial in two independent halves, for a shorter chain of dependent operations */
    const hg_wide r2 = r * r;
    const hg_wide high =
        (r * 1.9875691500e-4f + 1.3981999507e-3f) * r2 + (r * 8.3334519073e-3f + 4.1665795894e-2f);
    const hg_wide low = r * 1.6666665459e-1f + 5.0000001201e-1f;
    const hg_wide q = (high * r2 + low) * r2 + r;
    const hg_wide scale = (hg_wide)(((hg_exp_bits)shifted - 0x4B400000u + 127u) << 23);
    return scale * q + scale;
}

/** exp(x) - 1, x <= 0, accurate near 0. */
static inline hg_real hg_expm1(hg_real x)
{
    hg_real scale, q;
    hg_exp_parts(x, &scale, &q);
    return scale * q + (scale - 1);
}

#endif

/** hg_exp_wide for a vector of eight numbers. */
static inline hg_vec hg_exp_vector(hg_vec x)
{
    return hg_wide_part(hg_exp_wide(hg_wide_of(x, x)), 0);
}

#endif
