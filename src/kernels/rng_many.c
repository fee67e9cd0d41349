/* Philox blocks, a vector of them at a time. Random numbers for dropout take a tenth of an epoch and more.
 *
 * Each word of 32 bits is in the lower half of a lane of 64, and the upper half may hold anything: products read lower
 * halves only, and `>> 32` of a product is its high word. So a round needs no shuffles. */
#include "kernels/kernels.h"
#include "kernels/tile.h"

#ifdef __SSE2__

#include <immintrin.h>

#if defined __AVX512F__
#define VECTOR __m512i
#define PRODUCT _mm512_mul_epu32
#define PAIRS_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define PAIRS_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#elif defined __AVX2__
#define VECTOR __m256i
#define PRODUCT _mm256_mul_epu32
#define PAIRS_LOW 0, 4, 1, 5
#define PAIRS_HIGH 2, 6, 3, 7
#else
#define VECTOR __m128i
#define PRODUCT _mm_mul_epu32
#define PAIRS_LOW 0, 2
#define PAIRS_HIGH 1, 3
#endif

enum {
    LANES = sizeof(VECTOR) / sizeof(uint64_t),
    CHAINS =
        2, /* vectors at a time: a round waits for the round before, so that one vector leaves units idle */
    AT_ONCE = CHAINS * LANES,
};

typedef uint64_t words __attribute__((vector_size(sizeof(VECTOR))));
/* The same at any address. */
typedef uint64_t words_at __attribute__((vector_size(sizeof(VECTOR)), aligned(1), may_alias));

/* The 64-bit products of the lower halves with m. */
HG_INLINE words multiply(words x, uint32_t m)
{
    return (words)PRODUCT((VECTOR)x, (VECTOR)((words){0} + m));
}

/* Loads the counters (a, b) of LANES blocks. */
HG_INLINE void load_counters(const uint64_t *a, const uint64_t *b, words c[4])
{
    c[0] = *(const words_at *)a;
    c[1] = c[0] >> 32;
    c[2] = *(const words_at *)b;
    c[3] = c[2] >> 32;
}

HG_INLINE void do_round(words c[4], words key0, words key1)
{
    const words even = multiply(c[0], 0xD2511F53u), odd = multiply(c[2], 0xCD9E8D57u);
    c[0] = odd >> 32 ^ c[1] ^ key0;
    c[2] = even >> 32 ^ c[3] ^ key1;
    c[1] = odd;
    c[3] = even;
}

HG_INLINE void store_blocks(const words c[4], struct hg_rng_block *out)
{
    const uint64_t lower = 0xFFFFFFFFu;
    const words first = (c[0] & lower) | c[1] << 32, second = (c[2] & lower) | c[3] << 32;
    *(words_at *)out = __builtin_shufflevector(first, second, PAIRS_LOW);
    *(words_at *)(out + LANES / 2) = __builtin_shufflevector(first, second, PAIRS_HIGH);
}

/* hg_rng_bits for AT_ONCE pairs of ids. */
static void draw(struct hg_rng rng, const uint64_t *a, const uint64_t *b, struct hg_rng_block *out)
{
    words c[CHAINS][4];
    HG_UNROLL
    for (int k = 0; k < CHAINS; k++) load_counters(a + k * LANES, b + k * LANES, c[k]);
    for (int round = 0; round < 10; round++) {
        const words key0 = (words){0} + rng.key[0], key1 = (words){0} + rng.key[1];
        HG_UNROLL
        for (int k = 0; k < CHAINS; k++) do_round(c[k], key0, key1);
        rng.key[0] += 0x9E3779B9u;
        rng.key[1] += 0xBB67AE85u;
    }
    HG_UNROLL
    for (int k = 0; k < CHAINS; k++) store_blocks(c[k], out + k * LANES);
}

#else

enum { AT_ONCE = 1 };

static void draw(struct hg_rng rng, const uint64_t *a, const uint64_t *b, struct hg_rng_block *out)
{
    *out = hg_rng_bits(rng, *a, *b);
}

#endif

void HG_KERNEL(rng_bits_many)(struct hg_rng rng, int n, const uint64_t *a, const uint64_t *b,
                              struct hg_rng_block *out)
{
    int k = 0;
    for (; k + AT_ONCE <= n; k += AT_ONCE) draw(rng, a + k, b + k, out + k);
    if (k == n) return;
    uint64_t last_a[AT_ONCE] = {0}, last_b[AT_ONCE] = {0};
    struct hg_rng_block last[AT_ONCE];
    for (int l = 0; k + l < n; l++) {
        last_a[l] = a[k + l];
        last_b[l] = b[k + l];
    }
    draw(rng, last_a, last_b, last);
    for (int l = 0; k + l < n; l++) out[k + l] = last[l];
}
