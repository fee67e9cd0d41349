/** Random numbers without state: every random number is a function of what it is for, never of what was drawn before.
 *
 *  Generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011), a
 *  bijection of 128-bit counters selected by a 64-bit key. The key of a stream is itself part of a Philox block,
 *  whose inputs are the seed, the purpose, the epoch and the layer. Counters are pairs of 64-bit ids (imported node
 *  ids, element numbers). So masks and weights do not depend on the number of ranks or threads. Checkpoints store
 *  HG_RNG_VERSION: raise it when any random number changes. */
#ifndef HG_BASE_RNG_H
#define HG_BASE_RNG_H

#include "base/simd.h"
#include "base/types.h"

#include <string.h>

enum { HG_RNG_VERSION = 2 };

/** What a stream is for. The numbers are part of the results: never renumber. */
enum hg_rng_purpose {
    HG_RNG_INIT = 1,
    HG_RNG_FEATURE_DROPOUT = 2,
    HG_RNG_ATTENTION_DROPOUT = 3,
    HG_RNG_SPLIT = 4,
    HG_RNG_PARTITION = 5,
    HG_RNG_GENERATE = 6,
};

/** A stream of random numbers: the key of the Philox generator. */
struct hg_rng {
    uint32_t key[2];
};

/** A block: 128 random bits, or the counter that they are made from. */
struct hg_rng_block {
    uint32_t word[4];
};

/** The Philox4x32-10 block of `counter` under `key`. Local. */
static inline struct hg_rng_block hg_philox(struct hg_rng_block counter, struct hg_rng rng)
{
    uint32_t *c = counter.word, k0 = rng.key[0], k1 = rng.key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
        const uint32_t c1 = c[1], c3 = c[3];
        c[0] = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c[1] = (uint32_t)b;
        c[2] = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c[3] = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return counter;
}

/** 128 random bits for the pair of ids (a, b). Local. */
static inline struct hg_rng_block hg_rng_bits(struct hg_rng rng, uint64_t a, uint64_t b)
{
    const struct hg_rng_block counter = {
        {(uint32_t)a, (uint32_t)(a >> 32), (uint32_t)b, (uint32_t)(b >> 32)}};
    return hg_philox(counter, rng);
}

/** A separate stream for each pair of ids (a, b): for uses where two 64-bit ids per number are not enough (heads,
 *  parallel edges). Local. */
static inline struct hg_rng hg_rng_fold(struct hg_rng rng, uint64_t a, uint64_t b)
{
    const struct hg_rng_block block = hg_rng_bits(rng, a, b);
    return (struct hg_rng){{block.word[0], block.word[1]}};
}

/** The stream of (seed, purpose, epoch, layer). Local. */
static inline struct hg_rng hg_rng_stream(uint64_t seed, enum hg_rng_purpose purpose, int64_t epoch,
                                          int layer)
{
    const struct hg_rng root = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return hg_rng_fold(root, (uint64_t)purpose << 32 | (uint32_t)layer, (uint64_t)epoch);
}

/** Uniform in [0, 1) with 53 bits, for the pair of ids (a, b). Local. */
static inline double hg_rng_uniform(struct hg_rng rng, uint64_t a, uint64_t b)
{
    const struct hg_rng_block block = hg_rng_bits(rng, a, b);
    return (double)(((uint64_t)block.word[0] << 32 | block.word[1]) >> 11) * 0x1p-53;
}

/** Dropout that compares 16-bit random numbers with a threshold: one block serves eight elements, and element k is
 *  kept when hg_rng_half(block, k) >= threshold. The probability is p rounded to a multiple of 2^-16. */
struct hg_dropout {
    uint32_t threshold; /**< elements with a 16-bit number below it are dropped; 0: dropout is off */
    hg_real scale;      /**< 1 / (1 - threshold / 2^16): factor of the elements that are kept */
    struct hg_rng rng;
};

/** Dropout with probability p, with random numbers of the stream `rng`. Local. */
static inline struct hg_dropout hg_dropout_make(double p, struct hg_rng rng)
{
    /* p just below 1 must not round to 1: the scale would be infinite */
    const double rounded = p * 65536 + 0.5;
    const uint32_t threshold = rounded < 65535 ? (uint32_t)rounded : 65535;
    return (struct hg_dropout){threshold, (hg_real)(65536.0 / (65536.0 - threshold)), rng};
}

/** The k-th 16-bit number of a block, k in 0..7. Local. */
static inline uint32_t hg_rng_half(const struct hg_rng_block *block, int k)
{
    return block->word[k >> 1] >> (16 * (k & 1)) & 0xFFFFu;
}

/** The factors of eight elements: 0 for those that are dropped, `scale` for those that are kept. No branches: they
 *  would be mispredicted, as the decisions are random. Local. */
static inline hg_vec hg_dropout_factors(const struct hg_dropout *drop, const struct hg_rng_block *block)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint16_t half __attribute__((vector_size(HG_LANES * sizeof(uint16_t))));
    memcpy(&half, block, sizeof half);
    const hg_ivec draw = __builtin_convertvector(half, hg_ivec);
#else
    hg_ivec draw;
    for (int k = 0; k < HG_LANES; k++) draw[k] = (hg_int)hg_rng_half(block, k);
#endif
    const hg_vec scale = hg_fill(drop->scale);
    return (hg_vec)((draw >= (hg_int)drop->threshold) & (hg_ivec)scale);
}

/** out[k] = x[k] * factor[k] for the first n <= 8 elements of a block; out may be x. Local. */
static inline void hg_dropout_apply(const struct hg_dropout *drop, const struct hg_rng_block *block, int n,
                                    const hg_real *x, hg_real *out)
{
    const hg_vec factor = hg_dropout_factors(drop, block);
    if (n == HG_LANES)
        *(hg_vec *)out = *(const hg_vec *)x * factor;
    else
        for (int k = 0; k < n; k++) out[k] = x[k] * factor[k];
}

/** Standard normal number for the pair of ids (a, b): Box-Muller on one block. Local. */
double hg_rng_normal(struct hg_rng rng, uint64_t a, uint64_t b);

#endif
