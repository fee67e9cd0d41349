/* The team of threads: each piece once, in jobs of every size; waiting threads sleep, soon where others want their cores. */
#include "testing.h"

#include "base/team.h"
#include <time.h>
#include <unistd.h>

enum { PIECES = 1000, MOST_THREADS = 16 };

struct tally {
    int64_t times[PIECES];
    int64_t by_thread[MOST_THREADS];
    int threads;
};

static void count_piece(void *context, int64_t piece, int thread)
{
    struct tally *tally = context;
    if (piece < 0 || piece >= PIECES || thread < 0 || thread >= tally->threads)
        hg_abort("team", "no such piece or thread");
    __atomic_add_fetch(&tally->times[piece], 1, __ATOMIC_RELAXED);
    tally->by_thread[thread]++;
}

static void check_job(struct hg_team *team, int threads, int64_t count)
{
    struct tally tally = {.threads = threads};
    int64_t total = 0;
    hg_team_run(team, count, count_piece, &tally);
    for (int64_t k = 0; k < PIECES; k++) assert_int_equal(tally.times[k], k < count);
    for (int t = 0; t < threads; t++) total += tally.by_thread[t];
    assert_int_equal(total, count);
}

static void every_piece_is_done_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= MOST_THREADS; threads = threads < 4 ? threads + 1 : threads * 2) {
        struct hg_team *team = NULL;
        assert_ok(hg_team_create(threads, &team));
        for (int round = 0; round < 20; round++) {
            check_job(team, threads, round);
            check_job(team, threads, PIECES);
        }
        usleep(20000); /* the threads fall asleep */
        check_job(team, threads, PIECES);
        hg_team_destroy(team);
    }
}

/* A piece that others wait for; they sleep meanwhile. */
static void slow_first_piece(void *context, int64_t piece, int thread)
{
    (void)context;
    (void)thread;
    if (piece == 0) usleep(200000);
}

static double used_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

static void waiting_threads_sleep(void **state)
{
    (void)state;
    struct hg_team *team = NULL;
    assert_ok(hg_team_create(4, &team));
    const double before = used_seconds();
    hg_team_run(team, 4, slow_first_piece, NULL);
    usleep(200000);
    hg_team_run(team, 4, slow_first_piece, NULL);
    assert_true(used_seconds() - before < 0.15);
    hg_team_destroy(team);
}

static void short_piece(void *context, int64_t piece, int thread)
{
    volatile double *sink = context;
    for (int k = 0; k < 2000; k++) sink[thread] += (double)(k ^ piece);
}

/* More threads than cores: if each watched for its milliseconds before it let another have the core, a job would take as many of
 * them as there are threads to a core. */
static void crowded_threads_yield(void **state)
{
    (void)state;
    enum { JOBS = 300 };
    struct hg_team *team = NULL;
    double sink[64] = {0};
    const int threads = (int)hg_min_i64(64, 8 * sysconf(_SC_NPROCESSORS_ONLN));
    assert_ok(hg_team_create(threads, &team));
    const double before = used_seconds();
    for (int job = 0; job < JOBS; job++) hg_team_run(team, threads, short_piece, sink);
    /* a microsecond or two of work a piece */
    assert_true((used_seconds() - before) / JOBS < 1e-3 * threads);
    hg_team_destroy(team);
}

static void failures_leave_nothing(void **state)
{
    (void)state;
    const int64_t live = hg_mem_live();
    hg_status status = HG_NOMEM;
    for (int64_t k = 0; status != HG_OK; k++) {
        struct hg_team *team;
        assert_in_range(k, 0, 10);
        hg_mem_fail_at(k);
        status = hg_team_create(3, &team);
        hg_mem_fail_at(-1);
        hg_team_destroy(team);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_piece_is_done_once),
    cmocka_unit_test(waiting_threads_sleep),
    cmocka_unit_test(crowded_threads_yield),
    cmocka_unit_test(failures_leave_nothing),
};

HG_TEST_MAIN(tests)
