/** One training run: its state and its outcome.
 */
#ifndef HG_TRAIN_RUN_H
#define HG_TRAIN_RUN_H

#include "nn/optim.h"
#include "train/callbacks.h"
#include "train/metrics.h"
#include "train/monitor.h"
#include "train/run_dir.h"
#include "train/trained.h"

struct hg_run {
    const struct hg_comm *comm;
    const struct hg_train_options *options; /**< with this run's seed and split */
    const struct hg_train_callbacks *callbacks;
    const struct hg_dataset *data;
    int64_t number, of; /**< number of the run, from 1, and of how many */
    struct hg_model *model;
    struct hg_evaluator *evaluator;
    struct hg_optim optim;
    struct hg_run_dir dir;
    struct hg_run_dir *series; /**< the folder --out, which the first run of a series clears; NULL: dir */
    int64_t runs;              /**< number of runs of the series; 0: a single run */
    const hg_real *init;       /**< [params.count] initial parameters; NULL: random ones */
    struct hg_watch watch;
    hg_real *best;         /**< [params.count] parameters of the best epoch */
    hg_real *last_finite;  /**< [params.count] the last parameters that gave a finite loss */
    double *epoch_seconds; /**< [epochs] seconds of each training epoch, without evaluation */
    double seconds[HG_CLOCK_STAGES]
                  [HG_PHASES]; /**< of all training epochs, by stage and phase, on this rank */
    int64_t bytes_sent;        /**< in halo exchanges of training epochs, on this rank */
    int64_t epoch;             /**< number of epochs done */
    double loss;               /**< of the last training epoch */
    double seconds_total;      /**< of the run, set-up included */
    double seconds_epochs;     /**< of all epochs, with evaluation, waiting and writing */
    char sha256[65];           /**< of the final parameters */
    bool diverged;
};

/** Trains one run. The caller sets comm, options, callbacks, data, model, evaluator, number, of, an open dir, series,
 *  runs and init; the parameters are initialised here. Nothing in the folder is touched before every part of the
 *  set-up that may fail is done. On HG_OK and on HG_DIVERGED `run` has the outcome. Call hg_run_end in any case.
 *  Collective. */
hg_status hg_run_train(struct hg_run *run);
void hg_run_end(struct hg_run *run);

#endif
