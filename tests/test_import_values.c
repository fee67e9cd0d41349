/* Values are not misread: digits lost in float32, the meaning of labels and arrays, and the notes about them. */
#include "import_sample.h"

#include "io/graph_file.h"
#include "ordered.h"
#include "partition/partitioner.h"
#include "train/dataset.h"
#include <math.h>

static char folder[SCRATCH_BYTES], path[2 * SCRATCH_BYTES], graph[2 * SCRATCH_BYTES];
static struct hg_notes notes;

/* An archive of edge_index and the given arrays: at most 8, ended by one without a name. */
static struct hg_import_options archive(const struct sample_array *others)
{
    struct sample_array arrays[SAMPLE_ARRAYS] = {
        {"edge_index", "<i8", "(2, 9)", false, sample_edges, sizeof sample_edges}};
    for (int k = 0; others[k].name != NULL; k++) arrays[k + 1] = others[k];
    sample_npz(path, arrays, true);
    notes = (struct hg_notes){0};
    struct hg_import_options options = sample_options(path);
    options.notes = &notes;
    return options;
}

static void assert_said(const char *wanted, bool said)
{
    if ((strstr(notes.text, wanted) != NULL) != said)
        fail_msg("\"%s\" is %s \"%s\"", wanted, said ? "not in" : "in", notes.text);
}

static const double moments[NODES] = {1700000001, 1700000061, 1700000001, 1700000061, 1700000001, 1700000061};

/* Which columns are noted as losing digits, and which are not. */
static void lost_digits_are_said(void **state)
{
    static const struct {
        double value[NODES];
        const char *note; /* NULL: nothing is said */
    } cases[] = {
        {{1, 2, 3, 4, 5, 6}, NULL},
        {{0.1, 0.2, 0.3, 0.1 + 0.2, 0.7, 1 / 3.0}, NULL}, /* 0.3 and 0.1 + 0.2 differ by rounding only */
        {{1e9, 2e9, 3e9, 4e9, 5e9, 6e9}, NULL},           /* whole numbers with few digits: nothing is lost */
        {{1.00000001, 1.00000002, 1, 5, 6, 7},
         "x column 0: values differ only beyond float32; --keep-double"},
        {{1e-50, 0, 0, 0, 0, 0}, "x column 0: values differ only beyond float32"},
        {{16777217, 5, 0, 0, 0, 0}, "x column 0: whole numbers above 2^24 change in float32; --keep-double"},
        {{1700000001, 1700000061, 0, 0, 0, 0}, "x column 0: values differ only beyond float32"},
        {{1700000001.5, 1700000001.5, 1700000001.5, 1700000001.5, 1700000001.5, 1700000001.5}, NULL},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_node_table rows;
        const struct hg_import_options options =
            archive((struct sample_array[]){{"x", "<f8", "(6, 1)", false, cases[c].value, 48}, {0}});
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        assert_said(cases[c].note != NULL ? cases[c].note : "x column", cases[c].note != NULL);
        assert_false(rows.info.wide);
        hg_node_table_destroy(&rows);
    }
}

/* Integers, sparse features, edge features and targets lose digits, too: the first column is named, the others are
 * counted. */
static void lost_digits_of_every_table_are_said(void **state)
{
    static const int64_t whole[NODES][2] = {{16777217, 33554435}}, indptr[NODES + 1] = {0, 1, 2, 2, 2, 2, 2};
    static const int64_t columns[2] = {1, 1}, shape[2] = {NODES, 2};
    static const double stored[2] = {1700000000.25, 1700000000.75}, weights[EDGES] = {1700000001, 1700000061};
    struct hg_import_options options =
        archive((struct sample_array[]){{"x", "<i8", "(6, 2)", false, whole, sizeof whole},
                                        {"edge_weight", "<f8", "(9,)", false, weights, sizeof weights},
                                        {"y", "<f8", "(6,)", false, moments, sizeof moments},
                                        {0}});
    struct hg_node_table rows;
    (void)state;
    options.has_task = true;
    options.task = HG_REGRESSION;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("x column 0: whole numbers above 2^24 change in float32, as in 1 more column", true);
    assert_said("edge features column 0: values differ only beyond float32", true);
    assert_said("y column 0: values differ only beyond float32", true);
    hg_node_table_destroy(&rows);
    options = archive((struct sample_array[]){{"x_shape", "<i8", "(2,)", false, shape, sizeof shape},
                                              {"x_indptr", "<i8", "(7,)", false, indptr, sizeof indptr},
                                              {"x_indices", "<i8", "(2,)", false, columns, sizeof columns},
                                              {"x_data", "<f8", "(2,)", false, stored, sizeof stored},
                                              {0}});
    options.keep_double = true;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("x column", false);
    assert_ok(hg_graph_file_write(&hg_test_comm, graph, &rows, NULL));
    assert_true(rows.info.wide);
    hg_node_table_destroy(&rows);
    const struct hg_range block = hg_block_range(NODES, hg_test_comm.rank, hg_test_comm.size);
    assert_ok(hg_graph_file_read(&hg_test_comm, graph, &block, 1, HG_READ_ROWS, &rows));
    for (int64_t i = 0; i < rows.count; i++)
        for (hg_eid e = rows.x.indptr[i]; e < rows.x.indptr[i + 1]; e++)
            assert_true(rows.x.wide[e] == stored[rows.imported[i]]);
    hg_node_table_destroy(&rows);
    options.keep_double = false;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("x column 1: values differ only beyond float32", true);
    hg_node_table_destroy(&rows);
}

/* Numbers in text are float64, too. */
static void lost_digits_of_text_are_said(void **state)
{
    struct hg_import_options options = sample_options(path);
    struct hg_node_table rows;
    (void)state;
    sample_text(path, "0 1 1700000000.25 7\n1 2 1700000000.5 8\n2 0 1700000000.75 9\n");
    notes = (struct hg_notes){0};
    options.notes = &notes;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("edge features column 0: values differ only beyond float32; edge features are float32", true);
    hg_node_table_destroy(&rows);
}

/* Standardises the features of a graph file in cell order, as training does, and checks them. */
static void standardise(const char *file, double expected)
{
    struct hg_dataset data;
    struct hg_data_options options = hg_train_options_default().data;
    options.graph = file;
    options.normalize_features = HG_NORMALIZE_STANDARD;
    assert_ok(hg_dataset_open(&hg_test_comm, &options, false, &data));
    assert_true(data.rows.x.wide != NULL);
    assert_ok(hg_statistics_measure(&data.shard, &data.rows, data.mask[HG_TRAIN], &data.statistics));
    assert_true(data.statistics.feature_shift[0] == 1700000031 &&
                data.statistics.feature_scale[0] == 1.0 / 30);
    assert_ok(hg_statistics_apply(&hg_test_comm, &options, &data.statistics, &data.rows, NULL));
    assert_true(data.rows.x.wide == NULL);
    for (int64_t i = 0; i < data.rows.count; i++)
        assert_true(data.rows.x.dense[i] == (hg_real)(data.rows.imported[i] % 2 == 0 ? -expected : expected));
    hg_dataset_destroy(&data);
}

static void kept_digits_reach_training(void **state)
{
    static const uint8_t all[NODES] = {1, 1, 1, 1, 1, 1};
    const struct hg_partition_options options = {.cells = 2};
    struct hg_import_options source =
        archive((struct sample_array[]){{"x", "<f8", "(6, 1)", false, moments, sizeof moments},
                                        {"y", "<i8", "(6,)", false, sample_y, sizeof sample_y},
                                        {"train_mask", "|b1", "(6,)", false, all, NODES},
                                        {0}});
    struct hg_node_table rows;
    struct hg_cells cells;
    (void)state;
    source.keep_double = true;
    assert_ok(hg_import(&hg_test_comm, &source, &rows));
    assert_said("x column", false);
    assert_ok(hg_graph_file_write(&hg_test_comm, graph, &rows, NULL));
    standardise(graph, 1);
    assert_ok(ordered_rows(&hg_test_comm, &options, &rows, &cells));
    assert_ok(hg_graph_file_write(&hg_test_comm, graph, &rows, &cells));
    assert_ok(hg_graph_file_check(&hg_test_comm, graph));
    hg_node_table_destroy(&rows);
    hg_cells_destroy(&cells);
    standardise(graph, 1);
}

/* --normalize-features row: every row whose sum is not 0 has the sum 1 afterwards; values that float32 cannot
 * represent are named. */
static void rows_are_divided_by_their_sum(void **state)
{
    static const double x[NODES][2] = {{0.125, 0.125}, {0, 0}, {3, -1}, {1e-30, 0}, {1e300, 1e300}, {1, 0}};
    static const double wanted[NODES][2] = {{0.5, 0.5}, {0, 0}, {0.75, -0.25}, {1, 0}, {0.5, 0.5}, {1, 0}};
    struct hg_import_options options =
        archive((struct sample_array[]){{"x", "<f8", "(6, 2)", false, x, sizeof x}, {0}});
    struct hg_statistics none = {0};
    struct hg_data_options data = {.graph = path};
    (void)state;
    options.keep_double = true;
    for (int row = 0; row < 2; row++) {
        struct hg_node_table rows;
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        data.normalize_features = row == 1 ? HG_NORMALIZE_ROW : HG_NORMALIZE_NONE;
        const hg_status status = hg_statistics_apply(&hg_test_comm, &data, &none, &rows, NULL);
        if (row == 0) assert_fails(status, "feature 0 of node 4 is too large for float32");
        if (row == 1) assert_int_equal(status, HG_OK);
        for (int64_t k = 0; row == 1 && k < rows.count * 2; k++)
            assert_true(rows.x.dense[k] == (hg_real)wanted[rows.imported[k / 2]][k % 2]);
        hg_node_table_destroy(&rows);
    }
}

/* Labels: the note about each, and the classes with --task single-label. */
static void labels_say_how_they_are_understood(void **state)
{
    static const double floats[NODES] = {0, 1, NAN, 2, -1, 0}, numbers[NODES] = {0.5, 1, 2, 3, 4, 5};
    static const int64_t hot[NODES][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}};
    static const int64_t counted[NODES] = {1, 2, 2, 1, 1, -1}, gaps[NODES] = {0, 3, 5, 0, 0, 0};
    static const int32_t turned[NODES] = {0, 1 << 24, 2 << 24, 0, 1 << 24, 2 << 24};
    static const int64_t labels[NODES][2] = {{1, 1}}, whole[NODES][2] = {{1, 5}};
    static const struct {
        struct sample_array y;
        const char *note; /* NULL: nothing is said */
        enum hg_task task;
        int32_t classes[NODES]; /* with --task single-label; not tested when the first is -2 */
    } cases[] = {
        {{"y", "<f8", "(6,)", false, floats, 48},
         "y: whole numbers as floats: classes? --task single-label",
         HG_REGRESSION,
         {0, 1, -1, 2, -1, 0}},
        {{"y", "<f8", "(6,)", false, numbers, 48}, NULL, HG_REGRESSION, {-2}},
        {{"y", "<i8", "(6, 3)", false, hot, sizeof hot},
         "y: one 1 in every row: one-hot classes? --task single-label",
         HG_MULTI_LABEL,
         {0, 1, 2, 1, 0, 2}},
        {{"y", "<i8", "(6, 2)", false, labels, sizeof labels}, NULL, HG_MULTI_LABEL, {-2}},
        {{"y", "<i8", "(6, 2)", false, whole, sizeof whole},
         "y: whole numbers in 2 columns",
         HG_REGRESSION,
         {-2}},
        {{"y", "<i8", "(6,)", false, counted, 48},
         "y: class 0 has no node: are classes counted from 1?",
         HG_SINGLE_LABEL,
         {1, 2, 2, 1, 1, -1}},
        {{"y", "<i8", "(6,)", false, gaps, 48},
         "y: 3 of 6 classes have no node: 1, 2, 4",
         HG_SINGLE_LABEL,
         {0, 3, 5, 0, 0, 0}},
        {{"y", ">i4", "(6,)", false, turned, sizeof turned}, NULL, HG_SINGLE_LABEL, {0, 1, 2, 0, 1, 2}},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct hg_import_options options = archive((struct sample_array[]){cases[c].y, {0}});
        struct hg_node_table rows;
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        assert_int_equal(rows.info.task, cases[c].task);
        assert_said(cases[c].note != NULL ? cases[c].note : "y", cases[c].note != NULL);
        hg_node_table_destroy(&rows);
        if (cases[c].classes[0] == -2) continue;
        options.has_task = true;
        options.task = HG_SINGLE_LABEL;
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        for (int64_t i = 0; i < rows.count; i++)
            assert_int_equal(rows.y_class[i], cases[c].classes[rows.imported[i]]);
        hg_node_table_destroy(&rows);
    }
}

/* Labels that fit no task, or not the task that was asked for. */
static void labels_that_do_not_fit_are_refused(void **state)
{
    static const double low[NODES] = {0, 1, -2, 0, 0, 0};
    static const int64_t two[NODES][2] = {{1, 0}, {1, 1}}, many[NODES] = {0, 70};
    struct hg_node_table rows;
    (void)state;
    struct hg_import_options options =
        archive((struct sample_array[]){{"y", "<f8", "(6,)", false, low, sizeof low}, {0}});
    options.has_task = true;
    options.task = HG_SINGLE_LABEL;
    assert_fails(hg_import(&hg_test_comm, &options, &rows), "node 2, column 0: -2 is below -1 (none)");
    options = archive((struct sample_array[]){{"y", "<i8", "(6, 2)", false, two, sizeof two}, {0}});
    options.has_task = true;
    options.task = HG_SINGLE_LABEL;
    assert_fails(hg_import(&hg_test_comm, &options, &rows), "node 1, column 1: 1 is a second 1 in its row");
    options = archive((struct sample_array[]){{"y", "<i8", "(6,)", false, many, sizeof many}, {0}});
    assert_fails(hg_import(&hg_test_comm, &options, &rows), "class 70 for 6 nodes: more classes than nodes");
    options.has_task = true;
    options.task = HG_SINGLE_LABEL;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.num_outputs, 71);
    hg_node_table_destroy(&rows);
}

/* Targets in text files are numbers, even if all of them are 0 or 1. */
static void targets_are_numbers(void **state)
{
    char targets[2 * SCRATCH_BYTES];
    struct hg_node_table rows;
    (void)state;
    snprintf(targets, sizeof targets, "%.500s/targets.csv", folder);
    sample_text(path, "0 1\n1 2\n2 0\n");
    sample_text(targets, "0,1\n1,1\n0,0\n");
    notes = (struct hg_notes){0};
    struct hg_import_options options = sample_options(path);
    options.targets = targets;
    options.notes = &notes;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.task, HG_REGRESSION);
    assert_int_equal(notes.length, 0);
    hg_node_table_destroy(&rows);
}

/* Lists of ids are masks, edge weights are edge features, and arrays that are not read are named. */
static void usual_arrays_are_understood(void **state)
{
    static const int64_t train[3] = {5, 0, 2}, val[1] = {1};
    static const uint8_t test[2] = {3, 4};
    static const float attr[EDGES] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, weight[EDGES] = {0.5f};
    static const int wanted[NODES] = {HG_TRAIN, HG_VAL, HG_TRAIN, HG_TEST, HG_TEST, HG_TRAIN};
    struct hg_node_table rows;
    (void)state;
    struct hg_import_options options =
        archive((struct sample_array[]){{"y", "<i8", "(6,)", false, sample_y, sizeof sample_y},
                                        {"train_idx", "<i8", "(3,)", false, train, sizeof train},
                                        {"valid_idx", "<i8", "(1,)", false, val, sizeof val},
                                        {"test_idx", "|u1", "(2,)", false, test, sizeof test},
                                        {"edge_attr", "<f4", "(9, 1)", false, attr, sizeof attr},
                                        {"edge_weight", "<f4", "(9,)", false, weight, sizeof weight},
                                        {"pos", "<f4", "(9,)", false, attr, sizeof attr},
                                        {"labels", "<i8", "(1,)", false, val, sizeof val},
                                        {0}});
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("edge_weight: read as edge feature 1", true);
    assert_said("not read: pos, labels (rename it to y?)", true);
    assert_int_equal(rows.info.num_edge_features, 2);
    for (int64_t i = 0; i < rows.count; i++) {
        for (int s = 0; s < HG_SPLITS; s++) assert_int_equal(rows.mask[s][i], wanted[rows.imported[i]] == s);
        for (hg_eid e = rows.indptr[i]; e < rows.indptr[i + 1]; e++) {
            assert_true(rows.edge_attr[2 * e] == (hg_real)(rows.edge_id[e] + 1));
            assert_true(rows.edge_attr[2 * e + 1] == (hg_real)(rows.edge_id[e] == 0 ? 0.5 : 0));
        }
    }
    hg_node_table_destroy(&rows);
    options = archive((struct sample_array[]){{"y", "<i8", "(6,)", false, sample_y, sizeof sample_y},
                                              {"train_mask", "|b1", "(6,)", false, sample_mask[0], NODES},
                                              {"train_idx", "<i8", "(3,)", false, train, sizeof train},
                                              {0}});
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_said("not read: train_idx\n", true);
    for (int64_t i = 0; i < rows.count; i++)
        assert_int_equal(rows.mask[HG_TRAIN][i], sample_mask[0][rows.imported[i]]);
    hg_node_table_destroy(&rows);
}

/* Big-endian arrays are read, in C and in Fortran order. */
static void every_order_of_bytes_is_read(void **state)
{
    static uint8_t x[NODES * FEATURES][8], edges[2 * EDGES][8];
    struct hg_node_table rows;
    (void)state;
    for (int k = 0; k < NODES * FEATURES; k++)
        for (int b = 0; b < 8; b++) {
            const double value = sample_x[k % NODES][k / NODES]; /* Fortran order */
            x[k][b] = ((const uint8_t *)&value)[7 - b];
        }
    for (int k = 0; k < 2 * EDGES; k++)
        for (int b = 0; b < 8; b++)
            edges[k][b] = ((const uint8_t *)&sample_edges[k / EDGES][k % EDGES])[7 - b];
    const struct sample_array arrays[] = {{"edge_index", ">i8", "(2, 9)", false, edges, sizeof edges},
                                          {"x", ">f8", "(6, 3)", true, x, sizeof x},
                                          {0}};
    const struct hg_import_options options = sample_options(path);
    sample_npz(path, arrays, false);
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    for (int64_t k = 0; k < rows.count * FEATURES; k++)
        assert_true(rows.x.dense[k] == (hg_real)sample_x[rows.imported[k / FEATURES]][k % FEATURES]);
    for (int64_t i = 0; i < rows.count; i++)
        for (hg_eid e = rows.indptr[i]; e < rows.indptr[i + 1]; e++)
            assert_int_equal(rows.indices[e], sample_edges[0][rows.edge_id[e]]);
    hg_node_table_destroy(&rows);
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/values.npz", folder);
    snprintf(graph, sizeof graph, "%s/graph.h5", folder);
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
    cmocka_unit_test_setup(lost_digits_are_said, make_folder),
    cmocka_unit_test(lost_digits_of_every_table_are_said),
    cmocka_unit_test(lost_digits_of_text_are_said),
    cmocka_unit_test(kept_digits_reach_training),
    cmocka_unit_test(rows_are_divided_by_their_sum),
    cmocka_unit_test(labels_say_how_they_are_understood),
    cmocka_unit_test(labels_that_do_not_fit_are_refused),
    cmocka_unit_test(targets_are_numbers),
    cmocka_unit_test(usual_arrays_are_understood),
    cmocka_unit_test_teardown(every_order_of_bytes_is_read, remove_folder),
};

HG_TEST_MAIN(tests)
