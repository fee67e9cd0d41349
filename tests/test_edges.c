/* Lists of edges that grow by chunks, and the order of edges in rows. */
#include "testing.h"

#include "base/mix.h"
#include "graph/edges.h"
#include "graph/row_order.h"

enum { MANY = 3 * HG_EDGES_CHUNK + 5 };

/* Edge k; every `rare`-th one has an end that needs more than 32 bits (0: none). */
static struct hg_ends ends_of(int64_t k, int64_t rare)
{
    const struct hg_ends ends = {k % 977, (k * 7) % 1013};
    return (struct hg_ends){ends.source,
                            ends.target + (rare > 0 && k % rare == rare - 1 ? (hg_gid)1 << 40 : 0)};
}

/* Ids with gaps. */
static hg_gid id_of(int64_t k)
{
    return k + 100 * (k / 1000);
}

static void keeps_edges(void **state)
{
    static const int64_t rare[] = {0, 70000, 2};
    (void)state;
    for (size_t r = 0; r < sizeof rare / sizeof *rare; r++) {
        struct hg_edges edges = {0};
        hg_gid most = 0;
        for (int64_t k = 0; k < MANY; k++) {
            const struct hg_ends ends = ends_of(k, rare[r]);
            most = hg_max_i64(most, hg_max_i64(ends.source, ends.target));
            assert_ok(hg_edges_append(&edges, ends.source, ends.target, id_of(k), NULL));
        }
        assert_int_equal(edges.count, MANY);
        assert_int_equal(edges.least, 0);
        assert_true(edges.most == most);
        for (int64_t k = 0; k < MANY; k++) {
            const struct hg_ends there = hg_edges_at(&edges, k), ends = ends_of(k, rare[r]);
            assert_true(there.source == ends.source && there.target == ends.target);
            assert_true(hg_edges_id(&edges, k) == id_of(k));
        }
        hg_edges_destroy(&edges);
    }
}

static void gives_chunks_back(void **state)
{
    struct hg_edges edges = {0};
    (void)state;
    const int64_t before = hg_mem_live();
    for (int64_t k = 0; k < MANY; k++) assert_ok(hg_edges_append(&edges, k, k + 1, k, NULL));
    const int64_t all = hg_mem_live();
    hg_edges_release(&edges, HG_EDGES_CHUNK - 1);
    assert_int_equal(hg_mem_live(), all);
    hg_edges_release(&edges, 2 * HG_EDGES_CHUNK + 1);
    assert_int_equal(hg_mem_live(), all - 2);
    assert_int_equal(hg_edges_at(&edges, 2 * HG_EDGES_CHUNK).source, 2 * HG_EDGES_CHUNK);
    hg_edges_destroy(&edges);
    assert_int_equal(hg_mem_live(), before);
}

static void negative_ids_are_kept(void **state)
{
    struct hg_edges edges = {0};
    (void)state;
    assert_ok(hg_edges_append(&edges, 3, 4, 0, NULL));
    assert_ok(hg_edges_append(&edges, -7, INT64_MAX - 1, 1, NULL));
    assert_int_equal(edges.least, -7);
    assert_int_equal(edges.most, INT64_MAX - 1);
    assert_int_equal(hg_edges_at(&edges, 0).target, 4);
    assert_int_equal(hg_edges_at(&edges, 1).source, -7);
    hg_edges_destroy(&edges);
}

static void allocation_failures_are_clean(void **state)
{
    hg_status status = HG_NOMEM;
    (void)state;
    for (int k = 0; status != HG_OK && k < 50; k++) {
        struct hg_edges edges = {.attr_cols = 1};
        status = HG_OK;
        hg_mem_fail_at(k);
        for (int64_t e = 0; status == HG_OK && e < HG_EDGES_CHUNK + 2; e++)
            status = hg_edges_append(&edges, e == HG_EDGES_CHUNK ? -1 : e, e, 2 * e, &(hg_real){1});
        hg_mem_fail_at(-1);
        hg_status_clear();
        hg_edges_destroy(&edges);
        assert_int_equal(hg_mem_live(), 0);
    }
    assert_int_equal(status, HG_OK);
}

/* Edges of a row: `sources` different sources, orders that are all different, and features that name both. */
static void fill_row(int64_t n, int64_t sources, int64_t factor, const struct hg_row_edges *edges)
{
    for (int64_t k = 0; k < n; k++) {
        edges->source[k] = (hg_gid)(hg_mix64((uint64_t)(2 * k)) % (uint64_t)sources) * factor;
        edges->order[k] = (hg_gid)(hg_mix64((uint64_t)(2 * k + 1)) >> 20 << 16 | (uint64_t)k);
        for (int64_t f = 0; f < edges->cols; f++)
            edges->attr[k * edges->cols + f] = (hg_real)(edges->source[k] % 8191 + edges->order[k] % 127 + f);
    }
}

static void assert_sorted(int64_t n, uint64_t sum, const struct hg_row_edges *edges)
{
    for (int64_t k = 0; k < n; k++) {
        sum -= hg_mix64((uint64_t)edges->source[k]) ^ (uint64_t)edges->order[k];
        for (int64_t f = 0; f < edges->cols; f++)
            assert_true(edges->attr[k * edges->cols + f] ==
                        (hg_real)(edges->source[k] % 8191 + edges->order[k] % 127 + f));
        if (k == 0) continue;
        assert_true(edges->source[k - 1] <= edges->source[k]);
        if (edges->source[k - 1] == edges->source[k]) assert_true(edges->order[k - 1] < edges->order[k]);
    }
    assert_true(sum == 0); /* they are the same edges */
}

static void sorts_rows(void **state)
{
    enum { MOST = 20000 };
    static const int64_t counts[] = {0, 1, 2, 47, 48, 49, 300, MOST}, sources[] = {1, 3, 250, 1 << 20},
                         factors[] = {1, 1 << 12, (int64_t)1 << 27};
    static hg_gid source[MOST], order[MOST];
    static hg_real attr[3 * MOST];
    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
        for (int trial = 0; trial < 4 * 3 * 2; trial++) {
            const struct hg_row_edges edges = {source, order, trial % 2 * 3, attr};
            uint64_t sum = 0;
            fill_row(counts[c], sources[trial / 2 % 4], factors[trial / 8], &edges);
            for (int64_t k = 0; k < counts[c]; k++) sum += hg_mix64((uint64_t)source[k]) ^ (uint64_t)order[k];
            hg_row_sort(&edges, 0, counts[c]);
            assert_sorted(counts[c], sum, &edges);
        }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(keeps_edges),
    cmocka_unit_test(gives_chunks_back),
    cmocka_unit_test(negative_ids_are_kept),
    cmocka_unit_test(allocation_failures_are_clean),
    cmocka_unit_test(sorts_rows),
};

HG_TEST_MAIN(tests)
