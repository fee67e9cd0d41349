/** Element-wise kernels over a cell's rows. */
#ifndef HG_KERNELS_POINTWISE_H
#define HG_KERNELS_POINTWISE_H

#include "base/rng.h"
#include "base/types.h"

/** out = drop(x) of the n values of node `id`: value k is decided by the draw (id, k / 8). out may be x. `also`
 *  (NULL: none), n values, loses the same ones in place. Local. */
typedef void hg_drop_values_fn(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop,
                               hg_real *out, hg_real *also);

/** out = drop(x) for the rows of x, whose nodes are imported[0..rows); out and also [rows, n] as in
 *  drop_values. Local. */
typedef void hg_drop_rows_fn(struct hg_mat x, const hg_gid *imported, const struct hg_dropout *drop,
                             hg_real *out, hg_real *also);

#endif
