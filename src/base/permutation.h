/** A random permutation of 0..n-1 that is a function: nothing is stored. */
#ifndef HG_BASE_PERMUTATION_H
#define HG_BASE_PERMUTATION_H

#include "base/rng.h"

/** A Feistel network on `bits` bits, walked until it is back below n (cycle walking: Black & Rogaway, "Ciphers with
 *  arbitrary finite domains", CT-RSA 2002). */
struct hg_permutation {
    struct hg_rng rng;
    int64_t n;
    int bits; /**< n <= 2^bits, bits <= 62; the fewer, the shorter the walk */
    int rounds;
    bool
        round_first; /**< draws are those of (round, half of the bits), else of (half, round): both are in use, and
                           what was made from a seed stays the same */
};

/** Where id, of 0..n-1, goes. Local. */
int64_t hg_permutation_at(const struct hg_permutation *permutation, int64_t id);

#endif
