/* Edge lists that are divided into blocks of every length, and parsed by one thread or several: edges, notes and
 * messages are those of the whole file. */
#include "import_sample.h"

enum { MOST = 24, RESULT = HG_NOTES_BYTES + 2048, TEXT = 1024 };

static char folder[SCRATCH_BYTES], plain[2 * SCRATCH_BYTES], zipped[2 * SCRATCH_BYTES];

static int setup(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(plain, sizeof plain, "%s/edges.csv", folder);
    snprintf(zipped, sizeof zipped, "%s/edges.csv.gz", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

/* Appends the edges of all ranks in imported order, as "0>1 1>2:0.5", to a text of RESULT bytes. */
static void show_edges(const struct hg_node_table *rows, char *text)
{
    int64_t source[MOST] = {0}, target[MOST] = {0}, thousandths[MOST] = {0};
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const int64_t id = rows->edge_id[e];
            assert_true(id >= 0 && id < MOST);
            source[id] = rows->indices[e] + 1;
            target[id] = rows->imported[i] + 1;
            for (int64_t f = 0; f < rows->info.num_edge_features; f++)
                thousandths[id] +=
                    (int64_t)((double)rows->edge_attr[e * rows->info.num_edge_features + f] * 1000) * (f + 1);
        }
    hg_comm_sum_i64(&hg_test_comm, source, MOST);
    hg_comm_sum_i64(&hg_test_comm, target, MOST);
    hg_comm_sum_i64(&hg_test_comm, thousandths, MOST);
    for (int64_t id = 0; id < MOST && source[id] > 0; id++) {
        const size_t used = strlen(text);
        const double features = (double)thousandths[id] / 1000;
        snprintf(text + used, RESULT - used,
                 rows->info.num_edge_features > 0 ? "%s%lld>%lld:%g" : "%s%lld>%lld", id > 0 ? " " : "",
                 (long long)source[id] - 1, (long long)target[id] - 1, features);
    }
}

/* What an import gives: edges and notes, or the message without the folder. */
static void result_of(const char *path, int64_t block_bytes, struct hg_team *team, char *text)
{
    struct hg_import_options options = sample_options(path);
    struct hg_node_table rows;
    struct hg_notes notes = {0};
    options.block_bytes = block_bytes;
    options.build.team = team;
    options.notes = &notes;
    text[0] = '\0';
    if (hg_import(&hg_test_comm, &options, &rows) != HG_OK) {
        const char *message = strstr(hg_status_message(), ": ");
        snprintf(text, RESULT, "%s", message != NULL ? message + 2 : hg_status_message());
        hg_status_clear();
        return;
    }
    show_edges(&rows, text);
    for (const char *note = notes.text; *note != '\0'; note += strcspn(note, "\n") + 1) {
        const char *behind = strstr(note, ": ");
        const size_t used = strlen(text);
        snprintf(text + used, RESULT - used, " [%.*s]", (int)strcspn(behind + 2, "\n"), behind + 2);
    }
    hg_node_table_destroy(&rows);
}

/* A text, and what its import gives. */
static const struct {
    const char *text;
    size_t bytes;
    const char *result;
} cases[] = {
#define CASE(text, result)                                                                                   \
    {                                                                                                        \
        text, sizeof(text) - 1, result                                                                       \
    }
    CASE("0 1\n1 2\n2 0\n", "0>1 1>2 2>0"),
    CASE("0 1\n1 2\n2 0", "0>1 1>2 2>0"),
    CASE("0 1\r\n1 2\r\n2 0\r\n", "0>1 1>2 2>0"),
    CASE("0 1\r\r\n1 2\r\n2 0\r", "0>1 1>2 2>0"),
    CASE("\n\n0\t1\n\n  \n1\t2\n\t\n2\t0\n\n\n", "0>1 1>2 2>0"),
    CASE("# nodes 9\n% more\n0,1\n#0,7\n  # 1\n1,2\n# end", "0>1 1>2"),
    CASE("0  1\n 1 2\n2\t 0 \n00003 1\n+1 2\n", "0>1 1>2 2>0 3>1 1>2"),
    CASE("\xef\xbb\xbf\"0\",1\n1,\"2\"\n 2 , 0\n", "0>1 1>2 2>0"),
    CASE("0000000000000000000000001 2\n0 1\n", "1>2 0>1"),
    CASE("dst,w,src\n1,.5,0\n2,1e0,1\n\n0,-2,\"2\"\n",
         "0>1:0.5 1>2:1 2>0:-2 [header: dst, w, src (target: dst, feature: w, source: src)]"),
    CASE("0 1 1 2\n1 2 3 4\n2 0 .25 .5\n", "0>1:5 1>2:11 2>0:1.25"),
    CASE("0,1,2\n1,2,3\n2,3,4\n3,0,1\n4,4,0\n",
         "0>1:2 1>2:3 2>3:4 3>0:1 4>4:0 [its first column, read as source, counts the lines: if it does, say "
         "--columns source=2,target=3]"),
    CASE("0,1,2\n1,2,3\n2,3,4\n4,0,1\n3,4,0\n", "0>1:2 1>2:3 2>3:4 4>0:1 3>4:0"),
    CASE("6 4\n1 2\n2 3\n3 4\n4 5\n", "6>4 1>2 2>3 3>4 4>5 [its first line, 6 4, is read as an edge: take it "
                                      "out if it counts nodes and edges] "
                                      "[node 0 has no edge: are the nodes counted from 1?]"),
    CASE("0 1\n                                                     1                 2\n2 0\n",
         "0>1 1>2 2>0"),
    CASE("0 1\n# a comment that goes on for much longer than the other lines of this file\n2 0\n", "0>1 2>0"),
    CASE("# nothing\n\n", "no edges"),
    CASE("a,b\n# a header alone\n", "no edges"),
    CASE("0 1\n1 2\n1 x\n2 3\n1 y\n", "line 3: not a node id: x"),
    CASE("0 1\n\n# c\n1 2\r\n1 2 3\n4\n", "line 5: more columns than the first line: 3, not 2"),
    CASE("0 1\n1\n", "line 2: fewer columns than the first line: 1, not 2"),
    CASE("0 1\n\n1 99999999999999999999\n", "line 3: not a node id: 99999999999999999999"),
    CASE("0 1\n9223372036854775807 1\n", "line 2: node id out of range: 9223372036854775807"),
    CASE("0 1\n1 -2\n", "line 2: node id out of range: -2"),
    CASE("0 1\n1 2.0\n", "line 2: not a node id: 2.0"),
    CASE("0,1\n1,\n", "line 2: not a node id: (empty)"),
    CASE("0,1,1\n1,2,nan\n1,2,x\n", "line 2: not finite: nan"),
    CASE("0,1,1\n1,2,.\n", "line 2: not a number: ."),
    CASE("0,1\n\"1,2\n2,0\n", "line 2: a quote does not end within its line"),
    CASE("0 1\n1 2\n1\0002\n", "line 3: not text (a zero byte: UTF-16?)"),
    CASE("0 1\n1 2\r2 3\n3 0\n",
         "line 2: a carriage return within the line: lines end in \\n or \\r\\n (see tr, dos2unix)"),
    CASE("0 4294967296\n1 2\n",
         "node 4294967296 among 2 edges: number the nodes from 0 without gaps, or say --nodes 4294967297"),
#undef CASE
};

/* Writes the file, compressed in two members that are divided anywhere. Collective. */
static void write_zipped(const char *text, size_t bytes)
{
    const size_t first = bytes / 3;
    for (int member = 0; hg_test_comm.rank == 0 && member < 2; member++) {
        gzFile file = gzopen(zipped, member == 0 ? "wb" : "ab");
        const unsigned length = (unsigned)(member == 0 ? first : bytes - first);
        assert_non_null(file);
        assert_int_equal(gzwrite(file, text + (member == 0 ? 0 : first), length), length);
        assert_int_equal(gzclose(file), Z_OK);
    }
    hg_comm_barrier(&hg_test_comm);
}

static void assert_result(const char *path, int64_t block_bytes, struct hg_team *team, const char *expected)
{
    static char text[RESULT];
    result_of(path, block_bytes, team, text);
    if (strcmp(text, expected) != 0)
        fail_msg("%s in blocks of %lld bytes: \"%s\", not \"%s\"", path, (long long)block_bytes, text,
                 expected);
}

static void blocks_of_every_length(void **state)
{
    struct hg_team *team = NULL;
    (void)state;
    assert_ok(hg_team_create(3, true, &team));
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        scratch_write(plain, cases[c].text, cases[c].bytes);
        write_zipped(cases[c].text, cases[c].bytes);
        assert_result(plain, 0, NULL, cases[c].result);
        assert_result(zipped, 0, team, cases[c].result);
        for (int64_t bytes = 1; bytes <= (int64_t)cases[c].bytes + 1; bytes += 1 + bytes / 16) {
            assert_result(plain, bytes, bytes % 4 == 0 ? NULL : team, cases[c].result);
            if (bytes % 5 == 1) assert_result(zipped, bytes, team, cases[c].result);
        }
    }
    hg_team_destroy(team);
}

enum { LINES = 150000, LINE = 14 };

/* A list that is much longer than what is read at once: LINES lines of LINE bytes, a ring. */
static char *long_text(void)
{
    char *text = NULL;
    assert_ok(HG_NEW(text, LINES * LINE + 1));
    for (int k = 0; k < LINES; k++) sprintf(text + (size_t)k * LINE, "%06d %06d\n", k, (k + 1) % LINES);
    return text;
}

static void assert_ring(const char *path, int64_t block_bytes)
{
    struct hg_import_options options = sample_options(path);
    struct hg_node_table rows;
    options.block_bytes = block_bytes;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.num_edges, LINES);
    for (int64_t i = 0; i < rows.count; i++) {
        const hg_gid before = (rows.imported[i] + LINES - 1) % LINES;
        assert_true(rows.indptr[i + 1] == i + 1 && rows.indices[i] == before && rows.edge_id[i] == before);
    }
    hg_node_table_destroy(&rows);
}

/* A compressed file that is cut off or damaged far behind its beginning. */
static void damaged_files_are_refused(void **state)
{
    char *text = long_text(), whole[RESULT];
    size_t bytes = 0;
    (void)state;
    write_zipped(text, LINES * LINE);
    assert_ring(zipped, 0);
    assert_ring(zipped, 4097);
    char *compressed = scratch_read(zipped, &bytes);
    hg_comm_barrier(&hg_test_comm); /* before it is replaced */
    for (int percent = 50; percent < 100; percent += 24) {
        scratch_write(zipped, compressed, bytes * (size_t)percent / 100);
        for (int64_t block = 0; block < 100000; block += 99991) {
            result_of(zipped, block, NULL, whole);
            assert_string_equal(whole, "truncated or damaged");
        }
    }
    compressed[bytes - 6] ^= 1; /* of the checksum */
    scratch_write(zipped, compressed, bytes);
    result_of(zipped, 0, NULL, whole);
    assert_string_equal(whole, "truncated or damaged");
    hg_mem_free(compressed);
    hg_mem_free(text);
}

/* The first wrong line is named, whichever rank has it, and whatever is wrong behind it. */
static void the_first_error_is_named(void **state)
{
    char *text = long_text(), result[RESULT], expected[64];
    (void)state;
    text[(LINES - 1) * LINE + 3] = '\0';
    for (int k = 2; k >= 0; k--) { /* each one is before the last one */
        const int64_t line = LINES / 3 * k + 17;
        text[line * LINE + 3] = 'x';
        scratch_write(plain, text, LINES * LINE);
        snprintf(expected, sizeof expected, "line %lld: not a node id: %.6s", (long long)line + 1,
                 text + line * LINE);
        result_of(plain, k * 10007, NULL, result);
        assert_string_equal(result, expected);
    }
    hg_mem_free(text);
}

/* The k-th allocation fails on one rank: every rank returns a failure, none hangs, nothing leaks. */
static void allocation_failures_are_clean(void **state)
{
    struct hg_import_options options = sample_options(plain);
    hg_status status = HG_NOMEM;
    struct hg_team *team = NULL;
    (void)state;
    scratch_write(plain, cases[9].text, cases[9].bytes);
    assert_ok(hg_team_create(2, true, &team));
    const int64_t before = hg_mem_live();
    options.block_bytes = 5;
    options.build.team = team;
    for (int k = 0; status != HG_OK && k < 400; k++) {
        struct hg_node_table rows;
        if (hg_test_comm.rank == hg_test_comm.size - 1) hg_mem_fail_at(k);
        status = hg_import(&hg_test_comm, &options, &rows);
        hg_mem_fail_at(-1);
        hg_status_clear();
        if (status == HG_OK) hg_node_table_destroy(&rows);
        assert_int_equal(hg_mem_live(), before);
    }
    assert_int_equal(status, HG_OK);
    hg_team_destroy(team);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(blocks_of_every_length),
    cmocka_unit_test(damaged_files_are_refused),
    cmocka_unit_test(the_first_error_is_named),
    cmocka_unit_test(allocation_failures_are_clean),
};

HG_TEST_MAIN_RUNNING(cmocka_run_group_tests(tests, setup, teardown))
