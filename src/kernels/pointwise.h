/** Element-wise kernels over a cell's rows. */
#ifndef HG_KERNELS_POINTWISE_H
#define HG_KERNELS_POINTWISE_H

#include "base/rng.h"
#include "base/types.h"

enum hg_activation { HG_ELU, HG_RELU, HG_IDENTITY };

/** out = drop(x) of the n values of node `id`: value k is decided by the draw (id, k / 8). out may be x. `also` (NULL: none), n values,
 *  loses the same ones in place. Local. */
typedef void hg_drop_values_fn(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop,
                               hg_real *out, hg_real *also);

/** out = drop(x) for the rows of x, whose nodes are imported[0..rows); out and also [rows, n] as in hg_drop_values. Local. */
typedef void hg_drop_rows_fn(struct hg_mat x, const hg_gid *imported, const struct hg_dropout *drop,
                             hg_real *out, hg_real *also);

/** y = act(y + bias) for the `rows` rows of y; bias [cols] may be NULL. ELU with alpha = 1 (Clevert et al. 2016). Local. */
typedef void hg_bias_activate_fn(struct hg_mat y, const hg_real *bias, enum hg_activation activation);

/** g *= act'(y), told from the activation's value x = act(y). g, x [rows, cols]. Local. */
typedef void hg_activate_backward_fn(struct hg_mat g, const hg_real *x, enum hg_activation activation);

/** sum[c] += sum over rows of g[., c], in float64. Local. */
typedef void hg_column_sums_fn(struct hg_mat g, double *sum);

#endif
