/** The files that training writes into the folder --out: those of a run; or for a series of runs the folders run-0,
 *  run-1, ... with a run each. No symbolic link in the folder is followed. All functions are Local.
 */
#ifndef HG_TRAIN_RUN_TREE_H
#define HG_TRAIN_RUN_TREE_H

#include "base/types.h"
#include "io/paths.h"
#include "train/run_owner.h"

/** Files of a run. */
enum hg_run_file { HG_RUN_METRICS, HG_RUN_SUMMARY, HG_RUN_BEST, HG_RUN_LAST, HG_RUN_COMPLETE, HG_RUN_FILES };
extern const char *const hg_run_file_name[HG_RUN_FILES];

/** path: FOLDER/NAME. Fails when it is too long. */
hg_status hg_run_tree_path(const char *folder, const char *name, char path[HG_PATH_BYTES]);

/** K when `name` is "run-K" as training writes it; -1 for other names. */
int64_t hg_run_tree_number(const char *name);

/** Calls visit(folder, K, context) for every folder run-K in `dir`, in any order, until a call fails. */
typedef hg_status hg_run_tree_visit(const char *folder, int64_t k, void *context);
hg_status hg_run_tree_each(const char *dir, hg_run_tree_visit *visit, void *context);

/** *replaces: the file at `file` is one that a run in `dir` would replace. With `early`, only the file `owner`
 *  counts, which is replaced before any input is read. */
hg_status hg_run_tree_replaces(const char *dir, const struct hg_path_id *file, bool early, bool *replaces);

/** Fails when `dir` has files of a run or of a series, unless `overwrite` is set. With `overwrite`, fails when one of
 *  the run's names is taken by something that is not a file, or when there is a `complete` that no run wrote: it must
 *  not be removed, and must not stay beside an unfinished run. */
hg_status hg_run_tree_check(const char *dir, bool overwrite);

/** The run's id in FOLDER/complete; "" when there is none. */
void hg_run_tree_complete_id(const char *folder, char id[HG_RUN_ID_BYTES]);

/** Removes earlier results before a new run (runs = 0) or a series of `runs` runs, when nothing can fail any more.
 *  First every `complete` is removed, and the folders are synced to the disk; then the files of earlier runs that the
 *  new run or series will not replace. Files that no run wrote stay, with their folders. */
hg_status hg_run_tree_clear(const char *dir, int64_t runs);

#endif
