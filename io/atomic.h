/** Atomic replacement of files: a file is written under a temporary name in the same folder, synced to the disk, then
 *  renamed, so that a reader finds either the old file or the complete new one.
 *
 *      hg_atomic_begin(path, HG_LINKS_FOLLOWED, &file);
 *      ... write file.temporary ...
 *      good ? hg_atomic_commit(&file) : hg_atomic_abort(&file);
 *
 *  The new file gets the mode of the file that it replaces and, where allowed, its owner. Temporary names are
 *  `NAME.partial-HOST-BOOT-PID-START-K`: from them another process can tell whether the one that made the file still
 *  runs (io/process.h). They are on the list of unfinished files (base/unfinished.h) while they exist.
 */
#ifndef HG_IO_ATOMIC_H
#define HG_IO_ATOMIC_H

#include "dist/comm.h"
#include "io/paths.h"
#include <sys/stat.h>

/** What happens when the path to be written is a symbolic link. */
enum hg_links {
    HG_LINKS_FOLLOWED, /**< the file that the link points to is replaced, or created */
    HG_LINKS_REPLACED  /**< the link is replaced by a file; the file that it points to stays as it is */
};

/** A file that is being written. */
struct hg_atomic {
    char target[HG_PATH_BYTES];    /**< final name, with links resolved when they are followed */
    char temporary[HG_PATH_BYTES]; /**< name while it is written; "": committed or aborted */
    bool replaces;                 /**< target exists */
    struct stat before;            /**< mode and owner of the file that is replaced */
    int unfinished;                /**< index in the list of unfinished files; -1: not in it */
};

/** Creates an empty temporary file in the folder of the target. Fails when the folder is missing or read-only, or
 *  when `path` is a folder, not a regular file, or not writable. Local. */
hg_status hg_atomic_begin(const char *path, enum hg_links links, struct hg_atomic *file);

/** Syncs the temporary file to the disk and renames it to the target; removes it on failure. Local. */
hg_status hg_atomic_commit(struct hg_atomic *file);

/** Removes the temporary file; does nothing after commit or abort. Local. */
void hg_atomic_abort(struct hg_atomic *file);

/** Fails when hg_atomic_begin would fail: called before long work whose result goes to `path`. Also removes temporary
 *  files of the same target that dead processes have left behind. Local. */
hg_status hg_atomic_check(const char *path, enum hg_links links);

/** Removes the temporary files of `target` that dead processes have left behind. Does not follow links. Local. */
void hg_atomic_remove_stale(const char *target);

/** The same for all targets in `folder` whose names `wanted` accepts. Local. */
void hg_atomic_remove_stale_in(const char *folder, bool (*wanted)(const char *name));

/** Syncs a folder to the disk, so that renames in it survive a crash. Local. */
hg_status hg_atomic_sync_folder(const char *folder);

/** hg_atomic_begin on rank 0; all ranks get a copy of `file`. Collective. */
hg_status hg_atomic_begin_all(const struct hg_comm *comm, const char *path, enum hg_links links,
                              struct hg_atomic *file);

/** Rank 0 commits when `mine` is HG_OK on every rank, else aborts. Returns the first failure of any rank.
 *  Collective. */
hg_status hg_atomic_end_all(const struct hg_comm *comm, hg_status mine, struct hg_atomic *file);

#endif
