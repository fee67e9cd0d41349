/* Files of results: rows given in any order by any rank end in their places. */
#include "scratch.h"

#include "io/output_file.h"

enum { TOTAL = 41, COLUMNS = 3 };

/* Rows of this rank: every size-th, last first. */
struct given {
    int64_t count, position[TOTAL];
    hg_real logits[TOTAL * COLUMNS];
    int64_t pairs[TOTAL * 2];
    int32_t classes[TOTAL];
    char names[TOTAL * 5];
};

static struct given give(void)
{
    struct given g = {0};
    for (int64_t i = TOTAL - 1; i >= 0; i--) {
        const int64_t k = g.count;
        if (i * 7 % TOTAL % hg_test_comm.size != hg_test_comm.rank) continue;
        g.position[k] = i;
        for (int64_t c = 0; c < COLUMNS; c++) g.logits[k * COLUMNS + c] = (hg_real)(i * 10 + c);
        for (int64_t c = 0; c < 2; c++) g.pairs[k * 2 + c] = i * 100 + c;
        g.classes[k] = (int32_t)(i % 3);
        memcpy(g.names + 5 * k, "name", 4);
        g.names[5 * k + 4] = (char)('0' + i);
        g.count++;
    }
    return g;
}

static hg_status write_all(const char *path, const struct given *g)
{
    const struct hg_output_rows sets[] = {
        {"/logits", HG_H5_REAL, 0, COLUMNS, false, TOTAL, g->count, g->position, g->logits},
        {"/prediction", HG_H5_INT32, 0, 0, false, TOTAL, g->count, g->position, g->classes},
        {"/edge_index", HG_H5_INT64, 0, 2, true, TOTAL, g->count, g->position, g->pairs},
        {"/alpha/0", HG_H5_REAL, 0, COLUMNS, false, TOTAL, g->count, g->position, g->logits},
        {"/name", HG_H5_TEXT, 5, 0, false, TOTAL, g->count, g->position, g->names},
        {"/none", HG_H5_INT32, 0, 0, false, 0, 0, g->position, g->classes},
    };
    struct hg_output_file file;
    HG_TRY(hg_output_file_create(&hg_test_comm, path, &file));
    for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++) HG_TRY(hg_output_file_rows(&file, &sets[k]));
    return hg_output_file_commit(&file);
}

static void in_place(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const struct given g = give();
    const struct hg_range rows = {0, TOTAL};
    struct hg_h5 file;
    struct hg_h5_shape shape;
    hg_real logits[TOTAL * COLUMNS];
    int64_t pairs[2 * TOTAL];
    int32_t classes[TOTAL];
    char names[5 * TOTAL];
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/pred.h5", folder);
    assert_ok(write_all(path, &g));
    assert_int_equal(scratch_files(folder), 1);
    assert_ok(hg_h5_open(path, &file));
    assert_ok(hg_h5_describe(&file, "/edge_index", &shape));
    assert_int_equal(shape.size[0], 2);
    assert_int_equal(shape.size[1], TOTAL);
    assert_ok(hg_h5_describe(&file, "/none", &shape));
    assert_int_equal(shape.size[0], 0);
    assert_ok(hg_h5_read_rows(&file, "/alpha/0", HG_H5_REAL, rows, logits));
    assert_ok(hg_h5_read_rows(&file, "/logits", HG_H5_REAL, rows, logits));
    assert_ok(hg_h5_read_rows(&file, "/prediction", HG_H5_INT32, rows, classes));
    assert_ok(hg_h5_read_rows(&file, "/edge_index", HG_H5_INT64, (struct hg_range){0, 2}, pairs));
    assert_ok(hg_h5_read_rows(&file, "/name", HG_H5_TEXT, rows, names));
    hg_h5_close(&file);
    for (int i = 0; i < TOTAL; i++) {
        for (int c = 0; c < COLUMNS; c++) assert_true(logits[i * COLUMNS + c] == (hg_real)(i * 10 + c));
        for (int c = 0; c < 2; c++) assert_int_equal(pairs[c * TOTAL + i], i * 100 + c);
        assert_int_equal(classes[i], i % 3);
        assert_int_equal(names[5 * i + 4], '0' + i);
    }
    scratch_remove(folder);
}

/* Rows given twice, missing or out of range are refused, and nothing is left. */
static void wrong_positions(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const bool first = hg_test_comm.rank == 0;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/pred.h5", folder);
    struct given g = give();
    if (first) g.position[0] = g.position[1];
    assert_fails(write_all(path, &g), "/logits: a row is missing or was given twice");
    g = give();
    if (first) g.count--;
    assert_fails(write_all(path, &g), "/logits: a row is missing or was given twice");
    g = give();
    if (first) g.position[0] = TOTAL;
    assert_fails(write_all(path, &g), "41 is outside 0..40");
    assert_int_equal(scratch_files(folder), 0);
    scratch_remove(folder);
}

static void no_memory(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const struct given g = give();
    hg_status status = HG_NOMEM;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/pred.h5", folder);
    for (int64_t k = 0; status != HG_OK; k++) {
        assert_int_equal(scratch_files(folder), 0);
        assert_true(k < 1000);
        hg_comm_barrier(&hg_test_comm);
        hg_mem_fail_at(hg_test_comm.rank == hg_test_comm.size - 1 ? k : -1);
        status = write_all(path, &g);
        hg_mem_fail_at(-1);
        assert_int_equal(hg_mem_live(), 0);
        if (status != HG_OK) assert_fails(status, "out of memory");
    }
    scratch_remove(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(in_place),
    cmocka_unit_test(wrong_positions),
    cmocka_unit_test(no_memory),
};

HG_TEST_MAIN(tests)
