#include "train/run.h"

#include "base/alive.h"
#include "base/mem.h"
#include "train/run_checkpoint.h"
#include "train/summary.h"
#include <math.h>
#include <string.h>

static void copy_params(const struct hg_run *run, hg_real *to)
{
    memcpy(to, run->model->params.value, (size_t)run->model->params.count * sizeof *to);
}

static void report_begin(const struct hg_run *run)
{
    const struct hg_train_callbacks *callbacks = run->callbacks;
    if (run->comm->rank == 0 && callbacks->run_begin != NULL)
        callbacks->run_begin(callbacks->context,
                             &(struct hg_run_heading){run->number, run->of, run->options->epochs,
                                                      run->resumed, run->evaluator->kind->name});
}

static void report_epoch(const struct hg_run *run, const struct hg_run_point *point)
{
    const struct hg_train_callbacks *callbacks = run->callbacks;
    if (run->comm->rank == 0 && callbacks->run_epoch != NULL) callbacks->run_epoch(callbacks->context, point);
}

static void report_end(const struct hg_run *run)
{
    const struct hg_train_callbacks *callbacks = run->callbacks;
    if (run->comm->rank == 0 && callbacks->run_end != NULL) callbacks->run_end(callbacks->context);
}

hg_status hg_run_allocate(struct hg_run *run)
{
    const struct hg_train_options *options = run->options;
    const int64_t count = run->model->params.count;
    HG_TRY(hg_optim_create(&run->optim, &options->optim, run->model->work.kernels, count));
    HG_TRY(HG_NEW_UNSET(run->best, count));
    HG_TRY(HG_NEW_UNSET(run->last_finite, count));
    HG_TRY(HG_NEW(run->exposed, 1));
    return HG_NEW(run->times, 1);
}

void hg_run_initialise(struct hg_run *run)
{
    const struct hg_train_options *options = run->options;
    const size_t bytes = (size_t)run->model->params.count * sizeof *run->init;
    if (run->init != NULL)
        memcpy(run->model->params.value, run->init, bytes);
    else
        hg_params_initialise(&run->model->params, (uint64_t)options->seed);
    for (int k = 0; k < HG_MOMENTS; k++)
        if (run->optim.moment[k] != NULL) memset(run->optim.moment[k], 0, bytes);
    hg_watch_begin(&run->watch, options->monitor, run->evaluator->kind->larger_better, options->patience);
    copy_params(run, run->best);
    copy_params(run, run->last_finite);
}

static hg_status begin(struct hg_run *run)
{
    hg_requests_attend(HG_UNATTENDED, 0);
    run->started = run->pace.kept_at = run->pace.best_at = hg_clock_seconds();
    HG_TRY(hg_agree(run->comm, hg_run_allocate(run)));
    hg_setup_add(&run->setup, HG_SETUP_MODEL);
    hg_run_initialise(run);
    if (run->dir.entry == HG_RUN_RESUME) HG_TRY(hg_run_resume(run));
    report_begin(run);
    return HG_OK;
}

/* Says so when metrics.jsonl lacks lines of epochs that earlier processes have done. */
static void warn_of_holes(const struct hg_run *run)
{
    char line[HG_PATH_BYTES + 128];
    const int64_t lost = run->resumed - run->times->count;
    if (run->comm->rank != 0 || lost <= 0 || run->callbacks->warn == NULL) return;
    snprintf(line, sizeof line, "%s: metrics.jsonl has lost the lines of %lld of the first %lld epochs",
             run->dir.path, (long long)lost, (long long)run->resumed);
    run->callbacks->warn(run->callbacks->context, line);
}

/* Takes the folder over from an earlier run, now that nothing can fail any more; unless another training has taken it
 * meanwhile. */
static hg_status open_folder(struct hg_run *run)
{
    const char *instructions = run->identity->instructions;
    if (run->runs > 0) HG_TRY(hg_run_dir_sync(run->series));
    HG_TRY(hg_run_dir_sync(&run->dir));
    HG_TRY(hg_run_dir_clear(run->series != NULL ? run->series : &run->dir, run->runs));
    if (run->runs > 0) HG_TRY(hg_run_dir_record(run->series, instructions));
    HG_TRY(hg_run_dir_record(&run->dir, instructions));
    if (run->dir.entry == HG_RUN_RESUME) HG_TRY(hg_run_dir_set_aside(&run->dir, run->resumed));
    HG_TRY(hg_run_dir_prune(&run->dir, run->resumed, run->options->keep));
    HG_TRY(hg_run_dir_start(&run->dir, run->resumed, run->times));
    warn_of_holes(run);
    return HG_OK;
}

/* One training epoch: forward pass, loss, backward pass, optimizer step. False when the loss or a gradient is not
 * finite; then the parameters are unchanged, and `last_finite` has the last ones that gave a finite loss. */
static bool step(struct hg_run *run, int64_t epoch)
{
    const struct hg_pass pass = {true, (uint64_t)run->options->seed, epoch};
    struct hg_model *model = run->model;
    const hg_real *out = hg_model_forward(model, &pass);
    hg_clock_start(&model->work.clock, HG_CLOCK_STAGES - 1);
    hg_evaluator_loss_begin(run->evaluator, out, hg_model_output_grad(model));
    hg_workspace_add_time(&model->work, HG_PHASE_OTHER);
    hg_model_backward(model);
    hg_clock_start(&model->work.clock, HG_CLOCK_STAGES - 1);
    /* The loss is summed over ranks only now: the backward pass has synchronised the ranks, so none waits for
     * another. Requests travel with it. */
    run->pace.all = hg_run_requests(run, epoch);
    run->loss = hg_evaluator_loss_end(run->evaluator, &run->pace.all);
    if (!isfinite(run->loss)) return false;
    copy_params(run, run->last_finite);
    if (hg_model_nonfinite(model) > 0) return false;
    hg_optim_step(&run->optim, model->params.grad, model->params.value);
    hg_workspace_add_time(&model->work, HG_PHASE_OTHER);
    return true;
}

/* Adds the times of an epoch by stage and phase. */
static void add_phases(struct hg_run *run)
{
    double exposed = 0;
    for (int s = 0; s < HG_CLOCK_STAGES; s++) {
        const double *seconds = run->model->work.clock.seconds[s];
        for (int p = 0; p < HG_PHASES; p++) run->seconds[s][p] += seconds[p];
        exposed += seconds[HG_PHASE_EXCHANGE] + seconds[HG_PHASE_WAIT];
    }
    hg_epoch_times_add(run->exposed, exposed);
}

/* Does a training epoch, and adds its times and sent bytes to the run. */
static bool train_epoch(struct hg_run *run, int64_t epoch)
{
    struct hg_workspace *work = &run->model->work;
    const int64_t sent = hg_model_bytes_sent(run->model);
    memset(work->clock.seconds, 0, sizeof work->clock.seconds);
    const double start = hg_clock_seconds();
    const bool good = step(run, epoch);
    hg_epoch_times_add(run->times, hg_clock_seconds() - start);
    run->bytes_sent += hg_model_bytes_sent(run->model) - sent;
    add_phases(run);
    if (good) run->epoch = epoch;
    return good;
}

static bool evaluated(const struct hg_run *run, int64_t epoch)
{
    return epoch % run->options->eval_every == 0 || epoch == run->options->epochs;
}

static void evaluate(struct hg_run *run, int64_t epoch, struct hg_split_metrics metrics[HG_SPLITS])
{
    const struct hg_pass pass = {.epoch = epoch};
    const int64_t sent = hg_model_bytes_sent(run->model);
    hg_evaluator_metrics(run->evaluator, hg_model_forward(run->model, &pass), metrics);
    run->bytes_evaluating += hg_model_bytes_sent(run->model) - sent;
    run->evaluations++;
    run->evaluated = epoch;
    if (hg_watch_take(&run->watch, epoch, metrics)) copy_params(run, run->best);
}

static void record(struct hg_run *run, int64_t epoch, const struct hg_split_metrics *metrics)
{
    const double seconds = hg_epoch_times_last(run->times);
    const double val = metrics != NULL ? metrics[HG_VAL].metric : NAN;
    if (run->comm->rank == 0) hg_run_dir_line(&run->dir, hg_summary_epoch(run, epoch, metrics));
    report_epoch(run, &(struct hg_run_point){epoch, run->loss, val, seconds});
}

/* Says whether a request to stop is served soon, and measures how long an epoch takes as a whole. */
static void mark_epoch(struct hg_run *run)
{
    struct hg_run_pace *pace = &run->pace;
    const double now = hg_clock_seconds();
    if (pace->epoch_start > 0) pace->epoch_took = now - pace->epoch_start;
    pace->epoch_start = now;
    hg_requests_attend(pace->epoch_took > run->options->stop_within ? HG_UNATTENDED : HG_ATTENDED,
                       pace->kept);
}

/* Whether the run goes on. */
static bool goes_on(const struct hg_run *run)
{
    return run->epoch < run->options->epochs && !run->diverged && !hg_watch_stop(&run->watch);
}

static hg_status one_epoch(struct hg_run *run, int64_t epoch)
{
    struct hg_split_metrics metrics[HG_SPLITS];
    mark_epoch(run);
    hg_alive_phase("epoch", epoch);
    run->diverged = !train_epoch(run, epoch);
    if (run->diverged) return HG_OK;
    const bool now = evaluated(run, epoch);
    if (now) evaluate(run, epoch, metrics);
    record(run, epoch, now ? metrics : NULL);
    if (now) HG_TRY(hg_run_dir_check(&run->dir));
    return goes_on(run) ? hg_run_serve(run) : HG_OK;
}

static hg_status epochs(struct hg_run *run)
{
    while (goes_on(run) && !run->pace.stopped) HG_TRY(one_epoch(run, run->epoch + 1));
    hg_requests_attend(HG_WRITING, run->pace.kept);
    return HG_OK;
}

static hg_status write_checkpoints(struct hg_run *run)
{
    HG_TRY(run->watch.best_epoch > 0 || !run->diverged ? hg_run_write_best(run)
                                                       : hg_run_dir_remove(&run->dir, HG_RUN_BEST));
    return hg_run_write_last(run);
}

static hg_status stop(const struct hg_run *run)
{
    const char *why = hg_requests_why(), *otherwise = "a signal to another rank";
    if (run->options->max_minutes > 0 && why[0] == '\0')
        otherwise = "--max-minutes, or a signal to another rank";
    return hg_fail(
        HG_STOPPED, run->dir.path,
        "stopped after epoch %lld (%s): checkpoint-%lld.h5 is written, the same command with --resume "
        "goes on",
        (long long)run->epoch, why[0] != '\0' ? why : otherwise, (long long)run->epoch);
}

static hg_status finish(struct hg_run *run)
{
    hg_alive_phase("writing results", -1);
    if (run->pace.stopped) return stop(run);
    HG_TRY(hg_run_dir_sync(&run->dir));
    HG_TRY(write_checkpoints(run));
    if (run->diverged)
        return hg_fail(HG_DIVERGED, run->dir.path,
                       "epoch %lld: loss or gradient is not finite; last.h5 keeps the parameters before it "
                       "(smaller --lr?)",
                       (long long)run->epoch + 1);
    HG_TRY(hg_agree(run->comm, hg_trained_sha256(run->model, run->sha256)));
    HG_TRY(hg_summary_write(run));
    return hg_run_dir_complete(&run->dir);
}

hg_status hg_run_train(struct hg_run *run)
{
    HG_TRY(begin(run));
    HG_TRY(open_folder(run));
    hg_setup_add(&run->setup, HG_SETUP_RESUME);
    const double first = hg_clock_seconds();
    const hg_status status = epochs(run);
    report_end(run);
    run->seconds_epochs = hg_clock_seconds() - first;
    run->seconds_total = run->seconds_before + hg_clock_seconds() - run->started;
    HG_TRY(status);
    return finish(run);
}

void hg_run_end(struct hg_run *run)
{
    hg_run_dir_close(&run->dir);
    hg_optim_destroy(&run->optim);
    HG_FREE(run->best);
    HG_FREE(run->last_finite);
    HG_FREE(run->times);
    HG_FREE(run->exposed);
}
