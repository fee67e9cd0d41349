/* Checkpoints: tensors and attributes are read back as written; a state dict is accepted; a failed write leaves the
 * old file. */
#include "scratch.h"

#include "cli/config.h"
#include "io/checkpoint.h"
#include "io/checkpoint_check.h"
#include "io/hdf5/h5.h"
#include "train/trained.h"
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
static const struct hg_checkpoint checkpoint = {groups, 3, attributes, 3, {0}};

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

/* The checksum covers every byte and the length: a changed file is refused before HDF5 reads it. */
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
    /* without the checksum's block, the rest is a valid checkpoint of the older format */
    scratch_write(path, whole + 512, bytes - 512);
    hg_real plain[6] = {0};
    const struct hg_tensor again = {.name = "convs.0.lin.weight", .dims = 2, .shape = {2, 3}, .data = plain};
    assert_ok(hg_checkpoint_read(&hg_test_comm, path, "params", &again, 1));
    assert_memory_equal(plain, weight, sizeof plain);
    hg_mem_free(whole);
}

/* Rank 0 cannot write files larger than `bytes`: the old file stays unchanged, and no other file is left. */
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
    const struct hg_checkpoint small = {groups, 1, attributes, 1, {0}};
    assert_ok(hg_checkpoint_write(&hg_test_comm, path, &small));
    for (rlim_t bytes = 512; bytes <= 4096; bytes += 512) write_limited(bytes);
}

/* Makes every allocation of rank 0 fail, one after another, while a text is read. */
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

/* A piece of a checkpoint (two layers on 3 features and 2 classes, as trained.c would write it), written
 * independently. */
struct piece {
    const char *name; /* a data set, or an attribute */
    int dims;
    int64_t size[3];
    int64_t number; /* of the attribute `version` */
    bool integers;
};

static const struct piece pieces[] = {
    {.name = "version", .number = 1},
    {.name = "/params/convs.0.att_src", .dims = 3, .size = {1, 2, 4}},
    {.name = "/params/convs.0.att_dst", .dims = 3, .size = {1, 2, 4}},
    {.name = "/params/convs.0.bias", .dims = 1, .size = {8}},
    {.name = "/params/convs.0.lin.weight", .dims = 2, .size = {8, 3}},
    {.name = "/params/convs.1.att_src", .dims = 3, .size = {1, 1, 2}},
    {.name = "/params/convs.1.att_dst", .dims = 3, .size = {1, 1, 2}},
    {.name = "/params/convs.1.bias", .dims = 1, .size = {2}},
    {.name = "/params/convs.1.lin.weight", .dims = 2, .size = {2, 8}},
    {.name = "/statistics/feature_shift", .dims = 1, .size = {3}},
    {.name = "/statistics/feature_scale", .dims = 1, .size = {3}},
};
enum { PIECES = sizeof pieces / sizeof *pieces };

static hg_status write_piece(const struct hg_h5 *file, const struct piece *piece)
{
    static const hg_real zeros[64] = {0};
    const enum hg_h5_type type = piece->integers ? HG_H5_INT32 : HG_H5_REAL;
    if (piece->number != 0) return hg_h5_set_int(file, piece->name, piece->number);
    if (piece->dims == 0) return HG_OK; /* the piece is left out */
    HG_TRY(hg_h5_define(file, piece->name, type, 0, piece->dims, piece->size));
    return hg_h5_write_rows(file, piece->name, type, (struct hg_range){0, piece->size[0]}, zeros);
}

static hg_status write_pieces(const struct hg_h5 *file, const struct piece *change)
{
    HG_TRY(hg_h5_set_text(file, "format", "halogat-checkpoint"));
    for (int k = 0; k < PIECES; k++)
        HG_TRY(write_piece(file, strcmp(pieces[k].name, change->name) == 0 ? change : &pieces[k]));
    return HG_OK;
}

static hg_status check_changed(const struct piece *change, const struct hg_train_options *options)
{
    struct hg_h5 file;
    bool bare = true;
    assert_ok(hg_h5_create(path, path, &file));
    assert_ok(hg_h5_finish(&file, write_pieces(&file, change)));
    assert_ok(hg_h5_open(path, &file));
    hg_status status = hg_checkpoint_check_format(&file, &bare);
    assert_false(bare);
    if (status == HG_OK) status = hg_trained_check(&file, options);
    hg_h5_close(&file);
    return status;
}

/* info --check finds everything that eval, predict and explain refuse in a checkpoint whatever the graph. */
static void sound_by_itself(void **state)
{
    (void)state;
    static const struct {
        struct piece change;
        const char *why;
    } cases[] = {
        {{.name = "version", .number = 9}, "version 9"},
        {{.name = "/params/convs.0.lin.weight"}, "convs.0.lin.weight is missing"},
        {{.name = "/params/convs.1.att_dst"}, "convs.1.att_dst is missing"},
        {{.name = "/params/convs.0.lin.weight", .dims = 2, .size = {0, 3}},
         "is float [0, 3], not float [8, 3]"},
        {{.name = "/params/convs.0.lin.weight", .dims = 1, .size = {24}},
         "is float [24], not float [any, any]"},
        {{.name = "/params/convs.1.lin.weight", .dims = 2, .size = {8, 2}},
         "is float [8, 2], not float [2, 8]"},
        {{.name = "/params/convs.0.lin.weight", .dims = 2, .size = {3, 8}},
         "is float [3, 8], not float [8, 8]"},
        {{.name = "/params/convs.0.lin.weight", .dims = 2, .size = {8, 3}, .integers = true},
         "is integer [8, 3]"},
        {{.name = "/params/convs.1.bias", .dims = 1, .size = {2}, .integers = true}, "is integer [2]"},
        {{.name = "/params/convs.1.att_src", .dims = 3, .size = {1, 1, 0}}, "has no outputs"},
        {{.name = "/statistics/feature_shift", .dims = 1, .size = {2}}, "is float [2], not float [3]"},
        {{.name = "/statistics/feature_scale"}, "feature_scale is missing"},
    };
    const struct piece none = {.name = "none"};
    struct hg_train_options options = hg_train_options_default();
    options.data.normalize_features = HG_NORMALIZE_STANDARD;
    options.model.heads = (struct hg_int_list){2, {2, 1}};
    options.model.hidden = (struct hg_int_list){1, {4}};
    if (hg_test_comm.rank > 0) return; /* Local */
    assert_ok(check_changed(&none, &options));
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        assert_fails(check_changed(&cases[k].change, &options), cases[k].why);
    options.model.residual = true;
    assert_fails(check_changed(&none, &options), "convs.0.res.weight is missing");
    options.model.residual = false;
    options.model.heads = (struct hg_int_list){3, {2, 1, 1}};
    assert_fails(check_changed(&none, &options), "convs.2.att_src is missing");
    options.model.heads = (struct hg_int_list){2, {1, 1}};
    assert_fails(check_changed(&none, &options), "is float [1, 2, 4], not float [1, 1, 4]");
}

/* Files of every version of the format stay readable: their parameters have the hash that summary.json gave when they
 * were written. */
static void golden_files(void **state)
{
    (void)state;
    static const struct {
        const char *name, *sha;
        bool state; /* it can be resumed from */
    } files[] = {
        {"checkpoint_1.h5", "67ed42a2446ce3c80a4226c956a0304a54108a4007bd8c259796cfd4479ae2f5", false},
        {"checkpoint_1_state.h5", "8a118be0bc656bb59a03f7d86be9a8e57aaa7e7cd42a257f36015709126ad38b", true},
    };
    hg_real values[8][32];
    const struct hg_tensor all[] = {
        {"convs.0.att_src", 3, {1, 2, 3}, values[0], false},
        {"convs.0.att_dst", 3, {1, 2, 3}, values[1], false},
        {"convs.0.bias", 1, {6}, values[2], false},
        {"convs.0.lin.weight", 2, {6, 5}, values[3], false},
        {"convs.1.att_src", 3, {1, 1, 3}, values[4], false},
        {"convs.1.att_dst", 3, {1, 1, 3}, values[5], false},
        {"convs.1.bias", 1, {3}, values[6], false},
        {"convs.1.lin.weight", 2, {3, 6}, values[7], false},
    };
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char name[512], hex[65], *text = NULL;
        double step = 0;
        bool found = false;
        snprintf(name, sizeof name, "%s/golden/%s", HG_TESTS_DIR, files[k].name);
        assert_ok(hg_checkpoint_read(&hg_test_comm, name, "params", all, 8));
        hg_tensors_sha256(all, 8, hex);
        assert_string_equal(hex, files[k].sha);
        assert_ok(hg_checkpoint_read_text(&hg_test_comm, name, "config", &text));
        struct hg_config config;
        hg_config_defaults(&config);
        assert_ok(hg_config_read_checkpoint(name, text, &config));
        assert_int_equal(config.train.data.normalize_features, HG_NORMALIZE_STANDARD);
        hg_config_destroy(&config);
        hg_mem_free(text);
        assert_ok(hg_checkpoint_read_number(&hg_test_comm, name, "step", &step, &found));
        assert_true(found == files[k].state && (!found || step == 3));
        if (found) assert_ok(hg_checkpoint_read(&hg_test_comm, name, "optimizer/v", all, 8));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(golden_files),
    cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
    cmocka_unit_test_setup_teardown(mismatch, setup, teardown),
    cmocka_unit_test_setup_teardown(state_dict, setup, teardown),
    cmocka_unit_test_setup_teardown(damage_is_noticed, setup, teardown),
    cmocka_unit_test_setup_teardown(failed_write, setup, teardown),
    cmocka_unit_test_setup_teardown(no_memory, setup, teardown),
    cmocka_unit_test(digest),
    cmocka_unit_test_setup_teardown(sound_by_itself, setup, teardown),
};

HG_TEST_MAIN(tests)
