/** Who trains into a folder: DIR/owner names the process and the run while it lasts, so that two trainings never share a folder.
 *
 *  Taken before anything in the folder is touched, given back at the end. One that a dead process left is taken over. Of a process
 *  on another machine nothing is known: its folder is taken over only when the user asks to overwrite it, and a run that lost its
 *  folder that way finds out before it marks it complete. A file of that name that no training wrote is never replaced or removed
 *  (an empty one is what a training leaves that was ended while it began). All are Local, for rank 0.
 */
#ifndef HG_TRAIN_RUN_OWNER_H
#define HG_TRAIN_RUN_OWNER_H

#include "base/status.h"
#include <stdbool.h>

enum { HG_RUN_ID_BYTES = 33 };

/** The name of the file. */
extern const char hg_run_owner_name[];

/** A new run's id: 128 random bits in hexadecimal. */
void hg_run_owner_id(char id[HG_RUN_ID_BYTES]);

/** Makes run `id` of this process the owner of `folder`, which exists. Fails when a process owns it that is alive, or, unless
 *  `overwrite`, that may be alive elsewhere; and when the file is none of a training. */
hg_status hg_run_owner_take(const char *folder, const char *id, bool overwrite);

/** Fails when the folder could not be taken (hg_run_owner_take). */
hg_status hg_run_owner_check_free(const char *folder, bool overwrite);

/** The same of a folder that this run only lies in, where a file of that name may be anybody's. */
hg_status hg_run_owner_check_above(const char *folder, bool overwrite);

/** Fails when the folder is not run `id`'s any more. */
hg_status hg_run_owner_check(const char *folder, const char *id);

/** Gives the folder back if it is run `id`'s. */
void hg_run_owner_leave(const char *folder, const char *id);

/** Removes the owner of a folder that is free, whoever it was. */
hg_status hg_run_owner_forget(const char *folder);

#endif
