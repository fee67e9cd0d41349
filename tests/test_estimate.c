/* Vertex covers and estimates of what travels, against trying every choice on graphs that every rank knows completely.
 */
#include "edge_list.h"
#include "ordered.h"
#include "partition/estimate.h"

enum { SIDE = 12 }; /* most sources of a pair of ranks: 2^SIDE choices */

/* A bipartite graph of few nodes: bit t of edges[s] is the edge from source s to target t. */
struct small_graph {
    int sources;
    uint32_t edges[32];
};

static int bits(uint32_t mask)
{
    return __builtin_popcount(mask);
}

/* The cheapest cover with fewest targets: of every choice of sources, with the targets that the others need. */
static struct hg_cover cheapest(const struct small_graph *graph, const struct hg_cover_cost *cost)
{
    struct hg_cover best = {0};
    int64_t least = INT64_MAX;
    for (uint32_t chosen = 0; chosen < 1u << graph->sources; chosen++) {
        uint32_t targets = 0;
        for (int s = 0; s < graph->sources; s++)
            if ((chosen >> s & 1) == 0) targets |= graph->edges[s];
        const int64_t price = bits(chosen) * cost->source + bits(targets) * cost->target;
        if (price > least || (price == least && bits(targets) >= best.targets)) continue;
        least = price;
        best = (struct hg_cover){bits(chosen), bits(targets)};
    }
    return best;
}

static const struct hg_cover_cost costs[] = {{1, 1}, {2, 3}, {256, 352}, {5, 1}, {1, 100}};
enum { COSTS = sizeof costs / sizeof *costs };

static void draw_graph(uint64_t number, struct small_graph *graph, struct hg_keys *keys)
{
    const int density = 1 + (int)(number % 7) * 12, targets = 1 + (int)(number / 7 % 14);
    graph->sources = 1 + (int)(number % 10);
    for (int s = 0; s < graph->sources; s++) {
        graph->edges[s] = 0;
        for (int t = 0; t < targets; t++) {
            if (list_draw(number, (uint64_t)(100 + 32 * s + t), 100) >= density) continue;
            graph->edges[s] |= 1u << t;
            /* any numbers, in any order, some edges twice */
            for (int copy = 0; copy < 1 + t % 2; copy++)
                assert_ok(hg_keys_add(keys, (uint64_t)(4000000000u - 77u * (unsigned)s) << 32 |
                                                (uint64_t)(13u * (unsigned)(t * 5 % 14))));
        }
    }
}

static void test_covers(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 300; number++) {
        const struct hg_cover_cost *cost = &costs[number % COSTS];
        struct small_graph graph;
        struct hg_keys keys = {0};
        struct hg_cover cover;
        draw_graph(number, &graph, &keys);
        const struct hg_cover want = cheapest(&graph, cost);
        assert_ok(hg_vertex_cover(&keys, cost, &cover));
        assert_int_equal(cover.sources, want.sources);
        assert_int_equal(cover.targets, want.targets);
        hg_keys_destroy(&keys);
    }
}

/* A path whose cover is found only by augmenting along nearly all of it, and a star. */
static void test_long_paths(void **state)
{
    enum { LENGTH = 100000 };
    struct hg_keys path = {0}, star = {0};
    struct hg_cover cover;
    (void)state;
    for (uint64_t k = 0; k < LENGTH; k++) {
        assert_ok(hg_keys_add(&path, k << 32 | k));
        assert_ok(hg_keys_add(&path, (k + 1) << 32 | k));
        assert_ok(hg_keys_add(&star, k << 32 | 5));
    }
    assert_ok(hg_vertex_cover(&path, &costs[0], &cover));
    assert_int_equal(cover.sources + cover.targets, LENGTH);
    assert_ok(hg_vertex_cover(&star, &costs[0], &cover));
    assert_int_equal(cover.sources, 0);
    assert_int_equal(cover.targets, 1);
    hg_keys_destroy(&path);
    hg_keys_destroy(&star);
}

static struct edge_list list;

/* The assumed owner of each node of the list. */
static void find_owners(const struct hg_divided *divided, const struct hg_cells *cells, const int *owner,
                        int64_t *owner_of)
{
    for (int i = 0; i < list.nodes; i++) owner_of[i] = 0;
    for (int64_t v = 0; v < divided->graph.owned; v++)
        owner_of[hg_level_id(&divided->graph, v)] = owner[hg_cells_find(cells, (hg_gid)divided->stored[v])];
    hg_comm_sum_i64(&hg_test_comm, owner_of, list.nodes);
}

/* Whether node i has an edge to a node of a rank in first..end-1. */
static bool reaches(int i, const int64_t *owner_of, int64_t first, int64_t end)
{
    for (int e = 0; e < list.edges; e++) {
        const int64_t rank = owner_of[list.target[e]];
        if (list.source[e] == i && rank >= first && rank < end) return true;
    }
    return false;
}

static void count_copies(const struct hg_estimate_options *options, const int64_t *owner_of,
                         struct hg_estimate *want)
{
    for (int i = 0; i < list.nodes; i++)
        for (int64_t first = 0; first < options->ranks; first += options->per_host) {
            const int64_t end = first + options->per_host;
            if (owner_of[i] >= first && owner_of[i] < end) continue;
            want->shared += reaches(i, owner_of, first, end);
            for (int64_t r = first; r < end; r++) want->between_hosts += reaches(i, owner_of, r, r + 1);
        }
}

/* The graph of the edges from nodes of rank a to nodes of rank b. */
static void graph_of_pair(const int64_t *owner_of, int64_t a, int64_t b, struct small_graph *graph)
{
    int source[LIST_NODES];
    graph->sources = 0;
    for (int i = 0; i < list.nodes; i++) {
        source[i] = -1;
        if (owner_of[i] != a || !reaches(i, owner_of, b, b + 1)) continue;
        graph->edges[graph->sources] = 0;
        source[i] = graph->sources++;
    }
    assert_in_range(graph->sources, 0, SIDE);
    for (int e = 0; e < list.edges; e++)
        if (source[list.source[e]] >= 0 && owner_of[list.target[e]] == b)
            graph->edges[source[list.source[e]]] |= 1u << list.target[e];
}

static struct hg_estimate naive(const struct hg_estimate_options *options, const int64_t *owner_of)
{
    struct hg_estimate want = {0};
    count_copies(options, owner_of, &want);
    for (int64_t a = 0; a < options->ranks; a++)
        for (int64_t b = 0; b < options->ranks; b++) {
            struct small_graph graph;
            if (a == b) continue;
            graph_of_pair(owner_of, a, b, &graph);
            const struct hg_cover cover = cheapest(&graph, &options->cost);
            want.cover.sources += cover.sources;
            want.cover.targets += cover.targets;
        }
    return want;
}

/* Cells of the list's graph. */
static void divide(struct hg_divided *divided, struct hg_cells *cells)
{
    const struct hg_partition_options options = {.method = HG_PARTITION_RANDOM, .cells = 8};
    struct hg_node_table rows;
    list_rows(&hg_test_comm, &list, &rows);
    assert_ok(ordered_partition(&hg_test_comm, &options, &rows, cells, divided));
    hg_node_table_destroy(&rows);
}

static void check_list(void)
{
    static const struct hg_estimate_options options[] = {{2, 1, {1, 1}}, {3, 2, {256, 352}}, {4, 2, {1, 1}},
                                                         {8, 3, {3, 1}}, {5, 9, {1, 1}},     {1, 1, {1, 1}}};
    struct hg_divided divided;
    struct hg_cells cells;
    divide(&divided, &cells);
    for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
        int64_t owner_of[LIST_NODES];
        int owner[8];
        struct hg_estimate found;
        for (int c = 0; c < 8; c++) owner[c] = c % options[k].ranks;
        find_owners(&divided, &cells, owner, owner_of);
        const struct hg_estimate want = naive(&options[k], owner_of);
        assert_ok(hg_partition_estimate(&divided, &cells, owner, &options[k], &found));
        assert_memory_equal(&found, &want, sizeof want);
    }
    hg_divided_destroy(&divided);
    hg_cells_destroy(&cells);
}

static void test_estimates(void **state)
{
    (void)state;
    for (int edges = 20; edges <= 120; edges += 25) {
        list_directed(&list, 24, edges, 0);
        check_list();
    }
    list_symmetric(&list, 24, 0);
    check_list();
    list = (struct edge_list){.nodes = 24};
    check_list();
}

/* The k-th allocation fails on one rank: all ranks return the same status, and nothing leaks. */
static void test_failures(void **state)
{
    const struct hg_estimate_options options = {4, 2, {1, 1}};
    const int owner[8] = {0, 1, 2, 3, 0, 1, 2, 3};
    struct hg_divided divided;
    struct hg_cells cells;
    (void)state;
    list_directed(&list, 24, 100, 0);
    divide(&divided, &cells);
    hg_status status = HG_NOMEM;
    for (int64_t k = 0; status != HG_OK; k++) {
        const int64_t live = hg_mem_live();
        struct hg_estimate found;
        assert_in_range(k, 0, 500);
        if (hg_test_comm.rank == hg_test_comm.size - 1) hg_mem_fail_at(k);
        status = hg_partition_estimate(&divided, &cells, owner, &options, &found);
        hg_mem_fail_at(-1);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
        assert_true(status == HG_OK || status == HG_NOMEM);
    }
    hg_divided_destroy(&divided);
    hg_cells_destroy(&cells);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_covers),
    cmocka_unit_test(test_long_paths),
    cmocka_unit_test(test_estimates),
    cmocka_unit_test(test_failures),
};

HG_TEST_MAIN(tests)
