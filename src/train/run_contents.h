/** Recognises, by their contents, the files that a run has written. All functions are Local, for rank 0. */
#ifndef HG_TRAIN_RUN_CONTENTS_H
#define HG_TRAIN_RUN_CONTENTS_H

#include "train/run_tree.h"

/** *are: whether the file at `path`, with the name of a run's file, was written by run `run`, or by any run when that
 *  is NULL; false for one that cannot be read. Fails when there is no memory, or a file must not be read; so do the
 *  functions below. */
hg_status hg_run_contents_are(const char *path, const struct stat *about, const char *run, bool *are);

/** *is: whether the file at `path` is a checkpoint of run `run` and of epoch `epoch`. */
hg_status hg_run_contents_checkpoint(const char *path, const char *run, int64_t epoch, bool *is);

/** *foreign: whether the file at `path` (not `complete` or record.json) was certainly not written by run `run`, or not
 *  by any run when that is NULL. A damaged file is not foreign, nor is a missing one. */
hg_status hg_run_contents_foreign(const char *path, const char *run, bool *foreign);

#endif
