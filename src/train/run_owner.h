/** Ownership of a folder: while a training lasts, the file DIR/owner names its process and its run, so that two
 *  trainings never use the same folder.
 *
 *  A training takes the folder before it changes anything in it, and releases it at the end. A folder of a dead
 *  process is taken over. Whether a process on another machine is alive cannot be known: its folder is taken over
 *  only with `overwrite`, and a training that has lost its folder in this way notices before it marks the folder
 *  complete. A file `owner` that no training wrote is never replaced or removed. An empty one is left by a training
 *  that was killed while it started. All functions are Local, for rank 0.
 */
#ifndef HG_TRAIN_RUN_OWNER_H
#define HG_TRAIN_RUN_OWNER_H

#include "base/status.h"
#include <stdbool.h>

enum { HG_RUN_ID_BYTES = 33 };

/** "owner". */
extern const char hg_run_owner_name[];

/** Makes a new run's id: 128 random bits in hexadecimal. */
void hg_run_owner_id(char id[HG_RUN_ID_BYTES]);

/** Takes the existing folder for run `id` of this process. Fails when its owner is alive, or, without `overwrite`,
 *  may be alive on another machine; and when the file was not written by a training. */
hg_status hg_run_owner_take(const char *folder, const char *id, bool overwrite);

/** Fails when hg_run_owner_take would fail because of the owner. */
hg_status hg_run_owner_check_free(const char *folder, bool overwrite);

/** The same for a folder above the run's own. There a file `owner` that no training wrote is not a failure. */
hg_status hg_run_owner_check_above(const char *folder, bool overwrite);

/** Fails when run `id` no longer owns the folder. */
hg_status hg_run_owner_check(const char *folder, const char *id);

/** Releases the folder if run `id` owns it. */
void hg_run_owner_release(const char *folder, const char *id);

/** Removes the file `owner` of a folder that may be taken over, if a training wrote it. */
hg_status hg_run_owner_remove(const char *folder);

#endif
