#include "train/run_contents.h"

#include "base/mem.h"
#include "io/checkpoint_header.h"
#include "io/hdf5/h5.h"
#include "io/seal.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* A file that cannot be read is of unknown contents, and no failure; lack of memory is one. */
static hg_status unless_no_memory(hg_status status)
{
    if (status == HG_NOMEM) return status;
    hg_status_clear();
    return HG_OK;
}

static hg_status read_id(const struct hg_h5 *file, char **format, char **run)
{
    HG_TRY(hg_h5_get_text(file, "format", format));
    return hg_h5_get_text(file, "run", run);
}

/* Whether an HDF5 file is a checkpoint: of run `run`, or of any when that is NULL. */
static hg_status is_checkpoint(const char *path, const char *run, bool *opens, bool *is)
{
    struct hg_h5 file;
    char *format = NULL, *id = NULL;
    hg_status status = hg_h5_open(path, &file);
    *opens = status == HG_OK;
    *is = false;
    if (!*opens) return unless_no_memory(status);
    status = unless_no_memory(read_id(&file, &format, &id));
    *is = format != NULL && strcmp(format, "halogat-checkpoint") == 0 &&
          (run == NULL || (id != NULL && strcmp(id, run) == 0));
    hg_mem_free(format);
    hg_mem_free(id);
    hg_h5_close(&file);
    return status;
}

/* The JSON object with which a file begins; NULL when there is none. */
static hg_status first_object(const char *path, json_t **object)
{
    FILE *file = fopen(path, "r");
    json_error_t error;
    *object = file != NULL ? json_loadf(file, JSON_DISABLE_EOF_CHECK, &error) : NULL;
    if (file == NULL) return errno == EACCES ? hg_fail_system(path) : HG_OK;
    fclose(file);
    return *object == NULL && json_error_code(&error) == json_error_out_of_memory
               ? hg_fail(HG_NOMEM, path, "out of memory")
               : HG_OK;
}

/* Whether a JSON file of a run (of run `run`, or of any when that is NULL) begins with an object that has `key`. */
static hg_status is_json(const char *path, const char *key, const char *run, bool *is)
{
    json_t *object;
    HG_TRY(first_object(path, &object));
    const char *id = json_string_value(json_object_get(object, "run"));
    *is = json_object_get(object, key) != NULL && (run == NULL || (id != NULL && strcmp(id, run) == 0));
    json_decref(object);
    return HG_OK;
}

/* The keys by which the JSON files of a run are recognised. */
static const struct {
    enum hg_run_file file;
    const char *keys[2];
} json_files[] = {{HG_RUN_METRICS, {"epoch"}},
                  {HG_RUN_SUMMARY, {"test_at_best", "params_sha256"}},
                  {HG_RUN_RECORD, {"files"}}};
enum { JSON_FILES = sizeof json_files / sizeof *json_files };

hg_status hg_run_contents_are(const char *path, const struct stat *about, const char *run, bool *are)
{
    const char *name = hg_path_name(path);
    bool opens;
    *are = strcmp(name, hg_run_file_name[HG_RUN_COMPLETE]) == 0 && hg_run_tree_is_complete(path, about);
    if (strcmp(name, hg_run_file_name[HG_RUN_COMPLETE]) == 0 || !S_ISREG(about->st_mode)) return HG_OK;
    for (int f = 0; f < JSON_FILES; f++) {
        if (strcmp(name, hg_run_file_name[json_files[f].file]) != 0) continue;
        *are = json_files[f].file == HG_RUN_METRICS && about->st_size == 0;
        for (int k = 0; k < 2 && !*are && json_files[f].keys[k] != NULL; k++)
            HG_TRY(is_json(path, json_files[f].keys[k], run, are));
        return HG_OK;
    }
    return is_checkpoint(path, run, &opens, are);
}

hg_status hg_run_contents_checkpoint(const char *path, const char *run, int64_t epoch, bool *is)
{
    struct stat about;
    char *id = NULL;
    double number = -1;
    const struct hg_header_field fields[] = {{"run", .text = &id}, {"epoch", .number = &number}};
    *is = false;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode)) return HG_OK;
    const hg_status status = hg_checkpoint_header(path, fields, 2);
    *is = status == HG_OK && strcmp(id, run) == 0 && number == (double)epoch;
    hg_mem_free(id);
    return unless_no_memory(status);
}

/* Whether `count` bytes may be what damage has left of the begin of a checkpoint: some of them zeroed, or cut off. */
static bool may_begin(const char *bytes, size_t count, const char *begin, size_t length)
{
    bool any = false;
    for (size_t k = 0; k < length && k < count; k++) {
        if (bytes[k] != 0 && bytes[k] != begin[k]) return false;
        any |= bytes[k] != 0;
    }
    return any;
}

/* Whether a file that is no HDF5 file may be a damaged checkpoint: it has a part of a seal, which each has twice, or of
 * HDF5's signature behind it, or nothing but zeros there. */
static bool may_be_damaged(const char *path)
{
    static const char signature[] = "\x89HDF\r\n\x1a\n";
    enum { SIGNATURE = sizeof signature - 1, TITLE = 12 };
    char bytes[HG_SEAL_BYTES + SIGNATURE] = {0};
    FILE *file = fopen(path, "r");
    const size_t count = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0, half = HG_SEAL_BYTES / 2;
    bool zeros = true;
    if (file == NULL) return true; /* what it is cannot be known */
    fclose(file);
    for (size_t k = 0; k < count; k++) zeros &= bytes[k] == 0;
    return zeros || may_begin(bytes, count, "halogat-seal", TITLE) ||
           may_begin(bytes, count, signature, SIGNATURE) ||
           (count > half && may_begin(bytes + half, count - half, "halogat-seal", TITLE)) ||
           (count > HG_SEAL_BYTES &&
            may_begin(bytes + HG_SEAL_BYTES, count - HG_SEAL_BYTES, signature, SIGNATURE));
}

/* A damaged file has lost what could tell whose it is, and is not foreign. */
static hg_status foreign_hdf5(const char *path, const char *run, bool *foreign)
{
    bool opens, is;
    HG_TRY(is_checkpoint(path, run, &opens, &is));
    *foreign = opens ? !is : !may_be_damaged(path);
    return HG_OK;
}

/* metrics.jsonl grows line by line: its first line may be cut off. */
static hg_status foreign_metrics(const char *path, const char *run, bool *foreign)
{
    static const char begin[] = "{\"epoch\":";
    char line[sizeof begin] = "";
    json_t *object;
    HG_TRY(first_object(path, &object));
    const bool whole = object != NULL;
    json_decref(object);
    if (whole) {
        bool is;
        HG_TRY(is_json(path, "epoch", run, &is));
        *foreign = !is;
        return HG_OK;
    }
    FILE *file = fopen(path, "r");
    *foreign =
        file != NULL && fgets(line, sizeof line, file) != NULL && strncmp(line, begin, strlen(line)) != 0;
    if (file != NULL) fclose(file);
    return HG_OK;
}

hg_status hg_run_contents_foreign(const char *path, const char *run, bool *foreign)
{
    struct stat about;
    const char *name = hg_path_name(path);
    *foreign = false;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0) return HG_OK;
    if (strcmp(name, hg_run_file_name[HG_RUN_METRICS]) == 0) return foreign_metrics(path, run, foreign);
    if (strcmp(name, hg_run_file_name[HG_RUN_SUMMARY]) != 0) return foreign_hdf5(path, run, foreign);
    bool is;
    HG_TRY(is_json(path, "run", run, &is));
    *foreign = !is;
    return HG_OK;
}
