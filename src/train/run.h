/** One training run: its state and its outcome.
 */
#ifndef HG_TRAIN_RUN_H
#define HG_TRAIN_RUN_H

#include "nn/optim.h"
#include "train/callbacks.h"
#include "train/identity.h"
#include "train/metrics.h"
#include "train/monitor.h"
#include "train/run_dir.h"
#include "train/trained.h"

/** When checkpoints are written, and when the run stops early on request (train/run_checkpoint.h). */
struct hg_run_pace {
    double begun;       /**< clock when training began (hg_train), for max_minutes */
    double kept_at;     /**< clock at the last checkpoint, or the begin of the run */
    double best_at;     /**< the same for best.h5 */
    int64_t kept;       /**< epoch of the last checkpoint; 0: none */
    int64_t best;       /**< best epoch in best.h5; 0: none */
    double epoch_start; /**< clock at the begin of this epoch */
    double epoch_took;  /**< seconds of the last epoch, with evaluation and writing; 0: none yet */
    unsigned own, all;  /**< requests that this rank, that any rank has made for this epoch */
    bool stopped;       /**< the run ends here on request */
};

struct hg_run {
    const struct hg_comm *comm;
    const struct hg_train_options *options; /**< with this run's seed and split */
    const struct hg_train_callbacks *callbacks;
    const struct hg_dataset *data;
    const struct hg_identity *identity; /**< of data; checkpoints keep it */
    int64_t number, of;                 /**< number of the run, from 1, and of how many */
    struct hg_model *model;
    struct hg_evaluator *evaluator;
    struct hg_optim optim;
    struct hg_run_dir dir;
    struct hg_run_dir *series; /**< the folder --out, which the first run of a series clears; NULL: dir */
    int64_t runs;              /**< number of runs of the series; 0: a single run */
    const hg_real *init;       /**< [params.count] initial parameters; NULL: random ones */
    struct hg_watch watch;
    hg_real *best;                /**< [params.count] parameters of the best epoch */
    hg_real *last_finite;         /**< [params.count] the last parameters that gave a finite loss */
    struct hg_epoch_times *times; /**< those of earlier processes included (rank 0) */
    double seconds[HG_CLOCK_STAGES]
                  [HG_PHASES]; /**< of all training epochs, by stage and phase, on this rank */
    struct hg_epoch_times
        *exposed;       /**< of this process's epochs: seconds that this rank waited for rows and sums */
    int64_t bytes_sent; /**< in training epochs, on this rank: rows and sums */
    int64_t bytes_evaluating; /**< the same in evaluations */
    int64_t evaluations;
    int64_t epoch;               /**< number of epochs done */
    int64_t resumed;             /**< of them, those that earlier processes have done */
    int64_t evaluated;           /**< the last epoch that was evaluated; 0: none */
    double loss;                 /**< of the last training epoch */
    double seconds_total;        /**< of the run, set-up included, also of earlier processes */
    double seconds_epochs;       /**< of this process's epochs, with evaluation, waiting and writing */
    struct hg_setup_clock setup; /**< the caller's steps, to which the run adds */
    double started;              /**< clock at the begin of the run in this process */
    double seconds_before;       /**< seconds_total of earlier processes */
    struct hg_run_pace pace;
    char sha256[65]; /**< of the final parameters */
    bool diverged;
};

/** Trains one run. The caller sets comm, options, callbacks, data, identity, model, evaluator, number, of, an open
 *  dir, series, runs, init, setup and pace.begun. The parameters are initialised here, or read from a checkpoint when
 *  the run is resumed (dir.entry). Nothing in the folder is touched before every part of the set-up that may fail is
 *  done. On HG_OK and on HG_DIVERGED `run` has the outcome. HG_STOPPED: it stopped on request, with a checkpoint. Call
 *  hg_run_end in any case. Collective. */
hg_status hg_run_train(struct hg_run *run);
void hg_run_end(struct hg_run *run);

/** Allocates what a run needs besides its model and its evaluator: optimizer and copies of the parameters. Part of
 *  hg_run_train, apart so that it can be counted. hg_run_end frees it. Local: the caller agrees. */
hg_status hg_run_allocate(struct hg_run *run);

/** Sets parameters and state to those before the first epoch. Local. */
void hg_run_initialise(struct hg_run *run);

#endif
