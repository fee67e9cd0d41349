/* The halo exchange: a halo value is f(global id), for any ownership, width and order of calls. */
#include "graph/exchange.h"
#include "testing.h"

enum { NODES = 97, MAX_WIDTH = 33 };

/* Who holds and who copies what. */
struct world {
    struct hg_plan plan;
    hg_gid *ids; /* [owned + halo] */
    hg_lid owned, halo;
};

/* Ownership rules: dealt in turn, all on one rank, all but one rank. */
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

/* Does `rank` hold a copy of node `id`? About half of them. */
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

/* Every width twice, so that cached row types are used, replaced and made again. */
static void exchange_widths(const struct world *w)
{
    static const int widths[] = {1, 2, 3, 5, 8, 13, 16, 17, 32, 33, 1, 8, 33};
    struct hg_exchange *x = NULL;
    hg_real *matrix = NULL;
    int64_t bytes = 0;
    assert_ok(HG_NEW(matrix, (int64_t)(w->owned + w->halo) * MAX_WIDTH));
    assert_ok(hg_exchange_create(&hg_test_comm, &w->plan, MAX_WIDTH, &x));
    const int64_t calls = hg_mem_calls();
    for (int round = 0; round < (int)(sizeof widths / sizeof *widths); round++) {
        const int width = widths[round];
        fill_owned(w, matrix, width, round);
        hg_exchange_begin(x, &w->plan, matrix, width);
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
        exchange_widths(&w);
        world_destroy(&w);
    }
}

/* Two exchanges of different plans under way at once, ended in the other order. */
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
        assert_ok(hg_exchange_create(&hg_test_comm, &w[k].plan, width[k], &x[k]));
        fill_owned(&w[k], matrix[k], width[k], k);
        hg_exchange_begin(x[k], &w[k].plan, matrix[k], width[k]);
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

/* The k-th allocation fails on the last rank only: every rank hears of it, nothing stays. */
static void test_failures(void **state)
{
    (void)state;
    for (int64_t k = 0; k < 8; k++) {
        const int64_t live = hg_mem_live();
        const bool last = hg_test_comm.rank == hg_test_comm.size - 1;
        struct hg_plan plan;
        struct hg_exchange *x = NULL;
        if (last) hg_mem_fail_at(k);
        hg_status status = hg_plan_create(&hg_test_comm, 3, 0, NULL, NULL, &plan);
        if (status == HG_OK) {
            status = hg_agree(&hg_test_comm, hg_exchange_create(&hg_test_comm, &plan, 4, &x));
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
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_overlapped),
    cmocka_unit_test(test_ids),
    cmocka_unit_test(test_failures),
};

HG_TEST_MAIN(tests)
