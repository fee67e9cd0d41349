/* Malformed data sets: one line that names the file, the place and the reason, the same on every rank; no crash, hang
 * or leak. */
#include "import_sample.h"

#include "io/import/matrix_market.h"
#include <math.h>
#include <sys/inotify.h>

static char folder[SCRATCH_BYTES], list[2 * SCRATCH_BYTES], beside[2 * SCRATCH_BYTES];

static void assert_import_fails(const struct hg_import_options *options, const char *message)
{
    struct hg_node_table rows;
    assert_fails(hg_import(&hg_test_comm, options, &rows), message);
    assert_null(rows.indices);
}

static void bad_edge_lists_are_named(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"0 1\n1 x\n", "list.txt: line 2: not a node id: x"},
        {"# c\n0 1\n\n1\n", "line 4: fewer columns than the first line: 1, not 2"},
        {"0,1\n1,\n", "line 2: not a node id: (empty)"},
        {"0 1\n-1 0\n", "line 2: node id out of range: -1"},
        {"0 1\n99999999999999999999 0\n", "line 2: not a node id"},
        {"0 1 0.5\n1 0\n", "line 2: fewer columns"},
        {"0 1\n1 0 7\n", "line 2: more columns"},
        {"0 1 0.5\n1 0 nan\n", "line 2: not finite: nan"},
        {"0 1 0.5\n1 0 1e999\n", "line 2: not finite: 1e999"},
        {"0 1 0.5\n1 0 a\n", "line 2: not a number: a"},
        {"a b\nc d\n", "line 2: not a node id: c"},
        {"# nothing\n", "no edges"},
        {"", "is empty"},
        {"7\n", "line 1: source and target expected"},
        {"0 9223372036854775806\n", "nodes are more than 2^48"},
    };
    const struct hg_import_options options = sample_options(list);
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        sample_text(list, cases[c].text);
        assert_import_fails(&options, cases[c].message);
    }
    scratch_write(list, "0 1\n1\0 2\n", 9);
    assert_import_fails(&options, "line 2: not text");
}

/* The option that a file is given to, besides the edge list. */
enum role { LABELS, TARGETS, MASK, NAMES, CLASSES, MTX, ROLES };

static void give(struct hg_import_options *options, enum role role, const char *path)
{
    const char **const option[ROLES] = {
        [LABELS] = &options->labels, [TARGETS] = &options->targets,     [MASK] = &options->mask[HG_TRAIN],
        [NAMES] = &options->names,   [CLASSES] = &options->class_names, [MTX] = &options->features,
    };
    *option[role] = path;
}

static void bad_files_of_nodes_are_named(void **state)
{
    static const struct {
        enum role role;
        const char *text, *message;
    } cases[] = {
        {LABELS, "0\n1\n", "beside.mtx: 2 lines for 3 nodes"},
        {LABELS, "0\n1\n1\n0\n", NULL},
        {LABELS, "0\nx\n1\n", "line 2: not a number: x"},
        {LABELS, "0\n1.5\n1\n", "line 2: not an integer: 1.5"},
        {LABELS, "0,1\n1\n1,1\n", "line 2: fewer columns than the first line: 1, not 2"},
        {LABELS, "0,1\n1,0,1\n1,1\n", "line 2: more columns than the first line: 3, not 2"},
        {LABELS, "\n\n\n", "has no labels"},
        {LABELS, "-1\n-1\n-1\n", "no node has a label"},
        {LABELS, "0\n3000000000\n1\n", "node 1, column 0: 3000000000 is not a class"},
        {TARGETS, "0\ninf\n1\n", "node 1, column 0: inf is not finite"},
        {MASK, "0\n3\n", "line 2: node 3 outside 0..2"},
        {MASK, "0\n1 2\n", "line 2: more columns than the first line: 2, not 1"},
        {NAMES, "a\nb\n", "2 names for 3 nodes"},
        {MTX, "%%MatrixMarket matrix coordinate real symmetric\n3 2 0\n",
         "line 2: a symmetric matrix has as many"},
        {MTX, "%%MatrixMarket matrix coordinate complex hermitian\n3 3 0\n",
         "line 1: only coordinate or array"},
        {MTX, "3 2 0\n", "line 1: not a MatrixMarket file"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 x 0\n", "line 2: sizes expected"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n", "sizes expected"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n4 2 0\n", NULL},
        {MTX, "%%MatrixMarket matrix coordinate real general\n2 2 0\n", "2 rows for 3 nodes"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 1\n4 1 1\n", "line 3: row outside"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 1\n1 0 1\n", "line 3: column outside"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 1\n", "ends after 1 of 2 entries"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 1\n1 1 1\n2 1 1\n", "more entries than"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 2\n1 1 1\n1 1 2\n",
         "row 0, column 0 occurs twice"},
        {MTX, "%%MatrixMarket matrix coordinate real general\n3 2 1\n2 2 inf\n",
         "row 1, column 1 is not finite"},
        {MTX, "%%MatrixMarket matrix array real general\n3 1\n1\nnan\n3\n", "row 1, column 0 is not finite"},
        {MTX, "%%MatrixMarket matrix array real general\n9000000000000000000 9\n", "absurd sizes"},
        {MTX, "%%MatrixMarket matrix array real general\n3 2147483647\n1\n", "larger than it can be"},
    };
    (void)state;
    sample_text(list, "0 1\n1 2\n2 0\n");
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_import_options options = sample_options(list);
        struct hg_node_table rows;
        sample_text(beside, cases[c].text);
        give(&options, cases[c].role, beside);
        if (cases[c].message != NULL) {
            assert_import_fails(&options, cases[c].message);
            continue;
        }
        /* no failure: these files are for one node more than the edges have */
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        assert_int_equal(rows.info.num_nodes, 4);
        hg_node_table_destroy(&rows);
    }
}

/* A file that changes between two readings must not be read twice: sizes of the first reading need not hold for the
 * second. */
static void a_matrix_is_read_once(void **state)
{
    static const char *const texts[] = {
        "%%MatrixMarket matrix coordinate real general\n3 2 2\n3 1 5\n1 2 4\n",
        "%%MatrixMarket matrix array real general\n3 1\n7\n8\n9\n"};
    (void)state;
    for (int k = 0; k < 2; k++) {
        struct hg_features x = {0};
        char events[4096];
        sample_text(beside, texts[k]);
        const int watch = inotify_init1(IN_NONBLOCK);
        assert_true(watch >= 0 && inotify_add_watch(watch, folder, IN_OPEN) >= 0);
        if (hg_test_comm.rank == 0) {
            assert_ok(hg_matrix_market_read(beside, (struct hg_range){0, 3}, &x));
            const ssize_t bytes = read(watch, events, sizeof events);
            assert_true(bytes > 0);
            struct inotify_event first;
            memcpy(&first, events, sizeof first);
            assert_int_equal(bytes, sizeof first + first.len); /* one event */
            if (k == 0) assert_true(x.indptr[3] == 2 && x.indices[0] == 1 && x.wide[1] == 5);
            if (k == 1) assert_true(x.wide[2] == 9);
            hg_mem_free(x.indptr), hg_mem_free(x.indices), hg_mem_free(x.wide);
            x = (struct hg_features){0};
            assert_fails(hg_matrix_market_read(beside, (struct hg_range){2, 4}, &x), "has fewer rows");
        }
        close(watch);
        hg_comm_barrier(&hg_test_comm);
    }
}

static void class_names_must_fit(void **state)
{
    struct hg_import_options options = sample_options(list);
    char labels[2 * SCRATCH_BYTES];
    (void)state;
    snprintf(labels, sizeof labels, "%.500s/labels.txt", folder);
    sample_text(list, "0 1\n1 2\n2 0\n");
    sample_text(labels, "0\n1\n2\n");
    sample_text(beside, "a\nb\n");
    options.labels = labels;
    options.class_names = beside;
    assert_import_fails(&options, "2 names for 3 classes");
}

static void options_must_fit(void **state)
{
    struct hg_import_options options = sample_options(list);
    (void)state;
    sample_text(list, "0 1\n1 2\n");
    options.format = "csv";
    assert_import_fails(&options, "unknown format \"csv\"");
    options.format = "npz";
    assert_import_fails(&options, "cannot be read as .npz");
    options.format = "hdf5";
    assert_import_fails(&options, "not an HDF5 file");
    options.labels = list;
    assert_import_fails(&options, "labels: only for edge lists in text");
    options.format = NULL;
    options.targets = list;
    assert_import_fails(&options, "exclude each other");
    options = sample_options(list);
    options.num_nodes = 2;
    assert_import_fails(&options, "needs 3 nodes, --nodes says 2");
    options.num_nodes = 0;
    sample_text(list, "0 1\n1 2147483648\n");
    assert_import_fails(&options, "node 2147483648 among 2 edges: number the nodes from 0 without gaps");
    options = sample_options(folder);
    assert_import_fails(&options, "is a folder, not a data set to import");
    options = sample_options("/nowhere/x.csv");
    assert_import_fails(&options, "/nowhere/x.csv: No such file");
    options = sample_options(list);
    options.features = list;
    assert_import_fails(&options, "features are read from .mtx or .npy");
}

/* Writes the sample as arrays, one of them replaced; NULL data removes it. */
static void write_arrays(const char *path, const struct sample_array *other)
{
    struct sample_array arrays[SAMPLE_ARRAYS] = {
        {"edge_index", "<i8", "(2, 9)", false, sample_edges, sizeof sample_edges},
        {"x", "<f8", "(6, 3)", false, sample_x, sizeof sample_x},
        {"y", "<i8", "(6,)", false, sample_y, sizeof sample_y},
        {"train_mask", "|b1", "(6,)", false, sample_mask[0], NODES},
    };
    const bool has_ids = strcmp(other->name, "train_idx") == 0; /* read only where there is no mask */
    int at = has_ids ? 3 : 0;
    while (!has_ids && at < 4 && strcmp(arrays[at].name, other->name) != 0) at++;
    arrays[at] = *other;
    if (other->data == NULL)
        for (; at < 4; at++) arrays[at] = arrays[at + 1];
    sample_npz(path, arrays, false);
}

static void bad_arrays_are_named(void **state)
{
    static const double wild[NODES * FEATURES] = {[4] = INFINITY};
    static const int64_t edges[2 * EDGES] = {[7] = 6}, indptr[NODES + 1] = {0, 2, 1, 2, 2, 2, 2};
    static const int64_t shape[2] = {NODES, FEATURES}, five = 5, none = 0, beyond = INT64_MAX - 1;
    static const uint8_t marks[NODES] = {0, 1, 2};
    static const double huge[NODES * FEATURES] = {[5] = 1e300};
    static const uint64_t unsigned_edges[2 * EDGES] = {[3] = UINT64_MAX};
    static const int64_t low[NODES] = {[2] = -5}, ghost[NODES] = {[1] = 10000000}, ids[3] = {0, 6, 1};
    static const int64_t twice[NODES] = {0, 1, 1, 0, 0, 0};
    static const struct {
        struct sample_array array;
        const char *message;
    } cases[] = {
        {{"edge_index", "", "", false, NULL, 0}, "list.txt: no edge_index at the root"},
        {{"edge_index", "<f8", "(2, 9)", false, wild, 144},
         "edge_index holds floating-point numbers, not integers"},
        {{"edge_index", "<i8", "(3, 6)", false, edges, 144},
         "edge_index has 2 dimensions, 3 rows and 6 columns"},
        {{"edge_index", "<i8", "(2, 9)", false, edges, 144}, "edge 7: node 6 outside 0..5"},
        {{"edge_index", "<i8", "(2, 9)", false, edges, 143}, "edge_index is truncated"},
        {{"edge_index", "<i8", "(2, 9000000000000000000)", false, edges, 144},
         "edge_index: not an array of NumPy"},
        {{"edge_index", "<u8", "(2, 9)", false, unsigned_edges, 144},
         "edge_index: holds a number that is out of range"},
        {{"x", "<f8", "(6, 3)", false, wild, 144}, "x: row 1, column 1 is not finite"},
        {{"x", "<f8", "(6, 3)", false, huge, 144}, "x column 2: 1e+300 is beyond float32; --keep-double"},
        {{"x", "|O", "(6, 3)", false, wild, 144}, "x holds Python objects, not real numbers"},
        {{"x", "<c8", "(6, 3)", false, wild, 144}, "x holds complex numbers, not real numbers"},
        {{"x", "<U2", "(6, 3)", false, wild, 144}, "x holds text, not real numbers"},
        {{"x", "<f16", "(6, 1)", false, wild, 96}, "x holds floating-point numbers of more than 8 bytes"},
        {{"x", "<M8[s]", "(6, 3)", false, wild, 144}, "x holds dates, not real numbers"},
        {{"x", "<f8", "(6, 3, 1, 1, 1)", false, wild, 144}, "x holds an array of more than 4 dimensions"},
        {{"x", "<f8", "()", false, wild, 8}, "x has 0 dimensions"},
        {{"x", "<f8", "(6, 3", false, wild, 144}, "x: not an array of NumPy"},
        {{"x", "<f8", "(2, 3, 3)", false, wild, 144}, "x has 3 dimensions"},
        {{"y", "<i8", "(7,)", false, edges, 56}, "y has 1 dimensions, 7 rows"},
        {{"y", "<i8", "(6,)", false, low, 48}, "node 2, column 0: -5 is below -1 (none)"},
        {{"y", "<i8", "(6,)", false, ghost, 48}, "class 10000000 for 6 nodes: more classes than nodes"},
        {{"train_idx", "<i8", "(3,)", false, ids, 24}, "train_idx: node 6 outside 0..5"},
        {{"train_idx", "<i8", "(6,)", false, twice, 48}, "train_idx: node 1 occurs twice; ids are expected"},
        {{"train_mask", "|u1", "(6,)", false, marks, NODES}, "train_mask: node 2 is neither 0 nor 1"},
        {{"val_mask", "|u1", "(6, 2)", false, sample_mask, 12}, "val_mask has 2 columns, other masks 1"},
        {{"edge_attr", "<f4", "(8,)", false, wild, 32}, "edge_attr has 1 dimensions, 8 rows"},
        {{"edge_attr", "<f8", "(9, 2)", false, wild, 144}, "edge 2: feature 0 is not finite"},
        {{"graph_ptr", "<i8", "(2,)", false, shape, 16}, "graph_ptr does not go from 0 to 6"},
        {{"num_nodes", "<i8", "()", false, &five, 8}, "x has 2 dimensions, 6 rows"},
        {{"num_nodes", "<i8", "()", false, &none, 8}, "there are no nodes"},
        {{"num_nodes", "<i8", "()", false, &beyond, 8}, "nodes are more than 2^48"},
        {{"x", "<f8", "(0, 3)", false, wild, 0}, "there are no nodes"},
        {{"train_mask", "|u1", "(6, 0)", false, marks, 0}, "train_mask has no columns"},
        {{"test_mask", "|u1", "(0, 6)", false, marks, 0}, "test_mask has no columns"},
        {{"y", "<i8", "(6, 0)", false, edges, 0}, "y has no columns"},
        {{"edge_attr", "<f4", "(9, 288230376151711744)", false, wild, 0}, "edge_attr: not an array"},
    };
    const struct hg_import_options options = sample_options(list);
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        write_arrays(list, &cases[c].array);
        assert_import_fails(&options, cases[c].message);
    }
    const struct sample_array sparse[] = {
        {"edge_index", "<i8", "(2, 9)", false, sample_edges, sizeof sample_edges},
        {"x_shape", "<i8", "(2,)", false, shape, sizeof shape},
        {"x_indptr", "<i8", "(7,)", false, indptr, sizeof indptr},
        {"x_indices", "<i8", "(2,)", false, shape, sizeof shape},
        {"x_data", "<f8", "(2,)", false, wild, 16},
        {0},
    };
    sample_npz(list, sparse, false);
    assert_import_fails(&options, "x_indptr does not ascend from 0 to 2");
}

/* Files that are cut off anywhere, or have one byte changed, give rows or a failure that all ranks share. */
static void damaged_files_are_survived(void **state)
{
    const struct sample_set sets[] = {
        {"edge_index", HG_H5_INT64, 2, {2, EDGES}, sample_edges},
        {"x", HG_H5_DOUBLE, 2, {NODES, FEATURES}, sample_x},
        {0},
    };
    const struct hg_import_options options = sample_options(beside);
    char zipped[2 * SCRATCH_BYTES];
    (void)state;
    snprintf(zipped, sizeof zipped, "%.500s/edges.gz", folder);
    for (int kind = 0; kind < 3; kind++) {
        size_t bytes = 0;
        if (kind == 0) sample_hdf5(list, sets);
        if (kind == 1) write_arrays(list, &(struct sample_array){"none", "<i8", "(1,)", false, sample_y, 8});
        if (kind == 2) sample_text(zipped, "0 1\n1 2\n2 3\n3 4\n4 5\n5 6\n6 7\n");
        char *whole = scratch_read(kind == 2 ? zipped : list, &bytes);
        for (size_t cut = 0; cut < 12; cut++) {
            struct hg_node_table rows;
            scratch_write(beside, whole, bytes * cut / 12);
            assert_int_not_equal(hg_import(&hg_test_comm, &options, &rows), HG_OK);
            hg_status_clear();
        }
        for (size_t k = 0; k < 30; k++) {
            struct hg_node_table rows;
            const size_t at = bytes * k / 30;
            whole[at] = (char)(whole[at] ^ 0x55);
            scratch_write(beside, whole, bytes);
            if (hg_import(&hg_test_comm, &options, &rows) == HG_OK) hg_node_table_destroy(&rows);
            whole[at] = (char)(whole[at] ^ 0x55);
            hg_status_clear();
        }
        hg_mem_free(whole);
    }
}

/* The k-th allocation fails on one rank. */
static void allocation_failures_are_clean(void **state)
{
    struct hg_import_options options = sample_options(list);
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        hg_status status = HG_NOMEM;
        if (kind == 0) write_arrays(list, &(struct sample_array){"none", "<i8", "(1,)", false, sample_y, 8});
        if (kind == 1) {
            sample_text(list, "0 1 2\n1 2 3\n2 3 4\n");
            sample_text(beside, "%%MatrixMarket matrix coordinate real general\n4 2 2\n1 2 1\n1 1 1\n");
            options.features = beside;
        }
        for (int k = 0; status != HG_OK && k < 200; k++) {
            struct hg_node_table rows;
            if (hg_test_comm.rank == hg_test_comm.size - 1) hg_mem_fail_at(k);
            status = hg_import(&hg_test_comm, &options, &rows);
            hg_mem_fail_at(-1);
            hg_status_clear();
            if (status == HG_OK) hg_node_table_destroy(&rows);
            assert_int_equal(hg_mem_live(), 0);
        }
        assert_int_equal(status, HG_OK);
    }
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(list, sizeof list, "%s/list.txt", folder);
    snprintf(beside, sizeof beside, "%s/beside.mtx", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

/* The folder is made by the first test's setup and removed by the last one's teardown. */
static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(bad_edge_lists_are_named, make_folder),
    cmocka_unit_test(bad_files_of_nodes_are_named),
    cmocka_unit_test(a_matrix_is_read_once),
    cmocka_unit_test(class_names_must_fit),
    cmocka_unit_test(options_must_fit),
    cmocka_unit_test(bad_arrays_are_named),
    cmocka_unit_test(damaged_files_are_survived),
    cmocka_unit_test_teardown(allocation_failures_are_clean, remove_folder),
};

HG_TEST_MAIN(tests)
