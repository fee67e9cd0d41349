/** The files that training writes into the folder --out: those of a run; or for a series of runs the folders run-0,
 *  run-1, ... with a run each. No symbolic link in the folder is followed. All functions are Local.
 */
#ifndef HG_TRAIN_RUN_TREE_H
#define HG_TRAIN_RUN_TREE_H

#include "base/types.h"
#include "io/paths.h"
#include "train/run_owner.h"
#include "train/run_record.h"
#include <sys/stat.h>

/** Files of a run. */
enum hg_run_file {
    HG_RUN_METRICS,
    HG_RUN_SUMMARY,
    HG_RUN_BEST,
    HG_RUN_LAST,
    HG_RUN_COMPLETE,
    HG_RUN_RECORD,
    HG_RUN_FILES
};
extern const char *const hg_run_file_name[HG_RUN_FILES];

enum { HG_RUN_NAME_BYTES = 48 };

/** What a training does with the files of an earlier run. */
enum hg_run_entry {
    HG_RUN_NEW,       /**< there must be none */
    HG_RUN_OVERWRITE, /**< they are replaced or removed */
    HG_RUN_RESUME     /**< an unfinished run is resumed; without a checkpoint its files are replaced */
};

/** path: FOLDER/NAME. Fails when it is too long. */
hg_status hg_run_tree_path(const char *folder, const char *name, char path[HG_PATH_BYTES]);

/** K when `name` is "run-K" as training writes it; -1 for other names. */
int64_t hg_run_tree_number(const char *name);

/** path: FOLDER/checkpoint-EPOCH.h5. Fails when it is too long. */
hg_status hg_run_tree_checkpoint(const char *folder, int64_t epoch, char path[HG_PATH_BYTES]);

/** EPOCH when `name` is "checkpoint-EPOCH.h5" as training writes it; -1 for other names. */
int64_t hg_run_tree_epoch(const char *name);

/** Calls visit(folder, K, context) for every folder run-K in `dir`, in any order, until a call fails. */
typedef hg_status hg_run_tree_visit(const char *folder, int64_t k, void *context);
hg_status hg_run_tree_each(const char *dir, hg_run_tree_visit *visit, void *context);

/** Calls visit(path, EPOCH, context) for every checkpoint-EPOCH.h5 in `dir`, in any order, until a call fails. */
hg_status hg_run_tree_each_checkpoint(const char *dir, hg_run_tree_visit *visit, void *context);

/** *replaces: the file at `file` is one that a run in `dir` would replace. With `early`, only the file `owner`
 *  counts, which is replaced before any input is read. */
hg_status hg_run_tree_replaces(const char *dir, const struct hg_path_id *file, bool early, bool *replaces);

/** Fails with HG_RUN_NEW when `dir` has files of a run or of a series. Otherwise fails when one of the run's names is
 *  taken by something that is not a file, when `complete` or record.json were not written by a run, or when there is a
 *  checkpoint-EPOCH.h5 that the record does not list, or that was certainly not written by its run. With HG_RUN_RESUME
 *  this holds for every file of run `run` (NULL: unused), and a folder run-K must not be complete with another run. */
hg_status hg_run_tree_check(const char *dir, enum hg_run_entry entry, const char *run);

/** Whether a file `complete` may be replaced or removed: it begins with a run's id, or it is a symbolic link, or it is
 *  so short that nothing valuable is lost. */
bool hg_run_tree_is_complete(const char *path, const struct stat *about);

/** The run's id in FOLDER/complete; "" when there is none. */
void hg_run_tree_complete_id(const char *folder, char id[HG_RUN_ID_BYTES]);

/** The instruction set of the training in `dir` (train/run_record.h) when it has checkpoints from which it can be
 *  resumed, or complete runs; else "". */
void hg_run_tree_instructions(const char *dir, char instructions[HG_INSTRUCTIONS_BYTES]);

#endif
