#include "train/run_metrics.h"

#include "io/atomic.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 1 << 14 };

/* The epoch of a line that run `run` has written; 0: it is none. *seconds: what it says of its duration. */
static int64_t read_line(const char *line, const char *run, double *seconds)
{
    json_t *json = json_loads(line, 0, NULL);
    const char *id = json_string_value(json_object_get(json, "run"));
    const int64_t epoch =
        id != NULL && strcmp(id, run) == 0 ? json_integer_value(json_object_get(json, "epoch")) : 0;
    *seconds = json_number_value(json_object_get(json, "seconds"));
    json_decref(json);
    return epoch;
}

static bool copy_lines(FILE *from, FILE *to, const char *run, int64_t epochs, struct hg_epoch_times *times)
{
    char line[LINE_BYTES];
    int64_t last = 0;
    while (last < epochs && fgets(line, sizeof line, from) != NULL) {
        double took;
        const int64_t epoch = read_line(line, run, &took);
        if (epoch <= last || epoch > epochs) continue;
        hg_epoch_times_add(times, took);
        last = epoch;
        line[strcspn(line, "\n")] = '\0'; /* the last one may have lost its end */
        if (fputs(line, to) == EOF || fputc('\n', to) == EOF) return false;
    }
    return true;
}

/* Writes the lines that stay into the temporary file. A missing or unreadable old file has none. */
static hg_status write_lines(const char *path, const struct hg_atomic *paths, const char *run, int64_t epochs,
                             struct hg_epoch_times *times)
{
    FILE *to = fopen(paths->temporary, "w");
    if (to == NULL) return hg_fail_system(path);
    const int descriptor = epochs > 0 ? open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    FILE *from = descriptor >= 0 ? fdopen(descriptor, "r") : NULL;
    const bool copied = from == NULL || copy_lines(from, to, run, epochs, times);
    if (from != NULL) fclose(from);
    const bool closed = fclose(to) == 0;
    return copied && closed ? HG_OK : hg_fail(HG_FAILED, path, "cannot be written: %s", strerror(errno));
}

static hg_status open_new(const char *path, FILE **file)
{
    const int descriptor = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) return hg_fail_system(path);
    *file = fdopen(descriptor, "a");
    if (*file != NULL) return HG_OK;
    close(descriptor);
    return hg_fail_system(path);
}

hg_status hg_run_metrics_open(const char *path, const char *run, int64_t epochs, struct hg_epoch_times *times,
                              FILE **file)
{
    struct hg_atomic paths;
    HG_TRY(hg_atomic_begin(path, HG_LINKS_REPLACED, &paths));
    const hg_status status = write_lines(path, &paths, run, epochs, times);
    if (status != HG_OK) {
        hg_atomic_abort(&paths);
        return status;
    }
    HG_TRY(hg_atomic_commit(&paths));
    return open_new(path, file);
}
