/** Removal of files that earlier trainings wrote: those, and no others. No symbolic link in the folder is followed. All
 *  functions are Local, for rank 0. */
#ifndef HG_TRAIN_RUN_REMOVE_H
#define HG_TRAIN_RUN_REMOVE_H

#include "train/run_tree.h"

/** Removes what dead processes have left of a run's files while they wrote them. */
void hg_run_remove_stale(const char *folder);

/** Removes the checkpoint FOLDER/NAME of run `run`, sound or damaged; leaves a sound one of another run. HG_OK also
 *  when there is none. */
hg_status hg_run_remove_checkpoint(const char *folder, const char *name, const char *run);

/** Removes earlier results before a new run (runs = 0) or a series of `runs` runs, when nothing can fail any more.
 *  First every `complete` is removed, and the folders are synced to the disk; then the files of earlier runs that the
 *  new run or series will not replace. Only files that their records list, and that still are of that run, are removed
 *  (in folders of older programs, without a record: files that a run wrote, by their contents). */
hg_status hg_run_remove_earlier(const char *dir, int64_t runs);

#endif
