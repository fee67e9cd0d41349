#include "train/run_text.h"

#include "io/atomic.h"
#include "train/run_tree.h"
#include <stdio.h>

static bool write_value(const json_t *value, const char *line, FILE *file)
{
    if (value != NULL && json_dumpf(value, file, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0) return false;
    return (value != NULL || fputs(line, file) != EOF) && fputc('\n', file) != EOF;
}

static hg_status dump(const json_t *value, const char *line, const struct hg_atomic *paths)
{
    FILE *file = fopen(paths->temporary, "w");
    if (file == NULL) return hg_fail_system(paths->target);
    const bool written = write_value(value, line, file);
    const bool closed = fclose(file) == 0;
    return written && closed ? HG_OK : hg_fail(HG_FAILED, paths->target, "cannot be written");
}

hg_status hg_run_text_write(const char *folder, const char *name, const json_t *value, const char *line)
{
    char path[HG_PATH_BYTES];
    struct hg_atomic file;
    HG_TRY(hg_run_tree_path(folder, name, path));
    HG_TRY(hg_atomic_begin(path, HG_LINKS_REPLACED, &file));
    const hg_status status = dump(value, line, &file);
    if (status == HG_OK) return hg_atomic_commit(&file);
    hg_atomic_abort(&file);
    return status;
}
