/** Loads and stores vectors of rows in the halo dtype (kernels/halo_dtype.h). For source files that are
 *  compiled once per dtype; HG_DTYPE names it. Pointers to rows and distances between rows are in units of
 *  hg_real for every dtype.
 *
 *  bf16 rows store vectors in pairs, as 8 words of 32 bits. Word l has number l of the first vector in its
 *  lower half and number l of the second in its upper half. So one load gives two vectors: one by a shift, the
 *  other by a mask.
 */
#ifndef HG_KERNELS_HALO_VECTORS_H
#define HG_KERNELS_HALO_VECTORS_H

#include "kernels/attention.h"
#include "kernels/head_layout.h"
#include <string.h>

#ifdef HG_DTYPE_IS_BF16

#define HG_HALO_DTYPE HG_HALO_BF16

typedef uint32_t hg_row_word __attribute__((may_alias));
typedef float hg_row_floats __attribute__((vector_size(HG_LANES * sizeof(float))));
typedef uint32_t hg_row_words
    __attribute__((vector_size(HG_LANES * sizeof(uint32_t)), aligned(sizeof(uint32_t)), may_alias));

#define HG_ROW_PAIR(row, t) ((hg_row_words *)(uintptr_t)(row) + (t) / 2)
#define HG_ROW_UPPER 0xFFFF0000u

/** Vector t of a row. */
HG_INLINE hg_vec hg_row_load(const hg_real *row, int t)
{
    hg_row_words bits = *HG_ROW_PAIR(row, t);
    if (t % 2 == 0)
        bits <<= 16;
    else
        bits &= HG_ROW_UPPER;
    return __builtin_convertvector((hg_row_floats)bits, hg_vec);
}

/** Vector t of a row; where HG_WIDE is 2, vectors t and t + 1, and t must be even. */
HG_INLINE hg_wide hg_row_load_wide(const hg_real *row, int t)
{
    return hg_wide_of(hg_row_load(row, t), hg_row_load(row, t + HG_WIDE - 1));
}

/** v rounded to bfloat16, to nearest even, in the upper halves of words. NaN stays NaN: rounding could turn it into
 *  another number, so it is truncated and made quiet instead. */
HG_INLINE hg_row_words hg_row_halves(hg_vec v)
{
    const hg_row_words bits = (hg_row_words) __builtin_convertvector(v, hg_row_floats);
    const hg_row_words rounded = bits + 0x7FFF + (bits >> 16 & 1), quiet = bits | 0x400000;
    const hg_row_words nan = (hg_row_words)((bits & 0x7FFFFFFF) > 0x7F800000);
    return ((quiet & nan) | (rounded & ~nan)) & HG_ROW_UPPER;
}

/** Stores v, rounded, as vector t of a row. The first of a pair must be stored before the second. */
HG_INLINE void hg_row_store(hg_real *row, int t, hg_vec v)
{
    if (t % 2 == 0)
        *HG_ROW_PAIR(row, t) = hg_row_halves(v) >> 16;
    else
        *HG_ROW_PAIR(row, t) |= hg_row_halves(v);
}

/** Number k of a row. */
HG_INLINE hg_real hg_row_at(const hg_real *row, int64_t k)
{
    const int64_t vector = k / HG_LANES;
    const uint32_t word = ((const hg_row_word *)row)[vector / 2 * HG_LANES + k % HG_LANES];
    const uint32_t bits = vector % 2 == 0 ? word << 16 : word & HG_ROW_UPPER;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (hg_real)value;
}

/** v rounded to the halo dtype. */
HG_INLINE hg_vec hg_row_rounded(hg_vec v)
{
    return __builtin_convertvector((hg_row_floats)hg_row_halves(v), hg_vec);
}

#else

#define HG_HALO_DTYPE HG_HALO_REAL

HG_INLINE hg_vec hg_row_load(const hg_real *row, int t)
{
    return *(const hg_vec *)(row + t * HG_LANES);
}

HG_INLINE hg_wide hg_row_load_wide(const hg_real *row, int t)
{
    return *(const hg_wide *)(row + t * HG_LANES);
}

HG_INLINE void hg_row_store(hg_real *row, int t, hg_vec v)
{
    *(hg_vec *)(row + t * HG_LANES) = v;
}

HG_INLINE hg_real hg_row_at(const hg_real *row, int64_t k)
{
    return row[k];
}

HG_INLINE hg_vec hg_row_rounded(hg_vec v)
{
    return v;
}

#endif

/** Loads the first n numbers of x, then zeros. It does not read beyond x [n], because another thread may be
 *  writing the row that follows. */
HG_INLINE hg_vec hg_first_numbers(const hg_real *x, int64_t n)
{
    hg_vec v = {0};
    if (n >= HG_LANES) return *(const hg_vec *)x;
    memcpy(&v, x, (size_t)n * sizeof *x);
    return v;
}

/** Size of `vectors` vectors of a row, in numbers of hg_real. */
HG_INLINE int hg_row_vectors_room(int vectors)
{
    return (int)hg_halo_room(HG_HALO_DTYPE, (int64_t)vectors * HG_LANES);
}

#endif
