/* Statistics of a graph, against numbers counted by hand, on any number of ranks. */
#include "testing.h"

#include "graph/rows_from_edges.h"
#include "train/describe.h"
#include <math.h>

enum { NODES = 8 };

/* Edges 0 -> 1 twice, 1 -> 2, 2 -> 0, a self-loop at 3, 0 -> 4; 5 -> 1, where 5 has no in-edge; 6 and 7 have no edge
 * at all. */
static const hg_gid ends[][2] = {{0, 1}, {1, 2}, {0, 1}, {3, 3}, {2, 0}, {0, 4}, {5, 1}};
enum { EDGES = sizeof ends / sizeof *ends };

/* Makes rows of the graph in blocks; edges are given to the ranks in turn. */
static void build(bool undirected, struct hg_node_table *rows)
{
    struct hg_edges edges = {0};
    const struct hg_build_options options = {.undirected = undirected};
    *rows = (struct hg_node_table){.info = {.num_nodes = NODES}};
    for (int e = hg_test_comm.rank; e < EDGES; e += hg_test_comm.size) {
        assert_ok(hg_edges_append(&edges, ends[e][0], ends[e][1], e, NULL));
    }
    assert_ok(hg_build_rows(&hg_test_comm, &edges, &options, rows));
}

static void test_directed_edges(void **state)
{
    struct hg_node_table rows;
    struct hg_description d;
    (void)state;
    build(false, &rows);
    assert_ok(hg_describe(&hg_test_comm, &rows, &d));
    assert_int_equal(d.min_degree, 0);
    assert_int_equal(d.max_degree, 3);
    assert_int_equal(d.self_loops, 1);
    assert_int_equal(d.parallel, 1);
    assert_int_equal(d.isolated, 2);
    assert_int_equal(d.labelled, 0);
    hg_description_destroy(&d);
    hg_node_table_destroy(&rows);
}

static void test_undirected_edges(void **state)
{
    struct hg_node_table rows;
    struct hg_description d;
    (void)state;
    build(true, &rows);
    assert_true(rows.info.symmetric);
    assert_ok(hg_describe(&hg_test_comm, &rows, &d));
    assert_int_equal(d.max_degree, 3);
    assert_int_equal(d.self_loops, 1);
    assert_int_equal(d.parallel, 0);
    assert_int_equal(d.isolated, 2);
    hg_description_destroy(&d);
    hg_node_table_destroy(&rows);
}

/* Fills the arrays that `info` says exist, with functions of the imported id. */
static void fill(struct hg_node_table *rows, enum hg_task task, int64_t outputs)
{
    rows->info.task = task;
    rows->info.has_labels = true;
    rows->info.num_outputs = outputs;
    rows->info.num_features = rows->x.cols = 2;
    rows->info.num_splits = 2;
    rows->info.has_split[HG_TRAIN] = rows->info.has_split[HG_TEST] = true;
    assert_ok(hg_node_table_allocate_arrays(rows));
    for (int64_t k = 0; k < rows->count; k++) {
        const hg_gid i = rows->imported[k];
        rows->x.dense[2 * k] = (hg_real)(i % 2);
        rows->mask[HG_TRAIN][2 * k] = i < 3;
        rows->mask[HG_TRAIN][2 * k + 1] = i < 5;
        rows->mask[HG_TEST][2 * k + 1] = 1;
    }
}

static void test_classes_and_splits(void **state)
{
    struct hg_node_table rows;
    struct hg_description d;
    (void)state;
    build(false, &rows);
    fill(&rows, HG_SINGLE_LABEL, 3);
    for (int64_t k = 0; k < rows.count; k++) rows.y_class[k] = (int32_t)(rows.imported[k] % 4) - 1;
    assert_ok(hg_describe(&hg_test_comm, &rows, &d));
    assert_true(d.labelled == 6 && d.outputs[0] == 2 && d.outputs[1] == 2 && d.outputs[2] == 2);
    assert_int_equal(d.nonzeros, 4);
    assert_true(d.split[HG_TRAIN][0] == 3 && d.split[HG_TRAIN][1] == 5 && d.split[HG_VAL] == NULL);
    assert_true(d.split[HG_TEST][0] == 0 && d.split[HG_TEST][1] == NODES);
    hg_description_destroy(&d);
    hg_node_table_destroy(&rows);
}

static void test_labels(void **state)
{
    struct hg_node_table rows;
    struct hg_description d;
    (void)state;
    build(false, &rows);
    fill(&rows, HG_MULTI_LABEL, 2);
    for (int64_t k = 0; k < rows.count; k++) {
        rows.y_label[2 * k] = rows.imported[k] < 2 ? 255 : 1;
        rows.y_label[2 * k + 1] = rows.imported[k] == 0 ? 255 : 0;
    }
    assert_ok(hg_describe(&hg_test_comm, &rows, &d));
    assert_true(d.labelled == NODES - 1 && d.outputs[0] == NODES - 2 && d.outputs[1] == 0);
    hg_description_destroy(&d);
    hg_node_table_destroy(&rows);
}

static void test_targets(void **state)
{
    struct hg_node_table rows;
    struct hg_description d;
    (void)state;
    build(false, &rows);
    fill(&rows, HG_REGRESSION, 1);
    for (int64_t k = 0; k < rows.count; k++) {
        rows.y_target[k] = rows.imported[k] == 7 ? (hg_real)NAN : (hg_real)rows.imported[k] - 2;
    }
    assert_ok(hg_describe(&hg_test_comm, &rows, &d));
    assert_true(d.labelled == 7 && d.outputs[0] == 7 && d.low[0] == -2 && d.high[0] == 4);
    hg_description_destroy(&d);
    hg_node_table_destroy(&rows);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_directed_edges),
    cmocka_unit_test(test_undirected_edges),
    cmocka_unit_test(test_classes_and_splits),
    cmocka_unit_test(test_labels),
    cmocka_unit_test(test_targets),
};

HG_TEST_MAIN(tests)
