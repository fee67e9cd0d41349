/* Shards against a list of edges that every rank knows completely. */
#include "edge_list.h"
#include "ordered.h"
#include "partition/partitioner.h"
#include "partition/shard/localize.h"

static struct edge_list list;

struct fixture {
    struct hg_node_table rows;
    struct hg_cells cells;
};

static void fixture_create(struct fixture *f, enum hg_partitioner method, int64_t cells)
{
    const struct hg_partition_options options = {.method = method, .cells = cells, .seed = 3};
    list_rows(&hg_test_comm, &list, &f->rows);
    assert_ok(ordered_rows(&hg_test_comm, &options, &f->rows, &f->cells));
}

static void fixture_destroy(struct fixture *f)
{
    hg_cells_destroy(&f->cells);
    hg_node_table_destroy(&f->rows);
}

/* The features that the added self-loop of `node` must have: the mean of those of its in-edges. */
static hg_real loop_feature(hg_gid node, int f)
{
    int at[LIST_EDGES];
    const int n = list_row(&list, node, true, true, at);
    double sum = 0;
    for (int k = 0; k < n; k++) sum += (double)list.attr[at[k]][f];
    return n > 0 ? (hg_real)(sum / n) : 0;
}

/* Checks edge e of an adjacency: it must be list edge `at`, or the node's added self-loop (at < 0). */
static void check_edge(const struct hg_adjacency *adjacency, hg_eid e, hg_gid node, int at, bool into,
                       bool attr)
{
    const hg_gid other = at < 0 ? node : into ? list.source[at] : list.target[at];
    assert_int_equal(adjacency->imported[adjacency->indices[e]], other);
    if (into) assert_int_equal(adjacency->edge_id[e], at);
    for (int f = 0; attr && f < list.attr_cols; f++)
        assert_true(adjacency->edge_attr[e * list.attr_cols + f] ==
                    (at < 0 ? loop_feature(node, f) : list.attr[at][f]));
}

static void check_rows(const struct hg_shard *shard, const struct hg_adjacency *adjacency, bool into)
{
    int at[LIST_EDGES + 1];
    for (hg_lid i = 0; i < shard->owned; i++) {
        const hg_gid node = adjacency->imported[i];
        int n = list_row(&list, node, into, shard->self_loops, at);
        int loop = shard->self_loops ? 0 : -1;
        while (loop >= 0 && loop < n && (into ? list.source[at[loop]] : list.target[at[loop]]) < node) loop++;
        hg_eid e = adjacency->indptr[i];
        assert_int_equal(adjacency->indptr[i + 1] - e, n + shard->self_loops);
        for (int k = 0; k <= n; k++) {
            if (k == loop) check_edge(adjacency, e++, node, -1, into, shard->edge_features > 0);
            if (k < n) check_edge(adjacency, e++, node, at[k], into, shard->edge_features > 0);
        }
    }
}

static bool has_halo(const struct hg_adjacency *adjacency, hg_lid i, hg_lid owned)
{
    for (hg_eid e = adjacency->indptr[i]; e < adjacency->indptr[i + 1]; e++)
        if (adjacency->indices[e] >= owned) return true;
    return false;
}

/* The parts of hub n cover its edges in order; each has at least part_edges edges, except the last, and ends where
 * parallel copies end. */
static void check_parts(const struct hg_adjacency *adjacency, hg_lid n, hg_eid part_edges)
{
    const struct hg_hubs *hubs = &adjacency->hubs;
    const struct hg_hub_part *part = hubs->part + hubs->first[n], *end = hubs->part + hubs->first[n + 1];
    const hg_eid last = adjacency->indptr[part->row + 1];
    hg_eid at = adjacency->indptr[part->row];
    for (const hg_lid row = part->row; part < end; at = part++->bounds[1]) {
        const hg_eid edges = part->bounds[1] - part->bounds[0];
        assert_int_equal(part->row, row);
        assert_int_equal(part->bounds[0], at);
        assert_true(edges >= part_edges || part->bounds[1] == last);
        for (hg_eid e = at + part_edges; e < part->bounds[1]; e++)
            assert_int_equal(adjacency->indices[e], adjacency->indices[e - 1]);
        assert_true(part->bounds[1] == last ||
                    adjacency->indices[part->bounds[1]] != adjacency->indices[part->bounds[1] - 1]);
    }
    assert_int_equal(at, last);
}

/* Each row of more than hub_edges edges is a hub, and no other row; hubs without halo come first, and no hub is in
 * `order`. */
static void check_hubs(const struct hg_shard *shard, const struct hg_adjacency *adjacency)
{
    const struct hg_hubs *hubs = &adjacency->hubs;
    bool is_hub[LIST_NODES] = {false};
    hg_lid count = 0;
    for (hg_lid i = 0; i < shard->owned; i++) {
        is_hub[i] = adjacency->indptr[i + 1] - adjacency->indptr[i] > shard->hub_edges;
        count += is_hub[i];
    }
    assert_int_equal(hubs->count, count);
    assert_int_equal(hubs->first[count], hubs->parts);
    for (hg_lid n = 0; n < count; n++) {
        const hg_lid row = hubs->part[hubs->first[n]].row;
        assert_true(is_hub[row]);
        assert_int_equal(has_halo(adjacency, row, shard->owned), hubs->first[n] >= hubs->interior_parts);
        check_parts(adjacency, n, shard->hub_edges);
    }
    for (hg_lid c = 0; c < shard->cells; c++)
        for (hg_lid k = shard->cell_offset[c]; k < adjacency->boundary_end[c]; k++)
            assert_false(is_hub[adjacency->order[k]]);
}

/* `order` is a permutation of each cell's rows, interior rows first. */
static void check_order(const struct hg_shard *shard, const struct hg_adjacency *adjacency)
{
    for (hg_lid c = 0; c < shard->cells; c++) {
        int64_t sum = 0;
        for (hg_lid k = shard->cell_offset[c]; k < shard->cell_offset[c + 1]; k++) {
            assert_in_range(adjacency->order[k], shard->cell_offset[c], shard->cell_offset[c + 1] - 1);
            assert_int_equal(has_halo(adjacency, adjacency->order[k], shard->owned),
                             k >= adjacency->interior_end[c]);
            sum += adjacency->order[k] - k;
        }
        assert_int_equal(sum, 0);
    }
}

/* Each halo row is used, and belongs to the rank under which it is grouped; within a rank stored ids ascend. */
static void check_halo(const struct hg_shard *shard, const struct hg_adjacency *adjacency,
                       const struct fixture *f)
{
    static int64_t stored_of[LIST_NODES];
    bool used[LIST_NODES] = {false};
    memset(stored_of, 0, sizeof stored_of);
    for (int64_t i = 0; i < f->rows.count; i++) stored_of[f->rows.imported[i]] = f->rows.stored[i];
    hg_comm_sum_i64(&hg_test_comm, stored_of, LIST_NODES);
    for (hg_eid e = 0; e < adjacency->indptr[shard->owned]; e++)
        if (adjacency->indices[e] >= shard->owned) used[adjacency->indices[e] - shard->owned] = true;
    for (int k = 0; k < adjacency->plan.recv_ranks; k++)
        for (int64_t h = adjacency->plan.recv_offset[k]; h < adjacency->plan.recv_offset[k + 1]; h++) {
            const int64_t stored = stored_of[adjacency->imported[shard->owned + h]];
            assert_true(used[h]);
            assert_int_equal(f->cells.owner[hg_cells_find(&f->cells, stored)], adjacency->plan.recv_rank[k]);
            assert_int_not_equal(adjacency->plan.recv_rank[k], hg_test_comm.rank);
            if (h > adjacency->plan.recv_offset[k])
                assert_true(stored_of[adjacency->imported[shard->owned + h - 1]] < stored);
        }
}

static void check_totals(const struct hg_shard *shard)
{
    int64_t owned = shard->owned, edges = 0, max_cell = 0;
    hg_comm_sum_i64(&hg_test_comm, &owned, 1);
    assert_int_equal(owned, list.nodes);
    for (int e = 0; e < list.edges; e++) edges += !shard->self_loops || list.source[e] != list.target[e];
    assert_int_equal(shard->num_edges, edges + (shard->self_loops ? list.nodes : 0));
    for (hg_lid c = 0; c < shard->cells; c++)
        max_cell = hg_max_i64(max_cell, shard->cell_offset[c + 1] - shard->cell_offset[c]);
    hg_comm_max_i64(&hg_test_comm, &max_cell, 1);
    assert_int_equal(shard->max_cell, max_cell);
    assert_int_equal(shard->num_nodes, list.nodes);
}

static void check_shard(const struct fixture *f, const struct hg_localize_options *options)
{
    struct hg_shard shard;
    assert_ok(hg_localize(&hg_test_comm, &f->rows, &f->cells, options, &shard));
    assert_int_equal(shard.edge_features, options->edge_features ? list.attr_cols : 0);
    assert_int_equal(shard.symmetric, f->rows.info.symmetric);
    assert_true((shard.in == shard.out) == shard.symmetric);
    check_totals(&shard);
    const struct hg_adjacency *const adjacencies[2] = {shard.in, shard.out};
    for (int s = 0; s < 2; s++) {
        check_order(&shard, adjacencies[s]);
        check_halo(&shard, adjacencies[s], f);
        /* on a symmetric graph in-edges serve as out-edges, except for edge ids */
        check_rows(&shard, adjacencies[s], s == 0);
    }
    for (int s = 0; s < 2; s++) assert_int_equal(adjacencies[s]->hubs.count, 0);
    assert_ok(hg_shard_order(&shard, 9));
    for (int s = 0; s < 2; s++) check_hubs(&shard, adjacencies[s]);
    hg_shard_destroy(&shard);
}

static void check_list(void)
{
    static const int64_t cells[] = {1, 2, 6, 40};
    for (int m = 0; m < HG_PARTITION_FILE; m++)
        for (int c = 0; c < 4; c++) {
            struct fixture f;
            fixture_create(&f, (enum hg_partitioner)m, cells[c]);
            for (int o = 0; o < 4; o++)
                check_shard(&f, &(struct hg_localize_options){
                                    .self_loops = o % 2, .edge_features = o / 2, .window_edges = o % 3 * 50});
            fixture_destroy(&f);
        }
}

static void test_directed(void **state)
{
    (void)state;
    list_directed(&list, 120, 900, LIST_ATTR);
    check_list();
    list_directed(&list, 60, 200, 0);
    check_list();
}

static void test_symmetric(void **state)
{
    (void)state;
    struct fixture f;
    list_symmetric(&list, 150, 2);
    fixture_create(&f, HG_PARTITION_METIS, 5);
    assert_true(f.rows.info.symmetric);
    fixture_destroy(&f);
    check_list();
}

/* Graphs of one node, and of isolated nodes only. */
static void test_tiny(void **state)
{
    (void)state;
    list = (struct edge_list){.nodes = 1};
    check_list();
    list = (struct edge_list){.nodes = 5};
    check_list();
}

/* The k-th allocation fails on every rank or on one (`here`): all ranks return the same status, and nothing leaks. */
static bool failed_at(const struct fixture *f, int64_t k, bool here)
{
    const struct hg_localize_options options = {.self_loops = true, .edge_features = true};
    const int64_t live = hg_mem_live();
    struct hg_shard shard;
    if (here) hg_mem_fail_at(k);
    const hg_status status = hg_localize(&hg_test_comm, &f->rows, &f->cells, &options, &shard);
    hg_mem_fail_at(-1);
    hg_status_clear();
    if (status == HG_OK) hg_shard_destroy(&shard);
    assert_int_equal(hg_mem_live(), live);
    assert_true(status == HG_OK || status == HG_NOMEM);
    return status != HG_OK;
}

static void test_failures(void **state)
{
    (void)state;
    list_directed(&list, 50, 200, 1);
    struct fixture f;
    fixture_create(&f, HG_PARTITION_BLOCK, 8);
    for (int one = 0; one < 2; one++) {
        int64_t k = 0;
        while (failed_at(&f, k, !one || hg_test_comm.rank == hg_test_comm.size - 1)) k++;
        assert_true(k > 20);
    }
    fixture_destroy(&f);
}

/* Rows that do not belong to the cells are refused. */
static void test_wrong_rows(void **state)
{
    (void)state;
    list_directed(&list, 50, 200, 0);
    struct fixture f;
    struct hg_shard shard;
    const struct hg_localize_options options = {0};
    fixture_create(&f, HG_PARTITION_BLOCK, 8);
    f.cells.offsets[f.cells.count]++;
    assert_fails(hg_localize(&hg_test_comm, &f.rows, &f.cells, &options, &shard), "do not belong together");
    fixture_destroy(&f);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_directed), cmocka_unit_test(test_symmetric),  cmocka_unit_test(test_tiny),
    cmocka_unit_test(test_failures), cmocka_unit_test(test_wrong_rows),
};

HG_TEST_MAIN(tests)
