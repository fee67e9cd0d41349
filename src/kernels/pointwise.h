/** Element-wise kernels over a cell's rows. */
#ifndef HG_KERNELS_POINTWISE_H
#define HG_KERNELS_POINTWISE_H

#include "base/rng.h"
#include "base/types.h"

enum hg_activation { HG_ELU, HG_RELU, HG_IDENTITY };

/** out = drop(x) of the n values of node `id`: value k is decided by the draw (id, k / 8). out may be x. Local. */
void hg_drop_values(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop, hg_real *out);

/** out = drop(x) for rows [first, end): x [rows, n]; out [end - first, n] starts at row `first`. hg_drop_values of
 *  each row. out may be x's own rows. Local. */
void hg_drop_rows(struct hg_mat x, hg_lid first, hg_lid end, const hg_gid *imported, struct hg_dropout drop,
                  hg_real *out);

/** y = act(y + bias) for the `rows` rows of y; bias [cols] may be NULL. ELU with alpha = 1 (Clevert et al. 2016). Local. */
void hg_bias_activate(struct hg_mat y, const hg_real *bias, enum hg_activation activation);

/** g *= act'(y), told from the activation's value x = act(y). g, x [rows, cols]. Local. */
void hg_activate_backward(struct hg_mat g, const hg_real *x, enum hg_activation activation);

/** sum[c] += sum over rows of g[., c], in float64. Local. */
void hg_column_sums(struct hg_mat g, double *sum);

#endif
