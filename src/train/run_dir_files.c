/* The files of the folder: record, metrics.jsonl, checkpoints, JSON, `complete`. */
#include "train/run_dir.h"

#include "base/mem.h"
#include "train/run_contents.h"
#include "train/run_metrics.h"
#include "train/run_remove.h"
#include "train/run_text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Removes the names of checkpoints that were never written, because a process ended before it had done so. */
static void forget_missing(const struct hg_run_dir *dir)
{
    for (size_t k = json_array_size(dir->record.files); k-- > 0;) {
        struct stat about;
        char path[HG_PATH_BYTES];
        const char *name = json_string_value(json_array_get(dir->record.files, k));
        if (hg_run_tree_epoch(name) >= 0 && hg_run_dir_file(dir, name, path) == HG_OK &&
            lstat(path, &about) != 0 && errno == ENOENT)
            json_array_remove(dir->record.files, k);
    }
}

/* Adds a checkpoint of this run to the record if it lacks it: that of a process which has lost the folder while it
 * wrote, for example. */
static hg_status adopt(const char *path, int64_t epoch, void *context)
{
    struct hg_run_dir *dir = context;
    const char *name = hg_path_name(path);
    bool ours = false;
    if (hg_run_record_lists(&dir->record, name)) return HG_OK;
    HG_TRY(hg_run_contents_checkpoint(path, dir->run, epoch, &ours));
    return ours ? hg_run_record_add(&dir->record, name) : HG_OK;
}

/* Begins the record of this run; that of a run that is resumed, or of the run of an earlier process, goes on. */
static hg_status write_record(struct hg_run_dir *dir, const char *instructions)
{
    struct hg_run_record *record = &dir->record, before = dir->record;
    if (strcmp(record->run, dir->run) != 0) {
        *record = hg_run_record_new();
        const bool kept = json_array_extend(record->replaces, before.replaces) == 0;
        const bool added =
            before.run[0] == '\0' || json_array_append_new(record->replaces, json_string(before.run)) == 0;
        hg_run_record_destroy(&before);
        if ((before.run[0] != '\0' && !kept) || !added) return hg_fail(HG_NOMEM, dir->path, "out of memory");
    }
    forget_missing(dir);
    HG_TRY(hg_run_tree_each_checkpoint(dir->path, adopt, dir));
    memcpy(record->run, dir->run, sizeof record->run);
    record->runs = dir->runs;
    snprintf(record->instructions, sizeof record->instructions, "%s", instructions);
    for (int f = 0; f < HG_RUN_FILES; f++) HG_TRY(hg_run_record_add(record, hg_run_file_name[f]));
    return hg_run_record_write(dir->path, record);
}

hg_status hg_run_dir_record(struct hg_run_dir *dir, const char *instructions)
{
    dir->cleared = true;
    return hg_agree(dir->comm, dir->comm->rank == 0 ? write_record(dir, instructions) : HG_OK);
}

static hg_status open_metrics(struct hg_run_dir *dir, int64_t epochs, struct hg_epoch_times *times)
{
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_dir_file(dir, hg_run_file_name[HG_RUN_METRICS], path));
    return hg_run_metrics_open(path, dir->run, epochs, times, &dir->metrics);
}

hg_status hg_run_dir_start(struct hg_run_dir *dir, int64_t epochs, struct hg_epoch_times *times)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? open_metrics(dir, epochs, times) : HG_OK);
}

static hg_status add_checkpoint(struct hg_run_dir *dir, int64_t epoch)
{
    char path[HG_PATH_BYTES];
    struct stat about;
    HG_TRY(hg_run_tree_checkpoint(dir->path, epoch, path));
    if (lstat(path, &about) == 0) HG_TRY(adopt(path, epoch, dir));
    if (!hg_run_record_lists(&dir->record, hg_path_name(path)) && lstat(path, &about) == 0)
        return hg_fail(HG_FAILED, path, "was not written by this run: rename or move it");
    HG_TRY(hg_run_record_add(&dir->record, hg_path_name(path)));
    return hg_run_record_write(dir->path, &dir->record);
}

hg_status hg_run_dir_checkpoint(struct hg_run_dir *dir, int64_t epoch, char path[HG_PATH_BYTES])
{
    HG_TRY(hg_run_tree_checkpoint(dir->path, epoch, path));
    return hg_agree(dir->comm, dir->comm->rank == 0 ? add_checkpoint(dir, epoch) : HG_OK);
}

static int newest_first(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* *oldest: the oldest epoch whose checkpoint is kept, of those up to `last`. */
static hg_status find_oldest(const struct hg_run_record *record, int64_t last, int64_t keep, int64_t *oldest)
{
    int64_t *epochs = NULL, count = 0;
    size_t k;
    json_t *name;
    HG_TRY(HG_NEW(epochs, (int64_t)json_array_size(record->files)));
    json_array_foreach(record->files, k, name)
    {
        const int64_t epoch = hg_run_tree_epoch(json_string_value(name));
        if (epoch >= 0 && epoch <= last) epochs[count++] = epoch;
    }
    qsort(epochs, (size_t)count, sizeof *epochs, newest_first);
    *oldest = count > keep ? epochs[keep - 1] : 0;
    hg_mem_free(epochs);
    return HG_OK;
}

static hg_status prune(struct hg_run_dir *dir, int64_t last, int64_t keep)
{
    int64_t oldest;
    bool removed = false;
    HG_TRY(find_oldest(&dir->record, last, keep, &oldest));
    for (size_t k = json_array_size(dir->record.files); k-- > 0;) {
        const char *name = json_string_value(json_array_get(dir->record.files, k));
        const int64_t epoch = hg_run_tree_epoch(name);
        if (epoch < 0 || epoch >= oldest) continue;
        HG_TRY(hg_run_remove_checkpoint(dir->path, name, dir->run));
        removed = true;
    }
    forget_missing(dir);
    /* a name that stays listed would be taken for the run's if a user gave it to a file */
    return removed ? hg_run_record_write(dir->path, &dir->record) : HG_OK;
}

hg_status hg_run_dir_prune(struct hg_run_dir *dir, int64_t epoch, int64_t keep)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? prune(dir, epoch, keep) : HG_OK);
}

/* Renames checkpoint `name` of the record to a name that no file has. */
static hg_status set_aside(const struct hg_run_dir *dir, const char *name)
{
    enum { TRIES = 1000 };
    struct stat about;
    char path[HG_PATH_BYTES], aside[HG_PATH_BYTES + 32];
    HG_TRY(hg_run_dir_file(dir, name, path));
    snprintf(aside, sizeof aside, "%s.unused", path);
    for (int k = 2; k < TRIES && lstat(aside, &about) == 0; k++)
        snprintf(aside, sizeof aside, "%s.unused-%d", path, k);
    return rename(path, aside) == 0 || errno == ENOENT ? HG_OK : hg_fail_system(path);
}

static hg_status set_aside_after(struct hg_run_dir *dir, int64_t epoch)
{
    for (size_t k = json_array_size(dir->record.files); k-- > 0;) {
        const char *name = json_string_value(json_array_get(dir->record.files, k));
        if (hg_run_tree_epoch(name) > epoch) HG_TRY(set_aside(dir, name));
    }
    forget_missing(dir);
    return HG_OK;
}

hg_status hg_run_dir_set_aside(struct hg_run_dir *dir, int64_t epoch)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? set_aside_after(dir, epoch) : HG_OK);
}

void hg_run_dir_line(struct hg_run_dir *dir, json_t *line)
{
    if (dir->metrics == NULL) return;
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(17);
    if (line == NULL || json_dumpf(line, dir->metrics, flags) != 0 || fputc('\n', dir->metrics) == EOF ||
        fflush(dir->metrics) != 0)
        dir->failed = true;
    json_decref(line);
}

hg_status hg_run_dir_check(struct hg_run_dir *dir)
{
    return hg_agree(dir->comm,
                    dir->failed ? hg_fail(HG_FAILED, dir->path, "cannot write metrics.jsonl") : HG_OK);
}

hg_status hg_run_dir_sync(struct hg_run_dir *dir)
{
    if (dir->metrics != NULL && (fflush(dir->metrics) != 0 || fsync(fileno(dir->metrics)) != 0))
        dir->failed = true;
    HG_TRY(hg_run_dir_check(dir));
    return hg_agree(dir->comm, dir->comm->rank == 0 ? hg_run_owner_check(dir->path, dir->run) : HG_OK);
}

static hg_status remove_file(const struct hg_run_dir *dir, enum hg_run_file file)
{
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_dir_file(dir, hg_run_file_name[file], path));
    return unlink(path) == 0 || errno == ENOENT ? HG_OK : hg_fail_system(path);
}

hg_status hg_run_dir_remove(struct hg_run_dir *dir, enum hg_run_file file)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? remove_file(dir, file) : HG_OK);
}

hg_status hg_run_dir_json(struct hg_run_dir *dir, const char *name, json_t *value)
{
    hg_status status = HG_OK;
    if (dir->comm->rank == 0)
        status = value != NULL ? hg_run_text_write(dir->path, name, value, NULL)
                               : hg_fail(HG_NOMEM, "out of memory", "cannot write %s", name);
    json_decref(value);
    return hg_agree(dir->comm, status);
}

/* Checks that run k of the series is complete, is part of this training, and that no other training is using its
 * folder. */
static hg_status check_run(const struct hg_run_dir *dir, int64_t k)
{
    char path[HG_PATH_BYTES], id[HG_RUN_ID_BYTES];
    HG_TRY(hg_run_dir_of_run(dir, k, path));
    hg_run_tree_complete_id(path, id);
    if (strcmp(id, dir->run) == 0) return hg_run_owner_check_free(path, false);
    return hg_fail(HG_FAILED, path, "%s: the series is not marked complete",
                   id[0] != '\0' ? "is not this training's any more" : "is not complete any more");
}

static hg_status write_end(const struct hg_run_dir *dir)
{
    HG_TRY(hg_run_owner_check(dir->path, dir->run));
    for (int64_t k = 0; k < dir->runs; k++) HG_TRY(check_run(dir, k));
    return hg_run_text_write(dir->path, hg_run_file_name[HG_RUN_COMPLETE], NULL, dir->run);
}

hg_status hg_run_dir_complete(struct hg_run_dir *dir)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? write_end(dir) : HG_OK);
}
