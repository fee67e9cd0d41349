/** Files that appear whole or not at all: written under another name in the same folder, made durable, then
 * renamed.
 *
 *      hg_atomic_begin(path, HG_LINKS_FOLLOWED, &file);
 *      ... write file.temporary ...
 *      good ? hg_atomic_commit(&file) : hg_atomic_abort(&file);
 *
 *  A file that is replaced hands on its mode and, where allowed, its owner. Temporary names are
 *  `NAME.partial-HOST-BOOT-PID-START-K`: whoever finds one can tell whether its process still runs (io/process.h). They are
 *  noted in base/unfinished.h while they exist.
 */
#ifndef HG_IO_ATOMIC_H
#define HG_IO_ATOMIC_H

#include "dist/comm.h"
#include "io/paths.h"
#include <sys/stat.h>

/** What becomes of a symbolic link at the end of a path that is written. */
enum hg_links {
    HG_LINKS_FOLLOWED, /**< the file that it leads to is replaced, or made */
    HG_LINKS_REPLACED  /**< the link is replaced by a file; what it leads to stays as it is */
};

/** A file in the making. */
struct hg_atomic {
    char target[HG_PATH_BYTES]; /**< links resolved */
    char temporary[HG_PATH_BYTES];
    bool replaces;      /**< there is a file: */
    struct stat before; /**< its mode and owner */
    int unfinished;     /**< place in the list of unfinished files */
};

/** Creates an empty temporary file beside `path`. Fails when the folder is missing or read-only, or `path` is a folder, another
 *  thing than a regular file, or a file that may not be written. Local. */
hg_status hg_atomic_begin(const char *path, enum hg_links links, struct hg_atomic *file);

/** Makes the temporary file durable and gives it its name; on failure it is removed. Local. */
hg_status hg_atomic_commit(struct hg_atomic *file);

/** Removes the temporary file. Local. */
void hg_atomic_abort(struct hg_atomic *file);

/** Fails when hg_atomic_begin would: to be asked before work whose result `path` will hold. Removes what processes that are dead
 *  left of the same file. Local. */
hg_status hg_atomic_check(const char *path, enum hg_links links);

/** Removes temporary files of `target` (its links are not followed) whose processes are dead. Local. */
void hg_atomic_remove_stale(const char *target);

/** Makes the names in a folder durable. Local. */
hg_status hg_atomic_sync_folder(const char *folder);

/** hg_atomic_begin by rank 0; every rank gets the names. Collective. */
hg_status hg_atomic_begin_all(const struct hg_comm *comm, const char *path, enum hg_links links,
                              struct hg_atomic *file);

/** Commits when `mine` is HG_OK on every rank, aborts otherwise; returns what the ranks agree on. Collective.
 */
hg_status hg_atomic_end_all(const struct hg_comm *comm, hg_status mine, struct hg_atomic *file);

#endif
