/** exp and expm1 of arguments <= 0, in a form that loops can vectorise. The double build calls libm. */
#ifndef HG_KERNELS_EXP_H
#define HG_KERNELS_EXP_H

#include "base/simd.h"
#include <math.h>
#include <string.h>

#ifdef HG_DOUBLE

static inline hg_real hg_exp(hg_real x)
{
    return exp(x);
}
static inline hg_real hg_expm1(hg_real x)
{
    return expm1(x);
}
static inline hg_vec hg_exp_vector(hg_vec x)
{
    for (int l = 0; l < HG_LANES; l++) x[l] = exp(x[l]);
    return x;
}

#else

/* x = n ln 2 + r with |r| <= ln 2 / 2, exp(x) = 2^n (1 + q), q = exp(r) - 1 by the polynomial of Cephes' expf. Below -87,
 * where 2^n would leave the normal numbers, 2^n is 0. */
static inline void hg_exp_parts(hg_real x, hg_real *scale, hg_real *q)
{
    const float magic = 0x1.8p23f; /* adding it rounds to an integer, found in the low bits */
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
    uint32_t bits; /* unsigned: of NaN they may be anything */
    memcpy(&bits, &shifted, sizeof bits);
    const uint32_t exponent = (bits - 0x4B400000u + 127u) << 23;
    memcpy(scale, &exponent, sizeof exponent);
    *scale = x < -87.0f ? 0 : *scale;
}

/** exp(x), x <= 0 (a little above is fine); within 2 ulp, 0 below -87. */
static inline hg_real hg_exp(hg_real x)
{
    hg_real scale, q;
    hg_exp_parts(x, &scale, &q);
    return scale * q + scale;
}

typedef uint32_t hg_exp_bits __attribute__((vector_size(HG_LANES * sizeof(uint32_t))));

/** The same for eight numbers. */
static inline hg_vec hg_exp_vector(hg_vec x)
{
    const hg_vec magic = (hg_vec){0} + 0x1.8p23f, low = (hg_vec){0} - 87.0f;
    const hg_ivec below = x < low;
    const hg_vec clamped = hg_select(below, low, x), shifted = clamped * 1.44269504f + magic,
                 n = shifted - magic;
    const hg_vec r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f;
    /* the polynomial in two halves, so that its steps do not all wait for each other */
    const hg_vec r2 = r * r;
    const hg_vec high =
        (r * 1.9875691500e-4f + 1.3981999507e-3f) * r2 + (r * 8.3334519073e-3f + 4.1665795894e-2f);
    const hg_vec low_half = r * 1.6666665459e-1f + 5.0000001201e-1f;
    const hg_vec q = (high * r2 + low_half) * r2 + r;
    const hg_exp_bits exponent = ((hg_exp_bits)shifted - 0x4B400000u + 127u) << 23;
    const hg_vec scale = (hg_vec)(~below & (hg_ivec)exponent);
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

#endif
