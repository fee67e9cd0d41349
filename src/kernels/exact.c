#include "kernels/kernels.h"

void HG_KERNEL(exact_add_real)(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count)
{
    hg_exact_add_real(sum, first, v, count);
}

void HG_KERNEL(exact_add_f64)(struct hg_exact *sum, int64_t first, const double *v, int64_t count)
{
    hg_exact_add_f64(sum, first, v, count);
}

void HG_KERNEL(exact_merge)(struct hg_exact *to, const struct hg_exact *from, int64_t first, int64_t count)
{
    hg_exact_merge(to, from, first, count);
}

void HG_KERNEL(exact_round_real)(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count)
{
    hg_exact_round_real(sum, first, out, count);
}
