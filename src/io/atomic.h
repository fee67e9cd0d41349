/** Files that appear whole or not at all: written under another name in the same folder, made durable, then
 * renamed.
 *
 *      hg_atomic_begin(path, &file);
 *      ... write file.temporary ...
 *      good ? hg_atomic_commit(&file) : hg_atomic_abort(&file);
 *
 *  A crash leaves the old file, and at worst `PATH.partial-PID` beside it.
 */
#ifndef HG_IO_ATOMIC_H
#define HG_IO_ATOMIC_H

#include "base/comm.h"

enum { HG_PATH_BYTES = 4096 };

/** A file in the making. */
struct hg_atomic {
    char target[HG_PATH_BYTES];
    char temporary[HG_PATH_BYTES];
};

/** Creates an empty temporary file beside `path`. Fails when the folder is missing or read-only, or `path` is
 * a folder. Local. */
hg_status hg_atomic_begin(const char *path, struct hg_atomic *file);

/** Makes the temporary file durable and gives it its name; on failure it is removed. Local. */
hg_status hg_atomic_commit(struct hg_atomic *file);

/** Removes the temporary file. Local. */
void hg_atomic_abort(struct hg_atomic *file);

/** hg_atomic_begin by rank 0; every rank gets the names. Collective. */
hg_status hg_atomic_begin_all(const struct hg_comm *comm, const char *path, struct hg_atomic *file);

/** Commits when `mine` is HG_OK on every rank, aborts otherwise; returns what the ranks agree on. Collective.
 */
hg_status hg_atomic_end_all(const struct hg_comm *comm, hg_status mine, struct hg_atomic *file);

#endif
