#include "kernels/attention_batch.h"
#include <string.h>

/* [q | M | S | A+] of target i */
static hg_real *target_of(const struct hg_attention_forward *args, hg_lid i)
{
    return args->targets + i * args->layout.target;
}

/* c_k of head h: the part's sum of exp(l_e - M). A part with NaN has S_k = 0 and so c_k = 0, but the NaN is not
 * lost: it is in O_k, and 0 times NaN is NaN. */
static hg_real part_sum(const hg_real *part, hg_real max, int heads, int h)
{
    const hg_real part_max = part[heads + h], inv_sum = part[2 * heads + h];
    return inv_sum > 0 ? hg_exp(part_max - max) / inv_sum : 0;
}

/* M and S of the hub's row, from all parts. */
static void join_softmax(const struct hg_attention_forward *parts, hg_lid count, hg_real *target)
{
    const int heads = parts->heads.count;
    for (int h = 0; h < heads; h++) {
        hg_real max = target_of(parts, 0)[heads + h], sum = 0;
        for (hg_lid k = 1; k < count; k++) {
            const hg_real part_max = target_of(parts, k)[heads + h];
            max = part_max > max ? part_max : max;
        }
        for (hg_lid k = 0; k < count; k++) sum += part_sum(target_of(parts, k), max, heads, h);
        target[heads + h] = max;
        target[2 * heads + h] = sum > 0 ? 1 / sum : 0;
    }
}

/* to += w from, for rows of `vectors` vectors */
static void add_scaled(hg_real *to, const hg_real *from, hg_vec w, int vectors)
{
    for (int t = 0; t < vectors; t++)
        *(hg_vec *)(to + t * HG_LANES) += w * *(const hg_vec *)(from + t * HG_LANES);
}

void HG_KERNEL(attention_join_forward)(const struct hg_attention_forward *parts, hg_lid count,
                                       const struct hg_attention_forward *whole, hg_lid row)
{
    const int heads = whole->heads.count, vectors = hg_group_vectors(whole->heads);
    const size_t bytes = (size_t)vectors * sizeof(hg_vec);
    hg_real *target = target_of(whole, row), *o = target + whole->layout.o, share[HG_LANES];
    hg_real *plus = whole->o_plus != NULL ? whole->o_plus + row * whole->layout.wide : NULL;
    join_softmax(parts, count, target);
    memset(target + 3 * heads, 0, (size_t)heads * sizeof *target);
    memset(o, 0, bytes);
    if (plus != NULL) memset(plus, 0, bytes);
    for (hg_lid k = 0; k < count; k++) {
        const hg_real *part = target_of(parts, k);
        for (int h = 0; h < heads; h++)
            share[h] = part_sum(part, target[heads + h], heads, h) * target[2 * heads + h];
        const hg_vec w = hg_repeat_heads(share, heads);
        add_scaled(o, part + parts->layout.o, w, vectors);
        if (plus == NULL) continue;
        add_scaled(plus, parts->o_plus + k * parts->layout.wide, w, vectors);
        for (int h = 0; h < heads; h++) target[3 * heads + h] += share[h] * part[3 * heads + h];
    }
}

/* to [n] = sum of rows [count, n], `stride` numbers apart, in their order */
static void sum_rows(const hg_real *rows, hg_lid count, int64_t n, int64_t stride, hg_real *restrict to)
{
    memcpy(to, rows, (size_t)n * sizeof *to);
    for (hg_lid k = 1; k < count; k++) {
        const hg_real *row = rows + k * stride;
        HG_SIMD
        for (int64_t c = 0; c < n; c++) to[c] += row[c];
    }
}

void HG_KERNEL(attention_join_backward)(const struct hg_attention_backward *parts, hg_lid count,
                                        const struct hg_attention_backward *whole, hg_lid row)
{
    const int64_t heads = whole->heads.count, numbers = whole->out.attr_cols * heads;
    sum_rows(parts->dz, count, hg_row_stride(heads * whole->heads.width), parts->layout.wide,
             whole->dz + row * whole->layout.wide);
    sum_rows(parts->dp, count, heads, heads, whole->dp + row * heads);
    if (whole->out.attr != NULL) sum_rows(parts->du, count, numbers, numbers, whole->du + row * numbers);
}
