#include "kernels/gemm.h"

#ifdef HG_HAS_GEMM
#include "base/simd.h"
#include "kernels/kernels.h"
#include <string.h>

/* A unit is eight columns. A tile of C has TILE_ROWS rows and up to TILE_UNITS units: the largest size for
 * which its sums, a row of B and a number of A fit into the registers (AVX-512: 24 + 4 + 1 of 32; AVX2: 12 + 3
 * + 1 of 16). A wide vector fills a register; an odd unit takes half of one. */
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
/* Cache blocking: BLOCK_INNER x BLOCK_COLS numbers of B stay in the cache while all of A is read, and
 * BLOCK_ROWS rows of A while the tiles of B are read. */
enum { BLOCK_INNER = 256, BLOCK_COLS = 64, BLOCK_ROWS = 4 * TILE_ROWS };

typedef hg_real wide_vec
    __attribute__((vector_size(WIDE * sizeof(hg_real)), aligned(sizeof(hg_real)), may_alias));

/* Where the operands of a tile are: A(i, k) = a[i * a_row + k * a_step], B(k, j) = b[k * b_step + j] and
 * C(i, j) = c[i * c_row + j], for k in 0..inner. */
struct tile {
    const hg_real *a, *b;
    hg_real *c;
    int64_t a_row, a_step, b_step, c_row, inner;
    bool accumulate;
};

/* C = A B, or C += A B, for a whole tile. Inlined for every number of units, so that the sums stay in registers. */
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

/* A tile of which only the last `rows` rows and the first `cols` columns belong to C. The whole tile is
 * computed in a buffer, and these are copied to C. t.a is the first row of the whole tile, t.c the first of the
 * `rows` rows. */
static void multiply_partial(struct tile t, int64_t rows, int64_t cols, int64_t units)
{
    hg_real copy[TILE_ROWS * TILE_COLS] = {0};
    hg_real *const used = copy + (TILE_ROWS - rows) * TILE_COLS, *const c = t.c;
    const int64_t c_row = t.c_row;
    t.c = copy;
    t.c_row = TILE_COLS;
    for (int64_t i = 0; t.accumulate && i < rows; i++)
        memcpy(used + i * TILE_COLS, c + i * c_row, (size_t)cols * sizeof *c);
    multiply(&t, units);
    for (int64_t i = 0; i < rows; i++) memcpy(c + i * c_row, used + i * TILE_COLS, (size_t)cols * sizeof *c);
}

/* The rows after the last whole tile. */
static void multiply_remaining(struct tile t, int64_t rows, int64_t cols, int64_t units)
{
    const int64_t rest = rows % TILE_ROWS;
    if (rows >= TILE_ROWS) { /* a tile that overlaps the one before it, whose rows are not copied again */
        t.a += (rows - TILE_ROWS) * t.a_row;
        t.c += (rows - rest) * t.c_row;
        multiply_partial(t, rest, cols, units);
        return;
    }
    struct tile one = t;
    one.a_row = 0; /* fewer rows than a tile: each alone, as a tile of TILE_ROWS equal rows */
    for (int64_t i = 0; i < rows; i++) {
        one.a = t.a + i * t.a_row;
        one.c = t.c + i * t.c_row;
        multiply_partial(one, 1, cols, units);
    }
}

/* A block of rows of C, for the columns of one tile. */
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
            multiply_partial(next, TILE_ROWS, cols, units);
    }
    if (rows % TILE_ROWS > 0) multiply_remaining(t, rows, cols, units);
}

/* Copies a row of `cols` numbers of B, with zeros up to whole units. */
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

/* Packs a tile's B, which is B(k, j) = from[k * row + j * col], into rows of whole units at `to`, and lets t->b
 * point there. */
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

/* A block of columns of C, with all rows of A and a block of B. */
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
        /* If A is transposed, B is a tall matrix too. It is packed only if it must be: tiles read whole units. */
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
