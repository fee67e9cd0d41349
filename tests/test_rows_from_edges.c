/* Rows from edges that are on any ranks, against a naive construction of the whole graph on every rank. */
#include "testing.h"

#include "base/rng.h"
#include "graph/rows_from_edges.h"

enum { NODES = 23, EDGES = 300, COLS = 2 };

struct list {
    int64_t count, cols;
    hg_gid source[2 * EDGES], target[2 * EDGES], id[2 * EDGES];
    hg_real attr[2 * EDGES][COLS];
};

static void list_add(struct list *list, hg_gid source, hg_gid target, hg_gid id, const hg_real *attr)
{
    const int64_t k = list->count++;
    list->source[k] = source;
    list->target[k] = target;
    list->id[k] = id;
    for (int f = 0; f < COLS; f++) list->attr[k][f] = attr[f];
}

/* Random edges with parallel edges, self-loops and a node without edges (the last). */
static struct list random_list(int64_t cols)
{
    struct list list = {.cols = cols};
    const struct hg_rng rng = hg_rng_stream(7, HG_RNG_GENERATE, 0, 0);
    for (int64_t e = 0; e < EDGES; e++) {
        const struct hg_rng_block bits = hg_rng_bits(rng, (uint64_t)e, 0);
        const hg_real attr[COLS] = {(hg_real)(bits.word[2] % 8), (hg_real)(bits.word[3] % 8)};
        list_add(&list, bits.word[0] % (NODES - 1), bits.word[1] % (NODES - 1), e, attr);
    }
    return list;
}

/* Gives the list's edges to the ranks in an arbitrary order, and builds the rows. */
static hg_status build(const struct list *list, const struct hg_build_options *options,
                       struct hg_node_table *rows)
{
    struct hg_edges edges = {.attr_cols = list->cols};
    *rows = (struct hg_node_table){.info = {.num_nodes = NODES}};
    for (int64_t e = list->count - 1; e >= 0; e--)
        if ((e / 3) % hg_test_comm.size == hg_test_comm.rank)
            assert_ok(hg_edges_append(&edges, list->source[e], list->target[e], list->id[e], list->attr[e]));
    return hg_build_rows(&hg_test_comm, &edges, options, rows);
}

/* The list with its reversed edges, and parallel edges merged into the first if asked for: to_undirected. */
static struct list undirected_list(const struct list *list, bool merge)
{
    struct list both = {.cols = list->cols}, all = *list;
    for (int64_t e = 0; e < list->count; e++)
        list_add(&all, list->target[e], list->source[e], -1, list->attr[e]);
    for (int64_t e = 0; e < all.count; e++) {
        int64_t first = 0;
        while (first < both.count &&
               !(merge && both.source[first] == all.source[e] && both.target[first] == all.target[e]))
            first++;
        if (first == both.count)
            list_add(&both, all.source[e], all.target[e], all.id[e], all.attr[e]);
        else
            for (int f = 0; f < COLS; f++) both.attr[first][f] += all.attr[e][f];
    }
    return both;
}

static void assert_rows_equal(const struct list *list, const struct hg_node_table *rows)
{
    const struct hg_range range = hg_block_range(NODES, hg_test_comm.rank, hg_test_comm.size);
    assert_int_equal(rows->count, range.end - range.first);
    assert_int_equal(rows->info.num_edges, list->count);
    hg_eid at = 0;
    for (hg_gid i = range.first; i < range.end; i++) {
        assert_int_equal(rows->stored[i - range.first], i);
        assert_int_equal(rows->imported[i - range.first], i);
        assert_int_equal(rows->indptr[i - range.first], at);
        for (hg_gid j = 0; j < NODES; j++)
            for (int64_t e = 0; e < list->count; e++) {
                if (list->source[e] != j || list->target[e] != i) continue;
                assert_int_equal(rows->indices[at], j);
                assert_int_equal(rows->edge_id[at], list->id[e]);
                for (int64_t f = 0; f < list->cols; f++)
                    assert_true(rows->edge_attr[at * list->cols + f] == list->attr[e][f]);
                at++;
            }
    }
    assert_int_equal(hg_node_table_edges(rows), at);
}

/* Builds the rows alone and with threads, in one round and in several. */
static void assert_builds(const struct list *list, struct hg_build_options options,
                          const struct list *expected, bool symmetric)
{
    static const int64_t rounds[] = {0, 1, 37};
    for (int threads = 1; threads <= 3; threads += 2) {
        assert_ok(hg_team_create(threads, true, &options.team));
        for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++) {
            struct hg_node_table rows;
            options.round_edges = rounds[r];
            assert_ok(build(list, &options, &rows));
            assert_rows_equal(expected, &rows);
            assert_true(rows.info.symmetric == symmetric);
            hg_node_table_destroy(&rows);
        }
        hg_team_destroy(options.team);
    }
}

static void build_matches_naive(void **state)
{
    (void)state;
    for (int64_t cols = 0; cols <= COLS; cols += COLS) {
        const struct list list = random_list(cols), merged = undirected_list(&list, true),
                          both = undirected_list(&list, false);
        assert_builds(&list, (struct hg_build_options){0}, &list, false);
        /* features of merged edges are sums of small integers, equal in both directions; unmerged parallel edges
         * differ in their order */
        assert_builds(&list, (struct hg_build_options){.undirected = true}, &merged, true);
        assert_builds(&list, (struct hg_build_options){.undirected = true, .keep_parallel = true}, &both,
                      cols == 0);
    }
}

/* A list of edges made from (source, target, feature) triples. */
static struct list triples(int64_t n, const int values[][3])
{
    struct list list = {.cols = 1};
    for (int64_t e = 0; e < n; e++) {
        const hg_real attr[COLS] = {(hg_real)values[e][2], 0};
        list_add(&list, values[e][0], values[e][1], e, attr);
    }
    return list;
}

static void symmetry_counts_copies_and_features(void **state)
{
    static const struct {
        int64_t n;
        int edge[4][3];
        bool symmetric;
    } cases[] = {
        {2, {{1, 20, 5}, {20, 1, 5}}, true},
        {2, {{1, 20, 5}, {20, 1, 6}}, false},
        {2, {{1, 20, 5}, {1, 20, 5}}, false},
        {3, {{1, 20, 5}, {20, 1, 5}, {3, 3, 9}}, true},
        {3, {{1, 20, 5}, {20, 1, 5}, {1, 20, 5}}, false},
        {4, {{1, 20, 5}, {1, 20, 6}, {20, 1, 5}, {20, 1, 6}}, true},
        {4, {{1, 20, 5}, {1, 20, 6}, {20, 1, 6}, {20, 1, 5}}, false},
        {0, {{0}}, true},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct list list = triples(cases[c].n, cases[c].edge);
        struct hg_node_table rows;
        assert_ok(build(&list, &(struct hg_build_options){0}, &rows));
        assert_int_equal(rows.info.symmetric, cases[c].symmetric);
        hg_node_table_destroy(&rows);
    }
}

static void loops_double_when_reversed(void **state)
{
    static const int edge[][3] = {{4, 4, 3}, {2, 4, 1}};
    const struct list list = triples(2, edge);
    struct hg_node_table rows;
    (void)state;
    assert_ok(build(&list, &(struct hg_build_options){.undirected = true}, &rows));
    assert_int_equal(rows.info.num_edges, 3);
    for (int64_t i = 0; i < rows.count; i++)
        for (hg_eid e = rows.indptr[i]; e < rows.indptr[i + 1]; e++)
            if (rows.indices[e] == rows.imported[i]) assert_true(rows.edge_attr[e] == 6);
    hg_node_table_destroy(&rows);
}

static void ids_outside_fail_everywhere(void **state)
{
    static const int edge[][3] = {{4, 4, 3}, {2, NODES, 1}}, negative[][3] = {{-1, 4, 3}};
    struct list list = triples(2, edge);
    struct hg_node_table rows;
    (void)state;
    assert_fails(build(&list, &(struct hg_build_options){0}, &rows), "edge 1: node 23 outside 0..22");
    hg_node_table_destroy(&rows);
    list = triples(1, negative);
    assert_fails(build(&list, &(struct hg_build_options){0}, &rows), "edge 0: node -1 outside 0..22");
    hg_node_table_destroy(&rows);
}

/* The k-th allocation fails on one rank: every rank returns a failure, none hangs, nothing leaks. */
static void allocation_failures_are_clean(void **state)
{
    const struct list list = random_list(COLS);
    const struct hg_build_options options = {.undirected = true};
    hg_status status = HG_NOMEM;
    (void)state;
    for (int k = 0; status != HG_OK && k < 100; k++) {
        struct hg_edges edges = {.attr_cols = COLS};
        struct hg_node_table rows = {.info = {.num_nodes = NODES}};
        for (int64_t e = hg_test_comm.rank; e < EDGES; e += hg_test_comm.size)
            assert_ok(hg_edges_append(&edges, list.source[e], list.target[e], e, list.attr[e]));
        if (hg_test_comm.rank == hg_test_comm.size - 1) hg_mem_fail_at(k);
        status = hg_build_rows(&hg_test_comm, &edges, &options, &rows);
        hg_mem_fail_at(-1);
        hg_status_clear();
        hg_node_table_destroy(&rows);
        assert_int_equal(hg_mem_live(), 0);
    }
    assert_int_equal(status, HG_OK);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(build_matches_naive),           cmocka_unit_test(symmetry_counts_copies_and_features),
    cmocka_unit_test(loops_double_when_reversed),    cmocka_unit_test(ids_outside_fail_everywhere),
    cmocka_unit_test(allocation_failures_are_clean),
};

HG_TEST_MAIN(tests)
