/** Runs tests of kernels on rows once for each halo dtype and each instruction set. */
#ifndef HG_TESTS_ROW_TYPES_H
#define HG_TESTS_ROW_TYPES_H

#include "kernel_sets.h"
#include "naive.h"

/** The halo dtype under test. */
static enum hg_halo_dtype row_type;

static inline const struct hg_attention_kernels *row_kernels(int heads)
{
    return &kernels->attention[row_type][hg_group_kind(heads)];
}

/** x rounded as a row of this type stores it: bf16 rounds to nearest even with 8 significant bits. Not for NaN. */
static inline hg_real row_rounded(hg_real x)
{
    if (row_type == HG_HALO_REAL || x == 0 || isinf(x)) return x;
    int exponent;
    frexp((double)x,
          &exponent); /* |x| in [1/2, 1) 2^exponent: the last of 8 bits is worth 2^(exponent - 8) */
    const int last = exponent - 8 < -133 ? -133 : exponent - 8;
    return (hg_real)ldexp(nearbyint(ldexp((double)(float)x, -last)), last);
}

/** Rounds the numbers of x [n] in place. */
static inline void row_round(hg_real *x, int64_t n)
{
    for (int64_t k = 0; k < n; k++) x[k] = row_rounded(x[k]);
}

/** Where a single group of K heads of width F is in rows with `gap` more numbers than it needs. */
static inline struct hg_row_layout row_layout(int K, int F, int64_t gap)
{
    const int64_t stride = hg_row_stride((int64_t)K * F), scalars = hg_target_scalars(K);
    return (struct hg_row_layout){hg_halo_room(row_type, stride) + gap, stride, scalars + stride + gap,
                                  scalars, scalars};
}

/** The rows of x [rows, stride], padded to whole vectors, as this type stores them, `distance` numbers apart. */
static inline hg_real *rows_stored(struct pool *pool, const hg_real *x, int64_t rows, int64_t stride,
                                   int64_t distance)
{
    hg_real *stored = POOL_NAN(pool, rows * distance);
    kernels->rows_store[row_type](hg_mat_packed((hg_real *)(uintptr_t)x, rows, stride), stored, distance);
    return stored;
}

/** Number k of a row stored in this type. */
static inline hg_real row_number(const void *row, int64_t k)
{
    if (row_type == HG_HALO_REAL) return ((const hg_real *)row)[k];
    /* bf16 stores vectors of eight in pairs: the first vector is in the lower halves of the words */
    const uint32_t word = ((const uint32_t *)row)[k / 16 * 8 + k % 8],
                   bits = k / 8 % 2 ? word >> 16 << 16 : word << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return (hg_real)x;
}

static inline int run_row_types(const struct CMUnitTest *tests, size_t count)
{
    int failures = 0;
    for (row_type = HG_HALO_REAL; row_type < HG_HALO_DTYPES; row_type++) failures += run_sets(tests, count);
    return failures;
}

/** HG_TEST_MAIN for tests of kernels on rows. */
#define HG_ROW_TEST_MAIN(tests) HG_TEST_MAIN_RUNNING(run_row_types(tests, sizeof(tests) / sizeof *(tests)))

#endif
