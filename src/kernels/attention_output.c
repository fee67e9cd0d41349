#include "kernels/attention_output.h"

enum { CHUNK = 64 }; /* columns of T that are computed at a time */

/* Column c of concat_h O (averaged = 1) or of mean_h O (averaged = K) */
HG_INLINE hg_real head_mean(const hg_real *o, int64_t c, int averaged)
{
    hg_real sum = o[c * averaged];
    for (int h = 1; h < averaged; h++) sum += o[c * averaged + h];
    return averaged > 1 ? sum / (hg_real)averaged : sum;
}

/* The terms of a row of T */
struct row {
    const hg_real *o, *residual, *bias;
    int64_t out;
    int averaged; /* heads that are averaged into one column: 1 or K */
};

HG_INLINE struct row row_of(const struct hg_attention_nodes *nodes, int64_t i)
{
    const int averaged = nodes->concat ? 1 : nodes->heads.count;
    const int64_t out = (int64_t)nodes->heads.count * nodes->heads.width / averaged;
    const hg_real *residual = nodes->residual != NULL ? nodes->residual + i * out : NULL;
    return (struct row){hg_nodes_target(nodes, i) + hg_target_scalars(nodes->heads.count), residual,
                        nodes->bias, out, averaged};
}

/* T of columns [first, first + n), n <= CHUNK: o_c + (residual_c + bias_c). The cases are outside the loops, so
 * that compilers vectorise the loops. */
HG_INLINE void add_row(struct row row, int64_t first, int n, hg_real *restrict t, int averaged)
{
    const hg_real *first_term = row.residual != NULL ? row.residual : row.bias, *o = row.o;
    const hg_real *second_term = row.residual != NULL ? row.bias : NULL;
    if (first_term == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = head_mean(o, first + k, averaged);
    } else if (second_term == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = head_mean(o, first + k, averaged) + first_term[first + k];
    } else {
        HG_SIMD
        for (int k = 0; k < n; k++)
            t[k] = head_mean(o, first + k, averaged) + (first_term[first + k] + second_term[first + k]);
    }
}

static void before_activation(struct row row, int64_t first, int n, hg_real *restrict t)
{
    if (row.averaged == 1)
        add_row(row, first, n, t, 1);
    else
        add_row(row, first, n, t, row.averaged);
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

void HG_KERNEL(nodes_output)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, hg_real *y)
{
    for (int64_t i = first; i < end; i++) {
        const struct row row = row_of(nodes, i);
        for (int64_t c = 0; c < row.out; c += CHUNK) {
            const int n = (int)hg_min_i64(CHUNK, row.out - c);
            hg_real t[CHUNK];
            before_activation(row, c, n, t);
            activate(nodes->activation, n, t, y);
            y += n;
        }
    }
}

void HG_KERNEL(nodes_output_backward)(const struct hg_attention_nodes *nodes, int64_t i, hg_real *dy,
                                      double *dbias)
{
    const struct row row = row_of(nodes, i);
    for (int64_t c = 0; nodes->activation != HG_IDENTITY && c < row.out; c += CHUNK) {
        const int n = (int)hg_min_i64(CHUNK, row.out - c);
        hg_real t[CHUNK];
        before_activation(row, c, n, t);
        activate_backward(nodes->activation, n, t, dy + c);
    }
    HG_SIMD
    for (int64_t c = 0; c < row.out; c++) dbias[c] += (double)dy[c];
}
