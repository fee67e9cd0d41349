#include "kernels/exp.h"
#include "kernels/kernels.h"

enum { BLOCKS_AT_ONCE = 16 };

/* The draws of values [first, first + 8 * blocks) of a node. */
static inline void draw(uint64_t id, int64_t first, int blocks, const struct hg_dropout *drop,
                        struct hg_rng_block bits[BLOCKS_AT_ONCE])
{
    uint64_t ids[BLOCKS_AT_ONCE], places[BLOCKS_AT_ONCE];
    for (int k = 0; k < BLOCKS_AT_ONCE; k++) {
        ids[k] = id;
        places[k] = (uint64_t)(first >> 3) + (uint64_t)k;
    }
    HG_KERNEL(rng_bits_many)(drop->rng, blocks, ids, places, bits);
}

void HG_KERNEL(drop_values)(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop,
                            hg_real *out, hg_real *also)
{
    struct hg_rng_block bits[BLOCKS_AT_ONCE];
    for (int64_t first = 0; first < n; first += 8 * BLOCKS_AT_ONCE) {
        const int64_t end = hg_min_i64(first + 8 * BLOCKS_AT_ONCE, n);
        draw((uint64_t)id, first, (int)((end - first + 7) / 8), drop, bits);
        for (int64_t f = first; f < end; f += 8) {
            const struct hg_rng_block *block = &bits[(f - first) >> 3];
            const int lanes = (int)hg_min_i64(8, end - f);
            hg_dropout_apply(drop, block, lanes, x + f, out + f);
            if (also != NULL) hg_dropout_apply(drop, block, lanes, also + f, also + f);
        }
    }
}

void HG_KERNEL(drop_rows)(struct hg_mat x, const hg_gid *imported, const struct hg_dropout *drop,
                          hg_real *out, hg_real *also)
{
    for (int64_t i = 0; i < x.rows; i++) {
        const int64_t at = i * x.cols;
        HG_KERNEL(drop_values)
        (x.data + at, x.cols, imported[i], drop, out + at, also != NULL ? also + at : NULL);
    }
}

/* NaN stays NaN: divergence must reach the loss */
static inline hg_real elu(hg_real y)
{
    return y > 0 ? y : hg_expm1(y > 0 ? 0 : y);
}

void HG_KERNEL(bias_activate)(struct hg_mat y, const hg_real *bias, enum hg_activation activation)
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

void HG_KERNEL(activate_backward)(struct hg_mat g, const hg_real *x, enum hg_activation activation)
{
    const int64_t n = g.rows * g.cols;
    /* ELU: y <= 0 gives x = exp(y) - 1, so act' = exp(y) = x + 1 */
    if (activation == HG_ELU)
        for (int64_t k = 0; k < n; k++) g.data[k] *= x[k] > 0 ? 1 : x[k] + 1;
    else if (activation == HG_RELU)
        for (int64_t k = 0; k < n; k++) g.data[k] = x[k] > 0 ? g.data[k] : 0;
}

void HG_KERNEL(column_sums)(struct hg_mat g, double *sum)
{
    for (int64_t r = 0; r < g.rows; r++)
        for (int64_t c = 0; c < g.cols; c++) sum[c] += (double)g.data[r * g.cols + c];
}
