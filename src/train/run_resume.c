/* Finds the newest sound checkpoint of a run, and continues from it. */
#include "train/run_checkpoint.h"

#include "base/build.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/checkpoint_header.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Texts that a checkpoint must have. */
enum { RUN, CONFIG, INSTRUCTIONS, BLAS, GRAPH, CELLS, INIT, BUILD, TEXTS };
static const char *const text_name[TEXTS] = {"run",   "config", "instructions", "blas",
                                             "graph", "cells",  "init",         "build"};
enum { RNG_VERSION = HG_RUN_NUMBERS, NUMBERS };
enum { MOST_EPOCHS = 1 << 30 };

/* A checkpoint. */
struct point {
    char path[HG_PATH_BYTES]; /* "": none */
    int64_t epoch;            /* according to the file's name; -1: it says nothing */
    char *text[TEXTS];
    double number[NUMBERS]; /* in the order of hg_run_numbers, then the version of random numbers */
};

/* Candidates, by the epoch in their names. */
struct candidates {
    struct point *list;
    int64_t count, capacity;
};

static void point_clear(struct point *point)
{
    for (int k = 0; k < TEXTS; k++) HG_FREE(point->text[k]);
    point->path[0] = '\0';
}

static hg_status add(const char *path, int64_t epoch, void *context)
{
    struct candidates *all = context;
    HG_TRY(HG_RESERVE(all->list, &all->capacity, all->count + 1));
    struct point *point = &all->list[all->count++];
    *point = (struct point){.epoch = epoch};
    snprintf(point->path, sizeof point->path, "%s", path);
    return HG_OK;
}

/* Whether the numbers are those of a run: none that a run could not have. */
static bool are_sound(const struct hg_run_number numbers[HG_RUN_NUMBERS], const double number[NUMBERS])
{
    const double epoch = number[0];
    for (int k = 0; k < HG_RUN_NUMBERS; k++) {
        const double value = number[k];
        /* integers count epochs, steps or evaluations */
        if (numbers[k].integer != NULL && !(value >= 0 && value <= epoch && value == floor(value)))
            return false;
        if (numbers[k].integer == NULL && isinf(value)) return false;
    }
    return epoch <= MOST_EPOCHS;
}

static hg_status read_point(struct hg_run *run, struct point *point)
{
    struct stat about;
    if (lstat(point->path, &about) == 0 && !S_ISREG(about.st_mode))
        return hg_fail(HG_FAILED, point->path, "is not a regular file");
    struct hg_run_number numbers[HG_RUN_NUMBERS];
    struct hg_header_field fields[TEXTS + NUMBERS];
    hg_run_numbers(run, numbers);
    for (int k = 0; k < TEXTS; k++)
        fields[k] = (struct hg_header_field){text_name[k], .text = &point->text[k]};
    for (int k = 0; k < HG_RUN_NUMBERS; k++)
        fields[TEXTS + k] = (struct hg_header_field){numbers[k].name, .number = &point->number[k]};
    fields[TEXTS + RNG_VERSION] =
        (struct hg_header_field){"rng_version", .number = &point->number[RNG_VERSION]};
    HG_TRY(hg_checkpoint_header(point->path, fields, TEXTS + NUMBERS));
    if (strcmp(point->text[RUN], run->dir.run) != 0)
        return hg_fail(HG_FAILED, point->path, "is of another run (%.40s)", point->text[RUN]);
    if (point->epoch >= 0 && (double)point->epoch != point->number[0])
        return hg_fail(HG_FAILED, point->path, "is the checkpoint of epoch %.0f: it was renamed",
                       point->number[0]);
    if (!are_sound(numbers, point->number))
        return hg_fail(HG_FAILED, point->path, "has numbers that no run has (epoch %g)", point->number[0]);
    return HG_OK;
}

/* Names a checkpoint that cannot be used by the failure that is recorded, and forgets the failure. */
static void warn_of_failure(const struct hg_run *run)
{
    char line[HG_PATH_BYTES + 256];
    snprintf(line, sizeof line, "%s: not used", hg_status_message());
    hg_status_clear();
    if (run->callbacks->warn != NULL) run->callbacks->warn(run->callbacks->context, line);
}

/* Reads a checkpoint. One that cannot be used is named, and left: *sound is false. */
static hg_status try_point(struct hg_run *run, struct point *point, bool *sound)
{
    const hg_status status = read_point(run, point);
    *sound = status == HG_OK;
    if (*sound || status == HG_NOMEM) return status;
    warn_of_failure(run);
    point_clear(point);
    return HG_OK;
}

/* The candidate with the largest epoch in its name below `below`; NULL: none. */
static struct point *newest_below(const struct candidates *all, int64_t below)
{
    struct point *newest = NULL;
    for (int64_t k = 0; k < all->count; k++) {
        struct point *point = &all->list[k];
        if (point->epoch < below && (newest == NULL || point->epoch > newest->epoch)) newest = point;
    }
    return newest;
}

/* *has: whether a checkpoint is sound and has this number; false is not a failure. */
static hg_status has_number(const char *path, const char *name, bool *has)
{
    double number;
    const struct hg_header_field field = {name, .number = &number};
    const hg_status status = hg_checkpoint_header(path, &field, 1);
    *has = status == HG_OK;
    if (status == HG_NOMEM) return status;
    hg_status_clear();
    return HG_OK;
}

/* Whether last.h5 is that of a run that has diverged, which has parameters only. */
static hg_status is_diverged(const char *path, bool *is)
{
    bool epoch, step;
    HG_TRY(has_number(path, "epoch", &epoch));
    HG_TRY(has_number(path, "step", &step));
    *is = epoch && !step;
    return HG_OK;
}

/* last.h5 is written at the end of a run. That of a run that has diverged is left. */
static hg_status try_last(struct hg_run *run, int64_t below, struct point *found)
{
    bool sound = false, diverged = false;
    struct stat about;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_dir_file(&run->dir, hg_run_file_name[HG_RUN_LAST], path));
    if (below < INT64_MAX || lstat(path, &about) != 0) return HG_OK;
    if (S_ISREG(about.st_mode)) HG_TRY(is_diverged(path, &diverged));
    if (diverged) return HG_OK;
    *found = (struct point){.epoch = -1};
    snprintf(found->path, sizeof found->path, "%s", path);
    return try_point(run, found, &sound);
}

/* The newest sound checkpoint of an epoch below `below`; INT64_MAX: of any, last.h5 included. */
static hg_status try_all(struct hg_run *run, const struct candidates *all, int64_t below, struct point *found)
{
    HG_TRY(try_last(run, below, found));
    for (struct point *point; (point = newest_below(all, below)) != NULL; below = point->epoch) {
        bool sound = false;
        if (found->path[0] != '\0' && found->number[0] >= (double)point->epoch) return HG_OK;
        HG_TRY(try_point(run, point, &sound));
        if (!sound) continue;
        point_clear(found);
        *found = *point;
        return HG_OK;
    }
    return HG_OK;
}

static hg_status find(struct hg_run *run, int64_t below, struct point *found)
{
    struct candidates all = {0};
    hg_status status = hg_run_tree_each_checkpoint(run->dir.path, add, &all);
    if (status == HG_OK) status = try_all(run, &all, below, found);
    HG_FREE(all.list);
    return status;
}

/* Fails when texts of a checkpoint are not those of this training. */
static hg_status compare(const struct hg_run *run, const struct point *point)
{
    const struct hg_identity *here = run->identity;
    const struct {
        const char *what, *there, *here;
    } texts[] = {
        {"the graph (content_sha256)", point->text[GRAPH], here->graph},
        {"the order of cells", point->text[CELLS], here->cells},
        {"the instruction set (HALOGAT_ISA)", point->text[INSTRUCTIONS], here->instructions},
        {"what OpenBLAS computes with (OPENBLAS_CORETYPE)", point->text[BLAS], here->blas},
        {"the hash of the parameters of --init", point->text[INIT], here->init},
    };
    HG_TRY(run->callbacks->compare_options(run->options, point->path, point->text[CONFIG]));
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        if (strcmp(texts[k].there, texts[k].here) != 0)
            return hg_fail(HG_USAGE, point->path, "%s is %.64s there, %.64s here", texts[k].what,
                           texts[k].there, texts[k].here);
    return HG_OK;
}

/* Fails when the checkpoint is not one of this training. */
static hg_status check(const struct hg_run *run, const struct point *point)
{
    char build[HG_BUILD_ID_BYTES], line[HG_PATH_BYTES + 256];
    HG_TRY(compare(run, point));
    if (point->number[RNG_VERSION] != HG_RNG_VERSION)
        return hg_fail(HG_FAILED, point->path, "needs version %.0f of random numbers, this program has %d",
                       point->number[RNG_VERSION], HG_RNG_VERSION);
    hg_build_id(build);
    if (strcmp(point->text[BUILD], build) == 0 || run->callbacks->warn == NULL) return HG_OK;
    snprintf(line, sizeof line,
             "%s: written by another build of the program, whose results may differ in the last digits",
             point->path);
    run->callbacks->warn(run->callbacks->context, line);
    return HG_OK;
}

static hg_status check_epochs(const struct hg_run *run, const char *path)
{
    const int64_t epochs = run->options->epochs;
    if (epochs > run->epoch || (epochs == run->epoch && run->evaluated == run->epoch)) return HG_OK;
    return hg_fail(HG_USAGE, path, "%lld epochs are done: --epochs %lld is too few", (long long)run->epoch,
                   (long long)epochs);
}

/* Sets the state of the run from a checkpoint, whose vectors have been read. */
static hg_status set_numbers(struct hg_run *run, const char *path, const double number[NUMBERS])
{
    struct hg_run_number numbers[HG_RUN_NUMBERS];
    hg_run_numbers(run, numbers);
    for (int k = 0; k < HG_RUN_NUMBERS; k++) {
        if (numbers[k].integer != NULL)
            *numbers[k].integer = (int64_t)number[k];
        else
            *numbers[k].real = number[k];
    }
    for (int s = 0; s < HG_SPLITS; s++) run->watch.best[s].entries = run->data->entries[s];
    run->seconds_before = run->seconds_total;
    run->resumed = run->pace.kept = run->epoch;
    return check_epochs(run, path);
}

/* Finds a checkpoint of an epoch below `below`, checks that it is one of this training, and reads its vectors.
 * *sound: all of it is sound; *found on every rank. Collective. */
static hg_status read_newest(struct hg_run *run, int64_t below, struct point *found, bool *sound)
{
    struct hg_trained_vector vectors[HG_TRAINED_VECTORS];
    const bool first = run->comm->rank == 0;
    hg_status status = first ? find(run, below, found) : HG_OK;
    if (status == HG_OK && found->path[0] != '\0') status = check(run, found);
    HG_TRY(hg_agree(run->comm, status));
    hg_comm_bcast(run->comm, found->path, sizeof found->path, 0);
    hg_comm_bcast(run->comm, found->number, sizeof found->number, 0);
    *sound = found->path[0] != '\0';
    if (!*sound) return HG_OK;
    status = hg_trained_read(found->path, run->model, vectors, hg_run_vectors(run, vectors));
    *sound = status == HG_OK;
    if (status != HG_FAILED) return status;
    if (first)
        warn_of_failure(run);
    else
        hg_status_clear();
    return HG_OK;
}

hg_status hg_run_resume(struct hg_run *run)
{
    hg_status status = HG_OK;
    bool sound = false, more = true;
    for (int64_t below = INT64_MAX; status == HG_OK && more && !sound;) {
        struct point found = {0};
        status = read_newest(run, below, &found, &sound);
        if (sound && status == HG_OK) status = set_numbers(run, found.path, found.number);
        more = found.path[0] != '\0';
        if (more) below = (int64_t)found.number[0] + (below == INT64_MAX && found.epoch < 0);
        point_clear(&found);
    }
    if (status == HG_OK && !sound) hg_run_initialise(run); /* what was read of a damaged one is forgotten */
    return status;
}

hg_status hg_run_check_complete(struct hg_run *run)
{
    struct point last = {.epoch = -1};
    bool sound = false;
    HG_TRY(hg_run_dir_file(&run->dir, hg_run_file_name[HG_RUN_LAST], last.path));
    hg_status status = try_point(run, &last, &sound);
    if (status == HG_OK && sound) status = compare(run, &last);
    point_clear(&last);
    return status;
}
