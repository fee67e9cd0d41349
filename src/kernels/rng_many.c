/* Philox blocks, eight at a time. Intrinsics pay here: random numbers for dropout take a sixth of an epoch on
 * small graphs, and what compilers make of the portable form's products of 32 x 32 -> 64 bits is half as fast. */
#include "kernels/kernels.h"

enum { AT_ONCE = 8 };

#ifdef __AVX2__

#include <immintrin.h>

/* High and low words of the 64-bit products of eight words with m. */
static inline void multiply(__m256i x, __m256i m, __m256i *high, __m256i *low)
{
    const __m256i even = _mm256_mul_epu32(x, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), m);
    *low = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
    *high = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

/* The low (which = 0x88) or high (0xDD) words of eight 64-bit ids, in order. */
#define WORDS(ids, which)                                                                                    \
    _mm256_permute4x64_epi64(                                                                                \
        _mm256_castps_si256(_mm256_shuffle_ps(                                                               \
            _mm256_castsi256_ps(_mm256_loadu_si256((const __m256i *)(ids))),                                 \
            _mm256_castsi256_ps(_mm256_loadu_si256((const __m256i *)((ids) + 4))), which)),                  \
        0xD8)

/* Transposes: word[w] has word w of eight blocks; they are written block by block. */
static inline void store_blocks(const __m256i word[4], struct hg_rng_block *out)
{
    const __m256i ab_low = _mm256_unpacklo_epi32(word[0], word[1]),
                  ab_high = _mm256_unpackhi_epi32(word[0], word[1]);
    const __m256i cd_low = _mm256_unpacklo_epi32(word[2], word[3]),
                  cd_high = _mm256_unpackhi_epi32(word[2], word[3]);
    /* each holds block k in its low and block k + 4 in its high half */
    const __m256i pair[4] = {_mm256_unpacklo_epi64(ab_low, cd_low), _mm256_unpackhi_epi64(ab_low, cd_low),
                             _mm256_unpacklo_epi64(ab_high, cd_high),
                             _mm256_unpackhi_epi64(ab_high, cd_high)};
    for (int k = 0; k < 4; k++) {
        _mm_storeu_si128((__m128i *)&out[k], _mm256_castsi256_si128(pair[k]));
        _mm_storeu_si128((__m128i *)&out[k + 4], _mm256_extracti128_si256(pair[k], 1));
    }
}

/* hg_philox for eight counters. */
static void eight(struct hg_rng rng, const uint64_t *a, const uint64_t *b, struct hg_rng_block *out)
{
    const __m256i m0 = _mm256_set1_epi32((int)0xD2511F53u), m1 = _mm256_set1_epi32((int)0xCD9E8D57u);
    const __m256i step0 = _mm256_set1_epi32((int)0x9E3779B9u), step1 = _mm256_set1_epi32((int)0xBB67AE85u);
    __m256i k0 = _mm256_set1_epi32((int)rng.key[0]), k1 = _mm256_set1_epi32((int)rng.key[1]);
    __m256i c[4] = {WORDS(a, 0x88), WORDS(a, 0xDD), WORDS(b, 0x88), WORDS(b, 0xDD)};
    for (int round = 0; round < 10; round++) {
        __m256i high0, low0, high1, low1;
        multiply(c[0], m0, &high0, &low0);
        multiply(c[2], m1, &high1, &low1);
        c[0] = _mm256_xor_si256(_mm256_xor_si256(high1, c[1]), k0);
        c[1] = low1;
        c[2] = _mm256_xor_si256(_mm256_xor_si256(high0, c[3]), k1);
        c[3] = low0;
        k0 = _mm256_add_epi32(k0, step0);
        k1 = _mm256_add_epi32(k1, step1);
    }
    store_blocks(c, out);
}

#else

static void eight(struct hg_rng rng, const uint64_t *a, const uint64_t *b, struct hg_rng_block *out)
{
    for (int k = 0; k < AT_ONCE; k++) out[k] = hg_rng_bits(rng, a[k], b[k]);
}

#endif

void HG_KERNEL(rng_bits_many)(struct hg_rng rng, int n, const uint64_t *a, const uint64_t *b,
                              struct hg_rng_block *out)
{
    int k = 0;
    for (; k + AT_ONCE <= n; k += AT_ONCE) eight(rng, a + k, b + k, out + k);
    if (k == n) return;
    uint64_t last_a[AT_ONCE] = {0}, last_b[AT_ONCE] = {0};
    struct hg_rng_block last[AT_ONCE];
    for (int l = 0; k + l < n; l++) {
        last_a[l] = a[k + l];
        last_b[l] = b[k + l];
    }
    eight(rng, last_a, last_b, last);
    for (int l = 0; k + l < n; l++) out[k + l] = last[l];
}
