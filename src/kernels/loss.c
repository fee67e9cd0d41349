#include "base/simd.h"
#include "kernels/exp.h"
#include "kernels/kernels.h"

#include <math.h>
#include <string.h>

/* Sums over the columns of a row are summed in eight lanes, so that their order depends on the number of
 * columns alone. */
typedef double lanes[HG_LANES];

static inline double total_of(const lanes lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* ---- softmax ---- */

/* max_c o_c. A NaN may be missed here; it reaches the loss through the sum of exponentials. */
static inline double largest(const hg_real *out, int64_t classes)
{
    hg_real lane[HG_LANES], max;
    int64_t c = 0;
    for (int l = 0; l < HG_LANES; l++) lane[l] = out[0];
    for (; c + HG_LANES <= classes; c += HG_LANES) {
        HG_SIMD
        for (int l = 0; l < HG_LANES; l++) lane[l] = out[c + l] > lane[l] ? out[c + l] : lane[l];
    }
    for (int l = 0; c + l < classes; l++) lane[l] = out[c + l] > lane[l] ? out[c + l] : lane[l];
    max = lane[0];
    for (int l = 1; l < HG_LANES; l++) max = lane[l] > max ? lane[l] : max;
    return (double)max;
}

/* Adds `count` <= 8 terms exp(o_c - max) to the lanes of sum; writes them to `exps` unless that is NULL. */
static inline void add_exps(const hg_real *out, int count, double max, lanes sum, hg_real *exps)
{
    lanes e;
    for (int l = 0; l < HG_LANES; l++) e[l] = l < count ? (double)out[l] - max : -(double)INFINITY;
    HG_SIMD
    for (int l = 0; l < HG_LANES; l++) {
        e[l] = hg_exp_f64(e[l]);
        sum[l] += e[l];
    }
    for (int l = 0; l < count && exps != NULL; l++) exps[l] = (hg_real)e[l];
}

static inline double sum_exps(const hg_real *out, int64_t classes, double max, hg_real *exps)
{
    lanes sum = {0};
    int64_t c = 0;
    for (; c + HG_LANES <= classes; c += HG_LANES)
        add_exps(out + c, HG_LANES, max, sum, exps != NULL ? exps + c : NULL);
    if (c < classes) add_exps(out + c, (int)(classes - c), max, sum, exps != NULL ? exps + c : NULL);
    return total_of(sum);
}

/* Is class y the first with the largest output? */
static inline bool predicted(const hg_real *out, int32_t y, double max)
{
    int before = 0;
    for (int32_t c = 0; c < y; c++) before += (double)out[c] == max;
    return before == 0 && (double)out[y] == max;
}

static inline void softmax_row(const hg_real *out, int64_t classes, int32_t y, double scale, hg_real *grad,
                               double *sum)
{
    const double max = largest(out, classes), total = sum_exps(out, classes, max, grad);
    if (sum != NULL) {
        const bool right = predicted(out, y, max);
        sum[HG_SUM_LOSS] += hg_log1p_f64(total - 1) + max - (double)out[y];
        sum[HG_SUM_COUNT] += 1;
        /* every wrong prediction is one false positive and one false negative: micro-F1 equals accuracy */
        sum[right ? HG_SUM_TP : HG_SUM_FP] += 1;
        sum[HG_SUM_FN] += !right;
    }
    if (grad == NULL) return;
    /* d loss / d o_c = softmax_c - [c = y]: the difference in float64, as softmax_y may be nearly 1 */
    const hg_real factor = (hg_real)(scale / total);
    for (int64_t c = 0; c < classes; c++) grad[c] *= factor;
    grad[y] = (hg_real)(scale * (hg_exp_f64((double)out[y] - max) / total - 1));
}

/* The prediction is the first class with the largest output; outputs that are all NaN have none. */
static void count_row(const hg_real *out, int64_t classes, int32_t y, struct hg_class_count *count)
{
    const double max = largest(out, classes);
    int64_t first = 0;
    while (first < classes && (double)out[first] != max) first++;
    count[y].labelled++;
    if (first < classes) count[first].predicted++;
    count[y].right += first == y;
}

void HG_KERNEL(loss_softmax)(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum)
{
    const int32_t *y = rows->target;
    const int64_t classes = rows->out.cols;
    for (int64_t i = 0; i < rows->out.rows; i++) {
        const hg_real *out = rows->out.data + i * classes;
        hg_real *g = grad != NULL ? grad + i * classes : NULL;
        const bool used = rows->mask[i] && y[i] >= 0;
        if (used)
            softmax_row(out, classes, y[i], scale, g, sum);
        else if (g != NULL)
            memset(g, 0, (size_t)classes * sizeof *g);
        if (used && rows->count != NULL) count_row(out, classes, y[i], rows->count);
    }
}

/* ---- binary ---- */

/* Sums over entries: of the loss, and numbers of entries that are present, that have label 1, are predicted 1,
 * or both. */
struct tally {
    lanes loss, used, label, positive, both;
};

/* The next `count` <= 8 entries of a row. */
static inline void binary_entries(const hg_real *out, const uint8_t *y, int count, double scale,
                                  hg_real *grad, struct tally *tally)
{
    lanes o = {0}, used = {0}, label = {0}, slope;
    for (int l = 0; l < count; l++) {
        o[l] = y[l] != 255 ? (double)out[l] : 0;
        used[l] = y[l] != 255;
        label[l] = y[l] == 1;
    }
    HG_SIMD
    for (int l = 0; l < HG_LANES; l++) {
        const double small = hg_exp_f64(-fabs(o[l])), positive = o[l] > 0 ? used[l] : 0;
        const double loss = hg_log1p_f64(small) + (o[l] > 0 ? o[l] : 0) - o[l] * label[l];
        tally->loss[l] += used[l] * loss;
        tally->used[l] += used[l];
        tally->label[l] += label[l];
        tally->positive[l] += positive;
        tally->both[l] += label[l] * positive;
        /* d loss / d o = sigmoid(o) - y */
        slope[l] = used[l] * scale * ((o[l] > 0 ? 1 : small) / (1 + small) - label[l]);
    }
    for (int l = 0; l < count && grad != NULL; l++) grad[l] = (hg_real)slope[l];
}

static inline void binary_row(const hg_real *out, const uint8_t *y, int64_t cols, double scale, hg_real *grad,
                              double *sum)
{
    struct tally tally = {{0}, {0}, {0}, {0}, {0}};
    int64_t c = 0;
    for (; c + HG_LANES <= cols; c += HG_LANES)
        binary_entries(out + c, y + c, HG_LANES, scale, grad != NULL ? grad + c : NULL, &tally);
    if (c < cols)
        binary_entries(out + c, y + c, (int)(cols - c), scale, grad != NULL ? grad + c : NULL, &tally);
    if (sum == NULL) return;
    const double used = total_of(tally.used), label = total_of(tally.label),
                 positive = total_of(tally.positive), both = total_of(tally.both);
    sum[HG_SUM_LOSS] += total_of(tally.loss);
    sum[HG_SUM_COUNT] += used;
    sum[HG_SUM_TP] += both;
    sum[HG_SUM_FP] += positive - both;
    sum[HG_SUM_FN] += label - both;
    sum[HG_SUM_TN] += used - label - positive + both;
}

void HG_KERNEL(loss_binary)(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum)
{
    const uint8_t *y = rows->target;
    const int64_t cols = rows->out.cols;
    for (int64_t i = 0; i < rows->out.rows; i++) {
        hg_real *g = grad != NULL ? grad + i * cols : NULL;
        if (rows->mask[i])
            binary_row(rows->out.data + i * cols, y + i * cols, cols, scale, g, sum);
        else if (g != NULL)
            memset(g, 0, (size_t)cols * sizeof *g);
    }
}

/* ---- squared ---- */

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
