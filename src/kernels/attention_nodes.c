#include "kernels/attention_batch.h"
#include "kernels/halo_vectors.h"
#include "kernels/separable_scores.h"
#include <string.h>

enum { BLOCK = 32 }; /* rows that are summed in hg_real before the sum is added to float64 */

/* The numbers of target i, from its q on. */
HG_INLINE hg_real *target_of(const struct hg_attention_nodes *nodes, int64_t i)
{
    return nodes->targets + i * nodes->layout.target;
}

/* per_head[h] = sum_f a[f, h] z[f, h] */
HG_INLINE void head_dots(const hg_real *a, const hg_real *z, int vectors, hg_real *per_head)
{
    hg_vec sum = {0};
    for (int t = 0; t < vectors; t++) sum += *(const hg_vec *)(a + t * HG_LANES) * hg_row_load(z, t);
    HG_FOLD(sum, HG_HEADS, hg_add);
    hg_store_heads(sum, HG_HEADS, per_head);
}

/* E = exp((1 - lambda) p) and B = exp(lambda p) of rows [first, end), eight numbers at a time. Returns whether all
 * |p| <= HG_SEPARABLE_MAX_P. */
HG_INLINE bool source_exponentials(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    const hg_real slope = nodes->heads.slope;
    hg_ivec in_range = (hg_vec){0} == (hg_vec){0};
    for (int64_t n = first * HG_HEADS; n < end * HG_HEADS; n += HG_LANES) {
        const hg_vec p = hg_first_numbers(nodes->p + n, end * HG_HEADS - n);
        const struct hg_branches exps = hg_exp_branches((1 - slope) * p, slope * p);
        in_range &= (p <= HG_SEPARABLE_MAX_P) & (p >= -HG_SEPARABLE_MAX_P);
        if (HG_HEADS == HG_LANES) {
            *(hg_vec *)(nodes->exp_p + 2 * n) = exps.positive;
            *(hg_vec *)(nodes->exp_p + 2 * n + HG_LANES) = exps.negative;
            continue;
        }
        for (int l = 0; l < HG_LANES && n + l < end * HG_HEADS; l++) {
            hg_real *pair = nodes->exp_p + (n + l) / HG_HEADS * 2 * HG_HEADS + (n + l) % HG_HEADS;
            pair[0] = exps.positive[l];
            pair[HG_HEADS] = exps.negative[l];
        }
    }
    return hg_all(in_range);
}

bool HG_ATTENTION_KERNEL(nodes_scores)(const struct hg_attention_nodes *nodes, int64_t first, int64_t end)
{
    const int vectors = hg_group_vectors(nodes->heads);
    for (int64_t i = first; i < end; i++) {
        const hg_real *z = nodes->z + i * nodes->layout.z;
        head_dots(nodes->a_src, z, vectors, nodes->p + i * HG_HEADS);
        if (nodes->targets != NULL) head_dots(nodes->a_dst, z, vectors, target_of(nodes, i));
    }
    return nodes->exp_p != NULL && source_exponentials(nodes, first, end);
}

/* Vector t of G [F, K], rounded to the halo dtype, from a row of `columns` numbers; if heads share it, each number is
 * repeated K times. Zeros after the row's end. */
HG_INLINE hg_vec gradient_vector(const hg_real *dy, int t, int64_t columns, bool shared)
{
    hg_vec v;
    if (!shared || HG_HEADS == 1)
        return hg_row_rounded(hg_first_numbers(dy + t * HG_LANES, columns - t * HG_LANES));
    for (int l = 0; l < HG_LANES; l++) {
        const int64_t c = (t * HG_LANES + l) / HG_HEADS;
        v[l] = c < columns ? dy[c] : 0;
    }
    return hg_row_rounded(v);
}

/* u_i, v_i and q_i replace q_i, M_i and S_i */
HG_INLINE void target_branches(hg_real *target, hg_real slope)
{
    hg_real *max = target + HG_HEADS, *inv = target + 2 * HG_HEADS;
    const hg_vec inv_sum = hg_repeat_heads(inv, HG_HEADS), q = hg_repeat_heads(target, HG_HEADS);
    const struct hg_branches branches = hg_target_branches(q, slope);
    hg_store_heads(branches.positive * inv_sum, HG_HEADS, target);
    hg_store_heads(branches.negative * inv_sum, HG_HEADS, max);
    hg_store_heads(q, HG_HEADS, inv);
}

/* D_i = <G_i, O_i>, which replaces A+_i, and dq_i = (1 - lambda) (<G_i, O+_i> - D_i A+_i) */
HG_INLINE void target_scalars(const struct hg_attention_nodes *nodes, int64_t i, const hg_real *dy,
                              int64_t columns, bool shared)
{
    const hg_real *o = target_of(nodes, i) + nodes->layout.o,
                  *o_plus = nodes->o_plus + i * nodes->layout.wide;
    hg_real *d = target_of(nodes, i) + 3 * HG_HEADS;
    const int vectors = hg_group_vectors(nodes->heads);
    hg_vec with_o = {0}, with_plus = {0};
    for (int t = 0; t < vectors; t++) {
        const hg_vec g = gradient_vector(dy, t, columns, shared);
        with_o += g * *(const hg_vec *)(o + t * HG_LANES);
        with_plus += g * *(const hg_vec *)(o_plus + t * HG_LANES);
    }
    HG_FOLD(with_o, HG_HEADS, hg_add);
    HG_FOLD(with_plus, HG_HEADS, hg_add);
    const hg_vec dq = (1 - nodes->heads.slope) * (with_plus - with_o * hg_repeat_heads(d, HG_HEADS));
    hg_store_heads(dq, HG_HEADS, nodes->dq + i * HG_HEADS);
    hg_store_heads(with_o, HG_HEADS, d);
}

void HG_ATTENTION_KERNEL(nodes_backward_begin)(const struct hg_attention_nodes *nodes, int64_t first,
                                               int64_t end, const hg_real *dy, int64_t stride)
{
    const int64_t columns = (nodes->shared_g ? 1 : HG_HEADS) * (int64_t)nodes->heads.width;
    for (int64_t i = first; i < end; i++, dy += stride) {
        if (nodes->shared_g)
            target_scalars(nodes, i, dy, columns, true);
        else
            target_scalars(nodes, i, dy, columns, false);
        if (nodes->separated) target_branches(target_of(nodes, i), nodes->heads.slope);
        if (nodes->shared_g && nodes->heads.first > 0) continue;
        HG_DTYPE_KERNEL(rows_store)
        (hg_mat_packed((hg_real *)(uintptr_t)dy, 1, columns), target_of(nodes, i) + nodes->layout.g, 0);
    }
}

/* For vector t of rows [first, end): dZ_j += dp_j a_src + dq_j a_dst; sum[0] = sum_j dp_j Z_j, sum[1] = sum_j
 * dq_j Z_j */
HG_INLINE void source_vector(const struct hg_attention_nodes *nodes, int64_t first, int64_t end, int t,
                             hg_vec sum[2])
{
    const struct hg_attention_nodes x = *nodes; /* a copy, which no store through a vector can change */
    const hg_vec src = *(const hg_vec *)(x.a_src + t * HG_LANES),
                 dst = *(const hg_vec *)(x.a_dst + t * HG_LANES);
    hg_vec of_src = {0}, of_dst = {0};
    for (int64_t j = first; j < end; j++) {
        const hg_vec dp = hg_repeat_heads(x.dp + j * HG_HEADS, HG_HEADS),
                     dq = hg_repeat_heads(x.dq + j * HG_HEADS, HG_HEADS);
        const hg_vec z = hg_row_load(x.z + j * x.layout.z, t);
        hg_vec *dz = (hg_vec *)(x.dz + j * x.layout.wide + t * HG_LANES);
        *dz += dp * src + dq * dst;
        of_src += dp * z;
        of_dst += dq * z;
    }
    sum[0] = of_src;
    sum[1] = of_dst;
}

void HG_ATTENTION_KERNEL(nodes_backward_end)(const struct hg_attention_nodes *nodes, int64_t first,
                                             int64_t end, double *da_src, double *da_dst)
{
    for (int64_t block = first; block < end; block += BLOCK) {
        for (int t = 0; t < hg_group_vectors(nodes->heads); t++) {
            hg_vec sum[2];
            source_vector(nodes, block, hg_min_i64(block + BLOCK, end), t, sum);
            for (int l = 0; l < HG_LANES; l++) {
                da_src[t * HG_LANES + l] += (double)sum[0][l];
                da_dst[t * HG_LANES + l] += (double)sum[1][l];
            }
        }
    }
}
