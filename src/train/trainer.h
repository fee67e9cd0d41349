/** Training: epochs, evaluation, early stopping, what a run leaves behind.
 */
#ifndef HG_TRAIN_TRAINER_H
#define HG_TRAIN_TRAINER_H

#include "dist/comm.h"
#include "train/callbacks.h"

/** Trains as `options` say, options->runs times and on every split with data.split -1; writes the files of the contract
 *  (docs/formats.md) into the folder options->out, and tells of progress and results by the callbacks.
 *
 *  HG_DIVERGED when a loss or gradient stops being finite: last.h5 then holds the last parameters that gave a finite
 *  loss. Collective. */
hg_status hg_train(const struct hg_comm *comm, const struct hg_train_options *options,
                   const struct hg_train_callbacks *callbacks);

#endif
