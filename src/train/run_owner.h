/** Ownership of a folder: while a training lasts, the file DIR/owner names its process and its run, so that two
 *  trainings never write into the same folder.
 *
 *  A training takes the folder before it changes anything in it, and releases it at the end. It takes over a folder
 *  whose owner has ended: an earlier start of the same batch job (a requeued job may start on other machines while
 *  the lost ones still run), a process of this machine that is dead, or one of another machine that has not touched
 *  the file for three minutes. A training that has lost its folder notices before its next write, and at its next
 *  heartbeat, and ends. A file `owner` that no training wrote is never replaced or removed. An empty one is left by a
 *  training that was killed while it started. All functions are Local, for rank 0.
 */
#ifndef HG_TRAIN_RUN_OWNER_H
#define HG_TRAIN_RUN_OWNER_H

#include "base/status.h"
#include "train/run_token.h"
#include <stdbool.h>

enum { HG_RUN_OWNER_BEAT_SECONDS = 30 };

/** "owner". */
extern const char hg_run_owner_name[];

/** Makes a new run's id: 128 random bits in hexadecimal. */
void hg_run_owner_id(char id[HG_RUN_ID_BYTES]);

/** Takes the existing folder for run `id` of this process. Fails when its owner has not ended (for files of older
 *  programs, which have no heartbeat: when that is not known, unless `overwrite` is set); and when the file was not
 *  written by a training. */
hg_status hg_run_owner_take(const char *folder, const char *id, bool overwrite);

/** Fails when hg_run_owner_take would fail because of the owner. */
hg_status hg_run_owner_check_free(const char *folder, bool overwrite);

/** The same for a folder above the run's own. There a file `owner` that no training wrote is not a failure. */
hg_status hg_run_owner_check_above(const char *folder, bool overwrite);

/** Fails when this process no longer owns the folder for run `id`. */
hg_status hg_run_owner_check(const char *folder, const char *id);

/** Touches the file: a heartbeat, due every HG_RUN_OWNER_BEAT_SECONDS. False when this process no longer owns the
 *  folder. Unlike the others it records no failure, and may be called by any thread. */
bool hg_run_owner_beat(const char *folder, const char *id);

/** Releases the folder if this process owns it for run `id`. */
void hg_run_owner_release(const char *folder, const char *id);

/** Removes the file `owner` of a folder that may be taken over, if a training wrote it. */
hg_status hg_run_owner_remove(const char *folder);

#endif
