/** What training leaves in --out: the files of a run, and in a series of runs the folders run-0, run-1, ... with a run each.
 *  No symbolic link in it is followed. All are Local.
 */
#ifndef HG_TRAIN_RUN_TREE_H
#define HG_TRAIN_RUN_TREE_H

#include "base/types.h"
#include "io/paths.h"
#include "train/run_owner.h"

/** Files of a run. */
enum hg_run_file { HG_RUN_METRICS, HG_RUN_SUMMARY, HG_RUN_BEST, HG_RUN_LAST, HG_RUN_COMPLETE, HG_RUN_FILES };
extern const char *const hg_run_file_name[HG_RUN_FILES];

/** FOLDER/NAME. Fails when it is too long. */
hg_status hg_run_tree_path(const char *folder, const char *name, char path[HG_PATH_BYTES]);

/** K of "run-K" as training writes it; -1 for other names. */
int64_t hg_run_tree_number(const char *name);

/** Calls visit(folder, K, context) for every folder run-K below `dir`, in any order, until one fails. */
typedef hg_status hg_run_tree_visit(const char *folder, int64_t k, void *context);
hg_status hg_run_tree_each(const char *dir, hg_run_tree_visit *visit, void *context);

/** *replaces: `place` is a file that a run in `dir` would replace; `early`: before it reads anything. */
hg_status hg_run_tree_replaces(const char *dir, const struct hg_place *place, bool early, bool *replaces);

/** Fails when `dir` holds files of a run, or of a series of runs, unless `overwrite`; and when something that is no file stands
 *  where a run will write, or a `complete` that no run wrote: it is neither removed nor left beside an unfinished run. */
hg_status hg_run_tree_check(const char *dir, bool overwrite);

/** The id of the run that FOLDER/complete ends; "" when there is none. */
void hg_run_tree_end(const char *folder, char id[HG_RUN_ID_BYTES]);

/** Makes room for a new run (runs = 0) or series of runs, once nothing can be refused any more: first nothing in `dir` is complete,
 *  durably; then what an earlier run or series wrote and this one will not replace is removed. Files that no run wrote stay, and so
 *  do the folders that hold them. */
hg_status hg_run_tree_clear(const char *dir, int64_t runs);

#endif
