/** The halo dtype: how the rows that edges gather, those of Z and G, are stored, both in memory and in
 *  messages.
 *
 *  bf16 is the upper half of a float32: 8 significant bits, rounded to nearest even. It halves memory and
 *  messages. All that is computed from Z or G (p, q, D, sums over edges, gradients of attention vectors) is
 *  computed in hg_real from the rounded numbers, on the owner as on other ranks. So results do not depend on
 *  which rank owns a node. Gradients pass through the rounding as if it were not there.
 */
#ifndef HG_KERNELS_HALO_DTYPE_H
#define HG_KERNELS_HALO_DTYPE_H

#include "base/types.h"

enum hg_halo_dtype { HG_HALO_REAL, HG_HALO_BF16, HG_HALO_DTYPES };

/** Size of n numbers of a row, n a multiple of 8, in numbers of hg_real. */
static inline int64_t hg_halo_room(enum hg_halo_dtype type, int64_t n)
{
    /* bf16 rows are whole pairs of vectors of eight (kernels/halo_vectors.h): 32 bytes per pair */
    return type == HG_HALO_BF16 ? (n + 15) / 16 * (32 / (int64_t)sizeof(hg_real)) : n;
}

/** Converts the rows of x to the halo dtype: rows [x.rows, columns padded with zeros to whole vectors], `stride`
 *  numbers of hg_real apart. Local. */
typedef void hg_rows_store_fn(struct hg_mat x, hg_real *rows, int64_t stride);

#endif
