#include "train/run_checkpoint.h"

#include "base/alive.h"
#include "base/build.h"
#include "base/mem.h"
#include "base/rng.h"
#include "train/summary.h"
#include <math.h>
#include <string.h>

enum { ATTRIBUTES = 13 /* beside the numbers of the state */ };

void hg_run_numbers(struct hg_run *run, struct hg_run_number list[HG_RUN_NUMBERS])
{
    struct hg_watch *watch = &run->watch;
    struct hg_split_metrics *best = watch->best;
    const struct hg_run_number numbers[HG_RUN_NUMBERS] = {
        {"epoch", .integer = &run->epoch},
        {"step", .integer = &run->optim.step},
        {"best_epoch", .integer = &watch->best_epoch},
        {"evaluated_epoch", .integer = &run->evaluated},
        {"evaluations_waited", .integer = &watch->waited},
        {"watched_loss", .real = &watch->best_loss},
        {"watched_metric", .real = &watch->best_metric},
        {"seconds", .real = &run->seconds_total},
        {"best_train_loss", .real = &best[HG_TRAIN].loss},
        {"best_train_metric", .real = &best[HG_TRAIN].metric},
        {"best_val_loss", .real = &best[HG_VAL].loss},
        {"best_val_metric", .real = &best[HG_VAL].metric},
        {"best_test_loss", .real = &best[HG_TEST].loss},
        {"best_test_metric", .real = &best[HG_TEST].metric},
    };
    memcpy(list, numbers, sizeof numbers);
}

int hg_run_vectors(struct hg_run *run, struct hg_trained_vector list[HG_TRAINED_VECTORS])
{
    const struct hg_trained_vector all[] = {
        {"params", run->model->params.value},  {"optimizer/m", run->optim.moment[0]},
        {"optimizer/v", run->optim.moment[1]}, {"best", run->best},
        {"last_finite", run->last_finite},
    };
    int count = 0;
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (all[k].values != NULL) list[count++] = all[k];
    return count;
}

/* The attributes of every checkpoint; those of the state follow. */
static int common_attributes(const struct hg_run *run, const char *options, const char *build,
                             struct hg_attribute list[ATTRIBUTES])
{
    const double best_val = run->watch.best_epoch > 0 ? hg_summary_best_val(run) : NAN;
    const struct hg_attribute attributes[] = {
        {.name = "config", .text = options},
        {.name = "rng_version", .is_int = true, .integer = HG_RNG_VERSION},
        {.name = "best_val", .number = best_val},
        {.name = "run", .text = run->dir.run},
        {.name = "program", .text = HG_VERSION},
        {.name = "build", .text = build},
        {.name = "instructions", .text = run->identity->instructions},
        {.name = "blas", .text = run->identity->blas},
        {.name = "graph", .text = run->identity->graph},
        {.name = "cells", .text = run->identity->cells},
        {.name = "init", .text = run->identity->init},
        {.name = "task", .text = hg_task_name[run->data->info.task]},
    };
    memcpy(list, attributes, sizeof attributes);
    return (int)(sizeof attributes / sizeof *attributes);
}

/* Writes vectors, and the numbers [0, num_numbers) of `numbers`, with what every checkpoint has. */
static hg_status write_file(struct hg_run *run, const char *path, const struct hg_trained_vector *vectors,
                            int num_vectors, const struct hg_run_number *numbers, int num_numbers)
{
    struct hg_attribute list[ATTRIBUTES + HG_RUN_NUMBERS];
    char *options = NULL, build[HG_BUILD_ID_BYTES];
    hg_build_id(build);
    hg_status status = hg_agree(run->comm, run->callbacks->write_options(run->options, &options));
    int count = common_attributes(run, options, build, list);
    for (int k = 0; k < num_numbers; k++) {
        const struct hg_run_number *n = &numbers[k];
        list[count++] = n->integer != NULL
                            ? (struct hg_attribute){.name = n->name, .is_int = true, .integer = *n->integer}
                            : (struct hg_attribute){.name = n->name, .number = *n->real};
    }
    const struct hg_trained_contents contents = {vectors,          num_vectors, &run->data->statistics,
                                                 &run->data->info, list,        count};
    if (status == HG_OK) status = hg_trained_write(path, run->model, &contents);
    hg_mem_free(options);
    return status;
}

static hg_status write_params(struct hg_run *run, enum hg_run_file file, hg_real *values, int64_t epoch)
{
    char path[HG_PATH_BYTES];
    const struct hg_trained_vector params = {"params", values};
    const struct hg_run_number numbers[] = {{"epoch", .integer = &epoch},
                                            {"best_epoch", .integer = &run->watch.best_epoch}};
    HG_TRY(hg_run_dir_file(&run->dir, hg_run_file_name[file], path));
    return write_file(run, path, &params, 1, numbers, 2);
}

static hg_status write_state(struct hg_run *run, const char *path)
{
    struct hg_trained_vector vectors[HG_TRAINED_VECTORS];
    struct hg_run_number numbers[HG_RUN_NUMBERS];
    run->seconds_total = run->seconds_before + hg_clock_seconds() - run->started;
    hg_run_numbers(run, numbers);
    return write_file(run, path, vectors, hg_run_vectors(run, vectors), numbers, HG_RUN_NUMBERS);
}

hg_status hg_run_write_best(struct hg_run *run)
{
    HG_TRY(write_params(run, HG_RUN_BEST, run->best, run->watch.best_epoch));
    run->pace.best = run->watch.best_epoch;
    run->pace.best_at = hg_clock_seconds();
    return HG_OK;
}

hg_status hg_run_write_last(struct hg_run *run)
{
    char path[HG_PATH_BYTES];
    if (run->diverged) return write_params(run, HG_RUN_LAST, run->last_finite, run->epoch);
    HG_TRY(hg_run_dir_file(&run->dir, hg_run_file_name[HG_RUN_LAST], path));
    return write_state(run, path);
}

static bool due(double minutes, double since, double now)
{
    return minutes > 0 && now - since >= 60 * minutes;
}

/* What rank 0 requests by itself. */
static unsigned by_itself(const struct hg_run *run, int64_t epoch)
{
    const struct hg_train_options *options = run->options;
    const struct hg_run_pace *pace = &run->pace;
    const double now = hg_clock_seconds();
    unsigned requests = 0;
    if (due(options->checkpoint_minutes, pace->kept_at, now) || pace->epoch_took > options->stop_within)
        requests |= HG_REQUEST_CHECKPOINT;
    if (options->checkpoint_every > 0 && epoch % options->checkpoint_every == 0)
        requests |= HG_REQUEST_CHECKPOINT;
    if (due(options->checkpoint_minutes, pace->best_at, now)) requests |= HG_REQUEST_BEST;
    if (due(options->max_minutes, pace->begun, now)) requests |= HG_REQUEST_STOP;
    return requests;
}

unsigned hg_run_requests(struct hg_run *run, int64_t epoch)
{
    run->pace.own = hg_requests();
    return run->pace.own | (run->comm->rank == 0 ? by_itself(run, epoch) : 0);
}

/* Writes checkpoint-EPOCH.h5, and removes those that are not kept any more. */
static hg_status keep(struct hg_run *run)
{
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_dir_sync(&run->dir));
    HG_TRY(hg_run_dir_checkpoint(&run->dir, run->epoch, path));
    HG_TRY(write_state(run, path));
    run->pace.kept = run->epoch;
    run->pace.kept_at = hg_clock_seconds();
    return hg_run_dir_prune(&run->dir, run->epoch, run->options->keep);
}

static hg_status leave(struct hg_run *run)
{
    HG_TRY(hg_run_dir_sync(&run->dir));
    return hg_fail(HG_FAILED, run->dir.path, "another training has taken it over");
}

hg_status hg_run_serve(struct hg_run *run)
{
    const unsigned all = run->pace.all;
    const bool stops = (all & HG_REQUEST_STOP) != 0, best = stops || (all & HG_REQUEST_BEST) != 0;
    if ((all & HG_REQUEST_LEAVE) != 0) return leave(run);
    if (all == 0) return HG_OK;
    hg_requests_attend(HG_WRITING, run->pace.kept);
    hg_alive_phase("writing a checkpoint after epoch", run->epoch);
    if (stops || (all & HG_REQUEST_CHECKPOINT) != 0) HG_TRY(keep(run));
    if (best && run->watch.best_epoch > run->pace.best) {
        HG_TRY(hg_run_dir_sync(&run->dir));
        HG_TRY(hg_run_write_best(run));
    }
    hg_requests_take(run->pace.own & HG_REQUEST_CHECKPOINT);
    run->pace.stopped = stops;
    return HG_OK;
}
