#include "kernels/forward_softmax.h"

void HG_KERNEL(attention_alpha)(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                hg_real *alpha)
{
    const int count = args->heads.count;
    const struct hg_head_layout heads = {count, count}; /* one number per head, nothing repeated or padded */
    for (hg_lid i = first; i < end; i++) {
        const hg_real *q = hg_forward_target(args, i, heads), *max = q + count, *inv_sum = max + count;
        for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++, alpha += count) {
            hg_edge_score(args->p + (int64_t)args->in.indices[e] * count, q, heads, alpha);
            if (args->in.attr != NULL) hg_add_feature_score(&args->in, e, heads, alpha);
            for (int h = 0; h < count; h++)
                alpha[h] = hg_exp(hg_leaky(alpha[h], args->heads.slope) - max[h]) * inv_sum[h];
        }
    }
}
