/** Paths: resolving symbolic links, and finding out whether two paths mean one file. */
#ifndef HG_IO_PATHS_H
#define HG_IO_PATHS_H

#include "base/status.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

enum { HG_PATH_BYTES = 4096 };

/** What a path refers to, whatever links are on the way: an existing file, or the folder and the name under which a
 *  file would be created. Two paths mean one file when their identities are the same. */
struct hg_path_id {
    dev_t device;
    ino_t inode;             /**< of the file, or of the folder */
    char name[NAME_MAX + 1]; /**< "": the file exists */
};

/** Finds the identity of `path`. False when neither file nor folder exists or they cannot be accessed. Local. */
bool hg_path_id_find(const char *path, struct hg_path_id *id);

/** The identity of what `path` itself names: when that is a symbolic link, of the link. False when nothing has that
 *  name. Local. */
bool hg_path_id_find_link(const char *path, struct hg_path_id *id);

/** Whether two identities are the same file. Local. */
bool hg_path_id_same(const struct hg_path_id *a, const struct hg_path_id *b);

/** The path at the end of a chain of symbolic links that begins with `path`: the file that would be written. It need
 *  not exist. Fails when the links form a cycle or the result is too long. Local. */
hg_status hg_path_resolve(const char *path, char resolved[HG_PATH_BYTES]);

/** The folder part of `path`; "." when it has none. Local. */
void hg_path_folder(const char *path, char folder[HG_PATH_BYTES]);

/** Fails when `path`, or one of the folders above it, exists and is not a folder: then no folder `path` can be
 *  created. Local. */
hg_status hg_path_check_folders(const char *path);

/** The part of `path` after the last slash. Local. */
const char *hg_path_name(const char *path);

#endif
