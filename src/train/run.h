/** One training run: the state that its epochs share, and its outcome.
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
    int64_t number, of; /**< which run of how many, from 1 */
    struct hg_model *model;
    struct hg_evaluator *evaluator;
    struct hg_optim optim;
    struct hg_run_dir dir;
    struct hg_run_dir *series; /**< --out, which the first run clears; NULL: dir */
    int64_t runs;              /**< runs of the series; 0: a single run */
    const hg_real *init;       /**< [params.count] initial parameters; NULL: random ones */
    struct hg_watch watch;
    hg_real *best;         /**< [params.count] parameters of the best epoch */
    hg_real *sound;        /**< [params.count] the last parameters that gave a finite loss and gradient */
    double *epoch_seconds; /**< [epochs] of each training epoch, evaluation apart */
    double seconds[HG_CLOCK_STAGES][HG_PHASES]; /**< of training epochs by stage and phase, this rank */
    int64_t bytes_sent;                         /**< halo rows sent in training epochs, this rank */
    int64_t epoch;                              /**< epochs done */
    double loss;                                /**< of the last training epoch */
    double seconds_total;
    double seconds_epochs; /**< of all epochs, evaluation, waiting and writing included */
    char sha256[65];       /**< of the final parameters */
    bool diverged;
};

/** Trains one run; comm, options, callbacks, data, model, evaluator, number, of, an open dir and what series, runs and
 *  init say are given (parameters are set anew). Nothing in the folder is touched before all that may fail of the
 *  set-up is done. On HG_OK and on HG_DIVERGED `run` holds the outcome; release with hg_run_end in every case.
 *  Collective. */
hg_status hg_run_train(struct hg_run *run);
void hg_run_end(struct hg_run *run);

#endif
