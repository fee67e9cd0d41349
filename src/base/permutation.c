#include "base/permutation.h"

static uint64_t low_bits(int bits)
{
    return ((uint64_t)1 << bits) - 1;
}

static uint64_t draw(const struct hg_permutation *p, uint64_t round, uint64_t half)
{
    return p->round_first ? hg_rng_bits(p->rng, round, half).word[0]
                          : hg_rng_bits(p->rng, half, round).word[0];
}

/* A bijection of 0 .. 2^bits - 1: a Feistel network. The two halves of an odd number of bits have different widths,
 * which alternate with each round. */
static uint64_t feistel(const struct hg_permutation *p, uint64_t id)
{
    int left_bits = p->bits / 2, right_bits = p->bits - left_bits;
    uint64_t left = id >> right_bits, right = id & low_bits(right_bits);
    for (int round = 0; round < p->rounds; round++) {
        const uint64_t next = left ^ (draw(p, (uint64_t)round, right) & low_bits(left_bits));
        const int bits = left_bits;
        left = right;
        right = next;
        left_bits = right_bits;
        right_bits = bits;
    }
    return left << right_bits | right;
}

int64_t hg_permutation_at(const struct hg_permutation *permutation, int64_t id)
{
    do id = (int64_t)feistel(permutation, (uint64_t)id);
    while (id >= permutation->n);
    return id;
}
