#include "kernels/attention_output.h"
#include "kernels/halo_vectors.h"
#include "kernels/separable_scores.h"
#include <string.h>

enum { BLOCK = 32 }; /* rows that are summed in hg_real before the sum is added to float64 */

/* A dot product of rows for every head, summed per lane. */
struct dots {
    hg_vec lane[HG_MAX_LANES / HG_LANES];
};

HG_INLINE void dots_zero(struct dots *dots, struct hg_head_layout heads)
{
    for (int v = 0; v < hg_lane_vectors(hg_lanes(heads)); v++) dots->lane[v] = (hg_vec){0};
}

/* Adds the terms of vector t of a row. */
HG_INLINE void dots_add(struct dots *dots, int t, struct hg_head_layout heads, hg_vec a, hg_vec b)
{
    dots->lane[hg_lanes(heads) <= HG_LANES ? 0 : t % hg_lane_vectors(hg_lanes(heads))] += a * b;
}

/* The sum of each head: per_head [K]. */
HG_INLINE void dots_sum(struct dots *dots, struct hg_head_layout heads, hg_real *per_head)
{
    hg_real *v = (hg_real *)dots->lane;
    hg_sum_per_head(v, heads, v);
    memcpy(per_head, v, (size_t)hg_count(heads) * sizeof *per_head);
}

static int row_vectors(struct hg_heads heads)
{
    return (int)(hg_row_stride((int64_t)heads.count * heads.width) / HG_LANES);
}

/* out[h] = sum_f a[f, h] z[f, h] */
HG_INLINE void head_dots(const hg_real *a, const hg_real *z, int vectors, hg_real *out,
                         struct hg_head_layout heads)
{
    struct dots dots;
    dots_zero(&dots, heads);
    for (int t = 0; t < vectors; t++)
        dots_add(&dots, t, heads, *(const hg_vec *)(a + t * HG_LANES), hg_row_load(z, t));
    dots_sum(&dots, heads, out);
}

/* E = exp((1 - lambda) p) and B = exp(lambda p) of rows [first, end), eight numbers at a time. Returns whether all
 * |p| <= HG_SEPARABLE_MAX_P. */
HG_INLINE bool source_exponentials(const struct hg_attention_nodes *nodes, int64_t first, int64_t end,
                                   struct hg_head_layout heads)
{
    const hg_real slope = nodes->heads.slope;
    hg_ivec in_range = (hg_vec){0} == (hg_vec){0};
    for (int64_t n = first * hg_count(heads); n < end * hg_count(heads); n += HG_LANES) {
        const hg_vec p = hg_first_numbers(nodes->p + n, end * hg_count(heads) - n);
        const struct hg_branches exps = hg_exp_branches((1 - slope) * p, slope * p);
        in_range &= (p <= HG_SEPARABLE_MAX_P) & (p >= -HG_SEPARABLE_MAX_P);
        if (hg_count(heads) == HG_LANES) {
            *(hg_vec *)(nodes->exp_p + 2 * n) = exps.positive;
            *(hg_vec *)(nodes->exp_p + 2 * n + HG_LANES) = exps.negative;
            continue;
        }
        for (int l = 0; l < HG_LANES && n + l < end * hg_count(heads); l++) {
            hg_real *pair =
                nodes->exp_p + (n + l) / hg_count(heads) * 2 * hg_count(heads) + (n + l) % hg_count(heads);
            pair[0] = exps.positive[l];
            pair[hg_count(heads)] = exps.negative[l];
        }
    }
    return hg_all(in_range);
}

bool HG_ATTENTION_KERNEL(nodes_scores)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    const struct hg_head_layout heads = hg_lane_layout(nodes->heads.count);
    const int vectors = row_vectors(nodes->heads);
    const int64_t stride = hg_target_stride(hg_count(heads), nodes->heads.width);
    for (int64_t i = first; i < end; i++) {
        const hg_real *z = nodes->z + i * hg_row_vectors_room(vectors);
        head_dots(nodes->a_src, z, vectors, nodes->p + i * hg_count(heads), heads);
        if (nodes->targets != NULL) head_dots(nodes->a_dst, z, vectors, nodes->targets + i * stride, heads);
    }
    return nodes->exp_p != NULL && source_exponentials(nodes, first, end, heads);
}

/* dt [out]: G = dL/dT, or dL/dT / K where heads are averaged, rounded to the halo dtype */
HG_INLINE void round_gradient(const struct hg_attention_nodes *nodes, int64_t out, hg_real *dt)
{
    const hg_real share = nodes->concat ? 1 : 1 / (hg_real)nodes->heads.count;
    for (int64_t c = 0; c < out; c += HG_LANES) {
        const hg_vec g = hg_row_rounded(share * hg_first_numbers(dt + c, out - c));
        if (c + HG_LANES <= out)
            *(hg_vec *)(dt + c) = g;
        else
            memcpy(dt + c, &g, (size_t)(out - c) * sizeof *dt);
    }
}

/* Vector t of G as a row [F, K]: if heads share G [F], each number is repeated K times. Zeros after the row's
 * end. */
HG_INLINE hg_vec gradient_vector(const hg_real *g, int t, int64_t out, bool shared,
                                 struct hg_head_layout heads)
{
    hg_vec v;
    if (!shared || hg_count(heads) == 1) return hg_first_numbers(g + t * HG_LANES, out - t * HG_LANES);
    for (int l = 0; l < HG_LANES; l++) {
        const int64_t c = (t * HG_LANES + l) / hg_count(heads);
        v[l] = c < out ? g[c] : 0;
    }
    return v;
}

/* u_i, v_i and q_i replace q_i, M_i and S_i */
HG_INLINE void target_branches(hg_real *target, hg_real slope, struct hg_head_layout heads)
{
    hg_vec u[HG_MAX_LANES / HG_LANES], v[HG_MAX_LANES / HG_LANES];
    hg_real *max = target + hg_count(heads), *inv = target + 2 * hg_count(heads);
    for (int k = 0; k < hg_lane_vectors(hg_lanes(heads)); k++) {
        const hg_vec inv_sum = hg_head_vector(inv, k, heads);
        const struct hg_branches branches = hg_target_branches(hg_head_vector(target, k, heads), slope);
        u[k] = branches.positive * inv_sum;
        v[k] = branches.negative * inv_sum;
    }
    memcpy(inv, target, (size_t)hg_count(heads) * sizeof *inv);
    hg_store_heads(u, hg_count(heads), target);
    hg_store_heads(v, hg_count(heads), max);
}

/* D_i = <G_i, O_i>, which replaces A+_i, and dq_i = (1 - lambda) (<G_i, O+_i> - D_i A+_i) */
HG_INLINE void target_scalars(const struct hg_attention_nodes *nodes, int64_t i, const hg_real *g,
                              int64_t out, struct hg_head_layout heads)
{
    const int vectors = row_vectors(nodes->heads);
    const hg_real *o = hg_nodes_target(nodes, i) + hg_target_scalars(hg_count(heads)),
                  *o_plus = nodes->o_plus + i * vectors * HG_LANES;
    hg_real plus[HG_MAX_HEADS],
        dot[HG_MAX_HEADS], *restrict d = hg_nodes_target(nodes, i) + 3 * hg_count(heads);
    struct dots with_o, with_plus;
    dots_zero(&with_o, heads);
    dots_zero(&with_plus, heads);
    for (int t = 0; t < vectors; t++) {
        const hg_vec part = gradient_vector(g, t, out, !nodes->concat, heads);
        dots_add(&with_o, t, heads, part, *(const hg_vec *)(o + t * HG_LANES));
        dots_add(&with_plus, t, heads, part, *(const hg_vec *)(o_plus + t * HG_LANES));
    }
    dots_sum(&with_o, heads, dot);
    dots_sum(&with_plus, heads, plus);
    HG_SIMD
    for (int h = 0; h < hg_count(heads); h++) {
        nodes->dq[i * hg_count(heads) + h] = (1 - nodes->heads.slope) * (plus[h] - dot[h] * d[h]);
        d[h] = dot[h];
    }
}

void HG_ATTENTION_KERNEL(nodes_backward_begin)(const struct hg_attention_nodes *nodes, int64_t first,
                                               int64_t end, hg_real *dy, double *dbias)
{
    const struct hg_head_layout heads = hg_lane_layout(nodes->heads.count);
    const int64_t out = nodes->concat ? (int64_t)hg_count(heads) * nodes->heads.width : nodes->heads.width;
    for (int64_t i = first; i < end; i++, dy += out) {
        HG_KERNEL(nodes_output_backward)(nodes, i, dy, dbias);
        if (nodes->residual != NULL) memcpy(nodes->residual + i * out, dy, (size_t)out * sizeof *dy);
        round_gradient(nodes, out, dy);
        target_scalars(nodes, i, dy, out, heads);
        if (nodes->separated) target_branches(hg_nodes_target(nodes, i), nodes->heads.slope, heads);
        HG_DTYPE_KERNEL(rows_store)
        (hg_mat_packed(dy, 1, out), hg_nodes_target(nodes, i) + hg_target_scalars(hg_count(heads)));
    }
}

/* For vector t of rows [first, end): dZ_j += dp_j a_src + dq_j a_dst; sum[0] = sum_j dp_j Z_j, sum[1] = sum_j
 * dq_j Z_j */
HG_INLINE void source_vector(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int t,
                             hg_vec sum[2], struct hg_head_layout heads)
{
    const int64_t stride = (int64_t)row_vectors(nodes->heads) * HG_LANES;
    const int64_t room = hg_halo_room(HG_HALO_DTYPE, stride);
    const hg_vec src = *(const hg_vec *)(nodes->a_src + t * HG_LANES),
                 dst = *(const hg_vec *)(nodes->a_dst + t * HG_LANES);
    sum[0] = sum[1] = (hg_vec){0};
    for (int64_t j = first; j < end; j++) {
        const hg_vec dp = hg_head_vector(nodes->dp + j * hg_count(heads), t, heads),
                     dq = hg_head_vector(nodes->dq + j * hg_count(heads), t, heads);
        const hg_vec z = hg_row_load(nodes->z + j * room, t);
        hg_vec *dz = (hg_vec *)(nodes->dz + j * stride + t * HG_LANES);
        *dz += dp * src + dq * dst;
        sum[0] += dp * z;
        sum[1] += dq * z;
    }
}

void HG_ATTENTION_KERNEL(nodes_backward_end)(const struct hg_attention_nodes *nodes, int64_t first,
                                             int64_t end, double *da_src, double *da_dst)
{
    const struct hg_head_layout heads = hg_lane_layout(nodes->heads.count);
    const int vectors = row_vectors(nodes->heads);
    for (int64_t block = first; block < end; block += BLOCK) {
        for (int t = 0; t < vectors; t++) {
            hg_vec sum[2];
            source_vector(nodes, block, hg_min_i64(block + BLOCK, end), t, sum, heads);
            for (int l = 0; l < HG_LANES; l++) {
                da_src[t * HG_LANES + l] += (double)sum[0][l];
                da_dst[t * HG_LANES + l] += (double)sum[1][l];
            }
        }
    }
}
