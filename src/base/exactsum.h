/** Sums that do not depend on the order of their addends.
 *
 *  A number is cut into int64 limbs of 43 bits each (fixed point); limbs are added as integers, between threads and
 *  between ranks, and rounded once at the end. Integer addition is associative, so the order of cells, threads and ranks
 *  cannot matter. Up to 2^20 addends fit before a limb could overflow. What lies below the last limb is rounded away per
 *  addend, which depends on the addend alone. (Kulisch's long accumulator; Demmel & Nguyen, "Parallel reproducible
 *  summation", IEEE Trans. Comput. 2015.)
 *
 *      limbs  holds |v| below  resolution  used for
 *      2      2^29             2^-56       gradients
 *      3      2^55             2^-73       losses, metrics, statistics
 *
 *  An addend that is not finite or out of range is counted in `bad`, which travels with the limbs: divergence.
 */
#ifndef HG_BASE_EXACTSUM_H
#define HG_BASE_EXACTSUM_H

#include "base/comm.h"
#include "base/types.h"

enum { HG_LIMBS_GRADIENT = 2, HG_LIMBS_SCALAR = 3 };

/** n sums. limb[l * n + k] is limb l of sum k, most significant first; limb[limbs * n] counts bad addends. */
struct hg_exact {
    int64_t *limb;
    int64_t n;
    int limbs;
};

/** Zeroed sums; limbs is 2 or 3. Destroy frees. Local. */
hg_status hg_exact_create(struct hg_exact *sum, int64_t n, int limbs);
void hg_exact_destroy(struct hg_exact *sum);

void hg_exact_zero(struct hg_exact *sum);

/** sum[first + k] += v[k] for k in 0..count. Local; threads may add to different sums of one object at a time. */
void hg_exact_add_real(struct hg_exact *sum, int64_t first, const hg_real *v, int64_t count);
void hg_exact_add_f64(struct hg_exact *sum, int64_t first, const double *v, int64_t count);

/** to += from, sums [first, first + count) of each limb; the caller adds `bad` once with hg_exact_merge_bad. Local. */
void hg_exact_merge(struct hg_exact *to, const struct hg_exact *from, int64_t first, int64_t count);
void hg_exact_merge_bad(struct hg_exact *to, const struct hg_exact *from);

/** Adds the ranks' sums (and bad counts), on every rank. Collective. */
void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum);

/** Addends that were not finite or out of range. */
int64_t hg_exact_bad(const struct hg_exact *sum);

/** Sums [first, first + count) rounded. Local. */
void hg_exact_round_real(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count);
void hg_exact_round_f64(const struct hg_exact *sum, int64_t first, double *out, int64_t count);

#endif
