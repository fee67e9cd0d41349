#include "train/run_contents.h"

#include "base/mem.h"
#include "io/hdf5/h5.h"
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Whether an HDF5 file is a checkpoint: of run `run`, or of any when that is NULL. */
static bool is_checkpoint(const struct hg_h5 *file, const char *run)
{
    char *format = NULL, *id = NULL;
    (void)hg_h5_get_text(file, "format", &format);
    (void)hg_h5_get_text(file, "run", &id);
    const bool is = format != NULL && strcmp(format, "halogat-checkpoint") == 0 &&
                    (run == NULL || (id != NULL && strcmp(id, run) == 0));
    hg_mem_free(format);
    hg_mem_free(id);
    return is;
}

/* The JSON object with which a file begins; NULL when there is none. */
static json_t *first_object(const char *path)
{
    FILE *file = fopen(path, "r");
    json_error_t error;
    if (file == NULL) return NULL;
    json_t *value = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);
    fclose(file);
    return value;
}

/* Whether a JSON file of a run (of run `run`, or of any when that is NULL) begins with an object that has `key`. */
static bool is_json(const char *path, const char *key, const char *run)
{
    json_t *object = first_object(path);
    const char *id = json_string_value(json_object_get(object, "run"));
    const bool is =
        json_object_get(object, key) != NULL && (run == NULL || (id != NULL && strcmp(id, run) == 0));
    json_decref(object);
    return is;
}

bool hg_run_contents_are(const char *path, const struct stat *about, const char *run)
{
    const char *name = hg_path_name(path);
    if (strcmp(name, hg_run_file_name[HG_RUN_COMPLETE]) == 0) return hg_run_tree_is_complete(path, about);
    if (!S_ISREG(about->st_mode)) return false;
    if (strcmp(name, hg_run_file_name[HG_RUN_METRICS]) == 0)
        return about->st_size == 0 || is_json(path, "epoch", run);
    if (strcmp(name, hg_run_file_name[HG_RUN_SUMMARY]) == 0)
        return is_json(path, "test_at_best", run) || is_json(path, "params_sha256", run);
    if (strcmp(name, hg_run_file_name[HG_RUN_RECORD]) == 0) return is_json(path, "files", run);
    struct hg_h5 file;
    if (hg_h5_open(path, &file) != HG_OK) return false;
    const bool is = is_checkpoint(&file, run);
    hg_h5_close(&file);
    return is;
}

/* Whether a file begins with text, as no HDF5 file and no seal does, not even when it is cut off. */
static bool begins_with_text(const char *path)
{
    char bytes[512];
    FILE *file = fopen(path, "r");
    const size_t count = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file != NULL) fclose(file);
    return count > 0 && memchr(bytes, '\0', count) == NULL && bytes[0] != '\x89' &&
           memcmp(bytes, "halogat-seal", count < 12 ? count : 12) != 0;
}

/* A damaged file has lost what could tell whose it is, and is not foreign. */
static bool foreign_hdf5(const char *path, const char *run)
{
    struct hg_h5 file;
    if (hg_h5_open(path, &file) != HG_OK) return begins_with_text(path);
    const bool is = is_checkpoint(&file, run);
    hg_h5_close(&file);
    return !is;
}

/* metrics.jsonl grows line by line: its first line may be cut off. */
static bool foreign_metrics(const char *path, const char *run)
{
    static const char begin[] = "{\"epoch\":";
    char line[sizeof begin] = "";
    json_t *object = first_object(path);
    const bool whole = object != NULL;
    json_decref(object);
    if (whole) return !is_json(path, "epoch", run);
    FILE *file = fopen(path, "r");
    const bool begun = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (file != NULL) fclose(file);
    return begun && strncmp(line, begin, strlen(line)) != 0;
}

bool hg_run_contents_foreign(const char *path, const char *run)
{
    struct stat about;
    const char *name = hg_path_name(path);
    bool foreign = false;
    if (lstat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0) return false;
    if (strcmp(name, hg_run_file_name[HG_RUN_METRICS]) == 0)
        foreign = foreign_metrics(path, run);
    else if (strcmp(name, hg_run_file_name[HG_RUN_SUMMARY]) == 0)
        foreign = !is_json(path, "run", run);
    else
        foreign = foreign_hdf5(path, run);
    hg_status_clear();
    return foreign;
}
