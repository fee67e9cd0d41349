/* Checkpoints: tensors and attributes come back, a state dict will do, a failed write leaves the old file. */
#include "scratch.h"

#include "io/checkpoint.h"
#include "io/hdf5/h5.h"
#include <signal.h>
#include <sys/resource.h>

static hg_real weight[] = {1, 2, 3, 4, 5, 6}, bias[] = {(hg_real)0.5, -7}, mean[] = {9};

static const struct hg_tensor params[] = {
    {"convs.0.lin.weight", 2, {2, 3}, weight, false},
    {"convs.0.att_src", 3, {1, 2, 1}, bias, false},
};
static const struct hg_tensor statistics[] = {{"mean", 1, {1}, mean, false}};
static const struct hg_tensor_group groups[] = {
    {"params", params, 2}, {"optimizer/m", params, 1}, {"statistics", statistics, 1}};
static const struct hg_attribute attributes[] = {
    {"config",
     "heads: [8, 1]\nname: Gr\xc3\xb6\xc3\x9f"
     "e\n",
     false, 0, 0},
    {"epoch", NULL, true, 123456789012345, 0},
    {"best_val", NULL, false, 0, 0.1},
};
static const struct hg_checkpoint checkpoint = {groups, 3, attributes, 3};

static char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];

static int setup(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/best.h5", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static void round_trip(void **state)
{
    (void)state;
    hg_real w[6] = {0}, b[2] = {0}, m[1] = {0};
    const struct hg_tensor found[] = {{"convs.0.lin.weight", 2, {2, 3}, w, false},
                                      {"convs.0.att_src", 3, {1, 2, 1}, b, false}};
    const struct hg_tensor statistic = {"mean", 1, {1}, m, false};
    char *text = NULL;
    double number = 0;
    bool there = false;
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &checkpoint));
    assert_int_equal(scratch_files(folder), 1);
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "params", found, 2));
    assert_memory_equal(w, weight, sizeof w);
    assert_memory_equal(b, bias, sizeof b);
    memset(w, 0, sizeof w);
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "optimizer/m", found, 1));
    assert_memory_equal(w, weight, sizeof w);
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "statistics", &statistic, 1));
    assert_true(m[0] == 9);
    assert_ok(hg_checkpoint_read_text(&hg_test_comm, path, "config", &text));
    assert_string_equal(text, attributes[0].text);
    hg_mem_free(text);
    assert_ok(hg_checkpoint_read_text(&hg_test_comm, path, "none", &text));
    assert_null(text);
    assert_ok(hg_checkpoint_read_number(&hg_test_comm, path, "epoch", &number, &there));
    assert_true(there && number == 123456789012345);
    assert_ok(hg_checkpoint_read_number(&hg_test_comm, path, "best_val", &number, &there));
    assert_true(there && number == 0.1);
    assert_ok(hg_checkpoint_read_number(&hg_test_comm, path, "worst_val", &number, &there));
    assert_false(there);
    assert_ok(hg_checkpoint_has(&hg_test_comm, path, "params", "convs.0.lin.weight", &there));
    assert_true(there);
    assert_ok(hg_checkpoint_has(&hg_test_comm, path, "optimizer/m", "convs.0.att_src", &there));
    assert_false(there);
}

static void mismatch(void **state)
{
    (void)state;
    hg_real w[6] = {0};
    char *text = NULL;
    const struct hg_tensor turned = {"convs.0.lin.weight", 2, {3, 2}, w, false},
                           missing = {"convs.1.bias", 1, {1}, w, false};
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &checkpoint));
    assert_fails(hg_checkpoint_read(&hg_test_comm, path, "params", &turned, 1),
                 "best.h5: data set /params/convs.0.lin.weight is float [2, 3], not float [3, 2]");
    assert_fails(hg_checkpoint_read(&hg_test_comm, path, "params", &missing, 1),
                 "data set /params/convs.1.bias is missing");
    assert_fails(hg_checkpoint_read_text(&hg_test_comm, path, "epoch", &text), "attribute epoch is not text");
    assert_fails(hg_checkpoint_read_text(&hg_test_comm, folder, "config", &text),
                 "is a folder, not a checkpoint");
}

/* A state dict as h5py saves it: /params alone, float64. */
static void state_dict(void **state)
{
    (void)state;
    hg_real w[6] = {0};
    const struct hg_tensor found = {"convs.0.lin.weight", 2, {2, 3}, w, false};
    char *text = NULL;
    bool there = false;
    if (hg_test_comm.rank == 0) {
        struct hg_h5 file;
        const double wide[] = {1, 2, 3, 4, 5, 6};
        assert_ok(hg_h5_create(path, path, &file));
        assert_ok(hg_h5_define(&file, "/params/convs.0.lin.weight", HG_H5_DOUBLE, 0, 2, found.shape));
        assert_ok(hg_h5_write_rows(&file, "/params/convs.0.lin.weight", HG_H5_DOUBLE, (struct hg_range){0, 2},
                                   wide));
        assert_ok(hg_h5_finish(&file, HG_OK));
    }
    hg_comm_barrier(&hg_test_comm);
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "params", &found, 1));
    assert_memory_equal(w, weight, sizeof w);
    assert_ok(hg_checkpoint_has(&hg_test_comm, path, "params", "convs.0.bias", &there));
    assert_false(there);
    assert_fails(hg_checkpoint_read_text(&hg_test_comm, path, "config", &text), ", not a checkpoint");
}

/* Each byte is covered, and so is the end: what was changed is refused before HDF5 reads it. */
static void damage_is_noticed(void **state)
{
    static const char *const refused =
        "best.h5: truncated or damaged: it is not what its checksum was made of";
    hg_real w[6] = {0};
    const struct hg_tensor found = {.name = "convs.0.lin.weight", .dims = 2, .shape = {2, 3}, .data = w};
    size_t bytes;
    (void)state;
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &checkpoint));
    char *whole = scratch_read(path, &bytes);
    hg_comm_barrier(&hg_test_comm);
    for (size_t k = 0; k < bytes; k += k < 512 ? 13 : 997) {
        whole[k] ^= 1;
        scratch_write(path, whole, bytes);
        whole[k] ^= 1;
        assert_fails(hg_checkpoint_read(&hg_test_comm, path, "params", &found, 1), refused);
        hg_comm_barrier(&hg_test_comm);
    }
    for (size_t kept = 12; kept < bytes; kept += 997) {
        scratch_write(path, whole, kept);
        assert_fails(hg_checkpoint_read(&hg_test_comm, path, "params", &found, 1), refused);
        hg_comm_barrier(&hg_test_comm);
    }
    /* without the seal the rest is a checkpoint as older programs wrote them */
    scratch_write(path, whole + 512, bytes - 512);
    hg_real plain[6] = {0};
    const struct hg_tensor again = {.name = "convs.0.lin.weight", .dims = 2, .shape = {2, 3}, .data = plain};
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "params", &again, 1));
    assert_memory_equal(plain, weight, sizeof plain);
    hg_mem_free(whole);
}

/* Rank 0 may not write a file of more than `bytes`: the old file stays as it is, alone. */
static void write_limited(rlim_t bytes)
{
    struct rlimit limit;
    size_t before, after;
    char *old = scratch_read(path, &before);
    hg_comm_barrier(&hg_test_comm);
    getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {bytes, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    if (hg_test_comm.rank == 0) setrlimit(RLIMIT_FSIZE, &small);
    const hg_status status = hg_checkpoint_write(&hg_test_comm, path, &checkpoint);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_DFL);
    assert_fails(status, "best.h5");
    char *new = scratch_read(path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(old, new, before);
    assert_int_equal(scratch_files(folder), 1);
    hg_mem_free(old);
    hg_mem_free(new);
}

static void failed_write(void **state)
{
    (void)state;
    const struct hg_checkpoint small = {groups, 1, attributes, 1};
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &small));
    for (rlim_t bytes = 512; bytes <= 4096; bytes += 512) write_limited(bytes);
}

/* Every allocation of rank 0 in reading a text. */
static void no_memory(void **state)
{
    (void)state;
    char *text = NULL;
    hg_status status = HG_NOMEM;
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &checkpoint));
    for (int64_t k = 0; status != HG_OK; k++) {
        assert_true(k < 100);
        hg_mem_fail_at(hg_test_comm.rank == 0 ? k : -1);
        status = hg_checkpoint_read_text(&hg_test_comm, path, "config", &text);
        hg_mem_fail_at(-1);
        assert_int_equal(hg_mem_live(), status == HG_OK);
        if (status != HG_OK) assert_fails(status, "out of memory");
    }
    hg_mem_free(text);
}

/* SHA-256 of nothing, and of 0, 1, ... 15 (values of Python's hashlib). */
static void digest(void **state)
{
    (void)state;
    char hex[65];
    hg_real block[16] = {0};
    const struct hg_tensor tensors[] = {{"a", 1, {4}, block, false}, {"b", 2, {2, 6}, block + 4, false}};
    const struct hg_tensor whole = {"c", 1, {16}, block, false};
    char same[65];
    hg_tensors_sha256(tensors, 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (int k = 0; k < 16; k++) block[k] = (hg_real)k;
    hg_tensors_sha256(tensors, 2, hex);
    hg_tensors_sha256(&whole, 1, same);
    assert_string_equal(hex, same);
    assert_string_equal(hex, sizeof(hg_real) == 4
                                 ? "58dda328598e2f7fe472621bfc54935aaa354d1a6ebcaf9562cd743fd575eb19"
                                 : "799eb99a60dd83c57bfe43c1eb5b9e5334fab0ebc120369dee40028729c0004c");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
    cmocka_unit_test_setup_teardown(mismatch, setup, teardown),
    cmocka_unit_test_setup_teardown(state_dict, setup, teardown),
    cmocka_unit_test_setup_teardown(damage_is_noticed, setup, teardown),
    cmocka_unit_test_setup_teardown(failed_write, setup, teardown),
    cmocka_unit_test_setup_teardown(no_memory, setup, teardown),
    cmocka_unit_test(digest),
};

HG_TEST_MAIN(tests)
