#include "kernels/exp.h"
#include "kernels/kernels.h"
#include "kernels/lanes.h"
#include <string.h>

enum { BLOCK = 32 /* rows whose parts of a sum are added before they go to float64 */ };

/* Sums over a row for each lane. */
struct dots {
    hg_vec lane[HG_MAX_LANES / HG_LANES];
};

HG_INLINE void dots_zero(struct dots *dots, int lanes)
{
    for (int v = 0; v < hg_lane_vectors(lanes); v++) dots->lane[v] = (hg_vec){0};
}

HG_INLINE void dots_add(struct dots *dots, int t, int lanes, hg_vec a, hg_vec b)
{
    dots->lane[lanes <= HG_LANES ? 0 : t % hg_lane_vectors(lanes)] += a * b;
}

/* One number per head. */
HG_INLINE void dots_sum(struct dots *dots, int heads, int lanes, hg_real *per_head)
{
    hg_real *v = (hg_real *)dots->lane;
    hg_lanes_sum(v, heads, lanes, v);
    memcpy(per_head, v, (size_t)heads * sizeof *per_head);
}

static int row_vectors(struct hg_heads heads)
{
    return (int)(hg_row_stride((int64_t)heads.count * heads.width) / HG_LANES);
}

/* out[h] = sum_f a[f, h] z[f, h] */
HG_INLINE void head_dots(const hg_real *a, const hg_real *z, int vectors, hg_real *out, int heads, int lanes)
{
    struct dots dots;
    dots_zero(&dots, lanes);
    for (int t = 0; t < vectors; t++)
        dots_add(&dots, t, lanes, *(const hg_vec *)(a + t * HG_LANES), *(const hg_vec *)(z + t * HG_LANES));
    dots_sum(&dots, heads, lanes, out);
}

HG_INLINE void scores(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int heads,
                      int lanes)
{
    const int vectors = row_vectors(nodes->heads);
    for (int64_t i = first; i < end; i++) {
        const hg_real *z = nodes->z + i * vectors * HG_LANES;
        head_dots(nodes->a_src, z, vectors, nodes->p + i * heads, heads, lanes);
        if (nodes->q != NULL) head_dots(nodes->a_dst, z, vectors, nodes->q + i * heads, heads, lanes);
    }
}

void HG_KERNEL(nodes_scores)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    HG_BY_HEADS(scores, nodes->heads.count, nodes, first, end);
}

/* NaN stays NaN: divergence must reach the loss */
HG_INLINE hg_real activate(hg_real y, enum hg_activation activation)
{
    if (activation == HG_ELU) return y > 0 ? y : hg_expm1(y > 0 ? 0 : y);
    if (activation == HG_RELU) return y < 0 ? 0 : y;
    return y;
}

/* o_c, or the mean of the heads' */
HG_INLINE hg_real head_mean(const hg_real *o, int64_t c, int averaged)
{
    hg_real sum = o[c * averaged];
    for (int h = 1; h < averaged; h++) sum += o[c * averaged + h];
    return averaged > 1 ? sum / (hg_real)averaged : sum;
}

/* y_c = act(o_c + residual_c + bias_c); `averaged` heads make one column */
HG_INLINE void combine(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                       enum hg_activation activation, int averaged)
{
    const int64_t stride = (int64_t)row_vectors(nodes->heads) * HG_LANES;
    const int64_t out = (int64_t)nodes->heads.count * nodes->heads.width / averaged;
    const hg_real *bias = nodes->bias;
    for (int64_t i = first; i < end; i++) {
        const hg_real *o = nodes->o + i * stride;
        hg_real *restrict y = nodes->y + i * out;
        HG_SIMD
        for (int64_t c = 0; c < out; c++) {
            const hg_real base = (nodes->residual ? y[c] : 0) + (bias != NULL ? bias[c] : 0);
            y[c] = activate(head_mean(o, c, averaged) + base, activation);
        }
    }
}

void HG_KERNEL(nodes_combine)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    const int averaged = nodes->concat ? 1 : nodes->heads.count;
    if (averaged > 1)
        combine(nodes, first, end, nodes->activation, averaged);
    else if (nodes->activation == HG_ELU)
        combine(nodes, first, end, HG_ELU, 1);
    else if (nodes->activation == HG_RELU)
        combine(nodes, first, end, HG_RELU, 1);
    else
        combine(nodes, first, end, HG_IDENTITY, 1);
}

/* dY *= act'(Y), told from Y: of ELU exp(y) = Y + 1 where Y <= 0 */
HG_INLINE hg_real activate_backward(hg_real dy, hg_real y, enum hg_activation activation)
{
    if (activation == HG_ELU) return y > 0 ? dy : dy * (y + 1);
    if (activation == HG_RELU) return y > 0 ? dy : 0;
    return dy;
}

HG_INLINE void open_outputs(const struct hg_attention_nodes *nodes, int64_t i, int64_t out,
                            hg_real *restrict g, double *restrict dbias, enum hg_activation activation)
{
    const hg_real share = nodes->concat ? 1 : 1 / (hg_real)nodes->heads.count, *y = nodes->y + i * out;
    hg_real *restrict dy = nodes->dy + i * out;
    HG_SIMD
    for (int64_t c = 0; c < out; c++) {
        dy[c] = activate_backward(dy[c], y[c], activation);
        dbias[c] += (double)dy[c];
        g[c] = share * dy[c];
    }
    for (int64_t c = out; c < hg_row_stride(out); c++) g[c] = 0;
}

/* The scalars of the row, and dq_i */
HG_INLINE void open_scalars(const struct hg_attention_nodes *nodes, int64_t i, const hg_real *g,
                            hg_real *scalars, int heads, int lanes)
{
    const int vectors = row_vectors(nodes->heads);
    const int64_t at = i * vectors * HG_LANES;
    hg_real plus[HG_MAX_HEADS], *d = scalars + 3 * heads;
    struct dots with_o, with_plus;
    dots_zero(&with_o, lanes);
    dots_zero(&with_plus, lanes);
    for (int t = 0; t < vectors; t++) {
        const hg_vec part = hg_shared_vector(g, t, !nodes->concat, heads);
        dots_add(&with_o, t, lanes, part, *(const hg_vec *)(nodes->o + at + t * HG_LANES));
        dots_add(&with_plus, t, lanes, part, *(const hg_vec *)(nodes->o_plus + at + t * HG_LANES));
    }
    dots_sum(&with_o, heads, lanes, d);
    dots_sum(&with_plus, heads, lanes, plus);
    HG_SIMD
    for (int h = 0; h < heads; h++) {
        const int64_t k = i * heads + h;
        scalars[h] = nodes->q[k];
        scalars[heads + h] = nodes->max[k];
        scalars[2 * heads + h] = nodes->inv_sum[k];
        nodes->dq[k] = (1 - nodes->heads.slope) * (plus[h] - d[h] * nodes->alpha_plus[k]);
    }
}

HG_INLINE void open_rows(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, double *dbias,
                         int heads, int lanes)
{
    const int64_t out = nodes->concat ? (int64_t)heads * nodes->heads.width : nodes->heads.width;
    const int64_t stride = hg_target_stride(out, heads), scalars = hg_row_stride(out);
    for (int64_t i = first; i < end; i++) {
        hg_real *g = nodes->targets + i * stride;
        if (nodes->activation == HG_ELU)
            open_outputs(nodes, i, out, g, dbias, HG_ELU);
        else if (nodes->activation == HG_RELU)
            open_outputs(nodes, i, out, g, dbias, HG_RELU);
        else
            open_outputs(nodes, i, out, g, dbias, HG_IDENTITY);
        open_scalars(nodes, i, g, g + scalars, heads, lanes);
    }
}

void HG_KERNEL(nodes_open)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, double *dbias)
{
    HG_BY_HEADS(open_rows, nodes->heads.count, nodes, first, end, dbias);
}

/* dZ and the sums' parts for vector t of a block of rows */
HG_INLINE void close_vector(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int t,
                            hg_vec sum[2], int heads, int lanes)
{
    const int64_t stride = (int64_t)row_vectors(nodes->heads) * HG_LANES;
    const hg_vec src = *(const hg_vec *)(nodes->a_src + t * HG_LANES),
                 dst = *(const hg_vec *)(nodes->a_dst + t * HG_LANES);
    sum[0] = sum[1] = (hg_vec){0};
    for (int64_t j = first; j < end; j++) {
        const hg_vec dp = hg_head_vector(nodes->dp + j * heads, t, heads, lanes),
                     dq = hg_head_vector(nodes->dq + j * heads, t, heads, lanes);
        const hg_vec z = *(const hg_vec *)(nodes->z + j * stride + t * HG_LANES);
        hg_vec *dz = (hg_vec *)(nodes->dz + j * stride + t * HG_LANES);
        *dz += dp * src + dq * dst;
        sum[0] += dp * z;
        sum[1] += dq * z;
    }
}

HG_INLINE void close_rows(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, double *da_src,
                          double *da_dst, int heads, int lanes)
{
    const int vectors = row_vectors(nodes->heads);
    for (int64_t block = first; block < end; block += BLOCK) {
        for (int t = 0; t < vectors; t++) {
            hg_vec sum[2];
            close_vector(nodes, block, hg_min_i64(block + BLOCK, end), t, sum, heads, lanes);
            for (int l = 0; l < HG_LANES; l++) {
                da_src[t * HG_LANES + l] += (double)sum[0][l];
                da_dst[t * HG_LANES + l] += (double)sum[1][l];
            }
        }
    }
}

void HG_KERNEL(nodes_close)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                            double *da_src, double *da_dst)
{
    HG_BY_HEADS(close_rows, nodes->heads.count, nodes, first, end, da_src, da_dst);
}
