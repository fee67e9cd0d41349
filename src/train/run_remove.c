#include "train/run_remove.h"

#include "io/atomic.h"
#include "train/run_contents.h"
#include "train/run_record.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Removes a file or a link; HG_OK also when it does not exist. */
static hg_status remove_file(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT ? HG_OK : hg_fail_system(path);
}

static hg_status remove_run_file(const char *folder, const char *name, const char *run)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, name, path));
    hg_atomic_remove_stale(path);
    if (lstat(path, &about) != 0) return HG_OK;
    bool is;
    HG_TRY(hg_run_contents_are(path, &about, run, &is));
    return is ? remove_file(path) : HG_OK;
}

static bool is_of_run(const char *name)
{
    bool is = strcmp(name, hg_run_owner_name) == 0 || hg_run_tree_epoch(name) >= 0;
    for (int f = 0; f < HG_RUN_FILES; f++) is |= strcmp(name, hg_run_file_name[f]) == 0;
    return is;
}

void hg_run_remove_stale(const char *folder)
{
    hg_atomic_remove_stale_in(folder, is_of_run);
}

hg_status hg_run_remove_checkpoint(const char *folder, const char *name, const char *run)
{
    char path[HG_PATH_BYTES];
    bool foreign;
    HG_TRY(hg_run_tree_path(folder, name, path));
    hg_atomic_remove_stale(path);
    HG_TRY(hg_run_contents_foreign(path, run, &foreign));
    return foreign ? HG_OK : remove_file(path);
}

static hg_status remove_listed(const char *folder, const char *name, const char *run)
{
    return hg_run_tree_epoch(name) >= 0 ? hg_run_remove_checkpoint(folder, name, run)
                                        : remove_run_file(folder, name, run);
}

/* What is removed from a folder: what its run has written, by its record; without a record nothing but what the next
 * run would replace, by the contents (`replaced`). With `all` false, only what the next run does not replace: its
 * checkpoints. */
static hg_status remove_files(const char *folder, bool all, bool replaced)
{
    struct hg_run_record record;
    bool found;
    size_t k;
    json_t *name;
    hg_status status = hg_run_record_read(folder, &record, &found);
    json_array_foreach(record.files, k, name)
    {
        const char *text = json_string_value(name);
        if (status == HG_OK && (all || hg_run_tree_epoch(text) >= 0))
            status = remove_listed(folder, text, record.run);
    }
    for (int f = 0; status == HG_OK && replaced && !found && f < HG_RUN_FILES; f++)
        status = remove_run_file(folder, hg_run_file_name[f], NULL);
    hg_run_record_destroy(&record);
    return status;
}

static hg_status remove_complete(const char *folder, int64_t k, void *context)
{
    (void)k;
    (void)context;
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_COMPLETE], path));
    if (lstat(path, &about) != 0) return HG_OK;
    HG_TRY(remove_run_file(folder, hg_run_file_name[HG_RUN_COMPLETE], NULL));
    if (lstat(path, &about) == 0) return hg_fail(HG_FAILED, path, "cannot be removed before the run");
    return hg_atomic_sync_folder(folder);
}

/* Removes the files of run k of an earlier series: all when the new series has fewer runs (context: how many), and
 * then the folder, too, when it is empty. */
static hg_status remove_run(const char *folder, int64_t k, void *context)
{
    const bool beyond = k >= *(const int64_t *)context;
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_RECORD], path));
    if (lstat(path, &about) != 0) return HG_OK; /* no run's */
    HG_TRY(remove_files(folder, beyond, false));
    if (!beyond) return HG_OK;
    HG_TRY(hg_run_owner_remove(folder));
    return rmdir(folder) == 0 || errno == ENOTEMPTY || errno == EEXIST ? HG_OK : hg_fail_system(folder);
}

hg_status hg_run_remove_earlier(const char *dir, int64_t runs)
{
    HG_TRY(remove_complete(dir, 0, NULL));
    HG_TRY(hg_run_tree_each(dir, remove_complete, NULL));
    HG_TRY(hg_run_tree_each(dir, remove_run, &runs));
    return remove_files(dir, runs > 0, runs > 0);
}
