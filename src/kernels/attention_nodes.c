#include "kernels/halo_vectors.h"
#include "kernels/kernels.h"
#include "kernels/separable_scores.h"
#include <string.h>

enum {
    BLOCK = 32, /* rows whose parts of a sum are added before they go to float64 */
    CHUNK = 64, /* columns of a row before its activation */
};

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
        dots_add(&dots, t, lanes, *(const hg_vec *)(a + t * HG_LANES), hg_row_load(z, t));
    dots_sum(&dots, heads, lanes, out);
}

/* The first n numbers of x, zeros behind them: what follows a row is another's, and may be written by another thread. */
HG_INLINE hg_vec first_numbers(const hg_real *x, int64_t n)
{
    hg_vec v = {0};
    if (n >= HG_LANES) return *(const hg_vec *)x;
    memcpy(&v, x, (size_t)n * sizeof *x);
    return v;
}

void HG_ROW_KERNEL(rows_keep)(struct hg_mat x, hg_real *rows)
{
    const int vectors = (int)(hg_row_stride(x.cols) / HG_LANES);
    for (int64_t i = 0; i < x.rows; i++)
        for (int t = 0; t < vectors; t++)
            hg_row_store(rows + i * hg_row_vectors_room(vectors), t,
                         first_numbers(x.data + i * x.stride + t * HG_LANES, x.cols - t * HG_LANES));
}

/* exp((1 - lambda) p) and exp(lambda p) of rows [first, end), eight numbers at a time. True if all scores are separable. */
HG_INLINE bool source_powers(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int heads)
{
    const hg_real slope = nodes->heads.slope;
    hg_ivec inside = (hg_vec){0} == (hg_vec){0};
    for (int64_t n = first * heads; n < end * heads; n += HG_LANES) {
        const hg_vec p = first_numbers(nodes->p + n, end * heads - n);
        const struct hg_branches powers = hg_exp_branches((1 - slope) * p, slope * p);
        inside &= (p <= HG_SEPARABLE) & (p >= -HG_SEPARABLE);
        if (heads == HG_LANES) {
            *(hg_vec *)(nodes->exp_p + 2 * n) = powers.above;
            *(hg_vec *)(nodes->exp_p + 2 * n + HG_LANES) = powers.below;
            continue;
        }
        for (int l = 0; l < HG_LANES && n + l < end * heads; l++) {
            hg_real *above = nodes->exp_p + (n + l) / heads * 2 * heads + (n + l) % heads;
            above[0] = powers.above[l];
            above[heads] = powers.below[l];
        }
    }
    return hg_all(inside);
}

HG_INLINE bool scores(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int heads,
                      int lanes)
{
    const int vectors = row_vectors(nodes->heads);
    const int64_t stride = hg_target_stride(heads, nodes->heads.width);
    for (int64_t i = first; i < end; i++) {
        const hg_real *z = nodes->z + i * hg_row_vectors_room(vectors);
        head_dots(nodes->a_src, z, vectors, nodes->p + i * heads, heads, lanes);
        if (nodes->targets != NULL)
            head_dots(nodes->a_dst, z, vectors, nodes->targets + i * stride, heads, lanes);
    }
    return nodes->exp_p != NULL && source_powers(nodes, first, end, heads);
}

bool HG_ROW_KERNEL(nodes_scores)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    bool separable;
#define SCORES(...) separable = scores(__VA_ARGS__)
    HG_BY_HEADS(SCORES, nodes->heads.count, nodes, first, end);
#undef SCORES
    return separable;
}

/* o_c, or the mean of the heads' */
HG_INLINE hg_real head_mean(const hg_real *o, int64_t c, int averaged)
{
    hg_real sum = o[c * averaged];
    for (int h = 1; h < averaged; h++) sum += o[c * averaged + h];
    return averaged > 1 ? sum / (hg_real)averaged : sum;
}

/* The row of target i. */
HG_INLINE hg_real *target_of(const struct hg_attention_nodes *nodes, int64_t i)
{
    return nodes->targets + i * hg_target_stride(nodes->heads.count, nodes->heads.width);
}

/* One row before its activation. */
struct row {
    const hg_real *o, *residual, *bias;
    int64_t out;
    int averaged; /* heads that make one column */
};

HG_INLINE struct row row_of(const struct hg_attention_nodes *nodes, int64_t i, int averaged)
{
    const int64_t out = (int64_t)nodes->heads.count * nodes->heads.width / averaged;
    const hg_real *residual = nodes->residual != NULL ? nodes->residual + i * out : NULL;
    return (struct row){target_of(nodes, i) + hg_target_scalars(nodes->heads.count), residual, nodes->bias,
                        out, averaged};
}

/* T of columns [first, first + n), n <= CHUNK: o_c + (residual_c + bias_c). Loops without choices in them become vectors. */
HG_INLINE void before_activation(struct row row, int64_t first, int n, hg_real *restrict t)
{
    const hg_real *one = row.residual != NULL ? row.residual : row.bias, *o = row.o;
    const hg_real *other = row.residual != NULL ? row.bias : NULL;
    if (one == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = head_mean(o, first + k, row.averaged);
    } else if (other == NULL) {
        HG_SIMD
        for (int k = 0; k < n; k++) t[k] = head_mean(o, first + k, row.averaged) + one[first + k];
    } else {
        HG_SIMD
        for (int k = 0; k < n; k++)
            t[k] = head_mean(o, first + k, row.averaged) + (one[first + k] + other[first + k]);
    }
}

HG_INLINE void output_rows(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                           hg_real *restrict y, enum hg_activation activation, int averaged)
{
    for (int64_t i = first; i < end; i++) {
        const struct row row = row_of(nodes, i, averaged);
        for (int64_t c = 0; c < row.out; c += CHUNK) {
            const int n = (int)hg_min_i64(CHUNK, row.out - c);
            hg_real t[CHUNK];
            before_activation(row, c, n, t);
            HG_SIMD
            for (int k = 0; k < n; k++) y[k] = hg_activate(t[k], activation);
            y += n;
        }
    }
}

/* Calls FN(..., activation, averaged) with constants for what is common. */
#define BY_ACTIVATION(NAME, name, FN, nodes, ...)                                                            \
    case HG_##NAME:                                                                                          \
        FN(nodes, __VA_ARGS__, HG_##NAME, 1);                                                                \
        break;
#define BY_OUTPUT(FN, nodes, ...)                                                                            \
    do {                                                                                                     \
        const int averaged_heads = (nodes)->concat ? 1 : (nodes)->heads.count;                               \
        if (averaged_heads > 1) {                                                                            \
            FN(nodes, __VA_ARGS__, (nodes)->activation, averaged_heads);                                     \
            break;                                                                                           \
        }                                                                                                    \
        switch ((nodes)->activation) {                                                                       \
            HG_ACTIVATION_LIST(BY_ACTIVATION, FN, nodes, __VA_ARGS__)                                        \
        default:                                                                                             \
            break;                                                                                           \
        }                                                                                                    \
    } while (0)

void HG_ROW_KERNEL(nodes_output)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                 hg_real *y)
{
    BY_OUTPUT(output_rows, nodes, first, end, y);
}

HG_INLINE void open_outputs(const struct hg_attention_nodes *nodes, int64_t i, hg_real *restrict dys,
                            double *restrict dbiases, enum hg_activation activation, int averaged)
{
    const struct row row = row_of(nodes, i, averaged);
    for (int64_t c = 0; c < row.out; c += CHUNK) {
        hg_real *restrict dy = dys + c;
        double *restrict dbias = dbiases + c;
        const int n = (int)hg_min_i64(CHUNK, row.out - c);
        hg_real t[CHUNK];
        if (activation != HG_IDENTITY) before_activation(row, c, n, t);
        HG_SIMD
        for (int k = 0; k < n; k++) {
            dy[k] = activation == HG_IDENTITY ? dy[k] : hg_activate_backward(dy[k], t[k], activation);
            dbias[k] += (double)dy[k];
        }
    }
}

/* dL/dT becomes G, as rows are kept */
HG_INLINE void round_gradient(const struct hg_attention_nodes *nodes, int64_t out, hg_real *dt)
{
    const hg_real share = nodes->concat ? 1 : 1 / (hg_real)nodes->heads.count;
    for (int64_t c = 0; c < out; c += HG_LANES) {
        const hg_vec g = hg_row_rounded(share * first_numbers(dt + c, out - c));
        if (c + HG_LANES <= out)
            *(hg_vec *)(dt + c) = g;
        else
            memcpy(dt + c, &g, (size_t)(out - c) * sizeof *dt);
    }
}

/* Vector t of G [out] as its K heads see it: its own row, or the one that they share, each number K times; 0 beyond. */
HG_INLINE hg_vec gradient_vector(const hg_real *g, int t, int64_t out, bool shared, int heads)
{
    hg_vec v;
    if (!shared || heads == 1) return first_numbers(g + t * HG_LANES, out - t * HG_LANES);
    for (int l = 0; l < HG_LANES; l++) {
        const int64_t c = (t * HG_LANES + l) / heads;
        v[l] = c < out ? g[c] : 0;
    }
    return v;
}

/* u_i, v_i and q_i in the places of q_i, M_i and S_i */
HG_INLINE void open_branches(hg_real *target, hg_real slope, int heads, int lanes)
{
    hg_vec u[HG_MAX_LANES / HG_LANES], v[HG_MAX_LANES / HG_LANES];
    hg_real *max = target + heads, *inv = target + 2 * heads;
    for (int k = 0; k < hg_lane_vectors(lanes); k++) {
        const hg_vec inv_sum = hg_head_vector(inv, k, heads, lanes);
        const struct hg_branches branches =
            hg_target_branches(hg_head_vector(target, k, heads, lanes), slope);
        u[k] = branches.above * inv_sum;
        v[k] = branches.below * inv_sum;
    }
    memcpy(inv, target, (size_t)heads * sizeof *inv);
    hg_store_heads(u, heads, target);
    hg_store_heads(v, heads, max);
}

/* D_i and dq_i, from G and the row [q | M | S | A+ | O] */
HG_INLINE void open_scalars(const struct hg_attention_nodes *nodes, int64_t i, const hg_real *g, int64_t out,
                            int heads, int lanes)
{
    const int vectors = row_vectors(nodes->heads);
    const hg_real *o = target_of(nodes, i) + hg_target_scalars(heads),
                  *o_plus = nodes->o_plus + i * vectors * HG_LANES;
    hg_real plus[HG_MAX_HEADS], dot[HG_MAX_HEADS], *restrict d = target_of(nodes, i) + 3 * heads;
    struct dots with_o, with_plus;
    dots_zero(&with_o, lanes);
    dots_zero(&with_plus, lanes);
    for (int t = 0; t < vectors; t++) {
        const hg_vec part = gradient_vector(g, t, out, !nodes->concat, heads);
        dots_add(&with_o, t, lanes, part, *(const hg_vec *)(o + t * HG_LANES));
        dots_add(&with_plus, t, lanes, part, *(const hg_vec *)(o_plus + t * HG_LANES));
    }
    dots_sum(&with_o, heads, lanes, dot);
    dots_sum(&with_plus, heads, lanes, plus);
    HG_SIMD
    for (int h = 0; h < heads; h++) {
        nodes->dq[i * heads + h] = (1 - nodes->heads.slope) * (plus[h] - dot[h] * d[h]);
        d[h] = dot[h];
    }
}

HG_INLINE void open_rows(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, hg_real *dy,
                         double *dbias, int heads, int lanes)
{
    const int64_t out = nodes->concat ? (int64_t)heads * nodes->heads.width : nodes->heads.width;
    for (int64_t i = first; i < end; i++, dy += out) {
        BY_OUTPUT(open_outputs, nodes, i, dy, dbias);
        if (nodes->residual != NULL) memcpy(nodes->residual + i * out, dy, (size_t)out * sizeof *dy);
        round_gradient(nodes, out, dy);
        open_scalars(nodes, i, dy, out, heads, lanes);
        if (nodes->separated) open_branches(target_of(nodes, i), nodes->heads.slope, heads, lanes);
        HG_ROW_KERNEL(rows_keep)(hg_mat_packed(dy, 1, out), target_of(nodes, i) + hg_target_scalars(heads));
    }
}

void HG_ROW_KERNEL(nodes_open)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                               hg_real *dy, double *dbias)
{
    HG_BY_HEADS(open_rows, nodes->heads.count, nodes, first, end, dy, dbias);
}

/* dZ and the sums' parts for vector t of a block of rows */
HG_INLINE void close_vector(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int t,
                            hg_vec sum[2], int heads, int lanes)
{
    const int64_t stride = (int64_t)row_vectors(nodes->heads) * HG_LANES;
    const int64_t room = hg_halo_room(HG_HALO_DTYPE, stride);
    const hg_vec src = *(const hg_vec *)(nodes->a_src + t * HG_LANES),
                 dst = *(const hg_vec *)(nodes->a_dst + t * HG_LANES);
    sum[0] = sum[1] = (hg_vec){0};
    for (int64_t j = first; j < end; j++) {
        const hg_vec dp = hg_head_vector(nodes->dp + j * heads, t, heads, lanes),
                     dq = hg_head_vector(nodes->dq + j * heads, t, heads, lanes);
        const hg_vec z = hg_row_load(nodes->z + j * room, t);
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

void HG_ROW_KERNEL(nodes_close)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                double *da_src, double *da_dst)
{
    HG_BY_HEADS(close_rows, nodes->heads.count, nodes, first, end, da_src, da_dst);
}
