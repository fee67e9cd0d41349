/* Files of results: rows that any rank gives in any order are written at their positions. */
#include "scratch.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "io/output_file.h"
#include "io/process.h"
#include "train/run_dir.h"

enum { TOTAL = 41, COLUMNS = 3 };

/* The rows that this rank gives, the last first. */
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

/* Rows that are given twice, missing or out of range are refused, and no file is left. */
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

/* Collective. */
static bool there(const char *folder, const char *name)
{
    char path[2 * SCRATCH_BYTES];
    struct stat about;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    hg_comm_barrier(&hg_test_comm);
    const bool found = lstat(path, &about) == 0;
    hg_comm_barrier(&hg_test_comm); /* no rank may change the file before all have looked */
    return found;
}

/* One training per folder: a second one is refused, whatever it may overwrite, and removes nothing. */
static void one_training_in_a_folder(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], pid[64];
    struct hg_run_dir first, second;
    long rank_0 = (long)getpid();
    scratch_make(folder);
    hg_comm_bcast(&hg_test_comm, &rank_0, sizeof rank_0, 0);
    snprintf(pid, sizeof pid, "a training is under way in it (pid %ld on ", rank_0);
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, false, &first));
    assert_int_equal(strlen(first.run), 32);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, false, &second), pid);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, true, &second), pid);
    assert_ok(hg_run_dir_clear(&first, 0));
    assert_ok(hg_run_dir_start(&first, 0, NULL));
    assert_ok(hg_run_dir_sync(&first));
    assert_ok(hg_run_dir_complete(&first));
    assert_true(there(folder, "owner"));
    hg_run_dir_close(&first);
    hg_comm_barrier(&hg_test_comm);
    assert_false(there(folder, "owner"));
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, false, &second), "already holds a run");
    assert_true(there(folder, "complete") && !there(folder, "owner"));
    scratch_remove(folder);
}

/* Overwriting changes nothing before hg_run_dir_clear, which removes `complete` first. */
static void a_run_is_replaced_late(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 32];
    static const struct {
        const char *name, *text;
    } files[] = {{"complete", "00112233445566778899aabbccddeeff"},
                 {"metrics.jsonl", "{\"epoch\":1}\n"},
                 {"best.h5", "halogat-seal 1"},
                 {"summary.json", "{\"run\": \"0\"}"}};
    struct hg_run_dir dir;
    scratch_make(folder);
    for (int k = 0; k < 4; k++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[k].name);
        scratch_write(path, files[k].text, strlen(files[k].text));
    }
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, true, &dir));
    for (int k = 0; k < 4; k++) assert_true(there(folder, files[k].name));
    assert_ok(hg_run_dir_clear(&dir, 0));
    assert_true(!there(folder, "complete") && there(folder, "metrics.jsonl") && there(folder, "best.h5"));
    assert_ok(hg_run_dir_start(&dir, 0, NULL));
    size_t bytes = 1;
    hg_comm_barrier(&hg_test_comm);
    snprintf(path, sizeof path, "%s/metrics.jsonl", folder);
    hg_mem_free(scratch_read(path, &bytes));
    assert_int_equal(bytes, 0);
    assert_ok(hg_run_dir_remove(&dir, HG_RUN_BEST));
    assert_false(there(folder, "best.h5"));
    hg_run_dir_close(&dir);
    scratch_remove(folder);
}

/* A training that has lost its folder does not mark it complete. An owner's file from another host, or a damaged one,
 * counts as a running training unless the user says otherwise. Links are not followed. */
static void owners(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"{\"run\": \"0123\", \"host\": \"far\", \"pid\": 7, \"started\": 1, \"machine\": \"00000001\", "
         "\"boot\": "
         "\"00000002\"}\n",
         "a training may be under way in it (pid 7 on far)"},
        {"", "its file owner is empty"},
    };
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 32], text[512];
    struct hg_run_dir dir;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/owner", folder);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        scratch_write(path, cases[k].text, strlen(cases[k].text));
        assert_fails(hg_run_dir_open(&hg_test_comm, folder, false, &dir), cases[k].why);
        assert_true(there(folder, "owner"));
        assert_ok(hg_run_dir_open(&hg_test_comm, folder, true, &dir));
        assert_ok(hg_run_dir_start(&dir, 0, NULL));
        scratch_write(path, cases[k].text, strlen(cases[k].text));
        assert_fails(hg_run_dir_sync(&dir), "is not this training's any more");
        assert_fails(hg_run_dir_complete(&dir), "it is not marked complete");
        hg_run_dir_close(&dir);
        assert_true(there(folder, "owner") && !there(folder, "complete"));
    }
    /* a file of that name that no training wrote stays */
    scratch_write(path, "{\"run\": 3", 9);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, true, &dir), "owner: is not of a training");
    snprintf(text, sizeof text, "%sand more\n", cases[0].text);
    scratch_write(path, text, strlen(text));
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, true, &dir), "owner: is not of a training");
    assert_true(there(folder, "owner"));
    /* this process's number with another start time: that process is dead */
    struct hg_process dead;
    hg_process_self(&dead);
    assert_int_equal(hg_process_state(&dead), HG_PROCESS_ALIVE);
    snprintf(text, sizeof text,
             "{\"run\": \"0123\", \"host\": \"here\", \"pid\": %ld, \"started\": %llu, \"machine\": "
             "\"%08x\", \"boot\": "
             "\"%08x\"}\n",
             dead.pid, dead.start + 1, dead.host, dead.boot);
    scratch_write(path, text, strlen(text));
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, true, &dir));
    hg_run_dir_close(&dir);
    assert_false(there(folder, "owner"));
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, true, &dir));
    if (hg_test_comm.rank == 0) unlink(path);
    assert_fails(hg_run_dir_complete(&dir), "its file owner is gone");
    hg_run_dir_close(&dir);
    hg_comm_barrier(&hg_test_comm);
    if (hg_test_comm.rank == 0) assert_int_equal(symlink("nowhere", path), 0);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, true, &dir), "owner: ");
    scratch_remove(folder);
}

/* Writes the file `owner` of a training on another machine. Collective. */
static void write_far_owner(const char *path, const char *job, int restart)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"run\": \"0123\", \"host\": \"far\", \"pid\": 7, \"started\": 1, \"machine\": \"00000001\", "
             "\"boot\": \"00000002\", \"job\": \"%s\", \"restart\": %d, \"heartbeat\": 30}\n",
             job, restart);
    scratch_write(path, text, strlen(text));
}

/* A training on another machine counts as ended when it is an earlier start of the same batch job, or has not touched
 * its file for three minutes, and not before, whatever the user says. */
static void heartbeats(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 32];
    struct hg_run_dir dir;
    struct timespec touched[2];
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/owner", folder);
    write_far_owner(path, "", 0);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir),
                 "is under way in it (pid 7 on far, seen ");
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_OVERWRITE, &dir),
                 "is under way in it (pid 7 on far");
    clock_gettime(CLOCK_REALTIME, &touched[0]);
    touched[0].tv_sec -= 170;
    touched[1] = touched[0];
    hg_comm_barrier(&hg_test_comm);
    if (hg_test_comm.rank == 0) assert_int_equal(utimensat(AT_FDCWD, path, touched, 0), 0);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir), "is under way in it");
    touched[0].tv_sec -= 20;
    touched[1] = touched[0];
    if (hg_test_comm.rank == 0) assert_int_equal(utimensat(AT_FDCWD, path, touched, 0), 0);
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir));
    hg_run_dir_close(&dir);
    setenv("SLURM_JOB_ID", "41", 1);
    setenv("SLURM_RESTART_COUNT", "2", 1);
    write_far_owner(path, "41", 2);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir), "is under way in it");
    write_far_owner(path, "40", 1);
    assert_fails(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir), "is under way in it");
    write_far_owner(path, "41", 1);
    assert_ok(hg_run_dir_open(&hg_test_comm, folder, HG_RUN_RESUME, &dir));
    if (hg_test_comm.rank == 0) {
        assert_true(hg_run_owner_beat(folder, dir.run));
        assert_false(hg_run_owner_beat(folder, "0123"));
    }
    write_far_owner(path, "41", 3);
    if (hg_test_comm.rank == 0) assert_false(hg_run_owner_beat(folder, dir.run));
    assert_fails(hg_run_dir_sync(&dir), "is not this training's any more");
    hg_run_dir_close(&dir);
    assert_true(there(folder, "owner"));
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_RESTART_COUNT");
    scratch_remove(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(heartbeats),
    cmocka_unit_test(in_place),
    cmocka_unit_test(wrong_positions),
    cmocka_unit_test(no_memory),
    cmocka_unit_test(one_training_in_a_folder),
    cmocka_unit_test(a_run_is_replaced_late),
    cmocka_unit_test(owners),
};

HG_TEST_MAIN(tests)
