/* Reductions that are under way together give the bits of an all-reduce, in whatever order they are polled and ended.
 */
#include "base/rng.h"
#include "dist/reduction.h"
#include "testing.h"

enum { REDUCTIONS = 3, PIECES = 4, MOST = 97 };

/* Two objects of sums in four pieces, some of them smaller than the number of ranks. */
struct trial {
    struct hg_exact large, small;
    hg_real out[PIECES][MOST];
    struct hg_reduction *reduction;
};
static const struct {
    bool large;
    int64_t first, count;
} places[PIECES] = {{true, 0, 90}, {true, 90, 7}, {false, 1, 3}, {false, 4, 0}};

static hg_status trial_create(struct trial *t, int tag)
{
    struct hg_piece piece[PIECES];
    *t = (struct trial){0};
    HG_TRY(hg_exact_create(&t->large, MOST, HG_LIMBS_GRADIENT));
    HG_TRY(hg_exact_create(&t->small, 4, HG_LIMBS_GRADIENT));
    for (int k = 0; k < PIECES; k++)
        piece[k] = (struct hg_piece){places[k].large ? &t->large : &t->small, places[k].first,
                                     places[k].count, t->out[k]};
    return hg_reduction_create(
        &hg_test_comm, &(struct hg_reduction_spec){piece, PIECES, hg_exact_round_real, tag}, &t->reduction);
}

static void trial_destroy(struct trial *t)
{
    hg_reduction_destroy(t->reduction);
    hg_exact_destroy(&t->large);
    hg_exact_destroy(&t->small);
}

/* Adds this rank's addends, which differ in each round. */
static void add(struct hg_exact *sum, int round)
{
    const struct hg_rng rng = hg_rng_stream(5, HG_RNG_GENERATE, hg_test_comm.rank, round);
    hg_exact_zero(sum);
    for (int64_t k = 0; k < sum->n; k++) {
        const hg_real v = (hg_real)(hg_rng_uniform(rng, (uint64_t)k, 0) - 0.5);
        hg_exact_add_real(sum, k, &v, 1);
    }
}

/* Checks that each piece has the values of an all-reduce of the sums, rounded. */
static void check(const struct trial *t, struct hg_exact *large, struct hg_exact *small)
{
    hg_exact_allreduce(&hg_test_comm, large);
    hg_exact_allreduce(&hg_test_comm, small);
    for (int k = 0; k < PIECES; k++) {
        hg_real want[MOST];
        hg_exact_round_real(places[k].large ? large : small, places[k].first, want, places[k].count);
        assert_memory_equal(t->out[k], want, (size_t)places[k].count * sizeof *want);
    }
}

static void start(struct trial *t, int round, int bad)
{
    add(&t->large, round);
    add(&t->small, round + 100);
    hg_reduction_begin(t->reduction, bad);
}

static void check_end(struct trial *t, int round, int bad)
{
    struct hg_exact large, small;
    const int64_t calls = hg_mem_calls();
    assert_int_equal(hg_reduction_end(t->reduction), (int64_t)hg_test_comm.size * bad);
    assert_int_equal(hg_mem_calls(), calls);
    assert_ok(hg_exact_create(&large, MOST, HG_LIMBS_GRADIENT));
    assert_ok(hg_exact_create(&small, 4, HG_LIMBS_GRADIENT));
    add(&large, round);
    add(&small, round + 100);
    check(t, &large, &small);
    hg_exact_destroy(&large);
    hg_exact_destroy(&small);
}

/* In each of `times` reductions, each rank sends the limbs of every other rank's share, 8 bytes of counts, and its
 * own rounded share to every other rank. */
static void check_bytes(const struct hg_reduction *reduction, int64_t times)
{
    const int64_t others = hg_test_comm.size - 1, numbers = 100; /* of all pieces */
    int64_t bytes = hg_reduction_bytes(reduction);
    hg_comm_sum_i64(&hg_test_comm, &bytes, 1);
    assert_int_equal(bytes, times * others *
                                (8 * HG_LIMBS_GRADIENT * numbers + 8 * hg_test_comm.size +
                                 (int64_t)sizeof(hg_real) * numbers));
}

/* Ranks poll different reductions, so that the stages come in another order on each rank. */
static void test_overlapped(void **state)
{
    (void)state;
    struct trial trial[REDUCTIONS];
    for (int k = 0; k < REDUCTIONS; k++) assert_ok(trial_create(&trial[k], k));
    for (int round = 0; round < 5; round++) {
        for (int k = 0; k < REDUCTIONS; k++) {
            start(&trial[k], REDUCTIONS * round + k, k);
            for (int n = 0; n < 20 * round; n++)
                hg_reduction_progress(trial[(n + hg_test_comm.rank) % (k + 1)].reduction);
        }
        if (round % 2 == 0) hg_reduction_wait(trial[1].reduction);
        for (int n = 0; n < REDUCTIONS; n++) {
            const int k = (n + round) % REDUCTIONS;
            check_end(&trial[k], REDUCTIONS * round + k, k);
        }
    }
    for (int k = 0; k < REDUCTIONS; k++) {
        check_bytes(trial[k].reduction, 5);
        trial_destroy(&trial[k]);
    }
}

/* The k-th allocation fails: nothing leaks. */
static void test_failures(void **state)
{
    (void)state;
    hg_status status = HG_NOMEM;
    for (int64_t k = 0; status != HG_OK; k++) {
        const int64_t live = hg_mem_live();
        struct trial t;
        assert_in_range(k, 0, 20);
        hg_mem_fail_at(k);
        status = trial_create(&t, 0);
        hg_mem_fail_at(-1);
        trial_destroy(&t);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_overlapped),
    cmocka_unit_test(test_failures),
};

HG_TEST_MAIN(tests)
