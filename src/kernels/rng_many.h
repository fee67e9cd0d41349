/** Many random blocks at once, for dropout masks. */
#ifndef HG_KERNELS_RNG_MANY_H
#define HG_KERNELS_RNG_MANY_H

#include "base/rng.h"

/** out[k] = hg_rng_bits(rng, a[k], b[k]) for k in 0..n. Local. */
typedef void hg_rng_bits_many_fn(struct hg_rng rng, int n, const uint64_t *a, const uint64_t *b,
                                 struct hg_rng_block *out);

#endif
