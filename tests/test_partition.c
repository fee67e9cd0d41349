/* Cells, owners, the order of rows and quality against naive code, on graphs that every rank knows completely. */
#include "edge_list.h"
#include "generate/generate.h"
#include "ordered.h"
#include "partition/owner_halo.h"
#include "partition/partitioner.h"
#include <math.h>

static struct edge_list list;

/* The position in the cell order of each imported id, known to every rank. */
static int64_t place_of[LIST_NODES];

static void learn_places(const struct hg_comm *comm, const struct hg_node_table *rows, int64_t *places)
{
    for (int i = 0; i < LIST_NODES; i++) places[i] = 0;
    for (int64_t i = 0; i < rows->count; i++) places[rows->imported[i]] += rows->stored[i];
    hg_comm_sum_i64(comm, places, LIST_NODES);
}

/* The contents of a row, as functions of its imported id. */
static hg_real feature(hg_gid id, int f)
{
    return (hg_real)(id * 8 + f);
}
static int32_t label(hg_gid id)
{
    return (int32_t)(id * 5 % 7) - 1;
}
static uint8_t mask(hg_gid id, int s, int column)
{
    return (id + s + column) % 3 == 0;
}
static int64_t nonzeros(hg_gid id)
{
    return id % 4;
}

enum { FEATURES = 3, COLUMNS = 2, NAME = 5 };

static void add_data(struct hg_node_table *rows, bool sparse)
{
    struct hg_graph_info *info = &rows->info;
    info->task = HG_SINGLE_LABEL;
    info->num_features = FEATURES;
    info->num_outputs = 7;
    info->has_labels = info->has_graph = true;
    info->sparse = sparse;
    info->num_splits = COLUMNS;
    info->name_bytes = NAME;
    for (int s = 0; s < HG_SPLITS; s++) info->has_split[s] = true;
    assert_ok(hg_node_table_allocate_arrays(rows));
    for (int64_t i = 0; i < rows->count; i++) {
        const hg_gid id = rows->imported[i];
        for (int f = 0; !sparse && f < FEATURES; f++) rows->x.dense[i * FEATURES + f] = feature(id, f);
        rows->y_class[i] = label(id);
        rows->graph[i] = (int32_t)(id / 9);
        for (int k = 0; k < HG_SPLITS * COLUMNS; k++)
            rows->mask[k / COLUMNS][i * COLUMNS + k % COLUMNS] = mask(id, k / COLUMNS, k % COLUMNS);
        for (int k = 0; k < NAME; k++) rows->name_text[i * NAME + k] = (char)('a' + (id + k) % 26);
    }
}

static void add_sparse(struct hg_node_table *rows)
{
    assert_ok(HG_NEW(rows->x.indptr, rows->count + 1));
    for (int64_t i = 0; i < rows->count; i++)
        rows->x.indptr[i + 1] = rows->x.indptr[i] + nonzeros(rows->imported[i]);
    assert_ok(HG_NEW(rows->x.indices, rows->x.indptr[rows->count]));
    assert_ok(HG_NEW(rows->x.data, rows->x.indptr[rows->count]));
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid k = rows->x.indptr[i]; k < rows->x.indptr[i + 1]; k++) {
            rows->x.indices[k] = (int32_t)(k - rows->x.indptr[i]);
            rows->x.data[k] = feature(rows->imported[i], rows->x.indices[k]);
        }
}

static void check_data(const struct hg_node_table *rows, int64_t i)
{
    const hg_gid id = rows->imported[i];
    if (!rows->info.sparse) {
        for (int f = 0; f < FEATURES; f++) assert_true(rows->x.dense[i * FEATURES + f] == feature(id, f));
    } else {
        assert_int_equal(rows->x.indptr[i + 1] - rows->x.indptr[i], nonzeros(id));
        for (hg_eid k = rows->x.indptr[i]; k < rows->x.indptr[i + 1]; k++) {
            assert_int_equal(rows->x.indices[k], k - rows->x.indptr[i]);
            assert_true(rows->x.data[k] == feature(id, rows->x.indices[k]));
        }
    }
    assert_int_equal(rows->y_class[i], label(id));
    assert_int_equal(rows->graph[i], id / 9);
    for (int k = 0; k < HG_SPLITS * COLUMNS; k++)
        assert_int_equal(rows->mask[k / COLUMNS][i * COLUMNS + k % COLUMNS],
                         mask(id, k / COLUMNS, k % COLUMNS));
    for (int k = 0; k < NAME; k++) assert_int_equal(rows->name_text[i * NAME + k], 'a' + (id + k) % 26);
}

static void check_edges(const struct hg_node_table *rows, int64_t i)
{
    int at[LIST_EDGES];
    const int n = list_row(&list, rows->imported[i], true, false, at);
    assert_int_equal(rows->indptr[i + 1] - rows->indptr[i], n);
    for (int k = 0; k < n; k++) {
        const hg_eid e = rows->indptr[i] + k;
        assert_int_equal(rows->indices[e], place_of[list.source[at[k]]]);
        assert_int_equal(rows->edge_id[e], at[k]);
        for (int f = 0; f < list.attr_cols; f++)
            assert_true(rows->edge_attr[e * list.attr_cols + f] == list.attr[at[k]][f]);
    }
}

/* Checks the order of row i and the row before it in one cell: by in-degree, largest first, then by imported id. */
static void check_order(const struct hg_node_table *rows, int64_t i)
{
    const hg_eid before = rows->indptr[i] - rows->indptr[i - 1],
                 degree = rows->indptr[i + 1] - rows->indptr[i];
    assert_true(before >= degree);
    if (before == degree) assert_true(rows->imported[i - 1] < rows->imported[i]);
}

/* Every node is there once, in the cell of its position, in order, on the cell's owner. */
static void check_rows(const struct hg_node_table *rows, const struct hg_cells *cells)
{
    bool taken[LIST_NODES] = {false};
    learn_places(&hg_test_comm, rows, place_of);
    for (int i = 0; i < list.nodes; i++) {
        assert_in_range(place_of[i], 0, list.nodes - 1);
        assert_false(taken[place_of[i]]);
        taken[place_of[i]] = true;
    }
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t cell = hg_cells_find(cells, rows->stored[i]);
        assert_int_equal(cells->owner[cell], hg_test_comm.rank);
        if (i > 0) assert_true(rows->stored[i - 1] < rows->stored[i]);
        if (rows->stored[i] > cells->offsets[cell]) check_order(rows, i);
        check_edges(rows, i);
        check_data(rows, i);
    }
}

/* Checks offsets, edges per cell and weights by counting over the whole list. */
static void check_cells(const struct hg_cells *cells)
{
    static int64_t weight[64][64];
    static bool touches[LIST_NODES][64];
    int64_t edges[64] = {0};
    assert_in_range(cells->count, 1, 64);
    memset(weight, 0, sizeof weight);
    memset(touches, 0, sizeof touches);
    assert_int_equal(cells->offsets[0], 0);
    assert_int_equal(cells->offsets[cells->count], list.nodes);
    for (int e = 0; e < list.edges; e++) {
        const int64_t a = hg_cells_find(cells, place_of[list.target[e]]),
                      b = hg_cells_find(cells, place_of[list.source[e]]);
        edges[a]++;
        touches[list.target[e]][b] = touches[list.source[e]][a] = true;
    }
    for (int i = 0; i < list.nodes; i++) {
        const int64_t a = hg_cells_find(cells, place_of[i]);
        for (int64_t b = 0; b < cells->count; b++) {
            if (a == b || !touches[i][b]) continue;
            weight[a][b]++;
            weight[b][a]++;
        }
    }
    for (int64_t a = 0; a < cells->count; a++) {
        assert_true(cells->offsets[a] < cells->offsets[a + 1]);
        assert_int_equal(cells->edges[a], edges[a]);
        int64_t k = cells->indptr[a];
        for (int64_t b = 0; b < cells->count; b++) {
            if (weight[a][b] == 0) continue;
            assert_int_equal(cells->indices[k], b);
            assert_int_equal(cells->weight[k++], weight[a][b]);
        }
        assert_int_equal(cells->indptr[a + 1], k);
    }
}

/* Computes the quality by its definition, from whole arrays. */
static void naive_quality(const struct hg_cells *cells, const int *owner, int ranks,
                          struct hg_partition_quality *q)
{
    static bool copied[64][LIST_NODES];
    int64_t nodes[64] = {0}, edges[64] = {0}, halo[64] = {0}, inner = list.nodes;
    bool boundary[LIST_NODES] = {false};
    memset(copied, 0, sizeof copied);
    *q = (struct hg_partition_quality){0};
    for (int i = 0; i < list.nodes; i++) nodes[owner[hg_cells_find(cells, place_of[i])]]++;
    for (int e = 0; e < list.edges; e++) {
        const int from = owner[hg_cells_find(cells, place_of[list.source[e]])],
                  to = owner[hg_cells_find(cells, place_of[list.target[e]])];
        edges[to]++;
        if (from == to) continue;
        q->edge_cut++;
        halo[to] += !copied[to][list.source[e]];
        copied[to][list.source[e]] = true;
        inner -= !boundary[list.target[e]];
        boundary[list.target[e]] = true;
    }
    for (int r = 0; r < ranks; r++) {
        q->halo_rows += halo[r];
        q->max_halo = hg_max_i64(q->max_halo, halo[r]);
        q->node_balance = fmax(q->node_balance, (double)nodes[r] * ranks / list.nodes);
        q->edge_balance = fmax(q->edge_balance, (double)edges[r] * ranks / fmax(list.edges, 1));
    }
    q->interior_share = (double)inner / list.nodes;
}

/* The nets give the halo rows of all ranks, exactly. */
static void check_nets(const struct hg_cells *cells, int *owner, int ranks,
                       const struct hg_partition_quality *q)
{
    struct hg_nets_of_cells of;
    struct hg_owner_halo halo;
    int64_t most = 0;
    assert_ok(hg_nets_of_cells_create(&cells->nets, cells->count, &of));
    assert_ok(hg_owner_halo_create(&of, cells->count, ranks, owner, false, &halo));
    for (int r = 0; r < ranks; r++) most = hg_max_i64(most, halo.rows[r]);
    assert_int_equal(halo.total, q->halo_rows);
    assert_int_equal(most, q->max_halo);
    hg_owner_halo_destroy(&halo);
    hg_nets_of_cells_destroy(&of);
}

static void check_quality(const struct hg_divided *divided, const struct hg_cells *cells)
{
    static const int counts[] = {1, 2, 5, 9};
    int owner[64];
    for (int k = 0; k < 4; k++) {
        const int ranks = counts[k];
        struct hg_partition_quality q, naive;
        bool owns[64] = {false};
        assert_ok(hg_partition_owners(&hg_test_comm, cells, ranks, owner));
        for (int64_t c = 0; c < cells->count; c++) {
            assert_in_range(owner[c], 0, ranks - 1);
            owns[owner[c]] = true;
        }
        for (int r = 0; r < ranks && ranks <= cells->count; r++) assert_true(owns[r]);
        assert_ok(hg_partition_quality(divided, cells, owner, ranks, &q));
        naive_quality(cells, owner, ranks, &naive);
        check_nets(cells, owner, ranks, &q);
        assert_int_equal(q.edge_cut, naive.edge_cut);
        assert_int_equal(q.halo_rows, naive.halo_rows);
        assert_int_equal(q.max_halo, naive.max_halo);
        assert_true(fabs(q.node_balance - naive.node_balance) < 1e-12);
        assert_true(fabs(q.edge_balance - naive.edge_balance) < 1e-12);
        assert_true(fabs(q.interior_share - naive.interior_share) < 1e-12);
    }
}

/* The part of each node, as another program might have given it; part 3 is empty. */
static uint32_t given_part(hg_gid id)
{
    const uint32_t part = (uint32_t)(id * 7 % 11 / 2);
    return part == 3 ? 1000 : part;
}

static const uint32_t *give_parts(const struct hg_node_table *rows, uint32_t *given)
{
    for (int64_t i = 0; i < rows->count; i++) given[i] = given_part(rows->imported[i]);
    return given;
}

/* No cell has nodes of two given parts, and there are not many more cells than wanted or needed. */
static void check_given(const struct hg_node_table *rows, const struct hg_cells *cells, int64_t wanted)
{
    int64_t part[64];
    for (int64_t c = 0; c < cells->count; c++) part[c] = -1;
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t cell = hg_cells_find(cells, rows->stored[i]), given = given_part(rows->imported[i]);
        if (part[cell] < 0) part[cell] = given;
        assert_int_equal(part[cell], given);
    }
    assert_true(cells->count <= wanted + 6);
}

static void check_same_nets(const struct hg_nets *a, const struct hg_nets *b)
{
    const size_t word = sizeof *a->rows;
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->indptr, b->indptr, (size_t)(a->count + 1) * word);
    assert_memory_equal(a->cells, b->cells, (size_t)a->indptr[a->count] * word);
    assert_memory_equal(a->rows, b->rows, (size_t)a->count * word);
}

/* A single rank chooses the same owners. */
static void check_same_owners(const struct hg_comm *alone, const struct hg_cells *cells)
{
    enum { RANKS = 5 };
    int owner[64], same[64];
    assert_ok(hg_partition_owners(&hg_test_comm, cells, RANKS, owner));
    assert_ok(hg_partition_owners(alone, cells, RANKS, same));
    assert_memory_equal(owner, same, (size_t)cells->count * sizeof *owner);
}

/* A single rank finds the same cells, the same order, the same nets and the same owners. */
static void check_alone(const struct hg_partition_options *options, const struct hg_cells *cells)
{
    struct hg_partition_options again = *options;
    uint32_t given[LIST_NODES];
    struct hg_comm alone;
    struct hg_node_table rows;
    struct hg_cells same;
    int64_t places[LIST_NODES];
    assert_ok(hg_comm_create(MPI_COMM_SELF, &alone));
    list_rows(&alone, &list, &rows);
    again.parts = give_parts(&rows, given);
    assert_ok(ordered_rows(&alone, &again, &rows, &same));
    learn_places(&alone, &rows, places);
    assert_memory_equal(places, place_of, (size_t)list.nodes * sizeof *places);
    assert_int_equal(same.count, cells->count);
    assert_memory_equal(same.offsets, cells->offsets, (size_t)(same.count + 1) * sizeof *same.offsets);
    check_same_nets(&cells->nets, &same.nets);
    check_same_owners(&alone, cells);
    hg_cells_destroy(&same);
    hg_node_table_destroy(&rows);
    hg_comm_destroy(&alone);
}

static void check_method(enum hg_partitioner method, int64_t wanted, bool sparse)
{
    uint32_t given[LIST_NODES];
    struct hg_partition_options options = {.method = method, .cells = wanted, .seed = 11};
    struct hg_node_table rows;
    struct hg_cells cells;
    struct hg_divided divided;
    list_rows(&hg_test_comm, &list, &rows);
    options.parts = give_parts(&rows, given);
    add_data(&rows, sparse);
    if (sparse) add_sparse(&rows);
    assert_ok(ordered_partition(&hg_test_comm, &options, &rows, &cells, &divided));
    const int64_t most = hg_max_i64(wanted, hg_default_cells(list.nodes));
    if (method == HG_PARTITION_FILE)
        check_given(&rows, &cells, most);
    else
        assert_true(cells.count <= (method == HG_PARTITION_CLUSTER ? 2 * most : most));
    if ((method == HG_PARTITION_BLOCK || method == HG_PARTITION_RANDOM) && wanted > 0)
        assert_int_equal(cells.count, hg_min_i64(wanted, list.nodes));
    check_rows(&rows, &cells);
    check_cells(&cells);
    check_quality(&divided, &cells);
    check_alone(&options, &cells);
    hg_divided_destroy(&divided);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
}

static void check_list(void)
{
    static const int64_t wanted[] = {0, 1, 40};
    for (int k = 0; k < 3 * HG_PARTITIONERS; k++)
        check_method((enum hg_partitioner)(k / 3), wanted[k % 3], k % 2);
}

static void test_directed(void **state)
{
    (void)state;
    list_directed(&list, 300, 2000, LIST_ATTR);
    check_list();
}

static void test_symmetric(void **state)
{
    (void)state;
    list_symmetric(&list, 200, 1);
    check_list();
}

/* Fewer nodes than cells and ranks, isolated nodes, self-loops only. */
static void test_tiny(void **state)
{
    (void)state;
    list = (struct edge_list){.nodes = 1};
    check_list();
    list = (struct edge_list){.nodes = 3};
    list_add(&list, 1, 1, 0);
    list_add(&list, 2, 2, 0);
    check_list();
    list = (struct edge_list){.nodes = 30};
    check_list();
}

/* The random partitioner: cells of equal size, and another order with another seed. */
static void test_random(void **state)
{
    (void)state;
    int64_t places[2][LIST_NODES];
    list_directed(&list, 200, 500, 0);
    for (int s = 0; s < 2; s++) {
        const struct hg_partition_options options = {HG_PARTITION_RANDOM, 10, (uint64_t)s, NULL};
        struct hg_node_table rows;
        struct hg_cells cells;
        list_rows(&hg_test_comm, &list, &rows);
        assert_ok(ordered_rows(&hg_test_comm, &options, &rows, &cells));
        for (int c = 0; c < 10; c++) assert_int_equal(cells.offsets[c + 1] - cells.offsets[c], 20);
        learn_places(&hg_test_comm, &rows, places[s]);
        hg_cells_destroy(&cells);
        hg_node_table_destroy(&rows);
    }
    assert_memory_not_equal(places[0], places[1], sizeof places[0]);
}

static void test_default_cells(void **state)
{
    (void)state;
    static const int64_t cases[][2] = {{1, 1},       {63, 1},         {64, 2},
                                       {2047, 63},   {2708, 64},      {131072, 64},
                                       {131073, 65}, {2449029, 1196}, {1 << 26, 16384}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_int_equal(hg_default_cells(cases[k][0]), cases[k][1]);
}

/* The halo is close to that of METIS's direct partition of the nodes, and parts are balanced, for several numbers of
 * ranks. */
static void check_against_direct(const struct hg_generate_options *generate)
{
    static const int ranks[] = {2, 3, 4, 7, 8};
    const struct hg_partition_options options = {0};
    struct hg_node_table rows = {0};
    struct hg_cells cells;
    struct hg_divided divided;
    int owner[256];
    assert_ok(hg_generate(&hg_test_comm, generate, &rows));
    assert_ok(ordered_partition(&hg_test_comm, &options, &rows, &cells, &divided));
    for (int k = 0; k < 5; k++) {
        struct hg_partition_quality q, direct;
        assert_ok(hg_partition_owners(&hg_test_comm, &cells, ranks[k], owner));
        assert_ok(hg_partition_quality(&divided, &cells, owner, ranks[k], &q));
        assert_ok(hg_partition_direct_quality(&divided, ranks[k], &direct));
        if ((double)q.halo_rows > 1.2 * (double)direct.halo_rows)
            fail_msg("%s, %d ranks: %lld halo rows, METIS alone %lld", hg_generator_name[generate->kind],
                     ranks[k], (long long)q.halo_rows, (long long)direct.halo_rows);
        assert_true(q.node_balance < 1.15 && q.edge_balance < 1.15);
        assert_true(direct.node_balance < 1.1 && direct.edge_balance < 1.1);
    }
    hg_divided_destroy(&divided);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
}

static void test_against_direct(void **state)
{
    (void)state;
    check_against_direct(&(struct hg_generate_options){.kind = HG_GENERATE_RMAT,
                                                       .nodes = 4096,
                                                       .edges = 40000,
                                                       .features = 1,
                                                       .classes = 2,
                                                       .split_train = -1});
    check_against_direct(&(struct hg_generate_options){.kind = HG_GENERATE_SBM,
                                                       .nodes = 4096,
                                                       .edges = 30000,
                                                       .features = 1,
                                                       .classes = 16,
                                                       .split_train = -1});
}

/* A graph that is too large for METIS is refused before anything is gathered. */
static void test_too_large(void **state)
{
    (void)state;
    const struct hg_partition_options options = {.method = HG_PARTITION_METIS};
    struct hg_node_table rows;
    struct hg_cells cells;
    list_directed(&list, 50, 100, 0);
    list_rows(&hg_test_comm, &list, &rows);
    rows.info.num_edges = INT64_C(1) << 30;
    assert_fails(ordered_rows(&hg_test_comm, &options, &rows, &cells), "--partitioner cluster");
    hg_node_table_destroy(&rows);
}

/* Rows that are in cell order already are not partitioned again. */
static void test_twice(void **state)
{
    (void)state;
    const struct hg_partition_options options = {HG_PARTITION_RANDOM, 4, 0, NULL};
    struct hg_node_table rows;
    struct hg_cells cells, again;
    list_directed(&list, 50, 100, 0);
    list_rows(&hg_test_comm, &list, &rows);
    assert_ok(ordered_rows(&hg_test_comm, &options, &rows, &cells));
    assert_fails(ordered_rows(&hg_test_comm, &options, &rows, &again), "cell order already");
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
}

/* The k-th allocation fails on every rank or on one (`here`): all ranks return the same status, and nothing leaks. */
static bool failed_at(int64_t k, enum hg_partitioner method, bool here)
{
    uint32_t given[LIST_NODES];
    struct hg_partition_options options = {.method = method, .cells = 3};
    const int64_t live = hg_mem_live();
    struct hg_node_table rows;
    struct hg_cells cells = {0};
    struct hg_divided divided;
    int owner[64];
    struct hg_partition_quality quality;
    list_rows(&hg_test_comm, &list, &rows);
    options.parts = give_parts(&rows, given);
    add_data(&rows, true);
    add_sparse(&rows);
    if (here) hg_mem_fail_at(k);
    hg_status status = ordered_partition(&hg_test_comm, &options, &rows, &cells, &divided);
    if (status == HG_OK) status = hg_partition_owners(&hg_test_comm, &cells, 3, owner);
    if (status == HG_OK) status = hg_partition_quality(&divided, &cells, owner, 3, &quality);
    if (status == HG_OK) status = hg_partition_direct_quality(&divided, 3, &quality);
    hg_mem_fail_at(-1);
    hg_status_clear();
    hg_divided_destroy(&divided);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
    assert_int_equal(hg_mem_live(), live);
    assert_true(status == HG_OK || status == HG_NOMEM);
    return status != HG_OK;
}

/* HG_TEST_LONG: every allocation fails once; else the later ones at growing distances. */
static int64_t step_after(int64_t k)
{
    return getenv("HG_TEST_LONG") != NULL ? 1 : 1 + k / 20;
}

static void test_failures(void **state)
{
    static const enum hg_partitioner method[] = {HG_PARTITION_METIS, HG_PARTITION_BLOCK, HG_PARTITION_CLUSTER,
                                                 HG_PARTITION_FILE};
    (void)state;
    list_directed(&list, 60, 250, 1);
    for (int m = 0; m < 4; m++) {
        const bool here = m % 2 == 0 || hg_test_comm.rank == hg_test_comm.size - 1;
        int64_t k = 0;
        while (failed_at(k, method[m], here)) k += step_after(k);
        assert_true(k > 60);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_directed),      cmocka_unit_test(test_symmetric),
    cmocka_unit_test(test_tiny),          cmocka_unit_test(test_random),
    cmocka_unit_test(test_default_cells), cmocka_unit_test(test_against_direct),
    cmocka_unit_test(test_too_large),     cmocka_unit_test(test_twice),
    cmocka_unit_test(test_failures),
};

HG_TEST_MAIN(tests)
