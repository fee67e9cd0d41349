/** The folder of a run: metrics.jsonl, summary.json, checkpoints, complete; and of a series of runs. Rank 0 writes; every rank
 *  learns whether it worked. No symbolic link in the folder is followed.
 *
 *      hg_run_dir_open     the folder is this training's alone; nothing in it is touched
 *      ... whatever may still be refused ...
 *      hg_run_dir_clear    what an earlier run left goes, `complete` first
 *      hg_run_dir_start    metrics.jsonl
 *      ... files, each replaced as a whole ...
 *      hg_run_dir_complete
 *      hg_run_dir_close
 */
#ifndef HG_TRAIN_RUN_DIR_H
#define HG_TRAIN_RUN_DIR_H

#include "dist/comm.h"
#include "io/atomic.h"
#include "train/run_owner.h"
#include "train/run_tree.h"
#include <jansson.h>
#include <stdio.h>

struct hg_run_dir {
    const struct hg_comm *comm;
    char path[HG_PATH_BYTES];
    char run[HG_RUN_ID_BYTES]; /**< id of the training, which every file carries */
    bool overwrite;
    bool of_series; /**< a run of a series, whose folder is held */
    int64_t runs;   /**< of the series that it is cleared for; 0: a single run */
    bool cleared;   /**< what was in it is gone */
    bool owned;     /**< rank 0: to be given back at the end */
    size_t made;    /**< rank 0: path[0..made] is the topmost folder that was not there; 0: all were */
    FILE *metrics;  /**< rank 0 only */
    bool broken;    /**< a line of metrics could not be written */
};

/** Makes the folder (and its parents) and takes it for a new run (train/run_owner.h). Fails when another training is under way in it or
 *  in the series that it belongs to, when that series is complete with it, or when it holds a run already, unless `overwrite`. Close with hg_run_dir_close. Collective. */
hg_status hg_run_dir_open(const struct hg_comm *comm, const char *path, bool overwrite,
                          struct hg_run_dir *dir);

/** The same for run k of the series that `series` holds: its folder run-k, with the series' id. Collective. */
hg_status hg_run_dir_open_run(const struct hg_run_dir *series, int64_t k, struct hg_run_dir *dir);

/** Gives the folder back; one that was made and never written to goes. Rank 0 works, others do nothing. Local. */
void hg_run_dir_close(struct hg_run_dir *dir);

/** Fails when one of the folders run-0 to run-(runs - 1) cannot be one, being something else already. Collective. */
hg_status hg_run_dir_check_runs(const struct hg_run_dir *dir, int64_t runs);

/** Makes room for a run (runs = 0) or for so many (hg_run_tree_clear); once per folder, further calls do nothing. Collective. */
hg_status hg_run_dir_clear(struct hg_run_dir *dir, int64_t runs);

/** Opens metrics.jsonl, anew. Collective. */
hg_status hg_run_dir_start(struct hg_run_dir *dir);

/** Path of a file of the run. Fails when it is too long. Local. */
hg_status hg_run_dir_file(const struct hg_run_dir *dir, const char *name, char path[HG_PATH_BYTES]);

/** Adds a line to metrics.jsonl (rank 0; others do nothing). Takes the reference to `line`; NULL counts as a failure. Errors are kept for
 *  hg_run_dir_check. Local. */
void hg_run_dir_line(struct hg_run_dir *dir, json_t *line);

/** Fails when a line could not be written. Collective. */
hg_status hg_run_dir_check(struct hg_run_dir *dir);

/** Makes metrics.jsonl durable, and fails when it is not whole or the folder is another training's by now: before checkpoints are
 *  written. Collective. */
hg_status hg_run_dir_seal(struct hg_run_dir *dir);

/** Removes a file that an earlier run left and this one does not write. Collective. */
hg_status hg_run_dir_drop(struct hg_run_dir *dir, enum hg_run_file file);

/** Writes a JSON file atomically (rank 0 passes it, others NULL). Takes the reference. Collective. */
hg_status hg_run_dir_json(struct hg_run_dir *dir, const char *name, json_t *value);

/** Creates DIR/complete, which holds the run's id: the run reached its end. Fails when the folder is another training's, or one of the
 *  series' runs is not complete or not its own. Collective. */
hg_status hg_run_dir_complete(struct hg_run_dir *dir);

#endif
