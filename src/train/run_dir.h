/** The folder of a run: metrics.jsonl, summary.json, checkpoints, complete. Rank 0 writes; every rank learns whether it
 *  worked.
 */
#ifndef HG_TRAIN_RUN_DIR_H
#define HG_TRAIN_RUN_DIR_H

#include "base/comm.h"
#include "io/atomic.h"
#include <jansson.h>
#include <stdio.h>

struct hg_run_dir {
    const struct hg_comm *comm;
    char path[HG_PATH_BYTES];
    FILE *metrics; /**< rank 0 only */
    bool broken;   /**< a line of metrics could not be written */
};

/** Makes the folder (and its parents). One that already holds a run is refused, or with `overwrite` emptied of its files
 *  (metrics.jsonl, summary.json, complete, best.h5, last.h5). Close with hg_run_dir_close. Collective. */
hg_status hg_run_dir_open(const struct hg_comm *comm, const char *path, bool overwrite,
                          struct hg_run_dir *dir);
void hg_run_dir_close(struct hg_run_dir *dir);

/** Opens metrics.jsonl. Collective. */
hg_status hg_run_dir_start(struct hg_run_dir *dir);

/** Path of a file of the run. Fails when it is too long. Local. */
hg_status hg_run_dir_file(const struct hg_run_dir *dir, const char *name, char path[HG_PATH_BYTES]);

/** Adds a line to metrics.jsonl (rank 0; others do nothing). Takes the reference to `line`; NULL counts as a failure. Errors are kept for
 *  hg_run_dir_check. Local. */
void hg_run_dir_line(struct hg_run_dir *dir, json_t *line);

/** Fails when a line could not be written. Collective. */
hg_status hg_run_dir_check(struct hg_run_dir *dir);

/** Writes a JSON file atomically (rank 0 passes it, others NULL). Takes the reference. Collective. */
hg_status hg_run_dir_json(struct hg_run_dir *dir, const char *name, json_t *value);

/** Creates DIR/complete: the run reached its end. Collective. */
hg_status hg_run_dir_complete(struct hg_run_dir *dir);

#endif
