/** Scalar types by meaning.
 *
 *  hg_real  what features, parameters and gradients are stored in: float; double in the double build (library
 *           halogat_double, macro HG_DOUBLE), which exists to check gradients.
 *  hg_lid   a local row number on this rank: owned rows first, then halo rows.
 *  hg_gid   a node or edge of the whole graph: its number in the stored or in the imported order.
 *  hg_eid   an offset into the edges of this rank. */
#ifndef HG_BASE_TYPES_H
#define HG_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef HG_DOUBLE
typedef double hg_real;
#else
typedef float hg_real;
#endif

typedef int32_t hg_lid;
typedef int64_t hg_gid;
typedef int64_t hg_eid;

#define HG_LID_MAX INT32_MAX

/** The largest number of nodes or edges that a file may claim: a larger one means a damaged file. Below it, sums of
 *  sizes cannot overflow. */
#define HG_MAX_ITEMS ((int64_t)1 << 48)

/** A row-major matrix: element (r, c) is data[r * stride + c]. A view: it owns no memory. */
struct hg_mat {
    hg_real *data;
    int64_t rows, cols;
    int64_t stride; /**< elements from one row to the next, >= cols */
};

/** A matrix without gaps between rows. */
static inline struct hg_mat hg_mat_packed(hg_real *data, int64_t rows, int64_t cols)
{
    return (struct hg_mat){data, rows, cols, cols};
}

/** Rows [first, end) of a matrix. */
static inline struct hg_mat hg_mat_rows(struct hg_mat m, int64_t first, int64_t end)
{
    return (struct hg_mat){m.data + first * m.stride, end - first, m.cols, m.stride};
}

/** Half-open range [first, end) of nodes in a stored or imported order. */
struct hg_range {
    hg_gid first, end;
};

static inline int64_t hg_min_i64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
static inline int64_t hg_max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/** Block distribution: the rows of `rank` when n rows are divided among `size` ranks in contiguous blocks whose sizes
 *  differ by at most 1. Local. */
static inline struct hg_range hg_block_range(hg_gid n, int rank, int size)
{
    return (struct hg_range){n / size * rank + hg_min_i64(rank, n % size),
                             n / size * (rank + 1) + hg_min_i64(rank + 1, n % size)};
}

/** The rank whose hg_block_range holds row i of n. Local. */
static inline int hg_block_owner(hg_gid n, int size, hg_gid i)
{
    const hg_gid small = n / size, large_end = (small + 1) * (n % size);
    return (int)(i < large_end ? i / (small + 1) : n % size + (i - large_end) / small);
}

#endif
