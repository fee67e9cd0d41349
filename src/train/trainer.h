/** Training: epochs, evaluation, early stopping, what a run leaves behind.
 */
#ifndef HG_TRAIN_TRAINER_H
#define HG_TRAIN_TRAINER_H

#include "dist/comm.h"
#include "train/config.h"

/** Trains as `config` says, config->runs times and on every split with --split all; writes the files of the contract into
 *  config->out_dir and prints progress and results (rank 0).
 *
 *  HG_DIVERGED when a loss or gradient stops being finite: last.h5 then holds the last parameters that gave a finite loss. Collective. */
hg_status hg_train(const struct hg_comm *comm, const struct hg_config *config);

#endif
