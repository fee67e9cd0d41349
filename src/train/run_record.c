#include "train/run_record.h"

#include "train/run_contents.h"
#include "train/run_text.h"
#include "train/run_tree.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char format[] = "halogat-run";
enum { VERSION = 1 };

/* Copies a text of at most size - 1 bytes; false when there is none, or it is longer. */
static bool copy_text(const json_t *object, const char *key, char *to, size_t size)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && snprintf(to, size, "%s", text) < (int)size;
}

/* A name of a file in the folder itself. */
static bool is_name(const char *text)
{
    return text != NULL && text[0] != '\0' && strchr(text, '/') == NULL && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

struct hg_run_record hg_run_record_new(void)
{
    return (struct hg_run_record){.files = json_array(), .replaces = json_array()};
}

static bool take_replaced(const json_t *ids, struct hg_run_record *record)
{
    size_t k;
    json_t *id;
    json_array_foreach(ids, k, id) if (!json_is_string(id) ||
                                       json_array_append(record->replaces, id) != 0) return false;
    return true;
}

static bool take_names(const json_t *names, struct hg_run_record *record)
{
    size_t k;
    json_t *name;
    if (!json_is_array(names)) return false;
    json_array_foreach(names, k,
                       name) if (!is_name(json_string_value(name)) ||
                                 hg_run_record_add(record, json_string_value(name)) != HG_OK) return false;
    return true;
}

static bool parse(const json_t *json, struct hg_run_record *record)
{
    const char *found = json_string_value(json_object_get(json, "format"));
    record->runs = json_integer_value(json_object_get(json, "runs"));
    return found != NULL && strcmp(found, format) == 0 &&
           json_integer_value(json_object_get(json, "version")) == VERSION &&
           copy_text(json, "run", record->run, sizeof record->run) &&
           strspn(record->run, "0123456789abcdef") == HG_RUN_ID_BYTES - 1 &&
           copy_text(json, "instructions", record->instructions, sizeof record->instructions) &&
           record->runs >= 0 && record->runs != 1 && take_names(json_object_get(json, "files"), record) &&
           take_replaced(json_object_get(json, "replaces"), record);
}

/* Opens a regular file for reading, not through a link; NULL when it is none. */
static hg_status open_regular(const char *path, FILE **file)
{
    struct stat about;
    const int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    *file = NULL;
    if (descriptor < 0) return errno == ELOOP || errno == ENXIO ? HG_OK : hg_fail_system(path);
    if (fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode)) *file = fdopen(descriptor, "r");
    if (*file == NULL) close(descriptor);
    return HG_OK;
}

hg_status hg_run_record_read(const char *folder, struct hg_run_record *record, bool *found)
{
    struct stat about;
    char path[HG_PATH_BYTES];
    json_error_t error;
    *record = hg_run_record_new();
    *found = false;
    if (record->files == NULL || record->replaces == NULL) return hg_fail(HG_NOMEM, folder, "out of memory");
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_RECORD], path));
    if (lstat(path, &about) != 0) return errno == ENOENT || errno == ENOTDIR ? HG_OK : hg_fail_system(path);
    FILE *file;
    HG_TRY(open_regular(path, &file));
    json_t *json = file != NULL ? json_loadf(file, 0, &error) : NULL;
    if (file != NULL) fclose(file);
    *found = json != NULL && parse(json, record);
    json_decref(json);
    if (*found) return HG_OK;
    return hg_fail(HG_FAILED, path, "is not of a training, which would write its own: rename or move it");
}

hg_status hg_run_record_write(const char *folder, const struct hg_run_record *record)
{
    json_t *json = json_pack("{s:s, s:i, s:s, s:I, s:s, s:O, s:O}", "format", format, "version", VERSION,
                             "run", record->run, "runs", (json_int_t)record->runs, "instructions",
                             record->instructions, "files", record->files, "replaces", record->replaces);
    const hg_status status = json != NULL
                                 ? hg_run_text_write(folder, hg_run_file_name[HG_RUN_RECORD], json, NULL)
                                 : hg_fail(HG_NOMEM, folder, "out of memory");
    json_decref(json);
    return status;
}

bool hg_run_record_lists(const struct hg_run_record *record, const char *name)
{
    size_t k;
    json_t *known;
    json_array_foreach(record->files, k, known) if (strcmp(json_string_value(known), name) == 0) return true;
    return false;
}

bool hg_run_record_replaces(const struct hg_run_record *record, const char *run)
{
    size_t k;
    json_t *id;
    bool is = strcmp(record->run, run) == 0;
    json_array_foreach(record->replaces, k, id) is |= strcmp(json_string_value(id), run) == 0;
    return is;
}

hg_status hg_run_record_owns(const struct hg_run_record *record, const char *folder, const char *name,
                             bool *owns)
{
    char path[HG_PATH_BYTES];
    size_t k;
    json_t *id;
    bool foreign = true;
    *owns = false;
    if (!hg_run_record_lists(record, name)) return HG_OK;
    HG_TRY(hg_run_tree_path(folder, name, path));
    /* a checkpoint of another run in the place of one of this run is noticed and named when it is read */
    const bool any = hg_run_tree_epoch(name) >= 0;
    HG_TRY(hg_run_contents_foreign(path, any ? NULL : record->run, &foreign));
    if (!any) json_array_foreach(record->replaces, k, id)
        {
            if (foreign) HG_TRY(hg_run_contents_foreign(path, json_string_value(id), &foreign));
        }
    *owns = !foreign;
    return HG_OK;
}

hg_status hg_run_record_add(struct hg_run_record *record, const char *name)
{
    if (hg_run_record_lists(record, name)) return HG_OK;
    return json_array_append_new(record->files, json_string(name)) == 0
               ? HG_OK
               : hg_fail(HG_NOMEM, name, "out of memory");
}

void hg_run_record_destroy(struct hg_run_record *record)
{
    json_decref(record->files);
    json_decref(record->replaces);
    record->files = record->replaces = NULL;
}
