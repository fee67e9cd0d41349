/* Halo rows of owners of cells, and the search for owners, against naive code on random nets. */
#include "base/rng.h"
#include "partition/cell_nets.h"
#include "partition/metis_cells.h"
#include "partition/refine.h"
#include "testing.h"

enum { CELLS = 24, NETS = 150, RANKS = 5, NODES = 100 /* of each cell */ };

static int draw(uint64_t a, uint64_t b, int below)
{
    const struct hg_rng rng = {{5, 9}};
    return (int)(hg_rng_uniform(rng, a, b) * below);
}

/* Nets of a few cells that are near each other, as in a ring. */
static void make_nets(struct hg_nets *nets)
{
    *nets = (struct hg_nets){.count = NETS};
    assert_ok(HG_NEW(nets->indptr, NETS + 1));
    assert_ok(HG_NEW(nets->cells, NETS * CELLS));
    assert_ok(HG_NEW(nets->rows, NETS));
    for (int n = 0; n < NETS; n++) {
        const uint64_t key = (uint64_t)n;
        int64_t *cells = nets->cells + nets->indptr[n], k = 1;
        cells[0] = draw(key, 0, CELLS);
        for (int c = 0; c < CELLS; c++) {
            const int far = (c + CELLS - (int)cells[0]) % CELLS;
            const bool is_near = far <= 3 || far >= CELLS - 3;
            if (c != cells[0] && draw(key, 1 + (uint64_t)c, 100) < (is_near ? 50 : 4)) cells[k++] = c;
        }
        if (k == 1) cells[k++] = (cells[0] + 1) % CELLS;
        nets->indptr[n + 1] = nets->indptr[n] + k;
        nets->rows[n] = 1 + draw(key, 99, 9);
    }
}

/* Cells of equal size whose nets are those of make_nets. */
static void make_cells(struct hg_cells *cells)
{
    *cells = (struct hg_cells){.count = CELLS};
    assert_ok(HG_NEW(cells->offsets, CELLS + 1));
    assert_ok(HG_NEW(cells->edges, CELLS));
    assert_ok(HG_NEW(cells->indptr, CELLS + 1));
    assert_ok(HG_NEW(cells->indices, 2 * CELLS));
    assert_ok(HG_NEW(cells->weight, 2 * CELLS));
    for (int64_t c = 0; c < CELLS; c++) {
        const int64_t a = (c + 1) % CELLS, b = (c + CELLS - 1) % CELLS;
        cells->offsets[c + 1] = (c + 1) * NODES;
        cells->edges[c] = 10 * NODES;
        cells->indices[2 * c] = hg_min_i64(a, b);
        cells->indices[2 * c + 1] = hg_max_i64(a, b);
        cells->weight[2 * c] = cells->weight[2 * c + 1] = 7;
        cells->indptr[c + 1] = 2 * (c + 1);
    }
    make_nets(&cells->nets);
}

/* Halo rows of each rank, by definition. */
static int64_t naive_halo(const struct hg_nets *nets, const int *owner, int64_t rows[RANKS])
{
    int64_t total = 0;
    for (int r = 0; r < RANKS; r++) rows[r] = 0;
    for (int64_t n = 0; n < nets->count; n++) {
        bool needs[RANKS] = {false};
        for (int64_t k = nets->indptr[n]; k < nets->indptr[n + 1]; k++) needs[owner[nets->cells[k]]] = true;
        for (int r = 0; r < RANKS; r++) {
            if (!needs[r] || r == owner[nets->cells[nets->indptr[n]]]) continue;
            rows[r] += nets->rows[n];
            total += nets->rows[n];
        }
    }
    return total;
}

static void check_halo(const struct hg_owner_halo *halo)
{
    int64_t rows[RANKS];
    assert_int_equal(halo->total, naive_halo(halo->nets, halo->owner, rows));
    assert_memory_equal(halo->rows, rows, sizeof rows);
}

/* Predicted and kept numbers are those of new owners, move after move. */
static void test_moves(void **state)
{
    struct hg_nets nets;
    struct hg_nets_of_cells of;
    struct hg_owner_halo halo, again;
    int owner[CELLS];
    (void)state;
    make_nets(&nets);
    for (int c = 0; c < CELLS; c++) owner[c] = draw(1000, (uint64_t)c, RANKS);
    assert_ok(hg_nets_of_cells_create(&nets, CELLS, &of));
    assert_ok(hg_owner_halo_create(&of, CELLS, RANKS, owner, true, &halo));
    check_halo(&halo);
    for (uint64_t step = 0; step < 300; step++) {
        const int c = draw(2000, step, CELLS), to = draw(3000, step, RANKS);
        if (to == owner[c]) continue;
        const struct hg_halo_change change = hg_halo_change(&halo, c, to);
        const int64_t total = halo.total, from_rows = halo.rows[owner[c]], to_rows = halo.rows[to];
        const int from = owner[c];
        hg_halo_assign(&halo, c, to);
        assert_int_equal(owner[c], to);
        assert_int_equal(halo.total, total + change.from + change.to);
        assert_int_equal(halo.rows[from], from_rows + change.from);
        assert_int_equal(halo.rows[to], to_rows + change.to);
        check_halo(&halo);
        assert_ok(hg_owner_halo_create(&of, CELLS, RANKS, owner, true, &again));
        assert_memory_equal(halo.near, again.near, CELLS * RANKS * sizeof *halo.near);
        hg_owner_halo_destroy(&again);
    }
    hg_owner_halo_destroy(&halo);
    hg_nets_of_cells_destroy(&of);
    hg_nets_destroy(&nets);
}

static double most_cells(const int *owner)
{
    int64_t cells[RANKS] = {0}, most = 0;
    for (int c = 0; c < CELLS; c++) most = hg_max_i64(most, ++cells[owner[c]]);
    return (double)most;
}

/* Owners are balanced, and have a smaller halo than cells in order, which is good on a ring. */
static void test_choice(void **state)
{
    struct hg_cells cells;
    int owner[CELLS], in_order[CELLS];
    int64_t rows[RANKS];
    (void)state;
    make_cells(&cells);
    for (int c = 0; c < CELLS; c++) in_order[c] = c * RANKS / CELLS;
    assert_ok(hg_partition_owners(&hg_test_comm, &cells, RANKS, owner));
    assert_true(most_cells(owner) <= 5);
    assert_true(naive_halo(&cells.nets, owner, rows) < naive_halo(&cells.nets, in_order, rows));
    hg_cells_destroy(&cells);
}

/* The search keeps every rank supplied, also when one rank had everything. */
static void test_refine(void **state)
{
    struct hg_cells cells;
    struct hg_nets_of_cells of;
    int owner[CELLS] = {0};
    double cost = 0, same = 0;
    (void)state;
    make_cells(&cells);
    assert_ok(hg_nets_of_cells_create(&cells.nets, CELLS, &of));
    assert_ok(hg_owners_refine(&cells, &of, RANKS, HG_OWNERS_WORK, owner, &cost));
    assert_true(most_cells(owner) <= 5);
    assert_ok(hg_owners_refine(&cells, &of, RANKS, HG_OWNERS_WORK, owner, &same));
    assert_true(same <= cost);
    hg_nets_of_cells_destroy(&of);
    hg_cells_destroy(&cells);
}

/* Without nets, as in older files, halo rows are the weights of edges cut in the graph of cells. */
static void test_older_file(void **state)
{
    struct hg_cells cells;
    struct hg_nets nets;
    int owner[CELLS];
    int64_t rows[RANKS], cut = 0;
    (void)state;
    make_cells(&cells);
    hg_nets_destroy(&cells.nets);
    assert_ok(hg_partition_owners(&hg_test_comm, &cells, RANKS, owner));
    assert_true(most_cells(owner) <= 5);
    assert_ok(hg_nets_of_graph(&cells, &nets));
    for (int c = 0; c < CELLS; c++) cut += owner[c] != owner[(c + 1) % CELLS] ? 7 : 0;
    assert_int_equal(naive_halo(&nets, owner, rows), cut);
    assert_int_equal(cut, RANKS * 7); /* the ring is cut into arcs */
    hg_nets_destroy(&nets);
    hg_cells_destroy(&cells);
}

/* The k-th allocation fails: the status says so, on every rank, and nothing leaks. */
static void test_failures(void **state)
{
    struct hg_cells cells;
    int owner[CELLS];
    (void)state;
    make_cells(&cells);
    for (int64_t k = 0, failed = 1; failed; k++) {
        const int64_t live = hg_mem_live();
        if (hg_test_comm.rank == hg_test_comm.size - 1) hg_mem_fail_at(k);
        const hg_status status = hg_partition_owners(&hg_test_comm, &cells, RANKS, owner);
        hg_mem_fail_at(-1);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
        assert_true(status == HG_OK || status == HG_NOMEM);
        failed = status != HG_OK;
        if (!failed) assert_true(k > 10);
    }
    hg_cells_destroy(&cells);
}

/* A grid of SIDE x SIDE nodes, as METIS sees it. */
enum { SIDE = 40 };

static void make_grid(struct hg_metis_graph *graph)
{
    static const int step[4][2] = {{0, 1}, {1, 0}, {0, -1}, {-1, 0}};
    *graph = (struct hg_metis_graph){.nodes = SIDE * SIDE, .constraints = 2};
    assert_ok(HG_NEW(graph->indptr, graph->nodes + 1));
    assert_ok(HG_NEW(graph->indices, 4 * (int64_t)graph->nodes));
    assert_ok(HG_NEW(graph->node_weight, 2 * (int64_t)graph->nodes));
    int32_t e = 0;
    for (int32_t v = 0; v < graph->nodes; v++) {
        for (int k = 0; k < 4; k++) {
            const int x = v % SIDE + step[k][0], y = v / SIDE + step[k][1];
            if (x >= 0 && x < SIDE && y >= 0 && y < SIDE) graph->indices[e++] = y * SIDE + x;
        }
        graph->indptr[v + 1] = e;
        graph->node_weight[2 * v] = 1;
        graph->node_weight[2 * v + 1] = e - graph->indptr[v];
    }
}

/* METIS's parts of the whole graph, 2, 3 and 4, are unions of cells when there are many of these. */
static void test_regions(void **state)
{
    struct hg_metis_graph graph;
    int32_t part[SIDE * SIDE], direct[SIDE * SIDE], of_cell[4 * HG_REGION_CELLS];
    (void)state;
    make_grid(&graph);
    for (int64_t wanted = HG_REGION_CELLS - 1; wanted <= HG_REGION_CELLS; wanted++) {
        const bool regions = wanted >= HG_REGION_CELLS;
        int64_t parts = wanted;
        int split = 0;
        assert_ok(hg_metis_cells(&graph, &(struct hg_attempt){0}, &parts, part));
        assert_in_range(parts, wanted, regions ? wanted * 3 / 2 : wanted);
        for (int32_t k = 2; k <= 4; k++) {
            const struct hg_metis_options options = {.parts = k, .ufactor = 30, .volume = true};
            assert_ok(hg_metis_partition(&graph, &options, direct));
            for (int64_t c = 0; c < parts; c++) of_cell[c] = -1;
            for (int32_t v = 0; v < graph.nodes; v++) {
                assert_in_range(part[v], 0, parts - 1);
                if (of_cell[part[v]] < 0) of_cell[part[v]] = direct[v];
                split += of_cell[part[v]] != direct[v];
            }
        }
        assert_true(regions == (split == 0));
    }
    hg_metis_graph_destroy(&graph);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_moves),      cmocka_unit_test(test_choice),   cmocka_unit_test(test_refine),
    cmocka_unit_test(test_older_file), cmocka_unit_test(test_failures), cmocka_unit_test(test_regions),
};

HG_TEST_MAIN(tests)
