#include "train/run_tree.h"

#include "train/run_contents.h"
#include "train/run_record.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const hg_run_file_name[HG_RUN_FILES] = {
    [HG_RUN_METRICS] = "metrics.jsonl", [HG_RUN_SUMMARY] = "summary.json", [HG_RUN_BEST] = "best.h5",
    [HG_RUN_LAST] = "last.h5",          [HG_RUN_COMPLETE] = "complete",    [HG_RUN_RECORD] = "record.json",
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

hg_status hg_run_tree_checkpoint(const char *folder, int64_t epoch, char path[HG_PATH_BYTES])
{
    char name[HG_RUN_NAME_BYTES];
    snprintf(name, sizeof name, "checkpoint-%lld.h5", (long long)epoch);
    return hg_run_tree_path(folder, name, path);
}

int64_t hg_run_tree_epoch(const char *name)
{
    char canonical[HG_RUN_NAME_BYTES];
    long long epoch;
    if (sscanf(name, "checkpoint-%18lld.h5", &epoch) != 1 || epoch < 0) return -1;
    snprintf(canonical, sizeof canonical, "checkpoint-%lld.h5", epoch);
    return strcmp(name, canonical) == 0 ? epoch : -1;
}

/* NULL at the end, with errno 0, and when the list cannot be read. */
static const struct dirent *next_entry(DIR *list)
{
    errno = 0;
    return readdir(list);
}

/* Calls visit(path, number, context) for every entry to which number_of gives a number >= 0, until a call fails. */
static hg_status each_entry(const char *dir, int64_t (*number_of)(const char *name), hg_run_tree_visit *visit,
                            void *context)
{
    hg_status status = HG_OK;
    DIR *list = opendir(dir);
    if (list == NULL) return errno == ENOENT || errno == ENOTDIR ? HG_OK : hg_fail_system(dir);
    for (const struct dirent *entry; status == HG_OK && (entry = next_entry(list)) != NULL;) {
        char path[HG_PATH_BYTES];
        const int64_t number = number_of(entry->d_name);
        if (number >= 0) status = hg_run_tree_path(dir, entry->d_name, path);
        if (number >= 0 && status == HG_OK) status = visit(path, number, context);
    }
    if (status == HG_OK && errno != 0) status = hg_fail_system(dir);
    closedir(list);
    return status;
}

/* What to do with a folder run-K. */
struct folder_visit {
    hg_run_tree_visit *visit;
    void *context;
};

static hg_status visit_folder(const char *path, int64_t k, void *context)
{
    struct stat about;
    const struct folder_visit *what = context;
    return lstat(path, &about) == 0 && S_ISDIR(about.st_mode) ? what->visit(path, k, what->context) : HG_OK;
}

hg_status hg_run_tree_each(const char *dir, hg_run_tree_visit *visit, void *context)
{
    struct folder_visit what = {visit, context};
    return each_entry(dir, hg_run_tree_number, visit_folder, &what);
}

hg_status hg_run_tree_each_checkpoint(const char *dir, hg_run_tree_visit *visit, void *context)
{
    return each_entry(dir, hg_run_tree_epoch, visit, context);
}

/* State of a search of all runs for the file `file`. `early`: only the file `owner` of each run is compared. */
struct search {
    const struct hg_path_id *file;
    bool early, found;
};

static hg_status search_checkpoint(const char *path, int64_t epoch, void *context)
{
    struct search *search = context;
    struct hg_path_id file;
    (void)epoch;
    search->found |= hg_path_id_find_link(path, &file) && hg_path_id_same(&file, search->file);
    return HG_OK;
}

static hg_status search_folder(const char *folder, int64_t k, void *context)
{
    (void)k;
    struct search *search = context;
    if (!search->early) HG_TRY(hg_run_tree_each_checkpoint(folder, search_checkpoint, search));
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
    enum hg_run_entry entry;
    const char *run;                    /* with HG_RUN_RESUME: id of the run or series to be resumed */
    const struct hg_run_record *above;  /* of `dir`, while the folders of its runs are looked at; else NULL */
    const struct hg_run_record *record; /* of the folder that is looked at; its id is "" when it has none */
};

enum { ID_BYTES = HG_RUN_ID_BYTES - 1 };

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

bool hg_run_tree_is_complete(const char *path, const struct stat *about)
{
    char id[HG_RUN_ID_BYTES];
    return S_ISREG(about->st_mode) && (about->st_size == 0 || read_id(path, id));
}

void hg_run_tree_complete_id(const char *folder, char id[HG_RUN_ID_BYTES])
{
    struct stat about;
    char path[HG_PATH_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, hg_run_file_name[HG_RUN_COMPLETE]);
    const bool there = length < (int)sizeof path && lstat(path, &about) == 0 && S_ISREG(about.st_mode);
    if (!there || !read_id(path, id)) id[0] = '\0';
}

static hg_status fail_holds(const struct check *check, const char *path)
{
    return hg_fail(
        HG_FAILED, check->dir,
        "already holds a run (%s): choose another --out, or --resume to go on with it, or --overwrite",
        path + strlen(check->dir) + 1);
}

/* A run that is complete, but not part of the training that is resumed, is not replaced. */
static hg_status check_complete(const struct check *check, const char *folder, const char *path,
                                const struct stat *about)
{
    char id[HG_RUN_ID_BYTES];
    if (access(path, R_OK) != 0) return hg_fail_system(path);
    if (!hg_run_tree_is_complete(path, about))
        return hg_fail(HG_FAILED, path, "was not written by a run: rename or move it");
    hg_run_tree_complete_id(folder, id);
    if (check->entry != HG_RUN_RESUME || strcmp(id, check->run) == 0) return HG_OK;
    return hg_fail(HG_FAILED, check->dir,
                   "holds a complete run of another training (%s): choose another --out, or --overwrite",
                   path + strlen(check->dir) + 1);
}

/* A file with a name of the run's that exists. `ours`: it may be replaced without being asked. */
static hg_status check_present(const struct check *check, const char *path, bool ours)
{
    struct stat about;
    if (check->entry == HG_RUN_NEW) return fail_holds(check, path);
    if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISLNK(about.st_mode))
        return hg_fail(HG_FAILED, path, "not a regular file");
    if (ours) return HG_OK;
    return hg_fail(HG_FAILED, path, "was not written by %s: rename or move it%s",
                   check->entry == HG_RUN_RESUME ? "the run that is resumed" : "a run",
                   check->entry == HG_RUN_RESUME ? ", or --overwrite" : "");
}

/* *ours: whether the file was written by the run that is resumed, or else by the one whose record the folder has. */
static hg_status is_ours(const struct check *check, const char *folder, const char *name, bool *ours)
{
    *ours = false;
    if (check->entry == HG_RUN_RESUME && strcmp(check->record->run, check->run) != 0) return HG_OK;
    return hg_run_record_owns(check->record, folder, name, ours);
}

static hg_status check_file(const struct check *check, const char *folder, enum hg_run_file f)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    const char *name = hg_run_file_name[f];
    HG_TRY(hg_run_tree_path(folder, name, path));
    if (lstat(path, &about) != 0) return HG_OK;
    bool ours = f == HG_RUN_COMPLETE || f == HG_RUN_RECORD || check->entry == HG_RUN_NEW;
    bool foreign = !ours;
    if (!ours && check->entry == HG_RUN_RESUME) HG_TRY(is_ours(check, folder, name, &ours));
    if (!ours && check->entry == HG_RUN_OVERWRITE) {
        HG_TRY(hg_run_contents_foreign(path, NULL, &foreign));
        ours = !foreign;
    }
    HG_TRY(check_present(check, path, ours));
    return f == HG_RUN_COMPLETE ? check_complete(check, folder, path, &about) : HG_OK;
}

/* Only a run writes files with such a name: one that no record lists is a user's, also with --overwrite. */
static hg_status check_checkpoint(const char *path, int64_t epoch, void *context)
{
    const struct check *check = context;
    bool ours;
    char folder[HG_PATH_BYTES];
    hg_path_folder(path, folder);
    HG_TRY(is_ours(check, folder, hg_path_name(path), &ours));
    if (!ours && check->entry == HG_RUN_RESUME)
        HG_TRY(hg_run_contents_checkpoint(path, check->run, epoch, &ours));
    return check_present(check, path, ours);
}

/* With --overwrite: fails when the folder run-K holds a training that is not part of the series in `dir`. */
static hg_status check_part(const struct check *check, const char *folder, bool found)
{
    char path[HG_PATH_BYTES];
    struct stat about;
    if (check->above == NULL || check->entry != HG_RUN_OVERWRITE) return HG_OK;
    if (found && hg_run_record_replaces(check->above, check->record->run)) return HG_OK;
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_COMPLETE], path));
    if (!found && lstat(path, &about) != 0) return HG_OK;
    return hg_fail(HG_FAILED, folder, "holds a training of its own: choose another --out, or move it");
}

/* The files of a folder, which has this record. */
static hg_status check_files(struct check *check, const char *folder, bool found)
{
    HG_TRY(check_part(check, folder, found));
    if (check->above != NULL && check->entry == HG_RUN_OVERWRITE && !found)
        return HG_OK; /* nothing is removed */
    for (int f = 0; f < HG_RUN_FILES; f++) HG_TRY(check_file(check, folder, (enum hg_run_file)f));
    return hg_run_tree_each_checkpoint(folder, check_checkpoint, check);
}

static hg_status check_folder(const char *folder, int64_t k, void *context)
{
    (void)k;
    struct check *check = context;
    struct hg_run_record record = {0};
    bool found = false;
    hg_status status = check->entry != HG_RUN_NEW ? hg_run_record_read(folder, &record, &found) : HG_OK;
    check->record = &record;
    if (status == HG_OK) status = check_files(check, folder, found);
    const bool is_dir = check->above == NULL;
    if (is_dir) check->above = &record;
    if (status == HG_OK && is_dir) status = hg_run_tree_each(folder, check_folder, check);
    if (is_dir) check->above = NULL;
    check->record = NULL;
    hg_run_record_destroy(&record);
    return status;
}

hg_status hg_run_tree_check(const char *dir, enum hg_run_entry entry, const char *run)
{
    struct check check = {.dir = dir, .entry = entry, .run = run};
    return check_folder(dir, 0, &check);
}

static hg_status count_checkpoint(const char *path, int64_t epoch, void *context)
{
    (void)path;
    (void)epoch;
    (*(int64_t *)context)++;
    return HG_OK;
}

/* Adds the number of files in a run's folder from which it can be resumed. */
static hg_status count_states(const char *folder, int64_t k, void *context)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    (void)k;
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_LAST], path));
    *(int64_t *)context += lstat(path, &about) == 0;
    return hg_run_tree_each_checkpoint(folder, count_checkpoint, context);
}

void hg_run_tree_instructions(const char *dir, char instructions[HG_INSTRUCTIONS_BYTES])
{
    struct hg_run_record record;
    bool found;
    int64_t states = 0;
    char id[HG_RUN_ID_BYTES];
    hg_run_tree_complete_id(dir, id); /* then nothing is computed */
    hg_status status = hg_run_record_read(dir, &record, &found);
    if (status == HG_OK && id[0] == '\0') status = count_states(dir, 0, &states);
    if (status == HG_OK && id[0] == '\0') status = hg_run_tree_each(dir, count_states, &states);
    snprintf(instructions, HG_INSTRUCTIONS_BYTES, "%s",
             status == HG_OK && states > 0 ? record.instructions : "");
    hg_status_clear(); /* whatever it is, it is reported when the folder is opened */
    hg_run_record_destroy(&record);
}
