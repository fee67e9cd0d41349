#include "kernels/attention_batch.h"

void HG_KERNEL(attention_alpha)(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                hg_real *alpha, int64_t stride)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const hg_real *q = args->targets + i * args->layout.target, *max = q + heads, *inv_sum = max + heads;
        for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++, alpha += stride) {
            hg_edge_score(args->p + (int64_t)args->in.indices[e] * heads, q, heads, alpha);
            if (args->in.attr != NULL) hg_add_feature_score(&args->in, e, heads, alpha);
            for (int h = 0; h < heads; h++)
                alpha[h] = hg_exp(hg_leaky(alpha[h], args->heads.slope) - max[h]) * inv_sum[h];
        }
    }
}
