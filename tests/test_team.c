/* Threads: each piece of a job is done once, in jobs of every size; waiting threads sleep, at once where there are
 * too few cores; the number of threads follows from options, environment, cores and control groups. */
#include "scratch.h"
#include "testing.h"

#include "base/memory_left.h"
#include "base/team.h"
#include "dist/cores.h"
#include "train/threads.h"
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECES = 1000, MOST_THREADS = 16 };

struct tally {
    int64_t times[PIECES];
    int64_t by_thread[MOST_THREADS];
    int threads;
};

static void count_piece(void *context, hg_lid piece, int thread)
{
    struct tally *tally = context;
    if (piece < 0 || piece >= PIECES || thread < 0 || thread >= tally->threads)
        hg_abort("team", "no such piece or thread");
    __atomic_add_fetch(&tally->times[piece], 1, __ATOMIC_RELAXED);
    tally->by_thread[thread]++;
}

static void check_job(struct hg_team *team, int threads, hg_lid count)
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
        assert_ok(hg_team_create(threads, false, &team));
        for (int round = 0; round < 20; round++) {
            check_job(team, threads, round);
            check_job(team, threads, PIECES);
        }
        usleep(20000); /* long enough for the threads to fall asleep */
        check_job(team, threads, PIECES);
        hg_team_destroy(team);
    }
}

/* A piece that takes long: the other threads sleep meanwhile. */
static void slow_first_piece(void *context, hg_lid piece, int thread)
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
    assert_ok(hg_team_create(4, true, &team));
    const double before = used_seconds();
    hg_team_run(team, 4, slow_first_piece, NULL);
    usleep(200000);
    hg_team_run(team, 4, slow_first_piece, NULL);
    assert_true(used_seconds() - before < 0.15);
    hg_team_destroy(team);
}

static void short_piece(void *context, hg_lid piece, int thread)
{
    volatile double *sink = context;
    for (int k = 0; k < 2000; k++) sink[thread] += (double)(k ^ piece);
}

/* More threads than cores. If each thread spun for its milliseconds before it let another have the core, a job would
 * take as many milliseconds as there are threads per core. */
static void crowded_threads_yield(void **state)
{
    (void)state;
    enum { JOBS = 300 };
    struct hg_team *team = NULL;
    double sink[64] = {0};
    const int threads = (int)hg_min_i64(64, 8 * sysconf(_SC_NPROCESSORS_ONLN));
    assert_ok(hg_team_create(threads, true, &team));
    const double before = used_seconds();
    for (int job = 0; job < JOBS; job++) hg_team_run(team, threads, short_piece, sink);
    /* a piece is one or two microseconds of work */
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
        status = hg_team_create(3, false, &team);
        hg_mem_fail_at(-1);
        hg_team_destroy(team);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
    }
}

/* Writes a file below `folder`, and creates its parent folders. */
static void put(const char *folder, const char *path, const char *text)
{
    char whole[2 * SCRATCH_BYTES];
    snprintf(whole, sizeof whole, "%s/%s", folder, path);
    for (char *end = strchr(whole + strlen(folder) + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
        *end = '\0';
        mkdir(whole, 0700);
        *end = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int quota_of(const char *folder, const char *groups)
{
    char path[2 * SCRATCH_BYTES];
    put(folder, "groups", groups);
    snprintf(path, sizeof path, "%s/groups", folder);
    return hg_cores_quota(path, folder);
}

static void control_groups_limit_cores(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    assert_int_equal(quota_of(folder, "0::/a/b\n"), 0);
    put(folder, "a/b/cpu.max", "max 100000\n");
    assert_int_equal(quota_of(folder, "0::/a/b\n"), 0);
    put(folder, "a/cpu.max", "250000 100000\n");
    assert_int_equal(quota_of(folder, "0::/a/b\n"), 3);
    put(folder, "a/b/cpu.max", "50000 100000\n");
    assert_int_equal(quota_of(folder, "0::/a/b\n"), 1);
    assert_int_equal(quota_of(folder, "0::/a\n"), 3);
    assert_int_equal(quota_of(folder, "0::/ab/c\n"), 0);
    /* version 1; then a container that sees the path of its group, but not the folder */
    put(folder, "cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
    put(folder, "cpu,cpuacct/cpu.cfs_period_us", "100000\n");
    const char *first = "3:cpuset:/\n2:cpu,cpuacct:/docker/x\n1:memory:/a\n";
    assert_int_equal(quota_of(folder, first), 0);
    put(folder, "cpu,cpuacct/cpu.cfs_quota_us", "400000\n");
    assert_int_equal(quota_of(folder, first), 4);
    put(folder, "cpu,cpuacct/docker/x/cpu.cfs_quota_us", "150000\n");
    put(folder, "cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n");
    assert_int_equal(quota_of(folder, first), 2);
    /* malformed lines */
    assert_int_equal(quota_of(folder, "\n:\n::\ncpu\n7:cpu:\n"), 0);
    put(folder, "a/cpu.max", "-3 0\n");
    assert_int_equal(quota_of(folder, "0::/a\n"), 0);
    assert_int_equal(hg_cores_quota("/nowhere/cgroup", folder), 0);
    char command[2 * SCRATCH_BYTES];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* The memory limit is the smallest of the host, a group and the groups that contain it; cached files count as free,
 * and a reserve is left for others. */
static void control_groups_limit_memory(void **state)
{
    (void)state;
    const int64_t mib = 1 << 20;
    char folder[SCRATCH_BYTES];
    scratch_make(folder);
    assert_true(hg_memory_left(folder) == INT64_MAX);
    put(folder, "proc/meminfo", "MemTotal: 9000000 kB\nMemAvailable:    4194304 kB\n");
    assert_int_equal(hg_memory_left(folder), (4096 - 256) * mib);
    /* version 2 */
    put(folder, "proc/self/cgroup", "0::/job/step\n");
    put(folder, "sys/fs/cgroup/job/step/memory.max", "max\n");
    put(folder, "sys/fs/cgroup/job/step/memory.current", "104857600\n");
    assert_int_equal(hg_memory_left(folder), (4096 - 256) * mib);
    put(folder, "sys/fs/cgroup/job/memory.max", "1073741824\n");
    put(folder, "sys/fs/cgroup/job/memory.current", "838860800\n");
    assert_int_equal(hg_memory_left(folder), (1024 - 800 - 64) * mib);
    put(folder, "sys/fs/cgroup/job/memory.stat", "anon 5\ninactive_file 314572800\nactive_file 7\n");
    assert_int_equal(hg_memory_left(folder), (1024 - 800 + 300 - 64) * mib);
    put(folder, "sys/fs/cgroup/job/step/memory.high", "134217728\n");
    assert_int_equal(hg_memory_left(folder), (128 - 100 - 8) * mib);
    put(folder, "sys/fs/cgroup/job/memory.current", "2147483648\n");
    assert_int_equal(hg_memory_left(folder), 0);
    /* version 1; a container does not see the group's folder, and its own group is at the top */
    put(folder, "proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/1\n");
    put(folder, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    put(folder, "sys/fs/cgroup/memory/memory.usage_in_bytes", "314572800\n");
    assert_int_equal(hg_memory_left(folder), (4096 - 256) * mib);
    put(folder, "sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
    put(folder, "sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 104857600\n");
    assert_int_equal(hg_memory_left(folder), (512 - 300 + 100 - 32) * mib);
    char command[2 * SCRATCH_BYTES];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

/* allowed, sharers, ranks, launcher, quota */
static void threads_share_cores(void **state)
{
    (void)state;
    assert_int_equal(hg_cores_share(&(struct hg_cores){8, 1, 1, 8, 0}), 8);
    assert_int_equal(hg_cores_share(&(struct hg_cores){8, 3, 3, 8, 0}), 2);
    assert_int_equal(hg_cores_share(&(struct hg_cores){1, 4, 4, 8, 0}), 1);
    assert_int_equal(hg_cores_share(&(struct hg_cores){64, 1, 1, 64, 2}), 2);
    assert_int_equal(hg_cores_share(&(struct hg_cores){64, 2, 2, 64, 3}), 2);
    assert_false(hg_cores_oversubscribed(&(struct hg_cores){8, 2, 2, 8, 0}, 4));
    assert_true(hg_cores_oversubscribed(&(struct hg_cores){8, 2, 2, 8, 0}, 5));
    assert_true(hg_cores_oversubscribed(&(struct hg_cores){8, 1, 1, 8, 2}, 3));
}

static void environment_chooses_threads(void **state)
{
    (void)state;
    static const struct {
        const char *openmp, *slurm;
        int wanted, threads; /* 0: the rank's share of the cores */
    } cases[] = {{"3", "5", 0, 3},       {"3", "5", 7, 7},    {NULL, "5", 0, 5},  {"2,4", NULL, 0, 2},
                 {"x", "5", 0, 5},       {"-1", NULL, 0, 0},  {"0", "0", 0, 0},   {"", "", 0, 0},
                 {"9999999", "4", 0, 4}, {" 6 ", NULL, 0, 6}, {NULL, NULL, 0, 0}, {"3x", NULL, 0, 0}};
    struct hg_cores cores;
    assert_ok(hg_cores_query(&hg_test_comm, &cores));
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        int threads = -1;
        unsetenv("OMP_NUM_THREADS");
        unsetenv("SLURM_CPUS_PER_TASK");
        if (cases[k].openmp != NULL) setenv("OMP_NUM_THREADS", cases[k].openmp, 1);
        if (cases[k].slurm != NULL) setenv("SLURM_CPUS_PER_TASK", cases[k].slurm, 1);
        assert_ok(hg_threads_choose(&hg_test_comm, cases[k].wanted, &threads));
        assert_int_equal(threads, cases[k].threads > 0 ? cases[k].threads : hg_cores_share(&cores));
    }
}

/* Large blocks that a team writes are complete, whatever their size. */
static void teams_write_blocks(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, (4 << 20) - 1, (4 << 20) + 1, (9 << 20) + 5, 33 << 20};
    struct hg_team *team;
    assert_ok(hg_team_create(3, true, &team));
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        unsigned char *zeros, *unset;
        hg_mem_poison(true);
        assert_ok(HG_NEW_SPREAD(team, zeros, sizes[k]));
        assert_ok(HG_NEW_UNSET_SPREAD(team, unset, sizes[k]));
        hg_mem_poison(false);
        for (int64_t b = 0; b < sizes[k]; b++)
            if (zeros[b] != 0 || unset[b] != 0xff)
                fail_msg("byte %lld of %lld", (long long)b, (long long)sizes[k]);
        hg_mem_free(zeros);
        hg_mem_free(unset);
    }
    hg_team_destroy(team);
}

/* Blocks that a team writes anew keep their contents, and so does what lies behind them. */
static void teams_move_blocks(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1000, (4 << 20) - 1, (4 << 20) + 1, (9 << 20) + 4099, 33 << 20};
    struct hg_team *team;
    assert_ok(hg_team_create(3, true, &team));
    hg_mem_spread(team, NULL, 0, 1);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        unsigned char *block, *neighbour;
        assert_ok(HG_NEW(block, sizes[k]));
        assert_ok(HG_NEW(neighbour, 100));
        memset(neighbour, 1, 100);
        for (int64_t b = 0; b < sizes[k]; b++) block[b] = (unsigned char)(b * 40503 >> 8);
        hg_mem_spread(team, block, sizes[k], 1);
        for (int64_t b = 0; b < sizes[k]; b++)
            if (block[b] != (unsigned char)(b * 40503 >> 8))
                fail_msg("byte %lld of %lld", (long long)b, (long long)sizes[k]);
        for (int b = 0; b < 100; b++) assert_int_equal(neighbour[b], 1);
        hg_mem_free(block);
        hg_mem_free(neighbour);
    }
    hg_team_destroy(team);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(teams_write_blocks),          cmocka_unit_test(teams_move_blocks),
    cmocka_unit_test(every_piece_is_done_once),    cmocka_unit_test(waiting_threads_sleep),
    cmocka_unit_test(crowded_threads_yield),       cmocka_unit_test(failures_leave_nothing),
    cmocka_unit_test(control_groups_limit_cores),  cmocka_unit_test(threads_share_cores),
    cmocka_unit_test(environment_chooses_threads), cmocka_unit_test(control_groups_limit_memory),
};

HG_TEST_MAIN(tests)
