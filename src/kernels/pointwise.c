#include "kernels/pointwise.h"

#include "kernels/exp.h"

void hg_drop_rows(struct hg_mat x, hg_lid first, hg_lid end, const hg_gid *imported, struct hg_dropout drop,
                  hg_real *out)
{
    const int64_t n = x.cols;
    for (hg_lid i = first; i < end; i++) {
        const hg_real *row = x.data + i * n;
        hg_real *to = out + (i - first) * n;
        for (int64_t f = 0; f < n; f += 8) {
            const struct hg_rng_block block = hg_rng_bits(drop.rng, (uint64_t)imported[i], (uint64_t)f >> 3);
            const int lanes = (int)hg_min_i64(8, n - f);
            hg_real factor[8];
            hg_dropout_factors(&drop, block, factor);
            for (int l = 0; l < lanes; l++) to[f + l] = row[f + l] * factor[l];
        }
    }
}

/* NaN stays NaN: divergence must reach the loss */
static inline hg_real elu(hg_real y) { return y > 0 ? y : hg_expm1(y > 0 ? 0 : y); }

void hg_bias_activate(struct hg_mat y, const hg_real *bias, enum hg_activation activation)
{
    for (int64_t r = 0; r < y.rows; r++) {
        hg_real *row = y.data + r * y.cols;
        if (bias != NULL)
            for (int64_t c = 0; c < y.cols; c++) row[c] += bias[c];
        if (activation == HG_ELU)
            for (int64_t c = 0; c < y.cols; c++) row[c] = elu(row[c]);
        else if (activation == HG_RELU)
            for (int64_t c = 0; c < y.cols; c++) row[c] = row[c] < 0 ? 0 : row[c];
    }
}

void hg_activate_backward(struct hg_mat g, const hg_real *x, enum hg_activation activation)
{
    const int64_t n = g.rows * g.cols;
    /* ELU: y <= 0 gives x = exp(y) - 1, so act' = exp(y) = x + 1 */
    if (activation == HG_ELU)
        for (int64_t k = 0; k < n; k++) g.data[k] *= x[k] > 0 ? 1 : x[k] + 1;
    else if (activation == HG_RELU)
        for (int64_t k = 0; k < n; k++) g.data[k] = x[k] > 0 ? g.data[k] : 0;
}

void hg_column_sums(struct hg_mat g, double *sum)
{
    for (int64_t r = 0; r < g.rows; r++)
        for (int64_t c = 0; c < g.cols; c++) sum[c] += (double)g.data[r * g.cols + c];
}
