/** The functions of base/exactsum.h that have hot loops, compiled for each instruction set. */
#ifndef HG_KERNELS_EXACT_H
#define HG_KERNELS_EXACT_H

#include "base/exactsum.h"

/** hg_exact_add_real, hg_exact_add_f64. */
typedef void hg_exact_add_real_fn(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count);
typedef void hg_exact_add_f64_fn(struct hg_exact *sum, int64_t first, const double *v, int64_t count);

/** hg_exact_merge. */
typedef void hg_exact_merge_fn(struct hg_exact *to, const struct hg_exact *from, int64_t first,
                               int64_t count);

/** hg_exact_round_real. */
typedef void hg_exact_round_real_fn(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count);

#endif
