/* The halo exchange: with owned rows set to f(global id), halo rows must become f(global id), for any ownership,
 * width and order of calls. */
#include "graph/exchange.h"
#include "testing.h"

enum { NODES = 97, MAX_WIDTH = 33 };

/* An ownership of nodes, the plan for its halo, and the ids of local rows. */
struct world {
    struct hg_plan plan;
    hg_gid *ids; /* [owned + halo] */
    hg_lid owned, halo;
};

/* Rules of ownership: in turn, all nodes on one rank, all nodes on all ranks but one. */
typedef int (*owner_rule)(hg_gid id, int size);

static int owner_in_turn(hg_gid id, int size)
{
    return (int)(id % size);
}
static int owner_last(hg_gid id, int size)
{
    return (void)id, size - 1;
}
static int owner_not_first(hg_gid id, int size)
{
    return size == 1 ? 0 : 1 + (int)(id * 7 % (size - 1));
}

/* Whether `rank` has a copy of node `id`: about half of the nodes. */
static bool copies(hg_gid id, int rank)
{
    return (id * 31 + rank * 17) % 5 < 2 + rank % 2;
}

static hg_lid row_on_owner(hg_gid id, owner_rule owner, int size)
{
    hg_lid row = 0;
    for (hg_gid other = 0; other < id; other++) row += owner(other, size) == owner(id, size);
    return row;
}

static void world_create(struct world *w, owner_rule owner)
{
    const int size = hg_test_comm.size, rank = hg_test_comm.rank;
    int halo_owner[NODES];
    hg_lid halo_row[NODES];
    *w = (struct world){0};
    assert_ok(HG_NEW(w->ids, 2 * NODES));
    for (hg_gid id = 0; id < NODES; id++)
        if (owner(id, size) == rank) w->ids[w->owned++] = id;
    for (int r = 0; r < size; r++)
        for (hg_gid id = 0; id < NODES; id++) {
            if (r == rank || owner(id, size) != r || !copies(id, rank)) continue;
            halo_owner[w->halo] = r;
            halo_row[w->halo] = row_on_owner(id, owner, size);
            w->ids[w->owned + w->halo++] = id;
        }
    assert_ok(hg_plan_create(&hg_test_comm, w->owned, w->halo, halo_owner, halo_row, &w->plan));
}

static void world_destroy(struct world *w)
{
    hg_plan_destroy(&w->plan);
    HG_FREE(w->ids);
}

static hg_real value(hg_gid id, int column, int round)
{
    return (hg_real)(id * 64 + column + 10000 * round);
}

static void fill_owned(const struct world *w, hg_real *matrix, int width, int round)
{
    for (int64_t k = 0; k < (int64_t)(w->owned + w->halo) * width; k++) matrix[k] = -1;
    for (hg_lid i = 0; i < w->owned; i++)
        for (int f = 0; f < width; f++) matrix[(int64_t)i * width + f] = value(w->ids[i], f, round);
}

static void check_all(const struct world *w, const hg_real *matrix, int width, int round)
{
    for (hg_lid i = 0; i < w->owned + w->halo; i++)
        for (int f = 0; f < width; f++)
            assert_true(matrix[(int64_t)i * width + f] == value(w->ids[i], f, round));
}

static int64_t rows_sent(const struct world *w)
{
    return w->plan.send_offset[w->plan.send_ranks];
}

/* Begins an exchange and sends all rows at once. */
static void send_all(struct hg_exchange *x, const struct hg_plan *plan, hg_real *matrix, int width)
{
    hg_exchange_begin(x, plan, matrix, width, width);
    hg_exchange_ready(x, plan->owned);
}

/* More widths than there are channels, some of them again; messages of one row up to all rows. */
static void exchange_widths(const struct world *w, int64_t chunk)
{
    static const int widths[] = {1, 2, 3, 5, 8, 13, 16, 17, 32, 33, 1, 8, 33, 4, 6, 7, 9, 10, 11, 12, 33, 1};
    struct hg_exchange *x = NULL;
    hg_real *matrix = NULL;
    int64_t bytes = 0;
    assert_ok(HG_NEW(matrix, (int64_t)(w->owned + w->halo) * MAX_WIDTH));
    assert_ok(hg_exchange_create(&hg_test_comm, &w->plan, MAX_WIDTH, chunk, &x));
    const int64_t calls = hg_mem_calls();
    for (int round = 0; round < (int)(sizeof widths / sizeof *widths); round++) {
        const int width = widths[round];
        fill_owned(w, matrix, width, round);
        send_all(x, &w->plan, matrix, width);
        for (int k = 0; k < round; k++) hg_exchange_progress(x);
        hg_exchange_end(x);
        check_all(w, matrix, width, round);
        bytes += rows_sent(w) * width * (int64_t)sizeof *matrix;
    }
    assert_int_equal(hg_mem_calls(), calls);
    assert_int_equal(hg_exchange_bytes(x), bytes);
    hg_exchange_destroy(x);
    hg_mem_free(matrix);
}

static void test_values(void **state)
{
    (void)state;
    static const owner_rule rules[] = {owner_in_turn, owner_last, owner_not_first};
    for (int k = 0; k < 3; k++) {
        struct world w;
        world_create(&w, rules[k]);
        exchange_widths(&w, 1);
        exchange_widths(&w, 5 * 8 * (int64_t)sizeof(hg_real));
        exchange_widths(&w, HG_EXCHANGE_CHUNK);
        world_destroy(&w);
    }
}

/* Exchanges some columns of a wider matrix, in several steps: the other columns stay as they are, also in halo rows.
 */
static void exchange_columns(const struct world *w, struct hg_exchange *x, hg_real *matrix, int width,
                             int round)
{
    const hg_lid step = 1 + hg_test_comm.rank;
    fill_owned(w, matrix, MAX_WIDTH, round);
    for (hg_lid i = 0; i < w->owned; i++) matrix[(int64_t)i * MAX_WIDTH] = -2;
    hg_exchange_begin(x, &w->plan, matrix, MAX_WIDTH, width);
    for (hg_lid rows = 0; rows < w->owned; rows++) {
        matrix[(int64_t)rows * MAX_WIDTH] = value(w->ids[rows], 0, round);
        hg_exchange_ready(x, (rows + 1) / step * step);
        hg_exchange_progress(x);
    }
    hg_exchange_ready(x, w->owned);
    hg_exchange_end(x);
    for (hg_lid i = 0; i < w->owned + w->halo; i++)
        for (int f = 0; f < MAX_WIDTH; f++)
            assert_true(matrix[(int64_t)i * MAX_WIDTH + f] ==
                        (i < w->owned || f < width ? value(w->ids[i], f, round) : -1));
}

/* Two plans and two matrices take turns in one exchange; then its requests are freed, and others use it. */
static void test_columns(void **state)
{
    (void)state;
    struct world w[2];
    struct hg_exchange *x = NULL;
    hg_real *matrix[2];
    world_create(&w[0], owner_in_turn);
    world_create(&w[1], owner_in_turn);
    for (int k = 0; k < 2; k++) assert_ok(HG_NEW(matrix[k], 2 * NODES * MAX_WIDTH));
    assert_ok(hg_exchange_create(&hg_test_comm, &w[0].plan, MAX_WIDTH, 256, &x));
    for (int round = 0; round < 12; round++) {
        exchange_columns(&w[round % 2], x, matrix[round / 2 % 2], 1 + round / 4 * 8, round);
        if (round != 7) continue;
        hg_exchange_clear(x);
        world_destroy(&w[1]);
        world_create(&w[1], owner_in_turn);
    }
    hg_exchange_destroy(x);
    for (int k = 0; k < 2; k++) {
        hg_mem_free(matrix[k]);
        world_destroy(&w[k]);
    }
}

/* Two exchanges with different plans at the same time, ended in the other order. */
static void test_overlapped(void **state)
{
    (void)state;
    struct world w[2];
    struct hg_exchange *x[2];
    hg_real *matrix[2];
    const int width[2] = {7, 4};
    world_create(&w[0], owner_in_turn);
    world_create(&w[1], owner_not_first);
    for (int k = 0; k < 2; k++) {
        assert_ok(HG_NEW(matrix[k], (int64_t)(w[k].owned + w[k].halo) * width[k]));
        assert_ok(hg_exchange_create(&hg_test_comm, &w[k].plan, width[k], 64, &x[k]));
        fill_owned(&w[k], matrix[k], width[k], k);
        send_all(x[k], &w[k].plan, matrix[k], width[k]);
    }
    for (int k = 1; k >= 0; k--) {
        hg_exchange_end(x[k]);
        check_all(&w[k], matrix[k], width[k], k);
        hg_exchange_destroy(x[k]);
        hg_mem_free(matrix[k]);
        world_destroy(&w[k]);
    }
}

static void test_ids(void **state)
{
    (void)state;
    struct world w;
    int64_t *matrix = NULL;
    world_create(&w, owner_in_turn);
    assert_ok(HG_NEW(matrix, 2 * (int64_t)(w.owned + w.halo)));
    for (hg_lid i = 0; i < w.owned; i++) {
        matrix[2 * i] = w.ids[i] + (INT64_C(1) << 40);
        matrix[2 * i + 1] = -w.ids[i];
    }
    assert_ok(hg_exchange_ids(&hg_test_comm, &w.plan, matrix, 2));
    for (hg_lid i = 0; i < w.owned + w.halo; i++) {
        assert_int_equal(matrix[2 * i], w.ids[i] + (INT64_C(1) << 40));
        assert_int_equal(matrix[2 * i + 1], -w.ids[i]);
    }
    hg_mem_free(matrix);
    world_destroy(&w);
}

/* The k-th allocation fails on the last rank only: every rank returns a failure, and nothing leaks. */
static void test_failures(void **state)
{
    (void)state;
    for (int64_t k = 0; k < 9; k++) {
        const int64_t live = hg_mem_live();
        const bool last = hg_test_comm.rank == hg_test_comm.size - 1;
        struct hg_plan plan;
        struct hg_exchange *x = NULL;
        if (last) hg_mem_fail_at(k);
        hg_status status = hg_plan_create(&hg_test_comm, 3, 0, NULL, NULL, &plan);
        if (status == HG_OK) {
            status = hg_agree(&hg_test_comm, hg_exchange_create(&hg_test_comm, &plan, 4, 64, &x));
            hg_plan_destroy(&plan);
        }
        hg_mem_fail_at(-1);
        assert_int_equal(status, HG_NOMEM);
        hg_status_clear();
        hg_exchange_destroy(x);
        assert_int_equal(hg_mem_live(), live);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values), cmocka_unit_test(test_columns),  cmocka_unit_test(test_overlapped),
    cmocka_unit_test(test_ids),    cmocka_unit_test(test_failures),
};

HG_TEST_MAIN(tests)
