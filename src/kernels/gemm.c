#include "kernels/gemm.h"

#ifdef HG_HAS_GEMM
#include "base/simd.h"
#include "kernels/kernels.h"
#include <string.h>

/* A tile has TILE_ROWS rows and at most TILE_UNITS times eight columns, so that its sums, a row of B and a
 * number of A just fit the registers. A wide vector fills a register; an odd eight columns take half of one. */
#ifdef __AVX512F__
enum { WIDE_UNITS = 2, TILE_ROWS = 6, TILE_UNITS = 8 };
#else
enum { WIDE_UNITS = 1, TILE_ROWS = 4, TILE_UNITS = 3 };
#endif
enum {
    WIDE = WIDE_UNITS * HG_LANES,
    TILE_WIDES = TILE_UNITS / WIDE_UNITS,
    TILE_COLS = TILE_UNITS * HG_LANES
};
/* What of B stays in the cache while A passes, and what of A while tiles of B pass. */
enum { BLOCK_INNER = 256, BLOCK_COLS = 64, BLOCK_ROWS = 4 * TILE_ROWS };

typedef hg_real wide_vec
    __attribute__((vector_size(WIDE * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));

/* Where a tile begins: A(i, k) is a[i * a_row + k * a_step], B(k, j) is b[k * b_step + j], C(i, j) is c[i *
 * c_row + j]. */
struct tile {
    const hg_real *a, *b;
    hg_real *c;
    int64_t a_row, a_step, b_step, c_row, inner;
    bool accumulate;
};

/* A whole tile; inlined for every number of units, so that the sums are registers. */
static inline __attribute__((always_inline)) void multiply_units(const struct tile *tile, int units)
{
    const struct tile t = *tile;
    const int wides = units / WIDE_UNITS, odd = units % WIDE_UNITS;
    wide_vec sum[TILE_ROWS][TILE_WIDES] = {0};
    hg_vec sum_odd[TILE_ROWS] = {0};
    for (int64_t k = 0; k < t.inner; k++) {
        const hg_real *a = t.a + k * t.a_step, *b = t.b + k * t.b_step;
#pragma GCC unroll 8
        for (int i = 0; i < TILE_ROWS; i++) {
            const hg_real x = a[i * t.a_row];
#pragma GCC unroll 8
            for (int j = 0; j < wides; j++) sum[i][j] += x * ((const wide_vec *)b)[j];
            if (odd) sum_odd[i] += x * *(const hg_vec *)(b + wides * WIDE);
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < TILE_ROWS; i++) {
        wide_vec *c = (wide_vec *)(t.c + i * t.c_row);
        hg_vec *c_odd = (hg_vec *)(c + wides);
#pragma GCC unroll 8
        for (int j = 0; j < wides; j++) {
            if (t.accumulate) sum[i][j] += c[j];
            c[j] = sum[i][j];
        }
        if (odd && t.accumulate) sum_odd[i] += *c_odd;
        if (odd) *c_odd = sum_odd[i];
    }
}

static void multiply(const struct tile *tile, int64_t units)
{
#define CASE(n)                                                                                              \
    case n:                                                                                                  \
        multiply_units(tile, n <= TILE_UNITS ? n : 0);                                                       \
        break;
    switch (units) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
    }
#undef CASE
}

/* The last `rows` rows and the first `cols` columns of a tile of which C has no more, by way of a copy. Unlike
 * A, C begins with the first of these rows. */
static void multiply_part(struct tile t, int64_t rows, int64_t cols, int64_t units)
{
    hg_real copy[TILE_ROWS * TILE_COLS] = {0};
    hg_real *const mine = copy + (TILE_ROWS - rows) * TILE_COLS, *const c = t.c;
    const int64_t c_row = t.c_row;
    t.c = copy;
    t.c_row = TILE_COLS;
    for (int64_t i = 0; t.accumulate && i < rows; i++)
        memcpy(mine + i * TILE_COLS, c + i * c_row, (size_t)cols * sizeof *c);
    multiply(&t, units);
    for (int64_t i = 0; i < rows; i++) memcpy(c + i * c_row, mine + i * TILE_COLS, (size_t)cols * sizeof *c);
}

/* The rows behind the last whole tile. */
static void multiply_rest(struct tile t, int64_t rows, int64_t cols, int64_t units)
{
    const int64_t rest = rows % TILE_ROWS;
    if (rows >= TILE_ROWS) { /* computes rows of the tile before once more */
        t.a += (rows - TILE_ROWS) * t.a_row;
        t.c += (rows - rest) * t.c_row;
        multiply_part(t, rest, cols, units);
        return;
    }
    struct tile one = t;
    one.a_row = 0; /* computes one row many times */
    for (int64_t i = 0; i < rows; i++) {
        one.a = t.a + i * t.a_row;
        one.c = t.c + i * t.c_row;
        multiply_part(one, 1, cols, units);
    }
}

/* All rows of a block of A, for a tile's columns. */
static void multiply_rows(struct tile t, int64_t rows, int64_t cols)
{
    const int64_t units = (cols + HG_LANES - 1) / HG_LANES;
    struct tile next = t;
    for (int64_t i = 0; i + TILE_ROWS <= rows; i += TILE_ROWS) {
        next.a = t.a + i * t.a_row;
        next.c = t.c + i * t.c_row;
        if (cols == units * HG_LANES)
            multiply(&next, units);
        else
            multiply_part(next, TILE_ROWS, cols, units);
    }
    if (rows % TILE_ROWS > 0) multiply_rest(t, rows, cols, units);
}

/* Row k of B's columns, with zeros up to whole units. */
static void pack_row(const hg_real *b, int64_t cols, hg_real *to)
{
    int64_t j = 0;
    *(hg_vec *)(to + (cols - 1) / HG_LANES * HG_LANES) = (hg_vec){0};
    for (; j + HG_LANES <= cols; j += HG_LANES) *(hg_vec *)(to + j) = *(const hg_vec *)(b + j);
    if (cols >= HG_LANES)
        *(hg_vec *)(to + cols - HG_LANES) = *(const hg_vec *)(b + cols - HG_LANES);
    else
        for (; j < cols; j++) to[j] = b[j];
}

/* Makes B of a tile, B(k, j) = from[k * row + j * col], one run of whole units; takes that much of `to`. */
static void pack(struct tile *t, int64_t row, int64_t col, int64_t cols, hg_real *to)
{
    const hg_real *from = t->b;
    t->b = to;
    t->b_step = (cols + HG_LANES - 1) / HG_LANES * HG_LANES;
    if (col == 1)
        for (int64_t k = 0; k < t->inner; k++) pack_row(from + k * row, cols, to + k * t->b_step);
    else
        for (int64_t j = 0; j < t->b_step; j++)
            for (int64_t k = 0; k < t->inner; k++)
                to[k * t->b_step + j] = j < cols ? from[k * row + j * col] : 0;
}

/* All rows of A and a block of B. */
static void multiply_block(struct tile t, enum hg_transpose which, int64_t rows, int64_t cols)
{
    hg_real packed[BLOCK_INNER * BLOCK_COLS];
    struct tile tiles[(BLOCK_COLS + TILE_COLS - 1) / TILE_COLS];
    const int64_t row = which == HG_TRANSPOSE_B ? 1 : t.b_step, col = which == HG_TRANSPOSE_B ? t.b_step : 1;
    for (int64_t j = 0; j < cols; j += TILE_COLS) {
        struct tile *tile = &tiles[j / TILE_COLS];
        const int64_t width = hg_min_i64(cols - j, TILE_COLS);
        *tile = t;
        tile->b += j * col;
        tile->c += j;
        /* beside A transposed, B is as tall, and too much to copy unless it must be */
        if (which != HG_TRANSPOSE_A || width % HG_LANES > 0)
            pack(tile, row, col, width, packed + j * t.inner);
    }
    for (int64_t i = 0; i < rows; i += BLOCK_ROWS)
        for (int64_t j = 0; j < cols; j += TILE_COLS) {
            struct tile tile = tiles[j / TILE_COLS];
            tile.a += i * t.a_row;
            tile.c += i * t.c_row;
            multiply_rows(tile, hg_min_i64(rows - i, BLOCK_ROWS), hg_min_i64(cols - j, TILE_COLS));
        }
}

void HG_KERNEL(gemm)(enum hg_transpose which, struct hg_mat a, struct hg_mat b, bool accumulate,
                     struct hg_mat c)
{
    const bool ta = which == HG_TRANSPOSE_A, tb = which == HG_TRANSPOSE_B;
    const int64_t inner = ta ? a.rows : a.cols, blocks = (inner + BLOCK_INNER - 1) / BLOCK_INNER;
    const int64_t a_step = ta ? a.stride : 1, b_row = tb ? 1 : b.stride, b_col = tb ? b.stride : 1;
    struct tile t = {.a_row = ta ? 1 : a.stride, .a_step = a_step, .b_step = b.stride, .c_row = c.stride};
    for (int64_t block = 0; block < blocks; block++) {
        const int64_t k = inner * block / blocks;
        t.inner = inner * (block + 1) / blocks - k;
        t.accumulate = accumulate || block > 0;
        for (int64_t j = 0; j < c.cols; j += BLOCK_COLS) {
            t.a = a.data + k * a_step;
            t.b = b.data + k * b_row + j * b_col;
            t.c = c.data + j;
            multiply_block(t, which, c.rows, hg_min_i64(c.cols - j, BLOCK_COLS));
        }
    }
}
#endif
