/** Numbers of gathered rows (kernels/rows.h), in files that are compiled once per type: HG_ROWS names the type at hand. */
#ifndef HG_KERNELS_ROW_NUMBER_H
#define HG_KERNELS_ROW_NUMBER_H

#include "kernels/attention.h"
#include "kernels/lanes.h"
#include <string.h>

#ifdef HG_ROWS_ARE_BF16

typedef uint16_t hg_row_number;
typedef float hg_row_floats __attribute__((vector_size(HG_LANES * sizeof(float))));
typedef uint32_t hg_row_bits __attribute__((vector_size(HG_LANES * sizeof(uint32_t))));
typedef uint16_t hg_row_halves
    __attribute__((vector_size(HG_LANES * sizeof(uint16_t)), aligned(sizeof(uint16_t)), may_alias));

HG_INLINE hg_vec hg_row_load(const hg_row_number *x)
{
    const hg_row_bits bits = __builtin_convertvector(*(const hg_row_halves *)x, hg_row_bits) << 16;
    return __builtin_convertvector((hg_row_floats)bits, hg_vec);
}

/** To nearest even. NaN stays: its upper half alone, made quiet. */
HG_INLINE void hg_row_store(hg_row_number *x, hg_vec v)
{
    const hg_row_bits bits = (hg_row_bits) __builtin_convertvector(v, hg_row_floats);
    const hg_row_bits rounded = bits + 0x7FFF + (bits >> 16 & 1), quiet = bits | 0x400000;
    const hg_row_bits nan = (hg_row_bits)((bits & 0x7FFFFFFF) > 0x7F800000);
    *(hg_row_halves *)x = __builtin_convertvector(((quiet & nan) | (rounded & ~nan)) >> 16, hg_row_halves);
}

HG_INLINE hg_real hg_row_at(const hg_row_number *x, int64_t k)
{
    const uint32_t bits = (uint32_t)x[k] << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (hg_real)value;
}

#else

typedef hg_real hg_row_number;

HG_INLINE hg_vec hg_row_load(const hg_row_number *x)
{
    return *(const hg_vec *)x;
}

HG_INLINE void hg_row_store(hg_row_number *x, hg_vec v)
{
    *(hg_vec *)x = v;
}

HG_INLINE hg_real hg_row_at(const hg_row_number *x, int64_t k)
{
    return x[k];
}

#endif

/** v as a row keeps it. */
HG_INLINE hg_vec hg_row_rounded(hg_vec v)
{
    hg_row_number kept[HG_LANES];
    hg_row_store(kept, v);
    return hg_row_load(kept);
}

/** n numbers of a row in units of hg_real: prefetches count in these. n is a multiple of 8. */
HG_INLINE int64_t hg_row_reals(int64_t n)
{
    return n * (int64_t)sizeof(hg_row_number) / (int64_t)sizeof(hg_real);
}

/** Vector t of G as its K heads see it: its own row, or the one that they share, [F], each number K times. */
HG_INLINE hg_vec hg_shared_vector(const hg_row_number *g, int t, bool shared, int heads)
{
    hg_vec v;
    if (!shared || heads == 1) return hg_row_load(g + t * HG_LANES);
    for (int l = 0; l < HG_LANES; l++) v[l] = hg_row_at(g, (t * HG_LANES + l) / heads);
    return v;
}

#endif
