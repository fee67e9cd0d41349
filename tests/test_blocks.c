/* Tables in blocks of any sizes, and the index over sorted keys, against whole arrays that every rank knows. */
#include "base/mem.h"
#include "dist/blocks.h"
#include "dist/sort.h"
#include "testing.h"

enum { TOTAL = 200, ASKED = 500 };

static uint32_t value_of(int64_t id)
{
    return (uint32_t)(id * 2654435761u);
}

/* Blocks of different sizes; on more than two ranks the second one has no entries. */
static void make(struct hg_blocks *blocks, uint32_t *table)
{
    const int rank = hg_test_comm.rank, size = hg_test_comm.size;
    const int64_t first = rank == 0 ? 0 : rank == 1 ? 30 : 30 + (TOTAL - 30) / (size - 1) * (rank - 1);
    const int64_t end = rank == size - 1 ? TOTAL : rank == 0 ? 30 : 30 + (TOTAL - 30) / (size - 1) * rank;
    const int64_t count = size > 2 && rank == 1 ? 0 : end - first, moved = size > 2 && rank == 2 ? 30 : first;
    assert_ok(hg_blocks_create(&hg_test_comm, size > 2 && rank == 2 ? end - moved : count, blocks));
    assert_int_equal(hg_blocks_total(blocks), TOTAL);
    for (int64_t k = hg_blocks_first(blocks); k < blocks->first[rank + 1]; k++)
        table[k - hg_blocks_first(blocks)] = value_of(k);
}

static void test_read(void **state)
{
    uint32_t table[TOTAL], ids[ASKED], values[ASKED];
    struct hg_blocks blocks;
    (void)state;
    make(&blocks, table);
    for (int k = 0; k < ASKED; k++) ids[k] = (uint32_t)((k * 37 + hg_test_comm.rank * 11) % TOTAL);
    assert_ok(hg_blocks_read(&blocks, table, ids, ASKED, values));
    for (int k = 0; k < ASKED; k++) assert_int_equal(values[k], value_of(ids[k]));
    for (int64_t id = 0; id < TOTAL; id++) {
        const int owner = hg_blocks_owner(&blocks, id);
        assert_true(blocks.first[owner] <= id && id < blocks.first[owner + 1]);
        assert_int_equal(hg_blocks_own(&blocks, id), owner == hg_test_comm.rank);
    }
    hg_blocks_destroy(&blocks);
}

/* Every rank adds to every entry, some negative numbers among them, and sets every third one. */
static void test_enter(void **state)
{
    uint32_t table[TOTAL];
    struct hg_entry entries[TOTAL];
    struct hg_blocks blocks;
    (void)state;
    make(&blocks, table);
    for (uint32_t k = 0; k < TOTAL; k++)
        entries[k] = (struct hg_entry){k, k % 2 ? k : -(k + (uint32_t)hg_test_comm.rank)};
    assert_ok(hg_blocks_add(&blocks, table, entries, TOTAL));
    const int64_t first = hg_blocks_first(&blocks), end = blocks.first[hg_test_comm.rank + 1];
    const uint32_t size = (uint32_t)hg_test_comm.size, ranks = size * (size - 1) / 2;
    for (int64_t k = first; k < end; k++) {
        const uint32_t sum = k % 2 ? size * (uint32_t)k : -(size * (uint32_t)k + ranks);
        assert_int_equal(table[k - first], value_of(k) + sum);
    }
    for (uint32_t k = 0; k < TOTAL / 3; k++) entries[k] = (struct hg_entry){3 * k, k};
    assert_ok(hg_blocks_set(&blocks, table, entries, TOTAL / 3));
    for (int64_t k = first; k < end; k++)
        if (k % 3 == 0 && k / 3 < TOTAL / 3) assert_int_equal(table[k - first], k / 3);
    hg_blocks_destroy(&blocks);
}

static void check_index(const struct hg_keys *keys, uint64_t last)
{
    struct hg_key_index index;
    assert_ok(hg_key_index_create(keys, &index));
    for (uint64_t key = 0; key <= last; key++)
        assert_int_equal(hg_key_index_find(&index, key), hg_keys_find(keys, key));
    for (int64_t k = 0; k < keys->count; k++) assert_int_equal(hg_key_index_find(&index, keys->key[k]), k);
    assert_int_equal(hg_key_index_find(&index, UINT64_MAX), hg_keys_find(keys, UINT64_MAX));
    hg_key_index_destroy(&index);
}

/* Dense, sparse and clumped keys, none, one, and the largest. */
static void test_index(void **state)
{
    struct hg_keys keys = {0};
    (void)state;
    check_index(&keys, 5);
    assert_ok(hg_keys_add(&keys, 7));
    check_index(&keys, 20);
    for (uint64_t k = 0; k < 300; k++)
        assert_ok(hg_keys_add(&keys, k * 3 + (k % 7 == 0 ? UINT64_C(1) << 50 : 0)));
    assert_ok(hg_keys_add(&keys, UINT64_MAX));
    assert_ok(hg_keys_unique(&keys, 0));
    check_index(&keys, 1000);
    hg_keys_destroy(&keys);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_enter),
                                          cmocka_unit_test(test_index)};

HG_TEST_MAIN(tests)
