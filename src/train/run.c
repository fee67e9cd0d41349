#include "train/run.h"

#include "base/mem.h"
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
        callbacks->run_begin(
            callbacks->context,
            &(struct hg_run_heading){run->number, run->of, run->options->epochs, run->evaluator->kind->name});
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

static hg_status begin(struct hg_run *run)
{
    const struct hg_train_options *options = run->options;
    const int64_t count = run->model->params.count;
    hg_status status = hg_optim_create(&run->optim, &options->optim, run->model->work.kernels, count);
    if (status == HG_OK) status = HG_NEW_UNSET(run->best, count);
    if (status == HG_OK) status = HG_NEW_UNSET(run->last_finite, count);
    if (status == HG_OK) status = HG_NEW_UNSET(run->epoch_seconds, options->epochs);
    HG_TRY(hg_agree(run->comm, status));
    if (run->init != NULL)
        memcpy(run->model->params.value, run->init, (size_t)count * sizeof *run->init);
    else
        hg_params_initialise(&run->model->params, (uint64_t)options->seed);
    hg_watch_begin(&run->watch, options->monitor, run->evaluator->kind->larger_better, options->patience);
    report_begin(run);
    copy_params(run, run->best);
    copy_params(run, run->last_finite);
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
     * another. */
    run->loss = hg_evaluator_loss_end(run->evaluator);
    if (!isfinite(run->loss)) return false;
    copy_params(run, run->last_finite);
    if (hg_model_nonfinite(model) > 0) return false;
    hg_optim_step(&run->optim, model->params.grad, model->params.value);
    hg_workspace_add_time(&model->work, HG_PHASE_OTHER);
    return true;
}

static int64_t bytes_sent(const struct hg_workspace *work)
{
    return hg_exchange_bytes(work->forward) + hg_exchange_bytes(work->backward);
}

/* Does a training epoch, and adds its times and sent bytes to the run. */
static bool train_epoch(struct hg_run *run, int64_t epoch)
{
    struct hg_workspace *work = &run->model->work;
    const int64_t sent = bytes_sent(work);
    memset(work->clock.seconds, 0, sizeof work->clock.seconds);
    const double start = hg_clock_seconds();
    const bool good = step(run, epoch);
    run->epoch_seconds[epoch - 1] = hg_clock_seconds() - start;
    run->bytes_sent += bytes_sent(work) - sent;
    for (int s = 0; s < HG_CLOCK_STAGES; s++)
        for (int p = 0; p < HG_PHASES; p++) run->seconds[s][p] += work->clock.seconds[s][p];
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
    hg_evaluator_metrics(run->evaluator, hg_model_forward(run->model, &pass), metrics);
    if (hg_watch_take(&run->watch, epoch, metrics)) copy_params(run, run->best);
}

static void record(struct hg_run *run, int64_t epoch, const struct hg_split_metrics *metrics)
{
    const double seconds = run->epoch_seconds[epoch - 1];
    const double val = metrics != NULL ? metrics[HG_VAL].metric : NAN;
    if (run->comm->rank == 0) hg_run_dir_line(&run->dir, hg_summary_epoch(run, epoch, metrics));
    report_epoch(run, &(struct hg_run_point){epoch, run->loss, val, seconds});
}

static hg_status epochs(struct hg_run *run)
{
    for (int64_t epoch = 1; epoch <= run->options->epochs; epoch++) {
        struct hg_split_metrics metrics[HG_SPLITS];
        if (!train_epoch(run, epoch)) {
            run->diverged = true;
            return HG_OK;
        }
        const bool now = evaluated(run, epoch);
        if (now) evaluate(run, epoch, metrics);
        record(run, epoch, now ? metrics : NULL);
        if (now) HG_TRY(hg_run_dir_check(&run->dir));
        if (now && hg_watch_stop(&run->watch)) break;
    }
    return HG_OK;
}

static hg_status write_params(struct hg_run *run, enum hg_run_file file, const hg_real *values, int64_t epoch)
{
    char path[HG_PATH_BYTES], *options = NULL;
    const double best_val = run->watch.best_epoch > 0 ? hg_summary_best_val(run) : NAN;
    HG_TRY(hg_run_dir_file(&run->dir, hg_run_file_name[file], path));
    hg_status status = hg_agree(run->comm, run->callbacks->write_options(run->options, &options));
    const struct hg_trained_progress progress = {epoch, run->watch.best_epoch, best_val, run->dir.run,
                                                 options};
    if (status == HG_OK)
        status = hg_trained_write(path, run->model, values, &run->data->statistics, &progress);
    hg_mem_free(options);
    return status;
}

static hg_status write_checkpoints(struct hg_run *run)
{
    const hg_real *last = run->diverged ? run->last_finite : run->model->params.value;
    HG_TRY(run->watch.best_epoch > 0 || !run->diverged
               ? write_params(run, HG_RUN_BEST, run->best, run->watch.best_epoch)
               : hg_run_dir_remove(&run->dir, HG_RUN_BEST));
    return write_params(run, HG_RUN_LAST, last, run->epoch);
}

static hg_status finish(struct hg_run *run)
{
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
    const double start = hg_clock_seconds();
    HG_TRY(begin(run));
    HG_TRY(hg_run_dir_clear(run->series != NULL ? run->series : &run->dir, run->runs));
    HG_TRY(hg_run_dir_start(&run->dir));
    const double first = hg_clock_seconds();
    const hg_status status = epochs(run);
    report_end(run);
    run->seconds_total = hg_clock_seconds() - start;
    run->seconds_epochs = hg_clock_seconds() - first;
    HG_TRY(status);
    return finish(run);
}

void hg_run_end(struct hg_run *run)
{
    hg_run_dir_close(&run->dir);
    hg_optim_destroy(&run->optim);
    HG_FREE(run->best);
    HG_FREE(run->last_finite);
    HG_FREE(run->epoch_seconds);
}
