/* Exact sums: the same bits for every order, split over threads and split over ranks, equal to integers of 128 bits.
 */
#include "base/rng.h"
#include "dist/reduction.h"
#include "testing.h"

#include <float.h>
#include <math.h>
#include <omp.h>

enum { ADDENDS = 3000, SUMS = 5 };

/* The two kinds of sums: addends are below 2^top, and are rounded to multiples of 2^resolution. */
static const struct kind {
    int limbs, top, resolution;
} kinds[] = {{HG_LIMBS_GRADIENT, 29, -56}, {HG_LIMBS_SCALAR, 55, -73}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Addend k of sum s: between 2^-60 and 2^27 in size, of either sign, a float when `real`. Every rank can compute
 * every addend. */
static double addend(int64_t k, int s, bool real)
{
    const struct hg_rng rng = hg_rng_stream(11, HG_RNG_GENERATE, s, 0);
    const double size =
        ldexp(hg_rng_uniform(rng, (uint64_t)k, 0), (int)(88 * hg_rng_uniform(rng, (uint64_t)k, 1)) - 60);
    const double value = hg_rng_uniform(rng, (uint64_t)k, 2) < 0.5 ? -size : size;
    return real ? (double)(hg_real)value : value;
}

/* The exact sum of the addends, each rounded to a multiple of the resolution: at most 12 + 27 + 73 bits. */
static __int128 oracle(const struct kind *kind, int s, bool real)
{
    __int128 sum = 0;
    for (int64_t k = 0; k < ADDENDS; k++) {
        const double units = ldexp(addend(k, s, real), -kind->resolution);
        sum += (__int128)(fabs(units) < 0x1p52 ? rint(units) : units);
    }
    return sum;
}

/* Sum s in units of the resolution, from its limbs of 43 bits. */
static __int128 units_of(const struct hg_exact *sum, int s)
{
    __int128 units = 0;
    for (int l = 0; l < sum->limbs; l++) units = units * ((int64_t)1 << 43) + sum->limb[l * sum->n + s];
    return units;
}

/* Asserts |got - value| <= 1 ulp of float64, for `value` in units of the resolution. */
static void assert_rounded(double got, __int128 value, const struct kind *kind)
{
    const double want = ldexp((double)value, kind->resolution);
    if (!(fabs(got - want) <= fabs(want) * DBL_EPSILON)) fail_msg("%a instead of %a", got, want);
}

static void add_one(struct hg_exact *sum, int s, double value, bool real)
{
    const hg_real narrow = (hg_real)value;
    if (real)
        hg_exact_add_real(sum, s, &narrow, 1);
    else
        hg_exact_add_f64(sum, s, &value, 1);
}

/* A way to visit addends: their order, and how they are divided among ranks. */
struct way {
    const char *name;
    int64_t step; /* position k visits addend k * step % ADDENDS; `step` and ADDENDS are coprime */
    bool blocks;  /* ranks take blocks; else they take addends in turn */
    int threads;
};
static const struct way ways[] = {
    {"in order", 1, true, 1},
    {"backwards", ADDENDS - 1, true, 1},
    {"shuffled, in turns", 1237, false, 1},
    {"two threads", 1, false, 2},
    {"three threads, shuffled", 577, true, 3},
};

static bool is_mine(const struct way *way, int64_t place)
{
    const struct hg_comm *comm = &hg_test_comm;
    return (way->blocks ? hg_block_owner(ADDENDS, comm->size, place) : (int)(place % comm->size)) ==
           comm->rank;
}

/* Adds the addends of all ranks and threads, each thread into its own sums. */
static void add_all(struct hg_exact *total, const struct way *way, const struct kind *kind, bool real)
{
    struct hg_exact part[3];
    for (int t = 0; t < way->threads; t++) assert_ok(hg_exact_create(&part[t], SUMS, kind->limbs));
#pragma omp parallel num_threads(way->threads)
    {
        const int team = omp_get_num_threads();
        for (int t = omp_get_thread_num(); t < way->threads; t += team)
            for (int64_t place = t; place < ADDENDS; place += way->threads)
                for (int s = 0; s < SUMS && is_mine(way, place); s++)
                    add_one(&part[t], s, addend(place * way->step % ADDENDS, s, real), real);
    }
    for (int t = way->threads - 1; t >= 0; t--) {
        hg_exact_merge(total, &part[t], 0, 2);
        hg_exact_merge(total, &part[t], 2, SUMS - 2);
        hg_exact_merge_nonfinite(total, &part[t]);
        hg_exact_destroy(&part[t]);
    }
    hg_exact_allreduce(&hg_test_comm, total);
}

static void check_ways(const struct kind *kind, bool real)
{
    struct hg_exact total;
    double wide[SUMS], first[SUMS];
    hg_real narrow[SUMS];
    assert_ok(hg_exact_create(&total, SUMS, kind->limbs));
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        hg_exact_zero(&total);
        add_all(&total, &ways[w], kind, real);
        hg_exact_round_f64(&total, 0, wide, SUMS);
        hg_exact_round_real(&total, 1, narrow + 1, SUMS - 1);
        if (w == 0) memcpy(first, wide, sizeof first);
        if (memcmp(first, wide, sizeof first) != 0) fail_msg("%s: other bits than in order", ways[w].name);
        for (int s = 1; s < SUMS; s++) assert_true(narrow[s] == (hg_real)wide[s]);
        assert_int_equal(hg_exact_nonfinite(&total), 0);
    }
    for (int s = 0; s < SUMS; s++) {
        const __int128 want = oracle(kind, s, real);
        assert_true(units_of(&total, s) == want);
        assert_rounded(first[s], want, kind);
    }
    hg_exact_destroy(&total);
}

static void test_any_order(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++)
        for (int real = 0; real < 2; real++) check_ways(&kinds[k], real);
}

/* One sum of few addends, rounded. */
static double sum_of(int limbs, const double *v, int64_t count, int64_t *bad)
{
    struct hg_exact sum;
    double result;
    assert_ok(hg_exact_create(&sum, 1, limbs));
    for (int64_t k = 0; k < count; k++) hg_exact_add_f64(&sum, 0, &v[k], 1);
    hg_exact_round_f64(&sum, 0, &result, 1);
    *bad = hg_exact_nonfinite(&sum);
    hg_exact_destroy(&sum);
    return result;
}

static void test_range(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        const double limit = ldexp(1, kinds[k].top), unit = ldexp(1, kinds[k].resolution);
        const struct {
            double in, out;
            int64_t bad;
        } cases[] = {
            {0, 0, 0},
            {-0.0, 0, 0},
            {nextafter(limit, 0), nextafter(limit, 0), 0},
            {-nextafter(limit, 0), -nextafter(limit, 0), 0},
            {limit, 0, 1},
            {-limit, 0, 1},
            {DBL_MAX, 0, 1},
            {(double)INFINITY, 0, 1},
            {-(double)INFINITY, 0, 1},
            {(double)NAN, 0, 1},
            {-(double)NAN, 0, 1},
            {unit, unit, 0},
            {-unit, -unit, 0},
            {0.75 * unit, unit, 0},
            {0.25 * unit, 0, 0},
            {-1.75 * unit, -2 * unit, 0},
            {DBL_TRUE_MIN, 0, 0},
            {1 + 0x1p-52, 1 + 0x1p-52, 0},
        };
        for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
            int64_t bad;
            const double got = sum_of(kinds[k].limbs, &cases[c].in, 1, &bad);
            if (got != cases[c].out || bad != cases[c].bad)
                fail_msg("%d limbs: %a gives %a, %d bad", kinds[k].limbs, cases[c].in, got, (int)bad);
        }
    }
}

static void test_cancellation(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        const double unit = ldexp(1, kinds[k].resolution), small = rint(1e-8 / unit) * unit;
        const double v[] = {1e8, 1e-8, -1e8}, alternating[] = {3e7, -3e7, 3e7, 1e-3, -3e7};
        int64_t bad;
        assert_true(sum_of(kinds[k].limbs, v, 3, &bad) == small);
        assert_true(sum_of(kinds[k].limbs, alternating, 5, &bad) == rint(1e-3 / unit) * unit);
        assert_int_equal(bad, 0);
    }
}

/* 2^20 addends that fill the limbs as far as possible: the remainder after the first limb is half a unit, of either
 * sign. */
static void test_headroom(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        const double unit = ldexp(1, kinds[k].top - 42), limit = ldexp(1, kinds[k].top);
        const double v[] = {limit - unit / 2, -limit + unit / 2, limit - 1.5 * unit, unit / 2, -1.5 * unit};
        for (size_t c = 0; c < sizeof v / sizeof *v; c++) {
            struct hg_exact sum;
            double got;
            assert_ok(hg_exact_create(&sum, 1, kinds[k].limbs));
            const struct hg_range mine = hg_block_range(1 << 20, hg_test_comm.rank, hg_test_comm.size);
            for (hg_gid n = mine.first; n < mine.end; n++) hg_exact_add_f64(&sum, 0, &v[c], 1);
            hg_exact_allreduce(&hg_test_comm, &sum);
            hg_exact_round_f64(&sum, 0, &got, 1);
            assert_int_equal(hg_exact_nonfinite(&sum), 0);
            if (got != v[c] * 0x1p20) fail_msg("2^20 times %a gives %a", v[c], got);
            hg_exact_destroy(&sum);
        }
    }
}

/* Only the last rank has nonfinite addends: all ranks know their number, the other addends are summed, and zeroing
 * resets the count. */
static void test_bad_on_every_rank(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        const bool last = hg_test_comm.rank == hg_test_comm.size - 1;
        const hg_real poison = (hg_real)NAN, huge = (hg_real)ldexp(1, kinds[k].top);
        const hg_real v[SUMS] = {1, last ? poison : 1, last ? -huge : 1, last ? (hg_real)INFINITY : 1, 1};
        double got[SUMS];
        struct hg_exact sum, part;
        assert_ok(hg_exact_create(&sum, SUMS + 1, kinds[k].limbs));
        assert_ok(hg_exact_create(&part, SUMS + 1, kinds[k].limbs));
        hg_exact_add_real(&part, 1, v, SUMS);
        hg_exact_merge(&sum, &part, 0, SUMS + 1);
        hg_exact_merge_nonfinite(&sum, &part);
        hg_exact_allreduce(&hg_test_comm, &sum);
        assert_int_equal(hg_exact_nonfinite(&sum), 3);
        hg_exact_round_f64(&sum, 1, got, SUMS);
        for (int s = 0; s < SUMS; s++)
            assert_true(got[s] == (s == 0 || s == SUMS - 1 ? hg_test_comm.size : hg_test_comm.size - 1));
        hg_exact_round_f64(&sum, 0, got, 1);
        assert_true(got[0] == 0);
        hg_exact_zero(&sum);
        assert_int_equal(hg_exact_nonfinite(&sum), 0);
        hg_exact_destroy(&sum);
        hg_exact_destroy(&part);
    }
}

/* Threads may add to different sums of one object at the same time; the nonfinite addends of all are counted. */
static void test_shared_by_threads(void **state)
{
    (void)state;
    enum { WIDE = 64, ROUNDS = 500 };
    struct hg_exact sum;
    double got[WIDE];
    assert_ok(hg_exact_create(&sum, WIDE, HG_LIMBS_SCALAR));
#pragma omp parallel for num_threads(4) schedule(dynamic)
    for (int s = 0; s < WIDE; s++)
        for (int n = 0; n < ROUNDS; n++) hg_exact_add_f64(&sum, s, (double[]){n % 2 ? (double)NAN : s}, 1);
    hg_exact_round_f64(&sum, 0, got, WIDE);
    for (int s = 0; s < WIDE; s++) assert_true(got[s] == s * (ROUNDS / 2));
    assert_int_equal(hg_exact_nonfinite(&sum), WIDE * ROUNDS / 2);
    hg_exact_destroy(&sum);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct hg_exact sum;
    hg_mem_fail_at(0);
    assert_int_equal(hg_exact_create(&sum, 10, HG_LIMBS_GRADIENT), HG_NOMEM);
    hg_mem_fail_at(-1);
    hg_status_clear();
    hg_exact_destroy(&sum);
    assert_ok(hg_exact_create(&sum, 0, HG_LIMBS_GRADIENT));
    hg_exact_allreduce(&hg_test_comm, &sum);
    assert_int_equal(hg_exact_nonfinite(&sum), 0);
    hg_exact_destroy(&sum);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_any_order),         cmocka_unit_test(test_range),
    cmocka_unit_test(test_cancellation),      cmocka_unit_test(test_headroom),
    cmocka_unit_test(test_bad_on_every_rank), cmocka_unit_test(test_shared_by_threads),
    cmocka_unit_test(test_no_memory),
};

HG_TEST_MAIN(tests)
