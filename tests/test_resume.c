/* Damaged checkpoints: whatever happens to the newest one, it is noticed, the one before is used, and the result is
 * that of an undisturbed training. HG_TEST_LONG: 1,760 files instead of 160, of which 1,600 are damaged. And a
 * training that runs out of memory can be resumed. */
#include "trial.h"

#include "base/requests.h"
#include "base/rng.h"
#include "cli/config.h"
#include "io/seal.h"
#include "train/trainer.h"
#include <hdf5.h>
#include <math.h>
#include <sys/stat.h>

/* Replaces the C library's fsync: the test writes thousands of temporary files, which need not be on the disk. */
int fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

enum { EPOCHS = 6, BEFORE = 2, NEWEST = 4, PATH = 2 * TRIAL_PATH };

/* What the callbacks have seen. */
struct seen {
    int64_t done;    /* epochs done before, of the run that began last */
    int64_t stop_in; /* epoch in which a stop is requested; 0: none */
    int warnings;
    char warning[1024];
};

static void on_begin(void *context, const struct hg_run_heading *run)
{
    ((struct seen *)context)->done = run->done;
}

static void on_epoch(void *context, const struct hg_run_point *point)
{
    /* this epoch's requests have been collected: it takes effect after the next one */
    if (point->epoch + 1 == ((struct seen *)context)->stop_in) hg_request(HG_REQUEST_STOP, "the test");
}

static void on_warning(void *context, const char *line)
{
    struct seen *seen = context;
    seen->warnings++;
    snprintf(seen->warning, sizeof seen->warning, "%s", line);
}

/* A training that was stopped after epoch NEWEST, with checkpoints of BEFORE and NEWEST. */
struct stage {
    char folder[SCRATCH_BYTES], golden[TRIAL_PATH], graph[TRIAL_PATH], out[TRIAL_PATH];
    struct hg_train_options options;
    struct seen seen;
    struct hg_train_callbacks callbacks;
    char sha[65]; /* of the undisturbed training */
};

/* The files that the stopped training has left. */
static const char *const left[] = {"record.json", "metrics.jsonl", "best.h5", "checkpoint-2.h5",
                                   "checkpoint-4.h5"};
enum { LEFT = sizeof left / sizeof *left, OTHER = 4 /* index of checkpoint-4.h5 */ };

static void path_in(const struct stage *stage, const char *folder, const char *name, char path[PATH])
{
    snprintf(path, PATH, "%s/%s/%s", stage->folder, folder, name);
}

static void copy_file(const char *from, const char *to)
{
    size_t count = 0;
    char *bytes = hg_test_comm.rank == 0 ? scratch_read(from, &count) : NULL;
    scratch_write(to, bytes, count);
    hg_mem_free(bytes);
}

static void read_sha(const struct stage *stage, const char *folder, char sha[65])
{
    char path[PATH];
    path_in(stage, folder, "summary.json", path);
    hg_comm_barrier(&hg_test_comm);
    json_t *summary = json_load_file(path, 0, NULL);
    assert_non_null(summary);
    snprintf(sha, 65, "%s", json_string_value(json_object_get(summary, "params_sha256")));
    json_decref(summary);
}

static hg_status train(struct stage *stage, const char *folder, bool resume)
{
    snprintf(stage->out, sizeof stage->out, "%.500s/%s", stage->folder, folder);
    stage->options.out = stage->out;
    stage->options.resume = resume;
    stage->seen.warnings = 0;
    const hg_status status = hg_train(&hg_test_comm, &stage->options, &stage->callbacks);
    hg_requests_take(HG_REQUEST_STOP);
    return status;
}

/* Trains until after epoch NEWEST, and keeps what is left in the folder `kept`. */
static void stop_training(struct stage *stage, const char *folder, const char *kept)
{
    char from[PATH], to[PATH];
    stage->seen.stop_in = NEWEST;
    assert_int_equal(train(stage, folder, false), HG_STOPPED);
    hg_status_clear();
    stage->seen.stop_in = 0;
    path_in(stage, kept, "", to);
    if (hg_test_comm.rank == 0) assert_int_equal(mkdir(to, 0777), 0);
    for (int f = 0; f < LEFT; f++) {
        path_in(stage, folder, left[f], from);
        path_in(stage, kept, left[f], to);
        copy_file(from, to);
    }
}

static void stage_make(struct stage *stage)
{
    *stage = (struct stage){0};
    scratch_make(stage->folder);
    trial_import(stage->folder, "gat_two_layer.h5", stage->golden, stage->graph);
    trial_options(stage->golden, &stage->options);
    stage->options.data.graph = stage->graph;
    stage->options.data.cells = 6;
    stage->options.threads = 1;
    stage->options.model.dropout = 0.3;
    stage->options.epochs = EPOCHS;
    stage->options.checkpoint_every = 2;
    stage->callbacks = (struct hg_train_callbacks){.write_options = hg_config_write_yaml,
                                                   .compare_options = hg_config_compare_yaml,
                                                   .warn = on_warning,
                                                   .run_begin = on_begin,
                                                   .run_epoch = on_epoch,
                                                   .context = &stage->seen};
    assert_ok(train(stage, "whole", false));
    read_sha(stage, "whole", stage->sha);
    stop_training(stage, "run", "kept");
    stop_training(stage, "another", "kept-another");
}

static void stage_end(struct stage *stage)
{
    static const char *const folders[] = {"whole", "run", "kept", "another", "kept-another"};
    for (int f = 0; f < 5; f++) {
        char path[PATH];
        path_in(stage, folders[f], "", path);
        scratch_remove(path);
    }
    scratch_remove(stage->folder);
}

/* Puts the folder back to what the stopped training has left. */
static void restore(const struct stage *stage)
{
    static const char *const removed[] = {"complete", "summary.json", "last.h5"};
    char from[PATH], to[PATH];
    for (int f = 0; f < LEFT; f++) {
        path_in(stage, "kept", left[f], from);
        path_in(stage, "run", left[f], to);
        copy_file(from, to);
    }
    for (int f = 0; f < 3; f++) {
        path_in(stage, "run", removed[f], to);
        if (hg_test_comm.rank == 0) unlink(to);
    }
    hg_comm_barrier(&hg_test_comm);
}

enum damage { NONE, BIT, CUT, ZEROS, GROWN, SWAPPED_EPOCH, SWAPPED_RUN, SWAPPED_BEST, DAMAGES };
static const char *const damage_name[DAMAGES] = {
    "none",        "one bit",       "cut off",     "zeros",
    "bytes added", "another epoch", "another run", "the best parameters"};

/* A random number below `most`. */
static size_t drawn(int k, int what, size_t most)
{
    const struct hg_rng rng = {{11, 13}};
    return (size_t)(hg_rng_uniform(rng, (uint64_t)k, (uint64_t)what) * (double)most);
}

/* Damages bytes [*count], which have room for one more block. False when they stay what they were. */
static bool damage_bytes(enum damage damage, int k, char *bytes, size_t *count)
{
    const size_t at = drawn(k, 0, *count), length = 1 + drawn(k, 1, 4096);
    bool changed = true;
    if (damage == BIT) bytes[at] = (char)(bytes[at] ^ 1 << drawn(k, 2, 8));
    if (damage == CUT) *count = at;
    if (damage == GROWN) *count += length;
    if (damage == ZEROS) {
        changed = false;
        for (size_t b = at; b < at + length && b < *count; b++) {
            changed |= bytes[b] != 0;
            bytes[b] = 0;
        }
    }
    return changed;
}

/* Damages checkpoint-4.h5. False when it stays what it was. Collective. */
static bool damage_file(const struct stage *stage, enum damage damage, int k)
{
    static const struct {
        const char *folder, *name;
    } others[DAMAGES] = {[SWAPPED_EPOCH] = {"kept", "checkpoint-2.h5"},
                         [SWAPPED_RUN] = {"kept-another", "checkpoint-4.h5"},
                         [SWAPPED_BEST] = {"kept", "best.h5"}};
    char from[PATH], to[PATH];
    size_t count = 0;
    path_in(stage, "run", left[OTHER], to);
    path_in(stage, others[damage].name != NULL ? others[damage].folder : "kept",
            others[damage].name != NULL ? others[damage].name : left[OTHER], from);
    char *read = scratch_read(from, &count), *bytes = hg_mem_alloc((int64_t)count + 4096, 1);
    assert_non_null(bytes);
    memset(bytes, 7, count + 4096);
    memcpy(bytes, read, count);
    const bool changed = damage != NONE && damage_bytes(damage, k, bytes, &count);
    scratch_write(to, bytes, count);
    hg_mem_free(bytes);
    hg_mem_free(read);
    return changed;
}

static void damages_are_noticed(void **state)
{
    (void)state;
    struct stage stage;
    const int count = getenv("HG_TEST_LONG") != NULL ? 1760 : 160;
    int noticed = 0, controls = 0;
    stage_make(&stage);
    for (int k = 0; k < count; k++) {
        char sha[65];
        /* one bit, zeros and cut off files more often than what happens rarely */
        static const enum damage kinds[] = {BIT, BIT,  CUT,           ZEROS, BIT,         GROWN, ZEROS,
                                            CUT, NONE, SWAPPED_EPOCH, BIT,   SWAPPED_RUN, ZEROS, SWAPPED_BEST,
                                            CUT, BIT};
        const enum damage damage = kinds[k % (int)(sizeof kinds / sizeof *kinds)];
        restore(&stage);
        const bool changed = damage_file(&stage, damage, k);
        assert_ok(train(&stage, "run", true));
        read_sha(&stage, "run", sha);
        if (strcmp(sha, stage.sha) != 0) fail_msg("%d: %s: another result", k, damage_name[damage]);
        if (hg_test_comm.rank != 0) continue;
        const int64_t done = changed ? BEFORE : NEWEST;
        if (stage.seen.warnings != (int)changed || stage.seen.done != done)
            fail_msg("%d: %s: %d warnings (%s), resumed after epoch %lld", k, damage_name[damage],
                     stage.seen.warnings, stage.seen.warning, (long long)stage.seen.done);
        if (changed) assert_non_null(strstr(stage.seen.warning, "/checkpoint-4.h5: "));
        noticed += changed;
        controls += !changed;
    }
    if (hg_test_comm.rank == 0)
        printf("%d of %d damages noticed, no false alarm in %d sound files\n", noticed, noticed, controls);
    stage_end(&stage);
}

/* With both damaged, the training starts anew; with an unreadable record, it does not start. */
static void nothing_sound_is_left(void **state)
{
    (void)state;
    struct stage stage;
    char path[PATH], sha[65];
    stage_make(&stage);
    restore(&stage);
    path_in(&stage, "run", "checkpoint-2.h5", path);
    scratch_write(path, "", 0);
    path_in(&stage, "run", "checkpoint-4.h5", path);
    scratch_write(path, "\x89HDF\r\n\x1a\n", 8);
    assert_ok(train(&stage, "run", true));
    read_sha(&stage, "run", sha);
    assert_string_equal(sha, stage.sha);
    if (hg_test_comm.rank == 0) assert_true(stage.seen.warnings == 2 && stage.seen.done == 0);
    restore(&stage);
    path_in(&stage, "run", "record.json", path);
    scratch_write(path, "{}", 2);
    assert_fails(train(&stage, "run", true), "record.json: is not of a training");
    restore(&stage);
    stage_end(&stage);
}

/* What a program that writes sound seals may still get wrong, or an attacker: a number of the state, or a data set. */
struct forgery {
    const char *attribute; /* gets `number`; NULL: `removed` is removed */
    double number;
    const char *removed;
};

/* Changes a checkpoint, and seals it again. Local. */
static void forge(const char *path, const struct forgery *forgery)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    if (forgery->attribute != NULL) {
        const hid_t attribute = H5Aopen(file, forgery->attribute, H5P_DEFAULT);
        assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &forgery->number) >= 0 &&
                    H5Aclose(attribute) >= 0);
    } else {
        assert_true(H5Ldelete(file, forgery->removed, H5P_DEFAULT) >= 0);
    }
    assert_true(H5Fclose(file) >= 0);
    assert_ok(hg_seal_write(path, path));
}

/* A checkpoint whose seal is right but whose contents are not is named, and the one before is used. */
static void forgeries_are_noticed(void **state)
{
    (void)state;
    static const struct forgery all[] = {
        {"epoch", .number = -1},
        {"epoch", .number = 1e15},
        {"step", .number = 5000},
        {"best_epoch", .number = NEWEST + 1},
        {"evaluated_epoch", .number = -2},
        {"evaluations_waited", .number = -1},
        {"watched_loss", .number = INFINITY},
        {"best_val_metric", .number = -INFINITY},
        {.removed = "params/convs.0.att_src"},
        {.removed = "optimizer/v"},
        {.removed = "best/convs.1.bias"},
        {.removed = "last_finite"},
    };
    struct stage stage;
    char path[PATH], sha[65];
    stage_make(&stage);
    path_in(&stage, "run", left[OTHER], path);
    for (int k = 0; k < (int)(sizeof all / sizeof *all); k++) {
        restore(&stage);
        if (hg_test_comm.rank == 0) forge(path, &all[k]);
        hg_comm_barrier(&hg_test_comm);
        assert_ok(train(&stage, "run", true));
        read_sha(&stage, "run", sha);
        if (strcmp(sha, stage.sha) != 0) fail_msg("%d: another result", k);
        if (hg_test_comm.rank != 0) continue;
        if (stage.seen.warnings != 1 || stage.seen.done != BEFORE)
            fail_msg("%d: %d warnings (%s), resumed after epoch %lld", k, stage.seen.warnings,
                     stage.seen.warning, (long long)stage.seen.done);
        assert_non_null(strstr(stage.seen.warning, "/checkpoint-4.h5: "));
    }
    stage_end(&stage);
}

/* Resumes with no memory from allocation k of one rank on. Collective. */
static hg_status resume_without_memory(struct stage *stage, int64_t k)
{
    restore(stage);
    if (hg_test_comm.rank == k % hg_test_comm.size) hg_mem_fail_at(k);
    const hg_status status = train(stage, "run", true);
    hg_mem_fail_at(-1);
    return status;
}

/* The k-th allocation of one rank, and all its later ones, fail while a training is resumed and writes checkpoints:
 * every rank returns the failure, nothing leaks, no temporary file stays, and the training can still be resumed.
 * HG_TEST_LONG: at every k; else at some 30. */
static void no_allocation_loses_a_run(void **state)
{
    (void)state;
    struct stage stage;
    char sha[65], folder[PATH];
    stage_make(&stage);
    restore(&stage);
    int64_t calls = hg_mem_calls();
    assert_ok(train(&stage, "run", true));
    calls = hg_mem_calls() - calls;
    hg_comm_min_i64(&hg_test_comm, &calls, 1);
    path_in(&stage, "run", "", folder);
    const int64_t step = getenv("HG_TEST_LONG") != NULL ? 1 : 1 + calls / 30, live = hg_mem_live();
    for (int64_t k = 0; k < calls; k += step) {
        const hg_status status = resume_without_memory(&stage, k);
        if (status != HG_NOMEM)
            fail_msg("allocation %lld: %d, %s", (long long)k, status, hg_status_message());
        hg_status_clear();
        if (hg_mem_live() != live)
            fail_msg("allocation %lld: %lld blocks leak", (long long)k, (long long)(hg_mem_live() - live));
        if (hg_test_comm.rank == 0) assert_int_equal(scratch_partial(folder), 0);
        assert_ok(train(&stage, "run", true));
        read_sha(&stage, "run", sha);
        if (strcmp(sha, stage.sha) != 0) fail_msg("allocation %lld: another result", (long long)k);
    }
    if (hg_test_comm.rank == 0)
        printf("%lld of %lld allocations failed\n", (long long)((calls + step - 1) / step), (long long)calls);
    stage_end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(damages_are_noticed),
    cmocka_unit_test(nothing_sound_is_left),
    cmocka_unit_test(forgeries_are_noticed),
    cmocka_unit_test(no_allocation_loses_a_run),
};

HG_TEST_MAIN(tests)
