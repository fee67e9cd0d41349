/** The folder of a run, with metrics.jsonl, summary.json, checkpoints and `complete`, or of a series of runs. Rank 0
 *  writes, and all ranks get the status. No symbolic link in the folder is followed.
 *
 *      hg_run_dir_open        takes the folder for this training; leaves its contents as they are
 *      ... everything that may still fail before the first epoch ...
 *      hg_run_dir_clear       removes the files of an earlier run, `complete` first (not of a run that is resumed)
 *      hg_run_dir_start       writes record.json, creates metrics.jsonl
 *      ... writes files, each atomically ...
 *      hg_run_dir_complete    creates `complete`
 *      hg_run_dir_close       releases the folder
 */
#ifndef HG_TRAIN_RUN_DIR_H
#define HG_TRAIN_RUN_DIR_H

#include "dist/comm.h"
#include "io/atomic.h"
#include "train/epoch_times.h"
#include "train/heartbeat.h"
#include "train/run_owner.h"
#include "train/run_record.h"
#include "train/run_tree.h"
#include <jansson.h>
#include <stdio.h>

struct hg_run_dir {
    const struct hg_comm *comm;
    char path[HG_PATH_BYTES];
    char run[HG_RUN_ID_BYTES]; /**< id of this training, which all its files contain */
    enum hg_run_entry entry;   /**< what happens to the files of an earlier run */
    bool done;                 /**< with HG_RUN_RESUME: the run is complete; the folder is not taken */
    bool of_series;            /**< folder of one run of a series, whose folder this training has taken */
    int64_t runs;              /**< number of runs of the series that uses the folder; 0: a single run */
    bool cleared;              /**< the files of an earlier run are removed */
    bool owned;                /**< rank 0: the folder is taken and must be released */
    size_t made; /**< rank 0: path[0..made] is the topmost folder that was created; 0: all folders existed */
    FILE *metrics;               /**< rank 0: metrics.jsonl */
    bool failed;                 /**< a line of metrics.jsonl could not be written */
    struct hg_run_record record; /**< rank 0: of this run, as far as it has written it */
    struct hg_heartbeat *beat;   /**< rank 0: while the folder is owned */
};

/** Makes the folder and its parents, and takes it for a run (train/run_owner.h): a new one, or with HG_RUN_RESUME the
 *  one that its record names. Fails when another training uses it or the series that it belongs to, when it is a run
 *  of a complete series, and as hg_run_tree_check. dir->done: there is nothing to do. Close with hg_run_dir_close.
 *  Collective. */
hg_status hg_run_dir_open(const struct hg_comm *comm, const char *path, enum hg_run_entry entry,
                          struct hg_run_dir *dir);

/** The same for the folder run-k of a series, with the id of the series. Collective. */
hg_status hg_run_dir_open_run(const struct hg_run_dir *series, int64_t k, struct hg_run_dir *dir);

/** path: the folder of run k of a series. Fails when it is too long. Local. */
hg_status hg_run_dir_of_run(const struct hg_run_dir *series, int64_t k, char path[HG_PATH_BYTES]);

/** Releases the folder; removes it when it was created and never written to. Does nothing on ranks other than 0.
 *  Local. */
void hg_run_dir_close(struct hg_run_dir *dir);

/** Fails when one of run-0 to run-(runs - 1) exists and is not a folder, and when a series with another number of
 *  runs is resumed. Collective. */
hg_status hg_run_dir_check_runs(const struct hg_run_dir *dir, int64_t runs);

/** Removes the files of earlier runs before a single run (runs = 0) or a series of `runs` runs (train/run_remove.h).
 *  Later calls for the same folder do nothing. Collective. */
hg_status hg_run_dir_clear(struct hg_run_dir *dir, int64_t runs);

/** Writes record.json, with the instruction set that the run computes with. Called for the folder of a series, too.
 *  Collective. */
hg_status hg_run_dir_record(struct hg_run_dir *dir, const char *instructions);

/** Creates metrics.jsonl, with the lines of the run's first `epochs` epochs, which earlier processes wrote, and adds
 *  their durations to `times` (rank 0). Collective. */
hg_status hg_run_dir_start(struct hg_run_dir *dir, int64_t epochs, struct hg_epoch_times *times);

/** Before a checkpoint is written: the path of checkpoint-EPOCH.h5, which is added to record.json. Collective. */
hg_status hg_run_dir_checkpoint(struct hg_run_dir *dir, int64_t epoch, char path[HG_PATH_BYTES]);

/** Removes all checkpoints of the run but those of the newest `keep` epochs up to `epoch`. Collective. */
hg_status hg_run_dir_prune(struct hg_run_dir *dir, int64_t epoch, int64_t keep);

/** Renames the checkpoints of later epochs than `epoch`, after which a run is resumed, to NAME.unused. They could not
 *  be read, perhaps only for a moment, and do not belong to what the run writes from now on. Collective. */
hg_status hg_run_dir_set_aside(struct hg_run_dir *dir, int64_t epoch);

/** The path of the file `name` in the folder. Fails when it is too long. Local. */
hg_status hg_run_dir_file(const struct hg_run_dir *dir, const char *name, char path[HG_PATH_BYTES]);

/** Appends a line to metrics.jsonl on rank 0; does nothing on others. Takes over the reference to `line`; NULL counts
 *  as a failure. Failures are reported by hg_run_dir_check. Local. */
void hg_run_dir_line(struct hg_run_dir *dir, json_t *line);

/** Fails when a line could not be written. Collective. */
hg_status hg_run_dir_check(struct hg_run_dir *dir);

/** Syncs metrics.jsonl to the disk. Fails when a line of it could not be written, or when another training has taken
 *  the folder over. Called before checkpoints are written. Collective. */
hg_status hg_run_dir_sync(struct hg_run_dir *dir);

/** Removes a file of an earlier run that this run does not write. Collective. */
hg_status hg_run_dir_remove(struct hg_run_dir *dir, enum hg_run_file file);

/** Writes a JSON file atomically. Rank 0 passes the value, whose reference is taken over; others pass NULL.
 *  Collective. */
hg_status hg_run_dir_json(struct hg_run_dir *dir, const char *name, json_t *value);

/** Creates DIR/complete with the run's id: the run has reached its end. Fails when another training has taken the
 *  folder over, or when a run of the series is not complete or not part of this training. Collective. */
hg_status hg_run_dir_complete(struct hg_run_dir *dir);

#endif
