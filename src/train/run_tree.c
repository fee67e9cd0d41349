#include "train/run_tree.h"

#include "base/mem.h"
#include "io/atomic.h"
#include "io/hdf5/h5.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const hg_run_file_name[HG_RUN_FILES] = {
    [HG_RUN_METRICS] = "metrics.jsonl", [HG_RUN_SUMMARY] = "summary.json", [HG_RUN_BEST] = "best.h5",
    [HG_RUN_LAST] = "last.h5",          [HG_RUN_COMPLETE] = "complete",
};

hg_status hg_run_tree_path(const char *folder, const char *name, char path[HG_PATH_BYTES])
{
    const int length = snprintf(path, HG_PATH_BYTES, "%s/%s", folder, name);
    return length < HG_PATH_BYTES ? HG_OK : hg_fail(HG_FAILED, folder, "path too long");
}

int64_t hg_run_tree_number(const char *name)
{
    const char *digits = name + 4;
    if (strncmp(name, "run-", 4) != 0 || !isdigit((unsigned char)digits[0])) return -1;
    if (strlen(digits) > 9 || (digits[0] == '0' && digits[1] != '\0')) return -1;
    return digits[strspn(digits, "0123456789")] == '\0' ? strtoll(digits, NULL, 10) : -1;
}

static hg_status visit_entry(const char *dir, const char *name, hg_run_tree_visit *visit, void *context)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    const int64_t k = hg_run_tree_number(name);
    if (k < 0) return HG_OK;
    HG_TRY(hg_run_tree_path(dir, name, path));
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode) ? visit(path, k, context) : HG_OK;
}

hg_status hg_run_tree_each(const char *dir, hg_run_tree_visit *visit, void *context)
{
    hg_status status = HG_OK;
    DIR *list = opendir(dir);
    if (list == NULL) return errno == ENOENT || errno == ENOTDIR ? HG_OK : hg_fail_system(dir);
    for (const struct dirent *entry; status == HG_OK && (entry = readdir(list)) != NULL;)
        status = visit_entry(dir, entry->d_name, visit, context);
    closedir(list);
    return status;
}

/* State of a search of all runs for the file `file`. `early`: only the file `owner` of each run is compared. */
struct search {
    const struct hg_path_id *file;
    bool early, found;
};

static hg_status search_folder(const char *folder, int64_t k, void *context)
{
    (void)k;
    struct search *search = context;
    for (int f = search->early ? HG_RUN_FILES : 0; f <= HG_RUN_FILES; f++) {
        char path[HG_PATH_BYTES];
        struct hg_path_id file;
        HG_TRY(hg_run_tree_path(folder, f < HG_RUN_FILES ? hg_run_file_name[f] : hg_run_owner_name, path));
        search->found |= hg_path_id_find_link(path, &file) && hg_path_id_same(&file, search->file);
    }
    return HG_OK;
}

hg_status hg_run_tree_replaces(const char *dir, const struct hg_path_id *file, bool early, bool *replaces)
{
    struct search search = {.file = file, .early = early};
    HG_TRY(search_folder(dir, 0, &search));
    HG_TRY(hg_run_tree_each(dir, search_folder, &search));
    *replaces = search.found;
    return HG_OK;
}

/* Arguments of check_folder. */
struct check {
    const char *dir;
    bool overwrite;
};

enum {
    ID_BYTES = HG_RUN_ID_BYTES - 1,
    COMPLETE_BYTES = 64 /* a longer `complete` must begin with a run's id */
};

/* Reads the run's id with which a file `complete` begins; false when there is none. Users may have added notes behind
 * it. */
static bool read_id(const char *path, char id[HG_RUN_ID_BYTES])
{
    memset(id, 0, HG_RUN_ID_BYTES);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    const bool read = fread(id, 1, ID_BYTES, file) == ID_BYTES;
    fclose(file);
    return read && strspn(id, "0123456789abcdef") == ID_BYTES;
}

/* Whether a file `complete` may be replaced or removed: it begins with a run's id, or it is a symbolic link, or it is
 * so short that nothing valuable is lost. */
static bool is_complete_file(const char *path, const struct stat *about)
{
    char id[HG_RUN_ID_BYTES];
    if (S_ISLNK(about->st_mode)) return true;
    return S_ISREG(about->st_mode) && (about->st_size <= COMPLETE_BYTES || read_id(path, id));
}

void hg_run_tree_complete_id(const char *folder, char id[HG_RUN_ID_BYTES])
{
    struct stat about;
    char path[HG_PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, hg_run_file_name[HG_RUN_COMPLETE]);
    const bool there = length < (int)sizeof path && lstat(path, &about) == 0 && S_ISREG(about.st_mode);
    if (!there || !read_id(path, id)) id[0] = '\0';
}

static hg_status check_folder(const char *folder, int64_t k, void *context)
{
    (void)k;
    const struct check *check = context;
    for (int f = 0; f < HG_RUN_FILES; f++) {
        struct stat about;
        char path[HG_PATH_BYTES];
        HG_TRY(hg_run_tree_path(folder, hg_run_file_name[f], path));
        if (lstat(path, &about) != 0) continue;
        if (!check->overwrite)
            return hg_fail(HG_FAILED, check->dir,
                           "already holds a run (%s): choose another --out, or --overwrite",
                           path + strlen(check->dir) + 1);
        if (!S_ISREG(about.st_mode) && !S_ISLNK(about.st_mode))
            return hg_fail(HG_FAILED, path, "not a regular file");
        if (f == HG_RUN_COMPLETE && !is_complete_file(path, &about))
            return hg_fail(HG_FAILED, path, "was not written by a run: rename or move it");
    }
    return HG_OK;
}

hg_status hg_run_tree_check(const char *dir, bool overwrite)
{
    struct check check = {dir, overwrite};
    HG_TRY(check_folder(dir, 0, &check));
    return hg_run_tree_each(dir, check_folder, &check);
}

/* Removes a file or a link; HG_OK also when it does not exist. */
static hg_status remove_file(const char *path)
{
    return unlink(path) == 0 || errno == ENOENT ? HG_OK : hg_fail_system(path);
}

static bool is_checkpoint(const char *path)
{
    struct hg_h5 file;
    char *format = NULL;
    if (hg_h5_open(path, &file) != HG_OK) return false;
    (void)hg_h5_get_text(&file, "format", &format);
    const bool is = format != NULL && strcmp(format, "halogat-checkpoint") == 0;
    hg_mem_free(format);
    hg_h5_close(&file);
    return is;
}

/* Whether the JSON object with which a file begins has a key. */
static bool has_key(const char *path, const char *key)
{
    FILE *file = fopen(path, "r");
    json_error_t error;
    if (file == NULL) return false;
    json_t *value = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
    const bool has = json_object_get(value, key) != NULL;
    json_decref(value);
    fclose(file);
    return has;
}

/* Whether a file with the name of a run's file was, by its contents, written by a run. */
static bool is_run_file(enum hg_run_file f, const char *path, const struct stat *about)
{
    if (f == HG_RUN_COMPLETE) return is_complete_file(path, about);
    if (!S_ISREG(about->st_mode)) return false;
    switch (f) {
    case HG_RUN_METRICS:
        return about->st_size == 0 || has_key(path, "epoch");
    case HG_RUN_SUMMARY:
        return has_key(path, "test_at_best") || has_key(path, "params_sha256");
    default:
        return is_checkpoint(path);
    }
}

static hg_status remove_run_file(const char *folder, enum hg_run_file f)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[f], path));
    hg_atomic_remove_stale(path);
    if (lstat(path, &about) != 0) return HG_OK;
    const bool is = is_run_file(f, path, &about);
    hg_status_clear(); /* a file that cannot be read is kept; that is not a failure */
    return is ? remove_file(path) : HG_OK;
}

static hg_status remove_complete(const char *folder, int64_t k, void *context)
{
    (void)k;
    (void)context;
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_COMPLETE], path));
    if (lstat(path, &about) != 0) return HG_OK;
    HG_TRY(remove_run_file(folder, HG_RUN_COMPLETE));
    if (lstat(path, &about) == 0) return hg_fail(HG_FAILED, path, "cannot be removed before the run");
    return hg_atomic_sync_folder(folder);
}

/* Removes the files of run k of an earlier series when the new one has fewer runs (context: how many); removes the
 * folder when it is then empty. */
static hg_status remove_run(const char *folder, int64_t k, void *context)
{
    if (k < *(const int64_t *)context) return HG_OK;
    for (int f = 0; f < HG_RUN_FILES; f++) HG_TRY(remove_run_file(folder, (enum hg_run_file)f));
    HG_TRY(hg_run_owner_remove(folder));
    return rmdir(folder) == 0 || errno == ENOTEMPTY || errno == EEXIST ? HG_OK : hg_fail_system(folder);
}

hg_status hg_run_tree_clear(const char *dir, int64_t runs)
{
    HG_TRY(remove_complete(dir, 0, NULL));
    HG_TRY(hg_run_tree_each(dir, remove_complete, NULL));
    HG_TRY(hg_run_tree_each(dir, remove_run, &runs));
    if (runs == 0) return HG_OK;
    HG_TRY(remove_run_file(dir, HG_RUN_METRICS));
    HG_TRY(remove_run_file(dir, HG_RUN_BEST));
    return remove_run_file(dir, HG_RUN_LAST);
}
