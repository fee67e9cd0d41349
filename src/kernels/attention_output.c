#include "kernels/head_layout.h"
#include "kernels/kernels.h"
#include <string.h>

enum { CHUNK = 64 }; /* columns of T that are computed at a time */

static int64_t columns_of(const struct hg_attention_outputs *outputs)
{
    return (int64_t)(outputs->concat ? outputs->heads : 1) * outputs->width;
}

/* Columns [first, first + n) of a row of concat_h O or mean_h O. */
struct chunk {
    int64_t first;
    int n, group;     /* `group`: with concatenated heads, the group that they belong to */
    const hg_real *o; /* [n] */
};

/* Columns [first, first + n) of mean_h O, of the row at o; they are written to t, which is returned. */
static const hg_real *average(const struct hg_attention_outputs *outputs, const hg_real *o, int64_t first,
                              int n, hg_real *t)
{
    memset(t, 0, (size_t)n * sizeof *t);
    for (int g = 0; g < outputs->groups; g++) {
        const int count = outputs->group[g].count;
        const hg_real *from = o + outputs->group[g].place + first * count;
        for (int k = 0; k < n; k++)
            for (int h = 0; h < count; h++) t[k] += from[k * count + h];
    }
    for (int k = 0; k < n; k++) t[k] /= (hg_real)outputs->heads;
    return t;
}

/* The next columns of row i, which belong to one group; false after the last. The first call has n = 0. t [CHUNK] is
 * memory for them. */
HG_INLINE bool next_chunk(const struct hg_attention_outputs *outputs, int64_t i, struct chunk *chunk,
                          hg_real *t)
{
    const hg_real *o = outputs->o + i * outputs->stride;
    const struct hg_head_group *group = &outputs->group[chunk->group];
    const int64_t width = outputs->width;
    chunk->first += chunk->n;
    if (outputs->concat && chunk->first == (group->first + group->count) * width) {
        group++;
        chunk->group++;
    }
    if (chunk->group == outputs->groups || chunk->first == columns_of(outputs)) return false;
    const int64_t end = outputs->concat ? (group->first + group->count) * width : width;
    chunk->n = (int)hg_min_i64(CHUNK, end - chunk->first);
    chunk->o = outputs->concat ? o + group->place + chunk->first - group->first * width
                               : average(outputs, o, chunk->first, chunk->n, t);
    return true;
}

/* T of row i and a chunk's columns: o_c + (residual_c + bias_c). The cases are outside the loops, so that compilers
 * vectorise the loops. */
HG_INLINE void before_activation(const struct hg_attention_outputs *outputs, int64_t i,
                                 const struct chunk *chunk, hg_real *t)
{
    const int n = chunk->n;
    const hg_real *o = chunk->o, *bias = outputs->bias != NULL ? outputs->bias + chunk->first : NULL,
                  *residual = outputs->residual != NULL
                                  ? outputs->residual + i * columns_of(outputs) + chunk->first
                                  : NULL;
    const hg_real *one = residual != NULL ? residual : bias, *two = residual != NULL ? bias : NULL;
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
    for (int64_t i = first; i < end; i++, y += columns_of(outputs)) {
        struct chunk chunk = {.first = 0};
        hg_real t[CHUNK];
        while (next_chunk(outputs, i, &chunk, t)) {
            before_activation(outputs, i, &chunk, t);
            activate(outputs->activation, chunk.n, t, y + chunk.first);
        }
    }
}

/* dL/dT of row i replaces dy. */
static void row_backward(const struct hg_attention_outputs *outputs, int64_t i, hg_real *dy)
{
    struct chunk chunk = {.first = 0};
    hg_real t[CHUNK];
    while (next_chunk(outputs, i, &chunk, t)) {
        before_activation(outputs, i, &chunk, t);
        activate_backward(outputs->activation, chunk.n, t, dy + chunk.first);
    }
}

void HG_KERNEL(outputs_backward)(const struct hg_attention_outputs *outputs, int64_t first, int64_t end,
                                 hg_real *dy, double *dbias)
{
    const int64_t out = columns_of(outputs);
    const hg_real share = 1 / (hg_real)outputs->heads;
    for (int64_t i = first; i < end; i++, dy += out) {
        if (outputs->activation != HG_IDENTITY) row_backward(outputs, i, dy);
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dbias[c] += (double)dy[c];
        if (outputs->residual != NULL) memcpy(outputs->residual + i * out, dy, (size_t)out * sizeof *dy);
        if (outputs->concat) continue;
        HG_SIMD
        for (int64_t c = 0; c < out; c++) dy[c] *= share;
    }
}
