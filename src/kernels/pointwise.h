/** Element-wise kernels over the rows of a cell: feature dropout. */
#ifndef HG_KERNELS_POINTWISE_H
#define HG_KERNELS_POINTWISE_H

#include "base/rng.h"
#include "base/types.h"

/** out = drop(x) for the n values of the node with imported id `id`. 16-bit number k % 8 of block (id, k / 8)
 *  decides about value k. out may be x. The same mask is applied in place to `also` [n], unless it is NULL.
 *  Local. */
typedef void hg_drop_values_fn(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop,
                               hg_real *out, hg_real *also);

/** hg_drop_values_fn for the rows of x, whose nodes have the imported ids imported[0..rows). out and also have the
 *  shape of x. Local. */
typedef void hg_drop_rows_fn(struct hg_mat x, const hg_gid *imported, const struct hg_dropout *drop,
                             hg_real *out, hg_real *also);

#endif
