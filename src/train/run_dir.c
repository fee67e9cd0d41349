#include "train/run_dir.h"

#include "train/run_remove.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the folder and its parents. *made: length of the path of the topmost folder that was made; unchanged: none
 * was. */
static hg_status make_folders(const char *path, size_t *made)
{
    char part[HG_PATH_BYTES];
    HG_TRY(hg_path_check_folders(path));
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) *slash = '\0';
        const bool fresh = mkdir(part, 0777) == 0;
        if (!fresh && errno != EEXIST) return hg_fail_system(part);
        if (fresh && *made == 0) *made = strlen(part);
        if (slash == NULL) return HG_OK;
        *slash = '/';
    }
}

/* Removes the folders that make_folders made, from the lowest up, as long as they are empty. */
static void remove_folders(const char *path, size_t made)
{
    char part[HG_PATH_BYTES];
    snprintf(part, sizeof part, "%s", path);
    while (made > 0 && strlen(part) >= made && rmdir(part) == 0) {
        char *slash = strrchr(part, '/');
        if (slash == NULL) return;
        *slash = '\0';
    }
}

hg_status hg_run_dir_file(const struct hg_run_dir *dir, const char *name, char path[HG_PATH_BYTES])
{
    return hg_run_tree_path(dir->path, name, path);
}

static hg_status check_run_owner(const char *folder, int64_t k, void *context)
{
    (void)k;
    return hg_run_owner_check_free(folder, *(const enum hg_run_entry *)context == HG_RUN_OVERWRITE);
}

/* Checks that every file of the run can be written; removes temporary files that dead processes have left behind. */
static hg_status check_files(const struct hg_run_dir *dir)
{
    for (int f = 0; f < HG_RUN_FILES; f++) {
        char path[HG_PATH_BYTES];
        HG_TRY(hg_run_dir_file(dir, hg_run_file_name[f], path));
        HG_TRY(hg_atomic_check(path, HG_LINKS_REPLACED));
    }
    return HG_OK;
}

/* The folder lies in the folder of a series. Fails when that series is being trained, or is complete with this run as
 * a part of it. */
static hg_status check_above(const struct hg_run_dir *dir, const char *series)
{
    char all[HG_RUN_ID_BYTES], own[HG_RUN_ID_BYTES];
    HG_TRY(hg_run_owner_check_above(series, dir->entry == HG_RUN_OVERWRITE));
    hg_run_tree_complete_id(series, all);
    hg_run_tree_complete_id(dir->path, own);
    if (own[0] == '\0' || strcmp(all, own) != 0) return HG_OK;
    return hg_fail(HG_FAILED, dir->path, "is a run of the complete series in %s: choose another --out",
                   series);
}

static hg_status check_series(const struct hg_run_dir *dir)
{
    char path[PATH_MAX];
    if (realpath(dir->path, path) == NULL) return hg_fail_system(dir->path);
    char *slash = strrchr(path, '/');
    const bool belongs = hg_run_tree_number(slash + 1) >= 0;
    slash[slash == path] = '\0';
    return belongs ? check_above(dir, path) : HG_OK;
}

static hg_status check_folder(const struct hg_run_dir *dir)
{
    enum hg_run_entry entry = dir->entry;
    HG_TRY(hg_run_tree_check(dir->path, entry, dir->run));
    HG_TRY(hg_run_tree_each(dir->path, check_run_owner, &entry));
    return dir->of_series ? HG_OK : check_series(dir);
}

/* Reads the record of the run that the folder has. With HG_RUN_RESUME, continues with that run's id, and finds out
 * whether it is complete. */
static hg_status find_run(struct hg_run_dir *dir)
{
    char id[HG_RUN_ID_BYTES];
    bool found = false;
    if (dir->entry != HG_RUN_NEW) HG_TRY(hg_run_record_read(dir->path, &dir->record, &found));
    if (dir->entry != HG_RUN_RESUME) return HG_OK;
    hg_run_tree_complete_id(dir->path, id);
    dir->done = dir->of_series ? strcmp(id, dir->run) == 0 : id[0] != '\0';
    if (dir->done) memcpy(dir->run, id, sizeof id);
    if (found && !dir->of_series && !dir->done) memcpy(dir->run, dir->record.run, sizeof dir->run);
    return HG_OK;
}

/* Reads the record once more, now that nobody else writes it: its run may have written a checkpoint meanwhile. */
static hg_status read_record_again(struct hg_run_dir *dir)
{
    bool found;
    if (dir->entry == HG_RUN_NEW) return HG_OK;
    hg_run_record_destroy(&dir->record);
    HG_TRY(hg_run_record_read(dir->path, &dir->record, &found));
    if (dir->entry != HG_RUN_RESUME || !found || dir->of_series || strcmp(dir->record.run, dir->run) == 0)
        return HG_OK;
    return hg_fail(HG_FAILED, dir->path, "another training started in it at this moment");
}

/* Takes the folder. Two trainings may start at the same time, one in a folder and one in a folder below it: each
 * checks again after it has taken its own, so at least one of them sees the other. */
static hg_status claim(struct hg_run_dir *dir)
{
    const bool overwrite = dir->entry == HG_RUN_OVERWRITE;
    hg_run_remove_stale(dir->path);
    HG_TRY(find_run(dir));
    if (dir->done) return HG_OK;
    HG_TRY(make_folders(dir->path, &dir->made));
    HG_TRY(hg_run_owner_check_free(dir->path, overwrite));
    HG_TRY(check_folder(dir));
    HG_TRY(hg_run_owner_take(dir->path, dir->run, overwrite));
    dir->owned = true;
    HG_TRY(hg_run_owner_check(dir->path, dir->run));
    HG_TRY(check_folder(dir));
    HG_TRY(read_record_again(dir));
    HG_TRY(hg_heartbeat_begin(dir->path, dir->run, &dir->beat));
    return check_files(dir);
}

static hg_status open_dir(struct hg_run_dir *dir)
{
    const hg_status status = hg_agree(dir->comm, dir->comm->rank == 0 ? claim(dir) : HG_OK);
    if (status != HG_OK) {
        hg_run_dir_close(dir);
        return status;
    }
    hg_comm_bcast(dir->comm, dir->run, sizeof dir->run, 0);
    hg_comm_bcast(dir->comm, &dir->done, sizeof dir->done, 0);
    return HG_OK;
}

hg_status hg_run_dir_open(const struct hg_comm *comm, const char *path, enum hg_run_entry entry,
                          struct hg_run_dir *dir)
{
    *dir = (struct hg_run_dir){.comm = comm, .entry = entry};
    if (snprintf(dir->path, sizeof dir->path, "%s", path) >= (int)sizeof dir->path)
        return hg_fail(HG_FAILED, "--out", "%s", strerror(ENAMETOOLONG)); /* on every rank */
    if (comm->rank == 0) hg_run_owner_id(dir->run);
    return open_dir(dir);
}

hg_status hg_run_dir_of_run(const struct hg_run_dir *series, int64_t k, char path[HG_PATH_BYTES])
{
    char name[32];
    snprintf(name, sizeof name, "run-%lld", (long long)k);
    return hg_run_dir_file(series, name, path);
}

hg_status hg_run_dir_open_run(const struct hg_run_dir *series, int64_t k, struct hg_run_dir *dir)
{
    *dir = (struct hg_run_dir){.comm = series->comm, .entry = series->entry, .of_series = true};
    memcpy(dir->run, series->run, sizeof dir->run);
    HG_TRY(hg_run_dir_of_run(series, k, dir->path));
    return open_dir(dir);
}

void hg_run_dir_close(struct hg_run_dir *dir)
{
    if (dir->metrics != NULL) fclose(dir->metrics);
    dir->metrics = NULL;
    hg_heartbeat_end(dir->beat);
    dir->beat = NULL;
    hg_run_record_destroy(&dir->record);
    if (dir->owned) hg_run_owner_release(dir->path, dir->run);
    if (!dir->cleared) remove_folders(dir->path, dir->made);
    dir->owned = false;
    dir->made = 0;
}

static hg_status check_runs(const struct hg_run_dir *dir, int64_t runs)
{
    const bool resumes = dir->entry == HG_RUN_RESUME && dir->record.run[0] != '\0';
    if (resumes && dir->record.runs != runs)
        return hg_fail(HG_USAGE, dir->path, "holds a training of %lld run%s, not of %lld (--runs, --split)",
                       (long long)hg_max_i64(dir->record.runs, 1), dir->record.runs > 1 ? "s" : "",
                       (long long)hg_max_i64(runs, 1));
    for (int64_t k = 0; k < runs; k++) {
        struct stat about;
        char path[HG_PATH_BYTES];
        HG_TRY(hg_run_dir_of_run(dir, k, path));
        if (lstat(path, &about) == 0 && !S_ISDIR(about.st_mode))
            return hg_fail(HG_FAILED, path, "must be a folder, not a %s",
                           S_ISLNK(about.st_mode) ? "symbolic link" : "file");
    }
    return HG_OK;
}

hg_status hg_run_dir_check_runs(const struct hg_run_dir *dir, int64_t runs)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? check_runs(dir, runs) : HG_OK);
}

hg_status hg_run_dir_clear(struct hg_run_dir *dir, int64_t runs)
{
    if (dir->cleared) return HG_OK;
    dir->cleared = true;
    dir->runs = runs;
    if (dir->entry == HG_RUN_RESUME) return HG_OK;
    return hg_agree(dir->comm, dir->comm->rank == 0 ? hg_run_remove_earlier(dir->path, runs) : HG_OK);
}
