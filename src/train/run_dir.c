#include "train/run_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a run leaves behind: the presence of any of them makes a folder a run's. */
static const char *const run_files[] = {"metrics.jsonl", "summary.json", "complete", "best.h5", "last.h5"};
enum { RUN_FILES = sizeof run_files / sizeof *run_files };

static hg_status make_folders(const char *path)
{
    char part[HG_PATH_BYTES];
    HG_TRY(hg_path_check_folders(path));
    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) *slash = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) return hg_fail(HG_FAILED, part, "%s", strerror(errno));
        if (slash == NULL) return HG_OK;
        *slash = '/';
    }
}

hg_status hg_run_dir_file(const struct hg_run_dir *dir, const char *name, char path[HG_PATH_BYTES])
{
    const int length = snprintf(path, HG_PATH_BYTES, "%s/%s", dir->path, name);
    return length < HG_PATH_BYTES ? HG_OK : hg_fail(HG_FAILED, dir->path, "path too long");
}

static hg_status clear(const struct hg_run_dir *dir, bool overwrite)
{
    for (int k = 0; k < RUN_FILES; k++) {
        char path[HG_PATH_BYTES];
        HG_TRY(hg_run_dir_file(dir, run_files[k], path));
        if (access(path, F_OK) != 0) continue;
        if (!overwrite)
            return hg_fail(HG_FAILED, dir->path,
                           "already holds a run (%s): choose another --out, or --overwrite", run_files[k]);
        if (unlink(path) != 0) return hg_fail(HG_FAILED, path, "%s", strerror(errno));
    }
    return HG_OK;
}

static hg_status claim(const struct hg_run_dir *dir, bool overwrite)
{
    HG_TRY(make_folders(dir->path));
    HG_TRY(clear(dir, overwrite));
    if (access(dir->path, W_OK | X_OK) != 0) return hg_fail(HG_FAILED, dir->path, "%s", strerror(errno));
    return HG_OK;
}

hg_status hg_run_dir_open(const struct hg_comm *comm, const char *path, bool overwrite,
                          struct hg_run_dir *dir)
{
    *dir = (struct hg_run_dir){.comm = comm};
    snprintf(dir->path, sizeof dir->path, "%s", path);
    return hg_agree(comm, comm->rank == 0 ? claim(dir, overwrite) : HG_OK);
}

static hg_status open_metrics(struct hg_run_dir *dir)
{
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_dir_file(dir, "metrics.jsonl", path));
    dir->metrics = fopen(path, "w");
    return dir->metrics != NULL ? HG_OK : hg_fail(HG_FAILED, path, "%s", strerror(errno));
}

hg_status hg_run_dir_start(struct hg_run_dir *dir)
{
    return hg_agree(dir->comm, dir->comm->rank == 0 ? open_metrics(dir) : HG_OK);
}

void hg_run_dir_close(struct hg_run_dir *dir)
{
    if (dir->metrics != NULL) fclose(dir->metrics);
    dir->metrics = NULL;
}

void hg_run_dir_line(struct hg_run_dir *dir, json_t *line)
{
    if (dir->metrics == NULL) return;
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(17);
    if (line == NULL || json_dumpf(line, dir->metrics, flags) != 0 || fputc('\n', dir->metrics) == EOF ||
        fflush(dir->metrics) != 0)
        dir->broken = true;
    json_decref(line);
}

hg_status hg_run_dir_check(struct hg_run_dir *dir)
{
    return hg_agree(dir->comm,
                    dir->broken ? hg_fail(HG_FAILED, dir->path, "cannot write metrics.jsonl") : HG_OK);
}

static hg_status dump(const json_t *value, const char *path, const char *shown)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) return hg_fail(HG_FAILED, shown, "%s", strerror(errno));
    const bool written = value != NULL &&
                         json_dumpf(value, file, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0 &&
                         fputc('\n', file) != EOF;
    const bool closed = fclose(file) == 0;
    return written && closed ? HG_OK : hg_fail(HG_FAILED, shown, "cannot be written");
}

hg_status hg_run_dir_json(struct hg_run_dir *dir, const char *name, json_t *value)
{
    char path[HG_PATH_BYTES];
    struct hg_atomic file;
    hg_status status = hg_run_dir_file(dir, name, path);
    if (status == HG_OK && dir->comm->rank == 0) {
        status = hg_atomic_begin(path, HG_LINKS_REPLACED, &file);
        if (status == HG_OK) {
            status = dump(value, file.temporary, path);
            if (status == HG_OK)
                status = hg_atomic_commit(&file);
            else
                hg_atomic_abort(&file);
        }
    }
    json_decref(value);
    return hg_agree(dir->comm, status);
}

hg_status hg_run_dir_complete(struct hg_run_dir *dir)
{
    char path[HG_PATH_BYTES];
    struct hg_atomic file;
    hg_status status = hg_run_dir_file(dir, "complete", path);
    if (status == HG_OK && dir->comm->rank == 0) {
        status = hg_atomic_begin(path, HG_LINKS_REPLACED, &file);
        if (status == HG_OK) status = hg_atomic_commit(&file);
    }
    return hg_agree(dir->comm, status);
}
