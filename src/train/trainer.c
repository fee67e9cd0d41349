#include "train/trainer.h"

#include "base/mem.h"
#include "base/printable.h"
#include "base/requests.h"
#include "io/graph_file.h"
#include "io/process.h"
#include "train/banner.h"
#include "train/run_checkpoint.h"
#include "train/summary.h"
#include "train/threads.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* All runs of a call of hg_train: options->runs runs on each split. */
struct series {
    const struct hg_comm *comm;
    const struct hg_train_options *options;
    const struct hg_train_callbacks *callbacks;
    struct hg_backend backend;
    int64_t count;         /* number of runs */
    int64_t done;          /* runs that are complete */
    struct hg_run_dir dir; /* the folder --out */
    char init_sha[65];     /* of `init` */
    hg_real *init;         /* parameters of --init, read before anything is written; NULL: no --init */
    double *test;          /* [count] test metric at the best epoch; NaN: not defined */
    const char *metric;
    char note[256]; /* note on the number of threads; "": none */
    double begun;   /* clock at the begin of hg_train */
    double before;  /* seconds of the process before hg_train */
    bool several;   /* more than one run: each has its own folder, and a summary over all is written */
};

static void say(const struct series *series, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const struct series *series, const char *format, ...)
{
    va_list args;
    const struct hg_train_callbacks *tell = series->callbacks;
    if (series->comm->rank != 0 || tell->say == NULL) return;
    va_start(args, format);
    tell->say(tell->context, format, args);
    va_end(args);
}

static hg_status say_start(const struct series *series, const struct hg_dataset *data,
                           const struct hg_model *model)
{
    HG_TRY(hg_banner_say(series->comm, series->callbacks, series->options->data.graph, data, &series->backend,
                         model->params.count));
    if (series->note[0] != '\0') say(series, "note: %s\n", series->note);
    return HG_OK;
}

/* Says for which masks the metric is not defined; called once per split, before its runs. */
static void say_undefined(const struct series *series, const struct hg_evaluator *evaluator)
{
    const struct hg_dataset *data = evaluator->data;
    for (int s = 0; s < HG_SPLITS; s++) {
        const char *then = s == HG_VAL ? data->entries[s] == 0 ? ": the best epoch is the last"
                                                               : ": epochs are compared by their loss"
                                       : "";
        if (data->entries[s] == 0 && data->mask[s] != NULL)
            say(series, "the %s mask has no node with a label%s\n", hg_split_name[s], then);
        else if (data->entries[s] > 0 && !hg_evaluator_defines(evaluator, (enum hg_split)s))
            say(series, "%s %s is not defined, its targets are all equal%s\n", hg_split_name[s],
                evaluator->kind->name, then);
    }
}

static void say_outcome(const struct series *series, struct hg_run *run, const char *dir)
{
    const char *metric = run->evaluator->kind->name;
    const double test = hg_summary_test_at_best(run);
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    const struct hg_split_metrics *val = &run->watch.best[HG_VAL];
    if (series->several) say(series, "run %lld/%lld: ", (long long)run->number, (long long)run->of);
    if (val->entries > 0 && isnan(val->metric))
        say(series, "best epoch %lld: val loss %.4f", (long long)run->watch.best_epoch, val->loss);
    else if (val->entries > 0)
        say(series, "best epoch %lld: val %s %.4f", (long long)run->watch.best_epoch, metric, val->metric);
    else
        say(series, "epoch %lld", (long long)run->epoch);
    if (!isnan(test)) say(series, ", test %s %.4f", metric, test);
    say(series, "; %.4g s/epoch, %.4g with evaluation and waiting, %.1f s; %s\n",
        hg_epoch_times_median(run->times), hg_summary_wall_seconds(run), run->seconds_total,
        hg_printed(dir, shown, sizeof shown));
}

/* Opens the folder of the next run: --out itself, or with several runs a folder in it. */
static hg_status open_dir(const struct series *series, struct hg_run_dir *dir)
{
    if (series->several) return hg_run_dir_open_run(&series->dir, series->done, dir);
    *dir = series->dir;
    dir->owned = false; /* series->dir releases the folder */
    dir->beat = NULL;
    dir->made = 0;
    json_incref(dir->record.files);
    json_incref(dir->record.replaces);
    return HG_OK;
}

/* A run of the series that an earlier process has completed: takes its result, after a check of its options. */
static hg_status take_complete(struct series *series, struct hg_run *run)
{
    double test = NAN;
    hg_status status = HG_OK;
    if (series->comm->rank == 0) {
        status = hg_run_check_complete(run);
        if (status == HG_OK) status = hg_summary_read_test(run->dir.path, &test);
    }
    HG_TRY(hg_agree(series->comm, status));
    hg_comm_bcast(series->comm, &test, sizeof test, 0);
    series->test[series->done++] = test;
    say(series, "run %lld/%lld: is complete\n", (long long)run->number, (long long)run->of);
    return HG_OK;
}

static hg_status one_run(struct series *series, struct hg_run run)
{
    hg_status status = open_dir(series, &run.dir);
    const bool done = status == HG_OK && run.dir.done;
    series->metric = run.evaluator->kind->name;
    if (done)
        status = take_complete(series, &run);
    else if (status == HG_OK)
        status = hg_run_train(&run);
    if (status == HG_OK && !done) {
        say_outcome(series, &run, run.dir.path);
        series->test[series->done++] = hg_summary_test_at_best(&run);
    }
    hg_run_end(&run);
    return status;
}

/* With --split all, checks the training masks of all splits before the first run. */
static hg_status check_splits(const struct series *series, const struct hg_dataset *data)
{
    int64_t split = -1;
    if (series->options->data.split < 0 && series->options->data.split_train < 0)
        HG_TRY(hg_dataset_unlabelled_split(series->comm, data, &split));
    if (split < 0) return HG_OK;
    return hg_fail(HG_FAILED, series->options->data.graph,
                   "has no labelled training nodes in split %lld (/node/split/train)", (long long)split);
}

static hg_status check_dataset(const struct hg_data_options *options, const struct hg_dataset *data)
{
    if (!data->info.has_labels)
        return hg_fail(HG_FAILED, options->graph, "has no labels or targets (/node/y)");
    if (data->entries[HG_TRAIN] > 0) return HG_OK;
    if (options->split_train > 0)
        return hg_fail(HG_FAILED, "--split-random", "%g of the labelled nodes of %s leaves none for training",
                       options->split_train, options->graph);
    const char *why = data->mask[HG_TRAIN] == NULL ? "has no training nodes (/node/split/train)"
                                                   : "has no training nodes with a label (/node/split/train)";
    return hg_fail(HG_FAILED, options->graph, "%s: --split-random 0.6,0.2 draws some of the labelled ones",
                   why);
}

/* Reads the initial parameters once, before the first run, because --init may be a file in the folder that is
 * overwritten. The models of all splits have parameters of the same shapes. */
static hg_status read_init(struct series *series, struct hg_model *model)
{
    const int64_t count = model->params.count;
    if (series->options->init == NULL || series->init != NULL) return HG_OK;
    HG_TRY(hg_agree(series->comm, HG_NEW_UNSET(series->init, count)));
    HG_TRY(hg_trained_read_params(series->options->init, model));
    HG_TRY(hg_agree(series->comm, hg_trained_sha256(model, series->init_sha)));
    memcpy(series->init, model->params.value, (size_t)count * sizeof *series->init);
    return HG_OK;
}

static hg_status runs_on_model(struct series *series, const struct hg_train_options *options,
                               const struct hg_dataset *data, struct hg_model *model)
{
    struct hg_evaluator evaluator;
    struct hg_identity identity;
    struct hg_train_options run_options = *options;
    hg_status status = hg_evaluator_create(data, &model->work, options->metric, &evaluator);
    if (status == HG_OK)
        status = hg_identity_find(series->comm, &options->data, data, &series->backend, &identity);
    if (status == HG_OK) status = read_init(series, model);
    if (status == HG_OK && series->init != NULL)
        memcpy(identity.init, series->init_sha, sizeof identity.init);
    if (status == HG_OK && series->done == 0) status = say_start(series, data, model);
    if (status == HG_OK) say_undefined(series, &evaluator);
    struct hg_setup_clock setup = data->setup;
    if (series->done == 0) hg_setup_precede(&setup, HG_SETUP_START, series->begun - series->before);
    for (int64_t r = 0; status == HG_OK && r < options->runs; r++) {
        run_options.seed = options->seed + r;
        if (r > 0) { /* what only the first run does */
            setup = (struct hg_setup_clock){0};
            hg_setup_begin(&setup);
        }
        status = one_run(series, (struct hg_run){.comm = series->comm,
                                                 .number = series->done + 1,
                                                 .of = series->count,
                                                 .options = &run_options,
                                                 .callbacks = series->callbacks,
                                                 .data = data,
                                                 .identity = &identity,
                                                 .model = model,
                                                 .evaluator = &evaluator,
                                                 .series = &series->dir,
                                                 .runs = series->several ? series->count : 0,
                                                 .init = series->init,
                                                 .setup = setup,
                                                 .pace = {.begun = series->begun}});
    }
    hg_evaluator_destroy(&evaluator);
    return status;
}

static hg_status runs_on_split(struct series *series, const struct hg_train_options *options)
{
    struct hg_dataset data;
    struct hg_model *model = NULL;
    struct hg_notes notes = {0};
    hg_requests_attend(HG_UNATTENDED, 0);
    HG_TRY(hg_dataset_open(series->comm, &options->data, false, &data));
    hg_status status = check_dataset(&options->data, &data);
    if (status == HG_OK) status = check_splits(series, &data);
    if (status == HG_OK)
        status = hg_statistics_measure(&data.shard, &data.rows, data.mask[HG_TRAIN], &data.statistics);
    if (status == HG_OK)
        status = hg_statistics_apply(series->comm, &options->data, &data.statistics, &data.rows, &notes);
    if (status == HG_OK) say(series, "%s", notes.text);
    if (status == HG_OK)
        status = hg_dataset_model_create(&options->model, &data, &series->backend, true, &model);
    if (status == HG_OK) {
        hg_dataset_spread(&data, model->work.team);
        status = runs_on_model(series, options, &data, model);
    }
    hg_model_destroy(model);
    hg_dataset_destroy(&data);
    return status;
}

static json_t *series_summary(const struct series *series, double mean, double deviation)
{
    json_t *summary = json_object(), *test = json_array();
    for (int64_t r = 0; r < series->count; r++)
        json_array_append_new(test, hg_summary_number(series->test[r]));
    json_object_set_new(summary, "run", json_string(series->dir.run));
    json_object_set_new(summary, "runs", json_integer(series->count));
    json_object_set_new(summary, "metric", json_string(series->metric));
    json_object_set_new(summary, "test_at_best", test);
    json_object_set_new(summary, "mean", hg_summary_number(mean));
    json_object_set_new(summary, "std", hg_summary_number(deviation));
    return summary;
}

static int64_t defined_runs(const struct series *series)
{
    int64_t runs = 0;
    for (int64_t r = 0; r < series->count; r++) runs += !isnan(series->test[r]);
    return runs;
}

/* Adds the options that reproduce the series; --config can read them. */
static hg_status add_options(const struct series *series, json_t *summary)
{
    HG_TRY(hg_summary_options(summary, series->options, series->callbacks));
    json_object_set_new(json_object_get(summary, "options"), "runs", json_integer(series->options->runs));
    return HG_OK;
}

static hg_status finish_series(struct series *series)
{
    double mean, deviation;
    hg_status status = HG_OK;
    hg_summary_mean(series->test, series->count, &mean, &deviation);
    if (isnan(mean))
        say(series, "%lld runs: test %s is not defined%s\n", (long long)series->count, series->metric,
            defined_runs(series) > 0 ? " in all of them" : "");
    else
        say(series, "%lld runs: test %s %.4f +- %.4f\n", (long long)series->count, series->metric, mean,
            deviation);
    HG_TRY(hg_run_dir_sync(&series->dir));
    json_t *summary = series->comm->rank == 0 ? series_summary(series, mean, deviation) : NULL;
    if (series->comm->rank == 0) status = add_options(series, summary);
    status = hg_agree(series->comm, status);
    if (status != HG_OK) json_decref(summary);
    HG_TRY(status);
    HG_TRY(hg_run_dir_json(&series->dir, "summary.json", summary));
    return hg_run_dir_complete(&series->dir);
}

static hg_status count_splits(const struct hg_comm *comm, const char *graph, int64_t *splits)
{
    struct hg_graph_info info;
    struct hg_cells cells;
    HG_TRY(hg_graph_file_open(comm, graph, &info, &cells));
    *splits = hg_max_i64(1, info.num_splits);
    hg_graph_info_destroy(&info);
    hg_cells_destroy(&cells);
    return HG_OK;
}

static hg_status train_series(struct series *series, int64_t splits)
{
    for (int64_t k = 0; k < splits; k++) {
        struct hg_train_options options = *series->options;
        options.data = hg_train_options_data(series->options);
        if (options.data.split < 0) options.data.split = k;
        HG_TRY(runs_on_split(series, &options));
    }
    return HG_OK;
}

/* Before anything is read. */
static hg_status check_fits(const struct series *series)
{
    const struct hg_train_callbacks *callbacks = series->callbacks;
    return callbacks->fits != NULL ? callbacks->fits(series->comm, series->options) : HG_OK;
}

static hg_status train_into(struct series *series)
{
    int64_t splits = 1;
    HG_TRY(check_fits(series));
    if (series->options->data.split < 0 && series->options->data.split_train < 0)
        HG_TRY(count_splits(series->comm, series->options->data.graph, &splits));
    series->count = splits * series->options->runs;
    series->several = series->count > 1;
    HG_TRY(hg_run_dir_check_runs(&series->dir, series->several ? series->count : 0));
    HG_TRY(hg_agree(series->comm, HG_NEW(series->test, series->count)));
    HG_TRY(train_series(series, splits));
    return series->several ? finish_series(series) : HG_OK;
}

static enum hg_run_entry entry_of(const struct hg_train_options *options)
{
    if (options->resume) return HG_RUN_RESUME;
    return options->overwrite ? HG_RUN_OVERWRITE : HG_RUN_NEW;
}

static void say_done(const struct series *series)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    say(series, "%s is complete: there is nothing to resume\n",
        hg_printed(series->dir.path, shown, sizeof shown));
}

hg_status hg_train(const struct hg_comm *comm, const struct hg_train_options *options,
                   const struct hg_train_callbacks *callbacks)
{
    struct series series = {.comm = comm,
                            .options = options,
                            .callbacks = callbacks,
                            .begun = hg_clock_seconds(),
                            .before = hg_process_age()};
    int threads = 1;
    HG_TRY(hg_threads_choose(comm, options->threads, &threads));
    HG_TRY(hg_threads_note(comm, threads, series.note, sizeof series.note));
    HG_TRY(hg_backend_open(comm, threads, &series.backend));
    HG_TRY(hg_run_dir_open(comm, options->out, entry_of(options), &series.dir));
    if (series.dir.done) say_done(&series);
    const hg_status status = series.dir.done ? HG_OK : train_into(&series);
    hg_run_dir_close(&series.dir);
    HG_FREE(series.test);
    HG_FREE(series.init);
    return status;
}
