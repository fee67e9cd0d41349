#include "kernels/head_layout.h"
#include "kernels/kernels.h"
#include <string.h>

enum { CHUNK = 64 }; /* columns of T that are computed at a time */

static int64_t columns_of(const struct hg_attention_outputs *outputs)
{
    return (int64_t)(outputs->concat ? outputs->heads : 1) * outputs->width;
}

/* Copies those of columns [first, first + n) of concat_h O that belong to a group. */
static void copy_columns(const struct hg_head_group *group, int64_t width, const hg_real *o, int64_t first,
                         int64_t n, hg_real *t)
{
    const int64_t begin = group->first * width, end = begin + group->count * width,
                  from = hg_max_i64(first, begin), to = hg_min_i64(first + n, end);
    if (from < to) memcpy(t + from - first, o + group->place + from - begin, (size_t)(to - from) * sizeof *t);
}

/* t_f += sum_h O[f, h] over the heads of a group, for columns [first, first + n) */
static void add_heads(const struct hg_head_group *group, const hg_real *o, int64_t first, int n, hg_real *t)
{
    const hg_real *row = o + group->place + first * group->count;
    for (int k = 0; k < n; k++)
        for (int h = 0; h < group->count; h++) t[k] += row[k * group->count + h];
}

/* Columns [first, first + n), n <= CHUNK, of concat_h O or mean_h O */
static void join_heads(const struct hg_attention_outputs *outputs, const hg_real *o, int64_t first, int n,
                       hg_real *t)
{
    if (!outputs->concat) memset(t, 0, (size_t)n * sizeof *t);
    for (int g = 0; g < outputs->groups; g++)
        if (outputs->concat)
            copy_columns(&outputs->group[g], outputs->width, o, first, n, t);
        else
            add_heads(&outputs->group[g], o, first, n, t);
    for (int k = 0; k < n && !outputs->concat && outputs->heads > 1; k++) t[k] /= (hg_real)outputs->heads;
}

/* T of row i and columns [first, first + n): o_c + (residual_c + bias_c) */
static void before_activation(const struct hg_attention_outputs *outputs, int64_t i, int64_t first, int n,
                              hg_real *restrict t)
{
    const hg_real *residual = outputs->residual, *bias = outputs->bias;
    join_heads(outputs, outputs->o + i * outputs->stride, first, n, t);
    if (residual != NULL) residual += i * columns_of(outputs) + first;
    if (bias != NULL) bias += first;
    const hg_real *one = residual != NULL ? residual : bias, *two = residual != NULL ? bias : NULL;
    if (two != NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] += one[k] + two[k];
    } else if (one != NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] += one[k];
    }
}

/* y = act(t) of n numbers */
static void activate(enum hg_activation activation, int n, const hg_real *restrict t, hg_real *restrict y)
{
    switch (activation) {
#define ACTIVATE(NAME, name, ...)                                                                            \
    case HG_##NAME:                                                                                          \
        HG_SIMD                                                                                              \
        for (int k = 0; k < n; k++) y[k] = hg_##name(t[k]);                                                  \
        break;
        HG_ACTIVATION_LIST(ACTIVATE, )
#undef ACTIVATE
    case HG_ACTIVATIONS:
        break;
    }
}

/* dy = act'(t) dy of n numbers */
static void activate_backward(enum hg_activation activation, int n, const hg_real *restrict t,
                              hg_real *restrict dy)
{
    switch (activation) {
#define ACTIVATE(NAME, name, ...)                                                                            \
    case HG_##NAME:                                                                                          \
        HG_SIMD                                                                                              \
        for (int k = 0; k < n; k++) dy[k] = hg_##name##_backward(dy[k], t[k]);                               \
        break;
        HG_ACTIVATION_LIST(ACTIVATE, )
#undef ACTIVATE
    case HG_ACTIVATIONS:
        break;
    }
}

void HG_KERNEL(outputs)(const struct hg_attention_outputs *outputs, int64_t first, int64_t end, hg_real *y)
{
    const int64_t out = columns_of(outputs);
    for (int64_t i = first; i < end; i++, y += out) {
        for (int64_t c = 0; c < out; c += CHUNK) {
            const int n = (int)hg_min_i64(CHUNK, out - c);
            hg_real t[CHUNK];
            before_activation(outputs, i, c, n, t);
            activate(outputs->activation, n, t, y + c);
        }
    }
}

/* dL/dT of row i replaces dy. */
static void row_backward(const struct hg_attention_outputs *outputs, int64_t i, int64_t out, hg_real *dy)
{
    for (int64_t c = 0; outputs->activation != HG_IDENTITY && c < out; c += CHUNK) {
        const int n = (int)hg_min_i64(CHUNK, out - c);
        hg_real t[CHUNK];
        before_activation(outputs, i, c, n, t);
        activate_backward(outputs->activation, n, t, dy + c);
    }
}

void HG_KERNEL(outputs_backward)(const struct hg_attention_outputs *outputs, int64_t first, int64_t end,
                                 hg_real *dy, double *dbias)
{
    const int64_t out = columns_of(outputs);
    const hg_real share = 1 / (hg_real)outputs->heads;
    for (int64_t i = first; i < end; i++, dy += out) {
        row_backward(outputs, i, out, dy);
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dbias[c] += (double)dy[c];
        if (outputs->residual != NULL) memcpy(outputs->residual + i * out, dy, (size_t)out * sizeof *dy);
        if (outputs->concat) continue;
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dy[c] *= share;
    }
}
