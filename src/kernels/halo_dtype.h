/** How the rows that edges gather are kept: those of Z and of G, on their owners and on the wire alike.
 *
 *  bf16 is the upper half of a float32: 8 significant bits, rounded to nearest even. Half the memory, half the message. Everything that
 *  is made of Z or G (p, q, D, sums over edges, gradients of attention vectors) is made of the rounded numbers, on their owner as on every
 *  copy, in hg_real, so that results do not depend on who owns what; gradients pass through the rounding as if it were not there.
 */
#ifndef HG_KERNELS_HALO_DTYPE_H
#define HG_KERNELS_HALO_DTYPE_H

#include "base/types.h"

enum hg_halo_dtype { HG_HALO_REAL, HG_HALO_BF16, HG_HALO_DTYPES };

/** Room that n numbers of a row take, counted in hg_real; n is a multiple of 8. */
static inline int64_t hg_halo_room(enum hg_halo_dtype type, int64_t n)
{
    /* pairs of vectors of eight (kernels/halo_vectors.h) */
    return type == HG_HALO_BF16 ? (n + 15) / 16 * (32 / (int64_t)sizeof(hg_real)) : n;
}

/** Keeps the rows of x, its columns padded with zeros to whole vectors, one after the other. Local. */
typedef void hg_rows_keep_fn(struct hg_mat x, hg_real *rows);

#endif
