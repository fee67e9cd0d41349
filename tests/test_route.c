/* Records arrive at their owners in order, and answers come back to them, also when ranks send nothing or all records
 * go to one rank. */
#include "base/rng.h"
#include "dist/route.h"
#include "testing.h"

enum { MOST = 500 };

/* Rules for owners: any rank; all records to one rank; odd ranks send nothing; no rank sends anything. */
enum { ANY, TO_ONE, ODD_SILENT, NOTHING, WAYS };

static int64_t count_of(int way, int rank)
{
    if (way == NOTHING || (way == ODD_SILENT && rank % 2 == 1)) return 0;
    return way == TO_ONE ? MOST / (rank + 1) : MOST - 7 * rank;
}

/* The owner of record k of a rank: every rank can compute it. */
static int owner_of(int way, int rank, int64_t k)
{
    const struct hg_rng rng = hg_rng_stream(9, HG_RNG_GENERATE, rank, way);
    if (way == TO_ONE) return hg_test_comm.size - 1;
    return (int)(hg_rng_bits(rng, (uint64_t)k, 0).word[0] % (uint32_t)hg_test_comm.size);
}

struct record {
    int64_t from, k;
    char odd; /* the size of a record need not be a multiple of anything */
} __attribute__((packed));

static void fill(int way, struct hg_route *route, struct record *records)
{
    const int rank = hg_test_comm.rank;
    const int64_t n = count_of(way, rank);
    for (int64_t k = 0; k < n; k++) hg_route_count(route, owner_of(way, rank, k), 1);
    assert_int_equal(route->count, n);
    hg_route_pack(route);
    for (int64_t k = 0; k < n; k++)
        records[hg_route_next(route, owner_of(way, rank, k), 1)] = (struct record){rank, k, (char)way};
}

/* What arrives is what every rank sends to this one: by sender, in its order. */
static void check_arrived(int way, const struct hg_route *route, const struct record *arrived)
{
    int64_t at = 0;
    for (int r = 0; r < hg_test_comm.size; r++) {
        const int64_t before = at;
        for (int64_t k = 0; k < count_of(way, r); k++) {
            if (owner_of(way, r, k) != hg_test_comm.rank) continue;
            assert_int_equal(arrived[at].from, r);
            assert_int_equal(arrived[at].k, k);
            assert_int_equal(arrived[at].odd, way);
            at++;
        }
        assert_int_equal(route->received[r], at - before);
    }
    assert_int_equal(route->arrived, at);
}

static int64_t answer_to(const struct record *record, int by)
{
    return record->from * 1000000 + record->k * 100 + by;
}

/* The answer to each record, from its owner, is at the record's position. */
static void check_answers(int way, const struct hg_route *route, const struct record *arrived)
{
    const int rank = hg_test_comm.rank;
    int64_t next[64] = {0}, *answers = NULL;
    void *back = NULL;
    assert_ok(HG_NEW(answers, route->arrived));
    for (int64_t k = 0; k < route->arrived; k++) answers[k] = answer_to(&arrived[k], rank);
    assert_ok(hg_route_answer(route, sizeof *answers, answers, &back));
    for (int r = 1; r < hg_test_comm.size; r++) next[r] = next[r - 1] + route->sent[r - 1];
    for (int64_t k = 0; k < count_of(way, rank); k++) {
        const int owner = owner_of(way, rank, k);
        const struct record sent = {rank, k, (char)way};
        assert_int_equal(((const int64_t *)back)[next[owner]++], answer_to(&sent, owner));
    }
    hg_mem_free(back);
    hg_mem_free(answers);
}

static void records_arrive_and_are_answered(void **state)
{
    (void)state;
    for (int way = 0; way < WAYS; way++) {
        struct record records[MOST];
        struct hg_route route;
        void *arrived = NULL;
        assert_ok(hg_agree(&hg_test_comm, hg_route_create(&hg_test_comm, &route)));
        fill(way, &route, records);
        for (int time = 0; time < 2; time++) { /* a route can be used again */
            assert_ok(hg_route_send(&route, sizeof *records, records, &arrived));
            check_arrived(way, &route, arrived);
            check_answers(way, &route, arrived);
            hg_mem_free(arrived);
        }
        hg_route_destroy(&route);
    }
}

/* Rows of 0..4 numbers each: the positions of a row's numbers are consecutive. */
static void rows_of_many_records(void **state)
{
    (void)state;
    const int size = hg_test_comm.size, rank = hg_test_comm.rank;
    int64_t sent[4 * MOST], at = 0;
    struct hg_route route;
    void *arrived = NULL;
    assert_ok(hg_agree(&hg_test_comm, hg_route_create(&hg_test_comm, &route)));
    for (int64_t k = 0; k < MOST; k++) hg_route_count(&route, (int)(k % size), k % 5);
    hg_route_pack(&route);
    for (int64_t k = 0; k < MOST; k++) {
        const int64_t first = hg_route_next(&route, (int)(k % size), k % 5);
        for (int64_t i = 0; i < k % 5; i++) sent[first + i] = k * 10 + i + rank;
    }
    assert_ok(hg_route_send(&route, sizeof *sent, sent, &arrived));
    for (int r = 0; r < size; r++)
        for (int64_t k = rank; k < MOST; k += size)
            for (int64_t i = 0; i < k % 5; i++)
                assert_int_equal(((const int64_t *)arrived)[at++], k * 10 + i + r);
    assert_int_equal(at, route.arrived);
    hg_mem_free(arrived);
    hg_route_destroy(&route);
}

/* Looks up ids in a table whose entry i is 3 i + 1: in any order, with repetitions; none on the last rank. */
static void look_up_finds_entries(void **state)
{
    (void)state;
    const int size = hg_test_comm.size, rank = hg_test_comm.rank;
    const struct hg_range block = hg_block_range(MOST, rank, size);
    const int64_t n = size > 1 && rank == size - 1 ? 0 : 200;
    int64_t table[MOST] = {0}, ids[200] = {0}, *values = NULL;
    for (int64_t i = block.first; i < block.end; i++) table[i - block.first] = 3 * i + 1;
    for (int64_t k = 0; k < n; k++) ids[k] = (k * 7919 + rank) % MOST;
    assert_ok(hg_route_look_up(&hg_test_comm, MOST, table, ids, n, &values));
    for (int64_t k = 0; k < n; k++) assert_int_equal(values[k], 3 * ids[k] + 1);
    hg_mem_free(values);
}

static void failures_are_everybodys(void **state)
{
    (void)state;
    const int rank = hg_test_comm.rank;
    int64_t table[MOST] = {0}, ids[1] = {rank == 0 ? MOST : 0}, *values = NULL;
    struct hg_route route;
    void *arrived = NULL;
    assert_fails(hg_route_look_up(&hg_test_comm, MOST, table, ids, 1, &values), "500 is outside 0..499");
    assert_null(values);
    ids[0] = 0;
    for (int k = 0; k < 8; k++) { /* the k-th allocation of rank 0 */
        if (rank == 0) hg_mem_fail_at(k);
        assert_fails(hg_route_look_up(&hg_test_comm, MOST, table, ids, 1, &values), "out of memory");
        assert_null(values);
    }
    hg_mem_fail_at(-1);
    assert_ok(hg_agree(&hg_test_comm, hg_route_create(&hg_test_comm, &route)));
    if (rank == 0) hg_route_count(&route, 0, (int64_t)1 << 60);
    assert_fails(hg_route_send(&route, 8, table, &arrived), "out of memory");
    assert_null(arrived);
    hg_route_destroy(&route);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(records_arrive_and_are_answered),
    cmocka_unit_test(rows_of_many_records),
    cmocka_unit_test(look_up_finds_entries),
    cmocka_unit_test(failures_are_everybodys),
};

HG_TEST_MAIN(tests)
