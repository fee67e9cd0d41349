/* One data set in every format gives the same rows; golden files and public data sets have their known sizes. */
#include "import_sample.h"

#include <math.h>

static char folder[SCRATCH_BYTES];

static const char *in_folder(const char *name)
{
    static char path[8][2 * SCRATCH_BYTES];
    static int turn;
    turn = (turn + 1) % 8;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

/* Which parts of the sample the rows must contain. */
struct content {
    bool attr, x, sparse, y, masks;
};

static void assert_edges(const struct hg_node_table *rows, const struct content *has)
{
    struct hg_edges edges = {.attr_cols = has->attr ? 2 : 0};
    struct hg_node_table expected = {.info = {.num_nodes = NODES}};
    for (int64_t e = 0; e < EDGES && hg_test_comm.rank == 0; e++) {
        const hg_real attr[2] = {(hg_real)sample_attr[e][0], (hg_real)sample_attr[e][1]};
        assert_ok(hg_edges_append(&edges, sample_edges[0][e], sample_edges[1][e], e, attr));
    }
    assert_ok(hg_build_rows(&hg_test_comm, &edges, &(struct hg_build_options){0}, &expected));
    const size_t n = (size_t)hg_node_table_edges(&expected);
    assert_int_equal(rows->count, expected.count);
    assert_memory_equal(rows->indptr, expected.indptr, ((size_t)rows->count + 1) * sizeof *rows->indptr);
    assert_memory_equal(rows->indices, expected.indices, n * sizeof *rows->indices);
    assert_memory_equal(rows->edge_id, expected.edge_id, n * sizeof *rows->edge_id);
    if (has->attr) assert_memory_equal(rows->edge_attr, expected.edge_attr, 2 * n * sizeof(hg_real));
    hg_node_table_destroy(&expected);
}

static void assert_features(const struct hg_node_table *rows, const struct content *has)
{
    assert_int_equal(rows->info.num_features, has->x ? FEATURES : 0);
    assert_int_equal(rows->info.sparse, has->sparse);
    for (int64_t i = 0; i < rows->count && has->x; i++) {
        const double *x = sample_x[rows->imported[i]];
        hg_eid k = has->sparse ? rows->x.indptr[i] : 0;
        for (int f = 0; f < FEATURES; f++) {
            if (!has->sparse) {
                assert_true(rows->x.dense[i * FEATURES + f] == (hg_real)x[f]);
            } else if (x[f] != 0) {
                assert_int_equal(rows->x.indices[k], f);
                assert_true(rows->x.data[k++] == (hg_real)x[f]);
            }
        }
        if (has->sparse) assert_int_equal(k, rows->x.indptr[i + 1]);
    }
}

static void assert_sample(const struct hg_node_table *rows, const struct content *has)
{
    assert_int_equal(rows->info.num_nodes, NODES);
    assert_int_equal(rows->info.num_edges, EDGES);
    assert_edges(rows, has);
    assert_features(rows, has);
    assert_int_equal(rows->info.has_labels, has->y);
    assert_int_equal(rows->info.task, HG_SINGLE_LABEL);
    assert_int_equal(rows->info.num_outputs, has->y ? 3 : 0);
    assert_int_equal(rows->info.num_splits, has->masks ? 1 : 0);
    for (int64_t i = 0; i < rows->count; i++) {
        if (has->y) assert_int_equal(rows->y_class[i], sample_y[rows->imported[i]]);
        for (int s = 0; s < HG_SPLITS && has->masks; s++)
            assert_int_equal(rows->mask[s][i], sample_mask[s][rows->imported[i]]);
    }
}

static void import_and_compare(const struct hg_import_options *options, const struct content *has)
{
    struct hg_node_table rows;
    assert_ok(hg_import(&hg_test_comm, options, &rows));
    assert_sample(&rows, has);
    hg_node_table_destroy(&rows);
}

static void hdf5_becomes_rows(void **state)
{
    const struct sample_set sets[] = {
        {"edge_index", HG_H5_INT64, 2, {2, EDGES}, sample_edges},
        {"edge_attr", HG_H5_DOUBLE, 2, {EDGES, 2}, sample_attr},
        {"x", HG_H5_DOUBLE, 2, {NODES, FEATURES}, sample_x},
        {"y", HG_H5_INT64, 1, {NODES}, sample_y},
        {"train_mask", HG_H5_TRUTH, 1, {NODES}, sample_mask[0]},
        {"val_mask", HG_H5_UINT8, 2, {NODES, 1}, sample_mask[1]},
        {"test_mask", HG_H5_UINT8, 2, {1, NODES}, sample_mask[2]},
        {0},
    };
    const struct hg_import_options options = sample_options(in_folder("sample.h5"));
    (void)state;
    sample_hdf5(options.source, sets);
    import_and_compare(&options, &(struct content){true, true, false, true, true});
}

/* Features as CSR, with the columns of a row in no order. */
static const int64_t x_indptr[NODES + 1] = {0, 2, 2, 3, 6, 7, 8}, x_shape[2] = {NODES, FEATURES};
static const int32_t x_indices[8] = {2, 0, 1, 2, 0, 1, 2, 0};
static const float x_data[8] = {0.5f, 1, -2, 5, 3, 4, 64, 0.25f};

static void npz_becomes_rows(void **state)
{
    int32_t columns[EDGES][2];
    float fortran[FEATURES][NODES];
    for (int e = 0; e < EDGES; e++)
        for (int end = 0; end < 2; end++) columns[e][end] = (int32_t)sample_edges[end][e];
    for (int i = 0; i < NODES; i++)
        for (int f = 0; f < FEATURES; f++) fortran[f][i] = (float)sample_x[i][f];
    const struct sample_array common[] = {
        {"y", "<i8", "(6,)", false, sample_y, sizeof sample_y},
        {"train_mask", "|b1", "(6,)", false, sample_mask[0], NODES},
        {"val_mask", "|u1", "(6, 1)", true, sample_mask[1], NODES},
        {"test_mask", "|i1", "(1, 6)", false, sample_mask[2], NODES},
        {0},
    };
    /* edge_index as [2, E] in C order, as [2, E] in Fortran order, as [E, 2]; x dense in both orders, and sparse */
    const struct sample_array variants[3][6] = {
        {{"edge_index", "<i8", "(2, 9)", false, sample_edges, sizeof sample_edges},
         {"x", "<f8", "(6, 3)", false, sample_x, sizeof sample_x}},
        {{"edge_index", "<i4", "(2, 9)", true, columns, sizeof columns},
         {"x", "<f4", "(6, 3)", true, fortran, sizeof fortran}},
        {{"edge_index", "<i4", "(9, 2)", false, columns, sizeof columns},
         {"x_shape", "<i8", "(2,)", false, x_shape, sizeof x_shape},
         {"x_indptr", "<i8", "(7,)", false, x_indptr, sizeof x_indptr},
         {"x_indices", "<i4", "(8,)", false, x_indices, sizeof x_indices},
         {"x_data", "<f4", "(8,)", false, x_data, sizeof x_data}},
    };
    (void)state;
    for (int v = 0; v < 3; v++) {
        struct sample_array arrays[SAMPLE_ARRAYS] = {0};
        const struct hg_import_options options = sample_options(in_folder("sample.npz"));
        int n = 0;
        for (int k = 0; variants[v][k].name != NULL && k < 6; k++) arrays[n++] = variants[v][k];
        for (int k = 0; common[k].name != NULL; k++) arrays[n++] = common[k];
        sample_npz(options.source, arrays, v != 0);
        import_and_compare(&options, &(struct content){false, true, v == 2, true, true});
    }
}

static void text_becomes_rows(void **state)
{
    static const struct {
        const char *name, *text;
    } lists[] = {
        {"comma.csv",
         "source,target,a,b\n0,1,0,1\n1,0,2,3\n2,1,4,5\n2,1,6,7\n5,5,8,9\n3,4,1,0\n4,3,3,2\n0,5,5,4\n"
         "1,2,7.5,-6"},
        {"tab.tsv",
         "# comment\n0\t1\t0\t1\n1\t0\t2\t3\n\n2\t1\t4\t5\r\n2\t1\t6\t7\n5\t5\t8\t9\n3\t4\t1\t0\n%\n"
         "4\t3\t3\t2\n0\t5\t5\t4\n1\t2\t7.5\t-6\n"},
        {"space.txt.gz",
         "0 1 0 1\n1 0  2 3\n 2 1 4 5\n2 1 6 7\n5 5 8 9\n3 4 1 0\n4 3 3 2\n0 5 5 4\n1 2 7.5e0 -6\n"},
    };
    (void)state;
    for (int k = 0; k < 3; k++) {
        const struct hg_import_options options = sample_options(in_folder(lists[k].name));
        sample_text(options.source, lists[k].text);
        import_and_compare(&options, &(struct content){.attr = true});
    }
}

static const char edge_list[] = "0 1\n1 0\n2 1\n2 1\n5 5\n3 4\n4 3\n0 5\n1 2\n";

/* Features in each format with an edge list; labels and masks in two ways. */
static void text_takes_files_of_nodes(void **state)
{
    static const char mtx[] =
        "%%MatrixMarket matrix coordinate real general\n% comment\n6 3 8\n5 3 64\n1 3 .5\n"
        "1 1 1\n3 2 -2\n4 3 5\n4 2 4\n4 1 3\n6 1 0.25\n";
    static const char array[] =
        "%%MatrixMarket matrix array real general\n6 3\n1\n0\n0\n3\n0\n.25\n0\n0\n-2\n4\n0\n0\n"
        ".5\n0\n0\n5\n64\n0\n";
    static const uint16_t halves[NODES][FEATURES] = {{0x3c00, 0, 0x3800}, {0, 0, 0},
                                                     {0, 0xc000, 0},      {0x4200, 0x4400, 0x4500},
                                                     {0, 0, 0x5400},      {0x3400, 0, 0}};
    static const struct sample_array npy = {NULL, "<f2", "(6, 3)", false, halves, sizeof halves};
    const char *features[] = {in_folder("x.mtx.gz"), in_folder("x.mtx"), in_folder("x.npy")};
    char bytes[SAMPLE_NPY];
    struct hg_import_options options = sample_options(in_folder("plain.txt"));
    (void)state;
    sample_text(options.source, edge_list);
    sample_text(features[0], mtx);
    sample_text(features[1], array);
    const size_t npy_bytes = sample_npy(&npy, bytes);
    scratch_write(features[2], bytes, npy_bytes);
    options.labels = in_folder("labels.txt");
    sample_text(options.labels, "0\n2\n\n1\n0\n2\n");
    options.mask[HG_TRAIN] = in_folder("train.txt");
    sample_text(options.mask[HG_TRAIN], "1\n0\n0\n1\n0\n0\n");
    options.mask[HG_VAL] = in_folder("val.txt");
    sample_text(options.mask[HG_VAL], "1\n");
    options.mask[HG_TEST] = in_folder("test.txt");
    sample_text(options.mask[HG_TEST], "5\n4\n");
    for (int k = 0; k < 3; k++) {
        options.features = features[k];
        import_and_compare(&options, &(struct content){false, true, k == 0, true, true});
    }
}

/* The task is found from the labels (several columns of 0 and 1, numbers), or is what the option says. */
static void tasks_are_guessed_or_given(void **state)
{
    struct hg_import_options options = sample_options(in_folder("plain.txt"));
    struct hg_node_table rows;
    (void)state;
    sample_text(options.source, edge_list);
    options.labels = in_folder("labels.txt");
    sample_text(options.labels, "0,1\n1,1\n\n-1,0\nnan,1\n0,0\n");
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    static const uint8_t labels[NODES][2] = {{0, 1}, {1, 1}, {255, 255}, {255, 0}, {255, 1}, {0, 0}};
    assert_int_equal(rows.info.task, HG_MULTI_LABEL);
    assert_int_equal(rows.info.num_outputs, 2);
    for (int64_t i = 0; i < rows.count; i++)
        assert_memory_equal(rows.y_label + 2 * i, labels[rows.imported[i]], 2);
    hg_node_table_destroy(&rows);

    options.labels = NULL;
    options.targets = in_folder("targets.txt");
    sample_text(options.targets, "0\n1\nnan\n-1\n1e3\n2\n");
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    static const double targets[NODES] = {0, 1, NAN, -1, 1000, 2};
    assert_int_equal(rows.info.task, HG_REGRESSION);
    for (int64_t i = 0; i < rows.count; i++) {
        const double target = targets[rows.imported[i]];
        assert_true(isnan(target) ? isnan(rows.y_target[i]) : rows.y_target[i] == (hg_real)target);
    }
    hg_node_table_destroy(&rows);

    options.has_task = true;
    options.task = HG_SINGLE_LABEL;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.num_outputs, 1001);
    hg_node_table_destroy(&rows);
}

static void names_and_splits_are_added(void **state)
{
    struct hg_import_options options = sample_options(in_folder("plain.txt"));
    struct hg_node_table rows;
    (void)state;
    sample_text(options.source, edge_list);
    options.labels = in_folder("labels.txt");
    sample_text(options.labels, "0\n2\n\n1\n0\n2\n");
    options.names = in_folder("names.txt");
    sample_text(options.names, "a\nbcd\ne\nf\ng\n\xc3\xa9t\xc3\xa9\n");
    options.class_names = in_folder("classes.txt");
    sample_text(options.class_names, "x\ny\nz\nw\n");
    options.split_train = 0.4;
    options.split_val = 0.2;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_string_equal(rows.info.name, "plain");
    assert_int_equal(rows.info.num_outputs, 4);
    assert_int_equal(rows.info.name_bytes, 5);
    assert_memory_equal(rows.info.class_name, "xyzw", 4);
    int64_t split[HG_SPLITS] = {0};
    for (int64_t i = 0; i < rows.count; i++) {
        if (rows.imported[i] == 1) assert_memory_equal(rows.name_text + 5 * i, "bcd\0\0", 5);
        if (rows.imported[i] == 5) assert_memory_equal(rows.name_text + 5 * i, "\xc3\xa9t\xc3\xa9", 5);
        for (int s = 0; s < HG_SPLITS; s++) split[s] += rows.mask[s][i];
    }
    hg_comm_sum_i64(&hg_test_comm, split, HG_SPLITS);
    assert_true(split[HG_TRAIN] == 2 && split[HG_VAL] == 1 && split[HG_TEST] == 2);
    hg_node_table_destroy(&rows);

    /* names that look like numbers stay text: 001 is not 1 */
    sample_text(options.names, "001\n20\n30\n40\n50\n-60\n");
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.name_bytes, 3);
    for (int64_t i = 0; i < rows.count; i++)
        if (rows.imported[i] == 0) assert_memory_equal(rows.name_text + 3 * i, "001", 3);
    hg_node_table_destroy(&rows);

    static const int32_t ids[NODES] = {10, 20, 30, 40, 50, -60};
    const struct sample_array npy = {NULL, "<i4", "(6,)", false, ids, sizeof ids};
    char bytes[SAMPLE_NPY];
    scratch_write(options.names, bytes, sample_npy(&npy, bytes));
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.name_bytes, -1);
    for (int64_t i = 0; i < rows.count; i++) assert_int_equal(rows.name_id[i], ids[rows.imported[i]]);
    hg_node_table_destroy(&rows);
}

static void nodes_may_be_more_than_edges_need(void **state)
{
    struct hg_import_options options = sample_options(in_folder("plain.txt"));
    struct hg_node_table rows;
    (void)state;
    sample_text(options.source, edge_list);
    options.num_nodes = 20;
    options.build.undirected = true;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_int_equal(rows.info.num_nodes, 20);
    assert_int_equal(rows.info.num_edges, 9); /* 0-1, 1-2, 3-4, 0-5 in both directions, and the self-loop */
    assert_true(rows.info.symmetric);
    hg_node_table_destroy(&rows);
}

struct known {
    const char *file;
    enum hg_task task;
    int64_t nodes, edges, features, outputs;
    bool symmetric;
};

static void assert_known(const char *place, const struct known *known)
{
    char path[SCRATCH_BYTES];
    struct hg_node_table rows;
    snprintf(path, sizeof path, "%s/%s", place, known->file);
    const struct hg_import_options options = sample_options(path);
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    const struct hg_graph_info *info = &rows.info;
    const int64_t found[] = {info->task, info->num_nodes, info->num_edges, info->num_features,
                             info->num_outputs};
    const int64_t wanted[] = {known->task, known->nodes, known->edges, known->features, known->outputs};
    for (int k = 0; k < 5; k++)
        if (found[k] != wanted[k])
            fail_msg("%s: value %d is %lld, not %lld", path, k, (long long)found[k], (long long)wanted[k]);
    assert_int_equal(info->symmetric, known->symmetric);
    hg_node_table_destroy(&rows);
}

static void golden_files_are_read(void **state)
{
    static const struct known golden[] = {
        {"gat_two_layer.h5", HG_SINGLE_LABEL, 200, 1352, 17, 5, true},
        {"gat_three_layer_residual.h5", HG_MULTI_LABEL, 200, 1346, 17, 7, true},
        {"gat_regression_two_targets.h5", HG_REGRESSION, 200, 1356, 17, 2, true},
        {"gat_edge_features.h5", HG_SINGLE_LABEL, 200, 1334, 17, 5, false},
        {"gat_multi_edges.h5", HG_SINGLE_LABEL, 200, 2978, 17, 5, true},
        {"gat_directed.h5", HG_SINGLE_LABEL, 200, 867, 17, 5, false},
    };
    (void)state;
    for (size_t k = 0; k < sizeof golden / sizeof golden[0]; k++)
        assert_known(HG_TESTS_DIR "/golden", &golden[k]);
}

static void data_sets_are_read(void **state)
{
    static const struct known sets[] = {
        {"cora.npz", HG_SINGLE_LABEL, 2708, 10556, 1433, 7, true},
        {"ppi_go.npz", HG_MULTI_LABEL, 56944, 1587264, 50, 121, true},
        {"tolokers.npz", HG_SINGLE_LABEL, 11758, 1038000, 10, 2, true},
        {"squirrel_traffic.npz", HG_REGRESSION, 5201, 396846, 3148, 1, true},
        {"raw/musae_squirrel/squirrel_edges.csv", HG_SINGLE_LABEL, 5201, 217073, 0, 0, false},
        {"raw/ogb_layout_photo/raw/edge.csv.gz", HG_SINGLE_LABEL, 7650, 119081, 0, 0, false},
    };
    const char *place = getenv("HALOGAT_DATA");
    (void)state;
    if (place == NULL) skip();
    for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++) assert_known(place, &sets[k]);
}

static void notes_are_lines_said_once(void **state)
{
    static struct hg_notes notes;
    (void)state;
    hg_note(NULL, "file", "nobody asks");
    hg_note(&notes, "file", "header: %s", "a\nb\x1b");
    hg_note(&notes, "file", "2");
    hg_note(&notes, "file", "header: %s", "a\nb\x1b");
    hg_note(&notes, "le", "2");
    assert_string_equal(notes.text, "file: header: a\\nb\\x1b\nfile: 2\nle: 2\n");
    for (int k = 0; k < 4000; k++) hg_note(&notes, "file", "note %d", k);
    assert_true(notes.dropped > 0 && notes.length < sizeof notes.text);
    assert_int_equal(notes.text[notes.length - 1], '\n');
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
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
    cmocka_unit_test(notes_are_lines_said_once),
    cmocka_unit_test_setup(hdf5_becomes_rows, make_folder),
    cmocka_unit_test(npz_becomes_rows),
    cmocka_unit_test(text_becomes_rows),
    cmocka_unit_test(text_takes_files_of_nodes),
    cmocka_unit_test(tasks_are_guessed_or_given),
    cmocka_unit_test(names_and_splits_are_added),
    cmocka_unit_test_teardown(nodes_may_be_more_than_edges_need, remove_folder),
    cmocka_unit_test(golden_files_are_read),
    cmocka_unit_test(data_sets_are_read),
};

HG_TEST_MAIN(tests)
