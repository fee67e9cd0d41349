/** A random permutation of 0..n-1, computed by a function instead of stored in a table. */
#ifndef HG_BASE_PERMUTATION_H
#define HG_BASE_PERMUTATION_H

#include "base/rng.h"

/** A Feistel network on `bits` bits, applied again until the result is below n (cycle walking: Black & Rogaway,
 *  "Ciphers with arbitrary finite domains", CT-RSA 2002). Both orders of ids (round_first) are in use; each use keeps
 *  its own, because another order would change what a seed generates. */
struct hg_permutation {
    struct hg_rng rng;
    int64_t n;
    int bits; /**< n <= 2^bits, bits <= 62; the smallest such value needs the fewest repetitions */
    int rounds;
    bool round_first; /**< random bits of ids (round, half of the id), else of (half, round) */
};

/** The image of `id`, 0 <= id < n. Local. */
int64_t hg_permutation_at(const struct hg_permutation *permutation, int64_t id);

#endif
