/** Vectors of 8 numbers, and of 16 where the registers hold 16 floats (AVX-512), by the compiler's vector extensions:
 *  the same source serves every instruction set.
 *
 *  Loops over heads or vector lanes carry HG_SIMD. It says only that iterations are independent: no sum is ever
 *  reordered, so the bits do not depend on how a loop was vectorised. */
#ifndef HG_BASE_SIMD_H
#define HG_BASE_SIMD_H

#include "base/types.h"

#define HG_SIMD _Pragma("omp simd")

enum { HG_LANES = 8 };

typedef hg_real hg_vec
    __attribute__((vector_size(HG_LANES * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));
#ifdef HG_DOUBLE
typedef int64_t hg_int;
#else
typedef int32_t hg_int;
#endif

/** Integers of the same width as hg_real: results of comparisons (all bits set where true), masks and indices. */
typedef hg_int hg_ivec
    __attribute__((vector_size(HG_LANES * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));

typedef hg_real hg_vec2
    __attribute__((vector_size(2 * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));
typedef hg_real hg_vec4
    __attribute__((vector_size(4 * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));

#if defined(__AVX512F__) && !defined(HG_DOUBLE)
#define HG_HAS_WIDE
enum { HG_WIDE = 2 };
#else
enum { HG_WIDE = 1 };
#endif
enum { HG_WIDE_LANES = HG_WIDE * HG_LANES };

/** HG_WIDE vectors side by side: the contents of one register where registers hold 16 floats. */
typedef hg_real hg_wide
    __attribute__((vector_size(HG_WIDE_LANES * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));
typedef hg_int hg_iwide
    __attribute__((vector_size(HG_WIDE_LANES * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));

/** x in every lane. Written as x - 0, which is x for every x: 0 + x is not (for x = -0), so compilers would have to
 *  emit the addition. */
static inline hg_vec hg_fill(hg_real x)
{
    return x - (hg_vec){0};
}
static inline hg_wide hg_wide_fill(hg_real x)
{
    return x - (hg_wide){0};
}

/** Lane by lane: a where the comparison `mask` is true, else b. */
static inline hg_vec hg_select(hg_ivec mask, hg_vec a, hg_vec b)
{
    return (hg_vec)((mask & (hg_ivec)a) | (~mask & (hg_ivec)b));
}

/** Lane by lane: the larger number, b where either is NaN. One instruction on x86, instead of three for a select. */
static inline hg_vec hg_max(hg_vec a, hg_vec b)
{
#if defined(__AVX__) && !defined(HG_DOUBLE)
    return (hg_vec)__builtin_ia32_maxps256(a, b);
#else
    return hg_select(a > b, a, b);
#endif
}

/** Lane by lane: the smaller number, b where either is NaN. */
static inline hg_vec hg_min(hg_vec a, hg_vec b)
{
#if defined(__AVX__) && !defined(HG_DOUBLE)
    return (hg_vec)__builtin_ia32_minps256(a, b);
#else
    return hg_select(a < b, a, b);
#endif
}

/** Two vectors side by side; only `a` where HG_WIDE is 1. */
static inline hg_wide hg_wide_of(hg_vec a, hg_vec b)
{
#ifdef HG_HAS_WIDE
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    (void)b;
    return a;
#endif
}

/** Vector k of a wide one, k < HG_WIDE. */
static inline hg_vec hg_wide_part(hg_wide x, int k)
{
#ifdef HG_HAS_WIDE
    return k == 0 ? __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7)
                  : __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
#else
    (void)k;
    return x;
#endif
}

static inline hg_wide hg_wide_select(hg_iwide mask, hg_wide a, hg_wide b)
{
    return (hg_wide)((mask & (hg_iwide)a) | (~mask & (hg_iwide)b));
}

/** hg_max of wide vectors. */
static inline hg_wide hg_wide_max(hg_wide a, hg_wide b)
{
#if defined(HG_HAS_WIDE) && defined(__clang__)
    return (hg_wide)__builtin_ia32_maxps512(a, b, 4);
#elif defined(HG_HAS_WIDE)
    return (hg_wide)__builtin_ia32_maxps512_mask(a, b, a, -1, 4);
#else
    return hg_max(a, b);
#endif
}

/** The first n lanes of x (all when n >= HG_WIDE_LANES), and the other lanes of `rest`. */
static inline hg_wide hg_wide_first(hg_wide x, int64_t n, hg_wide rest)
{
#ifdef HG_HAS_WIDE
    const hg_iwide lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#else
    const hg_iwide lane = {0, 1, 2, 3, 4, 5, 6, 7};
#endif
    return n >= HG_WIDE_LANES ? x : hg_wide_select(lane < (hg_int)n, x, rest);
}

/** The first n lanes of v (all when n >= HG_LANES), and the other lanes of `rest`. */
static inline hg_vec hg_first_lanes(hg_vec v, int64_t n, hg_vec rest)
{
    const hg_ivec lane = {0, 1, 2, 3, 4, 5, 6, 7};
    return n >= HG_LANES ? v : hg_select(lane < (hg_int)n, v, rest);
}

/** y[k] += a x[k] for k in 0..n. Local. */
static inline void hg_axpy(int64_t n, hg_real a, const hg_real *restrict x, hg_real *restrict y)
{
    int64_t k = 0;
    for (; k + HG_LANES <= n; k += HG_LANES) *(hg_vec *)(y + k) += a * *(const hg_vec *)(x + k);
    for (; k < n; k++) y[k] += a * x[k];
}

/** y[k] = a x[k] for k in 0..n. Local. */
static inline void hg_scaled(int64_t n, hg_real a, const hg_real *restrict x, hg_real *restrict y)
{
    int64_t k = 0;
    for (; k + HG_LANES <= n; k += HG_LANES) *(hg_vec *)(y + k) = a * *(const hg_vec *)(x + k);
    for (; k < n; k++) y[k] = a * x[k];
}

#endif
