/** Element-wise kernels over a cell's rows, and small dots. */
#ifndef HG_KERNELS_POINTWISE_H
#define HG_KERNELS_POINTWISE_H

#include "base/rng.h"
#include "base/types.h"

enum hg_activation { HG_ELU, HG_RELU, HG_IDENTITY };

/** <a, b> over n, summed in eight lanes that depend on n alone: the same bits wherever the row lives. */
static inline hg_real hg_dot(const hg_real *a, const hg_real *b, int n)
{
    hg_real lane[8] = {0};
    int k = 0;
    for (; k + 8 <= n; k += 8)
        for (int l = 0; l < 8; l++) lane[l] += a[k + l] * b[k + l];
    for (int l = 0; k + l < n; l++) lane[l] += a[k + l] * b[k + l];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/** out = drop(x) for rows [first, end): x [rows, n]; out [end - first, n] starts at row `first`. Element (i, f) is decided
 *  by the draw (imported[i], f / 8). out may be x's own rows. Local. */
void hg_drop_rows(struct hg_mat x, hg_lid first, hg_lid end, const hg_gid *imported, struct hg_dropout drop,
                  hg_real *out);

/** y = act(y + bias) for the `rows` rows of y; bias [cols] may be NULL. ELU with alpha = 1 (Clevert et al. 2016). Local. */
void hg_bias_activate(struct hg_mat y, const hg_real *bias, enum hg_activation activation);

/** g *= act'(y), told from the activation's value x = act(y). g, x [rows, cols]. Local. */
void hg_activate_backward(struct hg_mat g, const hg_real *x, enum hg_activation activation);

/** sum[c] += sum over rows of g[., c], in float64. Local. */
void hg_column_sums(struct hg_mat g, double *sum);

#endif
