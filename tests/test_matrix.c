/* The reproducibility matrix: a training gives the same bits in every way of running it that must not matter.
 *
 *   TWICE    nothing changes
 *   RANKS    the number of ranks
 *   THREADS  the number of threads
 *   BOTH     both, rank 0 with another number of threads than the others
 *   LAYOUT   the file: imported order, cell order, chunked and compressed
 *   ISA      both, with each lower instruction set of this machine
 *   POISON   memory that nobody asked to be zero is filled with NaN
 *   RESTART  stopped after every epoch and resumed, each time with other ranks, threads and file layout */
#include "matrix_jobs.h"

/* Replaces the C library's fsync: the test writes thousands of temporary files, which need not be on the disk. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

/* Ways to run a case; the first is the reference. */
static const struct matrix_way ways[] = {
    {"reference", 1, {1, 1}, M_IMPORTED, false, false, false},
    {"TWICE", 1, {1, 1}, M_IMPORTED, false, false, false},
    {"TWICE", 3, {2, 2}, M_IMPORTED, false, false, false},
    {"RANKS", 2, {1, 1}, M_IMPORTED, false, false, false},
    {"RANKS", 3, {1, 1}, M_IMPORTED, false, false, false},
    {"RANKS", 4, {1, 1}, M_IMPORTED, false, false, false},
    {"RANKS", 7, {1, 1}, M_IMPORTED, false, false, false},
    {"RANKS", 8, {1, 1}, M_IMPORTED, false, false, false},
    {"RANKS", 16, {1, 1}, M_IMPORTED, false, false, false},
    {"THREADS", 1, {2, 2}, M_IMPORTED, false, false, false},
    {"THREADS", 1, {3, 3}, M_IMPORTED, false, false, false},
    {"THREADS", 1, {5, 5}, M_IMPORTED, false, false, false},
    {"BOTH", 2, {3, 1}, M_IMPORTED, false, false, false},
    {"BOTH", 3, {1, 5}, M_IMPORTED, false, false, false},
    {"BOTH", 4, {2, 3}, M_CELL_ORDER, false, false, false},
    {"LAYOUT", 1, {1, 1}, M_CELL_ORDER, false, false, false},
    {"LAYOUT", 3, {1, 1}, M_CELL_ORDER, false, false, false},
    {"LAYOUT", 2, {1, 1}, M_CHUNKED, false, false, false},
    {"LAYOUT", 4, {1, 1}, M_CHUNKED_CELLS, false, false, false},
    {"POISON", 1, {1, 1}, M_IMPORTED, true, false, false},
    {"POISON", 3, {2, 1}, M_CELL_ORDER, true, false, false},
    {"RESTART", 7, {0, 0}, M_IMPORTED, false, false, true},
};
enum { WAYS = sizeof ways / sizeof *ways };

/* Ways with a lower instruction set than the machine's, which the environment's HALOGAT_ISA names; they have a
 * reference of their own. */
static const struct matrix_way isa_ways[] = {
    {"reference", 1, {1, 1}, M_IMPORTED, false, false, false},
    {"ISA", 2, {1, 3}, M_CELL_ORDER, false, false, false},
    {"ISA", 3, {2, 2}, M_IMPORTED, false, false, false},
};

/* Writes the files of the cases; ranks share the cases. Collective. */
static void write_files(const char *folder, const struct matrix_case *cases, int count)
{
    for (int k = hg_test_comm.rank; k < count; k += hg_test_comm.size) matrix_write(folder, k, &cases[k]);
    hg_comm_barrier(&hg_test_comm);
}

/* Cases, ways to run them, and where differences are reported. */
struct plan {
    const struct matrix_case *cases;
    const struct matrix_way *ways;
    int num_cases, num_ways;
    FILE *report;
};

/* Whether case `number` is run in way `w` unless all are: in every second way, so that it meets each row of the
 * matrix, and on 7, 8 and 16 ranks for every fourth case each, so that each shape and each number of heads is among
 * them. tests/run.sh --long runs all. */
static bool chosen(int number, const struct plan *plan, int w)
{
    const int ranks = plan->ways[w].ranks, turn = number + number / MATRIX_VALUES;
    if (ranks > hg_test_comm.size) return false;
    if (w == 0 || plan->num_cases == 1 || getenv("HG_TEST_LONG") != NULL) return true;
    return ranks < 7 ? (turn + w) % 2 == 0 : turn % 4 == (ranks == 16 ? 0 : ranks - 6);
}

/* Rank 0: prints a line for each row of the matrix. */
static void show_rows(const struct plan *plan, const struct matrix_job *jobs, int count)
{
    for (int w = 1; hg_test_comm.rank == 0 && w < plan->num_ways; w++) {
        const char *row = plan->ways[w].row;
        int runs = 0, differing = 0;
        if (strcmp(row, plan->ways[w - 1].row) == 0) continue;
        for (int k = 0; k < count; k++) {
            const bool of_row = strcmp(jobs[k].way->row, row) == 0;
            runs += of_row;
            differing += of_row && jobs[k].differs;
        }
        printf("row %s: %d runs of %d cases, %d differ\n", row, runs, plan->num_cases, differing);
    }
}

/* Runs every case in every chosen way; returns how many runs differ. Collective. */
static int run_plan(const struct plan *plan)
{
    char folder[SCRATCH_BYTES];
    struct matrix_job *jobs = hg_mem_alloc((int64_t)plan->num_cases * plan->num_ways, sizeof *jobs);
    int n = 0;
    assert_non_null(jobs);
    scratch_make(folder);
    write_files(folder, plan->cases, plan->num_cases);
    for (int k = 0; k < plan->num_cases; k++) {
        const int reference = n;
        for (int w = 0; w < plan->num_ways; w++)
            if (chosen(k, plan, w))
                jobs[n++] = (struct matrix_job){
                    .number = k, .c = &plan->cases[k], .way = &plan->ways[w], .reference = reference};
    }
    const int differing = jobs_run(plan->report, folder, jobs, n);
    show_rows(plan, jobs, n);
    hg_mem_free(jobs);
    scratch_remove(folder);
    return differing;
}

/* A random number from 1 to `most`, for the pair `seed`. */
static int drawn(uint64_t seed, uint64_t what, int most)
{
    const struct hg_rng rng = {{31, 8}};
    return 1 + (int)(hg_rng_uniform(rng, seed, what) * most);
}

/* A random way, of at most 8 ranks and 5 threads. */
static struct matrix_way random_way(uint64_t seed)
{
    const int ranks = drawn(seed, 0, hg_test_comm.size < 8 ? hg_test_comm.size : 8);
    return (struct matrix_way){.row = "RANDOM",
                               .ranks = ranks,
                               .threads = {drawn(seed, 1, 5), drawn(seed, 2, 5)},
                               .layout = (enum matrix_layout)(drawn(seed, 3, MATRIX_LAYOUTS) - 1)};
}

enum { PAIRS_AT_ONCE = 50 };

/* Runs random cases, each in the reference way and in a random way; returns how many pairs differ. Collective. */
static int run_pairs(uint64_t seed, int count)
{
    char folder[SCRATCH_BYTES];
    struct matrix_case cases[PAIRS_AT_ONCE];
    struct matrix_way random_ways[PAIRS_AT_ONCE];
    struct matrix_job jobs[2 * PAIRS_AT_ONCE];
    scratch_make(folder);
    for (int k = 0; k < count; k++) {
        cases[k] = matrix_random(seed + (uint64_t)k);
        random_ways[k] = random_way(seed + (uint64_t)k);
        jobs[2 * k] = (struct matrix_job){.number = k, .c = &cases[k], .way = &ways[0], .reference = 2 * k};
        jobs[2 * k + 1] =
            (struct matrix_job){.number = k, .c = &cases[k], .way = &random_ways[k], .reference = 2 * k};
    }
    write_files(folder, cases, count);
    const int differing = jobs_run(stderr, folder, jobs, 2 * count);
    scratch_remove(folder);
    return differing;
}

/* Writes the files of random cases instead of running them, and the description of each in NUMBER-0.txt, for other
 * programs: bench/peer_reproducibility.py. Collective. */
static void keep_cases(const char *folder, uint64_t seed, int count)
{
    for (int k = hg_test_comm.rank; k < count; k += hg_test_comm.size) {
        const struct matrix_case c = matrix_random(seed + (uint64_t)k);
        char name[MATRIX_TEXT], path[MATRIX_PATH];
        matrix_write(folder, k, &c);
        matrix_describe(&c, name);
        snprintf(path, sizeof path, "%.900s/%d-%d.txt", folder, k, M_IMPORTED);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "%s\n", name);
        assert_int_equal(fclose(file), 0);
    }
}

/* A number in the environment; `otherwise` when it is not set. */
static int setting(const char *name, int otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? atoi(text) : otherwise;
}

static void every_pair_of_values_is_in_a_case(void **state)
{
    (void)state;
    struct matrix_case cases[MATRIX_CASES];
    const int count = matrix_cases(cases);
    for (int f = 0; f < MATRIX_FACTORS; f++)
        for (int g = f + 1; g < MATRIX_FACTORS; g++)
            for (int v = 0; v < matrix_values((enum matrix_factor)f); v++)
                for (int w = 0; w < matrix_values((enum matrix_factor)g); w++) {
                    bool there = false;
                    for (int k = 0; k < count; k++) there |= cases[k].value[f] == v && cases[k].value[g] == w;
                    if (there != matrix_possible(f, v, g, w))
                        fail_msg("%s %s with %s %s", matrix_factors[f].name, matrix_factors[f].value[v],
                                 matrix_factors[g].name, matrix_factors[g].value[w]);
                }
    assert_in_range(count, 60, MATRIX_CASES - 1);
}

static void cases_do_not_depend_on_how_they_are_run(void **state)
{
    (void)state;
    struct matrix_case cases[MATRIX_CASES];
    const int count = matrix_cases(cases);
    assert_int_equal(run_plan(&(struct plan){cases, ways, count, WAYS, stderr}), 0);
}

static void random_pairs_are_equal(void **state)
{
    (void)state;
    const int pairs = setting("HG_TEST_PAIRS", getenv("HG_TEST_LONG") != NULL ? 1000 : 20);
    const int seed = setting("HG_TEST_SEED", 1);
    int differing = 0;
    if (getenv("HG_TEST_KEEP") != NULL) {
        keep_cases(getenv("HG_TEST_KEEP"), (uint64_t)seed, pairs);
        return;
    }
    for (int k = 0, count; k < pairs; k += count) {
        count = pairs - k < PAIRS_AT_ONCE ? pairs - k : PAIRS_AT_ONCE;
        differing += run_pairs((uint64_t)(seed + k), count);
        if (hg_test_comm.rank == 0) printf("pairs %d differing %d\n", k + count, differing), fflush(stdout);
    }
    assert_int_equal(differing, 0);
}

static void cases_give_one_result_with_a_lower_set(void **state)
{
    (void)state;
    struct matrix_case cases[MATRIX_CASES];
    const char *name = getenv("HALOGAT_ISA");
    if (hg_kernels_find(name) < 0 || hg_kernels_find(name) >= hg_kernels_highest()) {
        printf("skipped: %s is not a lower set than this machine's\n", name);
        return;
    }
    const int count = matrix_cases(cases);
    assert_int_equal(run_plan(&(struct plan){cases, isa_ways, count, 3, stderr}), 0);
}

/* POISON tests nothing if memory is not poisoned. */
static void unset_memory_is_poisoned(void **state)
{
    (void)state;
    unsigned char *unset = NULL, *zeroed = NULL;
    matrix_poison(true);
    assert_ok(HG_NEW_UNSET(unset, 100));
    assert_ok(HG_NEW(zeroed, 100));
    matrix_poison(false);
    for (int k = 0; k < 100; k++) assert_true(unset[k] == 0xff && zeroed[k] == 0);
    hg_mem_free(unset);
    hg_mem_free(zeroed);
}

/* When one bit of one feature differs in one layout, then row, case and position are reported, and nothing else. */
static void a_planted_difference_is_reported(void **state)
{
    (void)state;
    static const struct matrix_way planted[] = {{"reference", 1, {1, 1}, M_IMPORTED, false, false, false},
                                                {"RANKS", 2, {1, 2}, M_CELL_ORDER, false, false, false},
                                                {"LAYOUT", 2, {3, 1}, M_CHUNKED_CELLS, false, true, false}};
    struct matrix_case cases[MATRIX_CASES];
    char *report = NULL, name[MATRIX_TEXT];
    size_t bytes;
    if (hg_test_comm.size < 2) skip();
    FILE *file = open_memstream(&report, &bytes);
    matrix_cases(cases);
    assert_int_equal(run_plan(&(struct plan){&cases[1], planted, 1, 3, file}), 1);
    fclose(file);
    matrix_describe(&cases[1], name);
    if (hg_test_comm.rank == 0) {
        assert_ptr_equal(
            strstr(report, "LAYOUT: 2 ranks, 3 threads on rank 0 and 1 on others, chunked in cell order"),
            report);
        assert_non_null(strstr(report, name));
        assert_non_null(strstr(report, "metrics.jsonl has"));
    }
    free(report);
}

/* An outcome of three parts, with byte k of part p flipped (p < 0: none). */
static struct matrix_outcome small_outcome(int p, size_t k)
{
    static const char *const name[] = {"metrics.jsonl", "convs.0.bias of the last epoch",
                                       "attention of layer 0"};
    struct matrix_outcome outcome = {0};
    FILE *to = open_memstream(&outcome.bytes, &outcome.count);
    for (int part = 0; part < 3; part++) {
        char bytes[24] = "{\"epoch\":1}\n{\"epoch\":2";
        if (part == p) bytes[k] ^= 1;
        matrix_part(to, name[part], bytes, sizeof bytes);
    }
    fclose(to);
    return outcome;
}

static void every_bit_counts(void **state)
{
    (void)state;
    const struct matrix_outcome was = small_outcome(-1, 0);
    for (int p = -1; p < 3; p++)
        for (size_t k = 0; k < 24; k++) {
            char *report = NULL;
            size_t bytes;
            FILE *file = open_memstream(&report, &bytes);
            const struct matrix_outcome is = small_outcome(p, k);
            assert_int_equal(matrix_differs(file, is, was), p >= 0);
            fclose(file);
            if (p == 0)
                assert_non_null(strstr(report, k < 12 ? "for\n    {\"epoch\":1}" : "for\n    {\"epoch\":2"));
            if (p > 0) assert_non_null(strstr(report, p == 1 ? "convs.0.bias" : "attention of layer 0"));
            free(report);
            free(is.bytes);
        }
    free(was.bytes);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_pair_of_values_is_in_a_case),       cmocka_unit_test(every_bit_counts),
    cmocka_unit_test(a_planted_difference_is_reported),        cmocka_unit_test(unset_memory_is_poisoned),
    cmocka_unit_test(cases_do_not_depend_on_how_they_are_run), cmocka_unit_test(random_pairs_are_equal),
};

static const struct CMUnitTest pair_tests[] = {cmocka_unit_test(random_pairs_are_equal)};
static const struct CMUnitTest isa_tests[] = {cmocka_unit_test(cases_give_one_result_with_a_lower_set)};

/* Runs everything; with HG_TEST_PAIRS that many random pairs, and with HALOGAT_ISA only the row ISA. */
static int run(void)
{
    if (getenv("HG_TEST_PAIRS") != NULL) return cmocka_run_group_tests(pair_tests, NULL, NULL);
    if (getenv("HALOGAT_ISA") != NULL) return cmocka_run_group_tests(isa_tests, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

HG_TEST_MAIN_RUNNING(run())
