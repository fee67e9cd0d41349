/* Random numbers: known answers of the generator, streams that differ, moments. All numbers are fixed, so no test can
 * fail by chance; "4 sigma" says how far a sound generator may be from the mean. */
#include "base/permutation.h"
#include "base/rng.h"
#include "testing.h"

#include <math.h>

enum { DRAWS = 1 << 17 };

/* From kat_vectors of Random123: philox4x32 with 10 rounds. */
static const struct {
    struct hg_rng_block counter;
    struct hg_rng key;
    struct hg_rng_block block;
} known[] = {
    {{{0, 0, 0, 0}}, {{0, 0}}, {{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}}},
    {{{~0u, ~0u, ~0u, ~0u}}, {{~0u, ~0u}}, {{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}}},
    {{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
     {{0xa4093822, 0x299f31d0}},
     {{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}},
};

static void test_known_answers(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const struct hg_rng_block got = hg_philox(known[k].counter, known[k].key);
        assert_memory_equal(&got, &known[k].block, sizeof got);
    }
}

/* The words of a block are a function of two 64-bit ids; the eight halves are those of its words; a fold is the first
 * half of a block. */
static void test_layout(void **state)
{
    (void)state;
    const struct hg_rng key = known[2].key;
    const uint64_t a = 0x85a308d3243f6a88, b = 0x0370734413198a2e;
    const struct hg_rng_block got = hg_rng_bits(key, a, b), want = known[2].block;
    assert_memory_equal(&got, &want, sizeof got);
    for (int k = 0; k < 8; k++)
        assert_int_equal(hg_rng_half(&got, k), k % 2 ? want.word[k / 2] >> 16 : want.word[k / 2] & 0xFFFF);
    const struct hg_rng fold = hg_rng_fold(key, a, b);
    assert_int_equal(fold.key[0], want.word[0]);
    assert_int_equal(fold.key[1], want.word[1]);
    assert_true(hg_rng_uniform(key, a, b) == (double)(0xd16cfe0994fdcceb >> 11) * 0x1p-53);
}

/* A change in any of seed, purpose, epoch and layer, in low or high bits, gives another stream. */
static void test_streams_differ(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed;
        enum hg_rng_purpose purpose;
        int64_t epoch;
        int layer;
    } streams[] = {
        {1, HG_RNG_INIT, 0, 0},
        {2, HG_RNG_INIT, 0, 0},
        {1 | 1ull << 32, HG_RNG_INIT, 0, 0},
        {1, HG_RNG_FEATURE_DROPOUT, 0, 0},
        {1, HG_RNG_ATTENTION_DROPOUT, 0, 0},
        {1, HG_RNG_SPLIT, 0, 0},
        {1, HG_RNG_PARTITION, 0, 0},
        {1, HG_RNG_GENERATE, 0, 0},
        {1, HG_RNG_INIT, 1, 0},
        {1, HG_RNG_INIT, 1ll << 32, 0},
        {1, HG_RNG_INIT, 0, 1},
        {1, HG_RNG_INIT, 1, 1},
    };
    enum { N = sizeof streams / sizeof *streams };
    struct hg_rng key[N];
    for (int k = 0; k < N; k++) {
        key[k] = hg_rng_stream(streams[k].seed, streams[k].purpose, streams[k].epoch, streams[k].layer);
        const struct hg_rng again =
            hg_rng_stream(streams[k].seed, streams[k].purpose, streams[k].epoch, streams[k].layer);
        assert_memory_equal(&key[k], &again, sizeof again);
        for (int other = 0; other < k; other++) assert_memory_not_equal(&key[k], &key[other], sizeof again);
    }
}

/* Random numbers that were computed from the documented formulas by another program: raise HG_RNG_VERSION when they
 * change. */
static void test_version(void **state)
{
    (void)state;
    const struct hg_rng rng = hg_rng_stream(20, HG_RNG_ATTENTION_DROPOUT, 5, 2);
    assert_int_equal(HG_RNG_VERSION, 2);
    assert_int_equal(rng.key[0], 0x7180ca27);
    assert_int_equal(rng.key[1], 0xe570fc11);
    assert_true(hg_rng_uniform(rng, 1, 2) == 0x1.0c63dd325ffc8p-3);
    assert_true(fabs(hg_rng_normal(rng, 1, 2) + 0x1.2b97e02c80bddp-1) < 1e-15);
}

static struct hg_rng stream(void)
{
    return hg_rng_stream(7, HG_RNG_INIT, 3, 1);
}

/* Asserts |mean of n numbers - expected| <= 4 sigma / sqrt(n). */
static void assert_mean(const char *what, double sum, int64_t n, double expected, double sigma)
{
    const double far = fabs(sum / (double)n - expected) / (sigma / sqrt((double)n));
    if (!(far <= 4)) fail_msg("mean of %s is %g sigma from %g", what, far, expected);
}

static void test_uniform(void **state)
{
    (void)state;
    enum { BINS = 64 };
    int64_t bin[BINS] = {0};
    double sum = 0, square = 0, next = 0, last = 0.5;
    for (uint64_t k = 0; k < DRAWS; k++) {
        const double u = hg_rng_uniform(stream(), k % 1000, k / 1000);
        assert_true(u >= 0 && u < 1);
        sum += u;
        square += (u - 0.5) * (u - 0.5);
        next += (u - 0.5) * (last - 0.5);
        last = u;
        bin[(int)(u * BINS)]++;
    }
    assert_mean("u", sum, DRAWS, 0.5, sqrt(1 / 12.0));
    assert_mean("variance", square, DRAWS, 1 / 12.0, sqrt(1 / 180.0));
    assert_mean("correlation of neighbours", next, DRAWS, 0, 1 / 12.0);
    double chi = 0;
    for (int b = 0; b < BINS; b++) chi += pow((double)bin[b] - DRAWS / BINS, 2) / (DRAWS / BINS);
    assert_true(fabs(chi - (BINS - 1)) < 4 * sqrt(2.0 * (BINS - 1)));
}

/* Moments 1 to 4 of N(0, 1) are 0, 1, 0, 3, their variances 1, 2, 15, 96. */
static void test_normal(void **state)
{
    (void)state;
    double moment[4] = {0}, inside = 0;
    for (uint64_t k = 0; k < DRAWS; k++) {
        const double x = hg_rng_normal(stream(), k, 1);
        double power = 1;
        for (int m = 0; m < 4; m++) moment[m] += power *= x;
        inside += fabs(x) < 1.959963985;
    }
    static const double expected[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
    for (int m = 0; m < 4; m++) assert_mean("a moment", moment[m], DRAWS, expected[m], sqrt(variance[m]));
    assert_mean("draws within 95 %", inside, DRAWS, 0.95, sqrt(0.95 * 0.05));
}

/* Each of the eight decisions of a block keeps the right share; the scale matches the rounded probability. */
static void test_dropout(void **state)
{
    (void)state;
    static const double p[] = {0, 1e-6, 1e-4, 0.1, 0.25, 0.5, 0.6, 0.9, 0.999};
    for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
        const struct hg_dropout drop = hg_dropout_make(p[k], stream());
        const double rounded = round(p[k] * 65536) / 65536;
        assert_true(drop.threshold == (uint32_t)(rounded * 65536));
        assert_true(fabs((double)drop.scale * (1 - rounded) - 1) < 1e-7);
        int64_t kept[8] = {0};
        for (uint64_t i = 0; i < DRAWS / 8; i++) {
            const struct hg_rng_block block = hg_rng_bits(drop.rng, i, k);
            for (int half = 0; half < 8; half++) kept[half] += hg_rng_half(&block, half) >= drop.threshold;
        }
        for (int half = 0; half < 8; half++) {
            if (drop.threshold == 0)
                assert_int_equal(kept[half], DRAWS / 8);
            else
                assert_mean("kept", (double)kept[half], DRAWS / 8, 1 - rounded,
                            sqrt(rounded * (1 - rounded)));
        }
    }
    /* the largest p < 1 still keeps some elements, and its scale is finite */
    const struct hg_dropout most = hg_dropout_make(1 - 1e-12, stream());
    assert_true(most.threshold == 65535 && most.scale == 65536);
}

/* Every number is the image of exactly one id, for any n and for even and odd numbers of bits. */
static void test_permutation(void **state)
{
    (void)state;
    for (int64_t n = 1; n <= 130; n++) {
        for (int more = 0; more < 4; more++) {
            struct hg_permutation p = {.rng = stream(), .n = n, .rounds = 4 + more, .round_first = more % 2};
            uint8_t seen[130] = {0};
            while ((INT64_C(1) << p.bits) < n) p.bits++;
            p.bits += more;
            for (int64_t id = 0; id < n; id++) {
                const int64_t at = hg_permutation_at(&p, id);
                assert_in_range(at, 0, n - 1);
                assert_int_equal(seen[at]++, 0);
            }
        }
    }
}

/* A seed always gives the same permutation: graphs are generated again from their seeds. */
static void test_permutation_stays(void **state)
{
    (void)state;
    const struct hg_permutation graph = {stream(), 3000, 12, 4, true}, cells = {stream(), 3000, 12, 6, false};
    static const int64_t want[2][4] = {{2526, 2476, 2701, 2258}, {1063, 2337, 2820, 1483}};
    for (int64_t id = 0; id < 4; id++) {
        assert_int_equal(hg_permutation_at(&graph, id), want[0][id]);
        assert_int_equal(hg_permutation_at(&cells, id), want[1][id]);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_known_answers),     cmocka_unit_test(test_layout),
    cmocka_unit_test(test_streams_differ),    cmocka_unit_test(test_version),
    cmocka_unit_test(test_uniform),           cmocka_unit_test(test_normal),
    cmocka_unit_test(test_dropout),           cmocka_unit_test(test_permutation),
    cmocka_unit_test(test_permutation_stays),
};

HG_TEST_MAIN(tests)
