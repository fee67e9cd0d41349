#include "kernels/head_layout.h"
#include "kernels/kernels.h"
#include <string.h>

enum { CHUNK = 64 }; /* columns of T that are computed at a time */

static int64_t columns_of(const struct hg_attention_outputs *outputs)
{
    return (int64_t)(outputs->concat ? outputs->heads : 1) * outputs->width;
}

/* A block of columns of T whose terms lie together: the columns of one group, or all where heads are averaged. */
struct block {
    int64_t first, count;               /* columns [first, first + count) of T */
    const hg_real *o, *residual, *bias; /* of the first column; NULL: there is none */
};

static int blocks_of(const struct hg_attention_outputs *outputs)
{
    return outputs->concat ? outputs->groups : 1;
}

/* Block g of row i. */
HG_INLINE struct block block_of(const struct hg_attention_outputs *outputs, int64_t i, int g)
{
    const struct hg_head_group *group = &outputs->group[g];
    const int64_t first = (int64_t)group->first * outputs->width;
    return (struct block){
        .first = first,
        .count = (int64_t)(outputs->concat ? group->count : 1) * outputs->width,
        .o = outputs->o + i * outputs->stride + group->place,
        .residual = outputs->residual != NULL ? outputs->residual + i * columns_of(outputs) + first : NULL,
        .bias = outputs->bias != NULL ? outputs->bias + first : NULL,
    };
}

/* mean [n]: columns [first, first + n) of mean_h O, of the row at o */
static void average(const struct hg_attention_outputs *outputs, const hg_real *o, int64_t first, int n,
                    hg_real *mean)
{
    memset(mean, 0, (size_t)n * sizeof *mean);
    for (int g = 0; g < outputs->groups; g++) {
        const int count = outputs->group[g].count;
        const hg_real *from = o + outputs->group[g].place + first * count;
        for (int k = 0; k < n; k++)
            for (int h = 0; h < count; h++) mean[k] += from[k * count + h];
    }
    for (int k = 0; k < n; k++) mean[k] /= (hg_real)outputs->heads;
}

/* t = o + (one + two), of which `one` or both may be missing (NULL). The cases are outside the loops, so that
 * compilers vectorise the loops. */
static void add_terms(const hg_real *restrict o, const hg_real *one, const hg_real *two, int n,
                      hg_real *restrict t)
{
    if (one == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = o[k];
    } else if (two == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = o[k] + one[k];
    } else {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = o[k] + (one[k] + two[k]);
    }
}

/* T of columns [c, c + n) of a block, n <= CHUNK: o_c + (residual_c + bias_c) */
HG_INLINE void before_activation(const struct hg_attention_outputs *outputs, const struct block *block,
                                 int64_t c, int n, hg_real *t)
{
    const hg_real *residual = block->residual, *bias = block->bias, *o = block->o + c;
    const hg_real *one = residual != NULL ? residual : bias, *two = residual != NULL ? bias : NULL;
    hg_real mean[CHUNK];
    if (!outputs->concat) {
        average(outputs, block->o, c, n, mean);
        o = mean;
    }
    add_terms(o, one != NULL ? one + c : NULL, two != NULL ? two + c : NULL, n, t);
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

/* y = act(T) of row i; with `backward`, dL/dT replaces dL/dY in y. `backward` is a constant in each call. */
HG_INLINE void activate_row(const struct hg_attention_outputs *outputs, int64_t i, hg_real *y, bool backward)
{
    for (int g = 0; g < blocks_of(outputs); g++) {
        const struct block block = block_of(outputs, i, g);
        for (int64_t c = 0; c < block.count; c += CHUNK) {
            const int n = (int)hg_min_i64(CHUNK, block.count - c);
            hg_real t[CHUNK];
            before_activation(outputs, &block, c, n, t);
            if (backward)
                activate_backward(outputs->activation, n, t, y + block.first + c);
            else
                activate(outputs->activation, n, t, y + block.first + c);
        }
    }
}

void HG_KERNEL(outputs)(const struct hg_attention_outputs *outputs, int64_t first, int64_t end, hg_real *y)
{
    const int64_t out = columns_of(outputs);
    for (int64_t i = first; i < end; i++, y += out) activate_row(outputs, i, y, false);
}

void HG_KERNEL(outputs_backward)(const struct hg_attention_outputs *outputs, int64_t first, int64_t end,
                                 hg_real *dy, double *dbias)
{
    const int64_t out = columns_of(outputs);
    const hg_real share = 1 / (hg_real)outputs->heads;
    for (int64_t i = first; i < end; i++, dy += out) {
        if (outputs->activation != HG_IDENTITY) activate_row(outputs, i, dy, true);
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dbias[c] += (double)dy[c];
        if (outputs->residual != NULL) memcpy(outputs->residual + i * out, dy, (size_t)out * sizeof *dy);
        if (outputs->concat) continue;
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dy[c] *= share;
    }
}
