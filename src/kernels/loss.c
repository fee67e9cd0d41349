#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

static void softmax_row(const hg_real *out, int64_t classes, int32_t y, double scale, hg_real *grad,
                        double *sum)
{
    int64_t best = 0;
    for (int64_t c = 1; c < classes; c++) best = out[c] > out[best] ? c : best;
    const double max = (double)out[best];
    double total = 0;
    for (int64_t c = 0; c < classes; c++) total += exp((double)out[c] - max);
    if (sum != NULL) {
        sum[HG_SUM_LOSS] += log(total) + max - (double)out[y];
        sum[HG_SUM_COUNT] += 1;
        /* every wrong prediction is one false positive and one false negative: micro-F1 equals accuracy */
        sum[best == y ? HG_SUM_TP : HG_SUM_FP] += 1;
        sum[HG_SUM_FN] += best != y;
    }
    /* d loss / d o_c = softmax_c - [c = y] */
    if (grad != NULL)
        for (int64_t c = 0; c < classes; c++)
            grad[c] = (hg_real)(scale * (exp((double)out[c] - max) / total - (c == y)));
}

void HG_KERNEL(loss_softmax)(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum)
{
    const int32_t *y = rows->target;
    const int64_t classes = rows->out.cols;
    for (int64_t i = 0; i < rows->out.rows; i++) {
        hg_real *g = grad != NULL ? grad + i * classes : NULL;
        if (rows->mask[i] && y[i] >= 0)
            softmax_row(rows->out.data + i * classes, classes, y[i], scale, g, sum);
        else if (g != NULL)
            memset(g, 0, (size_t)classes * sizeof *g);
    }
}

void HG_KERNEL(loss_binary)(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum)
{
    static const enum hg_sum outcome[2][2] = {{HG_SUM_TN, HG_SUM_FP}, {HG_SUM_FN, HG_SUM_TP}};
    const uint8_t *y = rows->target;
    const int64_t cols = rows->out.cols;
    for (int64_t k = 0; k < rows->out.rows * cols; k++) {
        const bool used = rows->mask[k / cols] && y[k] != 255;
        const double o = (double)rows->out.data[k], small = exp(-fabs(o));
        if (used && sum != NULL) {
            sum[HG_SUM_LOSS] += log1p(small) + (o > 0 ? o : 0) - o * y[k];
            sum[HG_SUM_COUNT] += 1;
            sum[outcome[y[k]][o > 0]] += 1;
        }
        /* d loss / d o = sigmoid(o) - y */
        if (grad != NULL) grad[k] = used ? (hg_real)(scale * ((o > 0 ? 1 : small) / (1 + small) - y[k])) : 0;
    }
}

void HG_KERNEL(loss_squared)(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum)
{
    const hg_real *y = rows->target;
    const int64_t cols = rows->out.cols;
    for (int64_t k = 0; k < rows->out.rows * cols; k++) {
        const bool used = rows->mask[k / cols] && !isnan(y[k]);
        const double error = used ? (double)rows->out.data[k] - (double)y[k] : 0;
        if (used && sum != NULL) {
            const double shown = rows->unit != NULL ? error * rows->unit[k % cols] : error;
            sum[HG_SUM_LOSS] += error * error;
            sum[HG_SUM_COUNT] += 1;
            sum[HG_SUM_ABS] += fabs(shown);
            sum[HG_SUM_SQUARE] += shown * shown;
        }
        if (grad != NULL) grad[k] = (hg_real)(scale * 2 * error);
    }
}
