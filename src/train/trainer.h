/** Trains a model: runs epochs, evaluates, stops early, and writes the files of the run.
 */
#ifndef HG_TRAIN_TRAINER_H
#define HG_TRAIN_TRAINER_H

#include "dist/comm.h"
#include "train/callbacks.h"

/** Trains options->runs runs; with options->data.split -1 and no random split, so many on every split of the masks.
 *  Writes the files of the runs (docs/formats.md) into the folder options->out, and reports progress and results by
 *  the callbacks.
 *
 *  Fails with HG_DIVERGED when a loss or gradient is not finite: last.h5 then has the last parameters that gave a
 *  finite loss. Collective. */
hg_status hg_train(const struct hg_comm *comm, const struct hg_train_options *options,
                   const struct hg_train_callbacks *callbacks);

#endif
