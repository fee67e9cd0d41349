/* Generated graphs: counts, symmetry, no self-loops or parallel edges, the same result on any number of ranks; random
 * splits. */
#include "testing.h"

#include "generate/generate.h"
#include "graph/split.h"
#include <math.h>

enum { NODES = 101 };

static const struct hg_generate_options cases[] = {
    {HG_GENERATE_RMAT, NODES, 1000, 5, 4, 1, -1, 0}, {HG_GENERATE_RMAT, NODES, 7001, 5, 4, 2, 0.5, 0.25},
    {HG_GENERATE_SBM, NODES, 1200, 8, 3, 3, -1, 0},  {HG_GENERATE_GRID, NODES, 0, 2, 5, 4, -1, 0},
    {HG_GENERATE_RMAT, 1, 0, 1, 1, 1, -1, 0},        {HG_GENERATE_RMAT, 2, 2, 0, 2, 1, -1, 0},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* Counts how often each edge occurs: [nodes, nodes], row = target; the caller frees it. */
static int64_t *count_edges(const struct hg_node_table *rows)
{
    const int64_t n = rows->info.num_nodes;
    int64_t *times = hg_mem_alloc(n * n, sizeof *times);
    assert_non_null(times);
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            times[rows->imported[i] * n + rows->indices[e]]++;
            if (e > rows->indptr[i]) assert_true(rows->indices[e - 1] < rows->indices[e]);
        }
    hg_comm_sum_i64(&hg_test_comm, times, n * n);
    return times;
}

static void edges_are_symmetric_and_simple(void **state)
{
    (void)state;
    for (int c = 0; c < CASES; c++) {
        struct hg_node_table rows = {0};
        assert_ok(hg_generate(&hg_test_comm, &cases[c], &rows));
        int64_t *times = count_edges(&rows), total = 0;
        const int64_t n = rows.info.num_nodes;
        for (int64_t i = 0; i < n; i++) {
            assert_int_equal(times[i * n + i], 0);
            for (int64_t j = 0; j < n; j++) {
                assert_in_range(times[i * n + j], 0, 1);
                assert_int_equal(times[i * n + j], times[j * n + i]);
                total += times[i * n + j];
            }
        }
        assert_int_equal(rows.info.num_edges, total);
        assert_true(rows.info.symmetric);
        if (cases[c].kind != HG_GENERATE_GRID) assert_int_equal(total, cases[c].edges / 2 * 2);
        hg_mem_free(times);
        hg_node_table_destroy(&rows);
    }
}

/* A grid of 10 x 10 nodes and one more, so its width is 11: node 0 has neighbours 1 and 11. */
static void grid_has_its_edges(void **state)
{
    const struct hg_generate_options *options = &cases[3];
    struct hg_node_table rows = {0};
    (void)state;
    assert_ok(hg_generate(&hg_test_comm, options, &rows));
    int64_t *times = count_edges(&rows);
    for (int64_t i = 0; i < NODES; i++)
        for (int64_t j = 0; j < NODES; j++) {
            const int64_t distance = llabs(i / 11 - j / 11) + llabs(i % 11 - j % 11);
            assert_int_equal(times[i * NODES + j], distance == 1);
        }
    hg_mem_free(times);
    hg_node_table_destroy(&rows);
}

/* A rank's rows are the same as that block of the graph that a single rank generates. */
static void rows_do_not_depend_on_ranks(void **state)
{
    struct hg_comm alone;
    (void)state;
    assert_ok(hg_comm_create(MPI_COMM_SELF, &alone));
    for (int c = 0; c < CASES; c++) {
        struct hg_node_table mine = {0}, all = {0};
        assert_ok(hg_generate(&hg_test_comm, &cases[c], &mine));
        assert_ok(hg_generate(&alone, &cases[c], &all));
        const hg_gid first = hg_block_range(cases[c].nodes, hg_test_comm.rank, hg_test_comm.size).first;
        const hg_eid from = all.indptr[first];
        const size_t edges = (size_t)hg_node_table_edges(&mine);
        assert_int_equal(edges, all.indptr[first + mine.count] - from);
        assert_memory_equal(mine.indices, all.indices + from, edges * sizeof *mine.indices);
        assert_memory_equal(mine.edge_id, all.edge_id + from, edges * sizeof *mine.edge_id);
        struct hg_row_array a[HG_ROW_ARRAYS], b[HG_ROW_ARRAYS];
        const int arrays = hg_node_table_arrays(&mine, a);
        assert_int_equal(hg_node_table_arrays(&all, b), arrays);
        for (int k = 0; k < arrays; k++)
            assert_memory_equal(a[k].data, (const char *)b[k].data + (size_t)first * b[k].bytes,
                                (size_t)mine.count * a[k].bytes);
        hg_node_table_destroy(&mine);
        hg_node_table_destroy(&all);
    }
    hg_comm_destroy(&alone);
}

/* The largest degree of R-MAT is far above the mean (hubs); that of the stochastic block model is not. */
static void rmat_is_skewed(void **state)
{
    static const enum hg_generator kinds[] = {HG_GENERATE_RMAT, HG_GENERATE_SBM};
    (void)state;
    for (int k = 0; k < 2; k++) {
        const struct hg_generate_options options = {kinds[k], 4096, 65536, 0, 2, 5, -1, 0};
        struct hg_node_table rows = {0};
        int64_t largest = 0;
        assert_ok(hg_generate(&hg_test_comm, &options, &rows));
        for (int64_t i = 0; i < rows.count; i++)
            largest = hg_max_i64(largest, rows.indptr[i + 1] - rows.indptr[i]);
        hg_comm_max_i64(&hg_test_comm, &largest, 1);
        assert_true(k == 0 ? largest > 200 : largest < 50);
        hg_node_table_destroy(&rows);
    }
}

/* Most edges of the stochastic block model stay in a community. */
static void sbm_has_communities(void **state)
{
    const struct hg_generate_options options = {HG_GENERATE_SBM, 1000, 20000, 4, 4, 9, -1, 0};
    struct hg_node_table rows = {0};
    int64_t inside = 0;
    (void)state;
    assert_ok(hg_generate(&hg_test_comm, &options, &rows));
    for (int64_t i = 0; i < rows.count; i++) {
        assert_int_equal(rows.y_class[i], rows.imported[i] % 4);
        for (hg_eid e = rows.indptr[i]; e < rows.indptr[i + 1]; e++)
            inside += rows.indices[e] % 4 == rows.imported[i] % 4;
    }
    hg_comm_sum_i64(&hg_test_comm, &inside, 1);
    assert_in_range(inside, 20000 * 82 / 100, 20000 * 88 / 100); /* expected share: 0.8 + 0.2 / 4 */
    hg_node_table_destroy(&rows);
}

static void features_are_normal(void **state)
{
    const struct hg_generate_options options = {HG_GENERATE_RMAT, 1000, 2000, 20, 10, 6, -1, 0};
    struct hg_node_table rows = {0};
    double sum = 0, square = 0;
    (void)state;
    assert_ok(hg_generate(&hg_test_comm, &options, &rows));
    for (int64_t k = 0; k < rows.count * 20; k++) {
        sum += (double)rows.x.dense[k];
        square += (double)rows.x.dense[k] * (double)rows.x.dense[k];
    }
    const double n = (double)rows.count * 20;
    assert_true(fabs(sum / n) < 0.05 && fabs(square / n - 1) < 0.07);
    hg_node_table_destroy(&rows);
}

static void too_many_edges_fail(void **state)
{
    static const struct hg_generate_options impossible[] = {
        {HG_GENERATE_RMAT, 10, 92, 1, 1, 1, -1, 0},
        {HG_GENERATE_RMAT, 0, 0, 1, 1, 1, -1, 0},
        {HG_GENERATE_SBM, 10, 20, -1, 1, 1, -1, 0},
        {HG_GENERATE_SBM, 10, 20, 1, 1, 1, 0.7, 0.4},
        {HG_GENERATE_RMAT, 100, 9900, 1, 4, 0, -1, 0}, /* the rarest pair needs 10^9 draws on average */
        {HG_GENERATE_RMAT, 2048, 3500000, 1, 4, 0, -1, 0},
        {HG_GENERATE_RMAT, (hg_gid)1 << 32, 1000000000000000000, 1, 1, 0, -1, 0},
        {HG_GENERATE_SBM, 3000, 8997000, 1, 4, 0, -1, 0},
        {HG_GENERATE_SBM, 10, 20, 1, 11, 1, -1, 0},
        {HG_GENERATE_SBM, 10, 20, (int64_t)1 << 61, 8, 1, -1, 0},
        {HG_GENERATE_GRID, 100, 0, 1, INT32_MAX, 1, -1, 0},
    };
    static const char *const message[] = {"92 edges do not fit 10 nodes",
                                          "number of nodes",
                                          "number of features",
                                          "shares 0.7 and 0.4",
                                          "random pairs repeat",
                                          "random pairs repeat",
                                          "out of memory",
                                          "random pairs repeat",
                                          "11 classes do not fit",
                                          "number of features",
                                          "2147483647 classes do not fit"};
    (void)state;
    for (size_t c = 0; c < sizeof impossible / sizeof impossible[0]; c++) {
        struct hg_node_table rows = {0};
        assert_fails(hg_generate(&hg_test_comm, &impossible[c], &rows), message[c]);
        hg_node_table_destroy(&rows);
    }
}

/* Rows with labels only; every third node of a single-label graph has none. */
static struct hg_node_table labelled_rows(enum hg_task task)
{
    struct hg_node_table rows = {
        .info = {.task = task, .num_nodes = NODES, .num_outputs = 2, .has_labels = true}};
    assert_ok(hg_node_table_begin_block(&hg_test_comm, &rows));
    assert_ok(hg_node_table_allocate_arrays(&rows));
    for (int64_t i = 0; i < rows.count; i++) {
        const bool labelled = rows.imported[i] % 3 != 0;
        if (task == HG_SINGLE_LABEL) rows.y_class[i] = labelled ? 1 : -1;
        for (int t = 0; t < 2 && task == HG_MULTI_LABEL; t++)
            rows.y_label[2 * i + t] = t == 0 || !labelled ? 255 : 0;
        for (int t = 0; t < 2 && task == HG_REGRESSION; t++)
            rows.y_target[2 * i + t] = t == 0 || !labelled ? (hg_real)NAN : 0;
    }
    return rows;
}

static void splits_have_exact_shares(void **state)
{
    (void)state;
    for (int task = 0; task < HG_TASKS; task++) {
        struct hg_node_table rows = labelled_rows((enum hg_task)task);
        int64_t number[HG_SPLITS] = {0};
        assert_ok(hg_random_split(&hg_test_comm, &rows, 0.5, 0.25, 3));
        for (int64_t i = 0; i < rows.count; i++) {
            const int marks = rows.mask[HG_TRAIN][i] + rows.mask[HG_VAL][i] + rows.mask[HG_TEST][i];
            assert_int_equal(marks, rows.imported[i] % 3 != 0);
            for (int s = 0; s < HG_SPLITS; s++) number[s] += rows.mask[s][i];
        }
        hg_comm_sum_i64(&hg_test_comm, number, HG_SPLITS);
        assert_int_equal(number[HG_TRAIN], 34); /* of 67 labelled nodes */
        assert_int_equal(number[HG_VAL], 17);
        assert_int_equal(number[HG_TEST], 16);
        hg_node_table_destroy(&rows);
    }
}

static void splits_need_labels(void **state)
{
    struct hg_node_table rows = {.info = {.num_nodes = NODES}};
    (void)state;
    assert_ok(hg_node_table_begin_block(&hg_test_comm, &rows));
    assert_fails(hg_random_split(&hg_test_comm, &rows, 0.5, 0.25, 3), "no node has a label");
    hg_node_table_destroy(&rows);
}

static void allocation_failures_are_clean(void **state)
{
    (void)state;
    for (int c = 1; c < 4; c++) {
        hg_status status = HG_NOMEM;
        for (int k = 0; status != HG_OK && k < 200; k++) {
            struct hg_node_table rows = {0};
            if (hg_test_comm.rank == 0) hg_mem_fail_at(k);
            status = hg_generate(&hg_test_comm, &cases[c], &rows);
            hg_mem_fail_at(-1);
            hg_status_clear();
            hg_node_table_destroy(&rows);
            assert_int_equal(hg_mem_live(), 0);
        }
        assert_int_equal(status, HG_OK);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(edges_are_symmetric_and_simple),
    cmocka_unit_test(grid_has_its_edges),
    cmocka_unit_test(rows_do_not_depend_on_ranks),
    cmocka_unit_test(rmat_is_skewed),
    cmocka_unit_test(sbm_has_communities),
    cmocka_unit_test(features_are_normal),
    cmocka_unit_test(too_many_edges_fail),
    cmocka_unit_test(splits_have_exact_shares),
    cmocka_unit_test(splits_need_labels),
    cmocka_unit_test(allocation_failures_are_clean),
};

HG_TEST_MAIN(tests)
