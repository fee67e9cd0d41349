/** Where names lead: links, and whether two names mean one file.
 */
#ifndef HG_IO_PATHS_H
#define HG_IO_PATHS_H

#include "base/status.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

enum { HG_PATH_BYTES = 4096 };

/** The file that a name leads to, whatever links and folders are on the way; or, when there is none yet, the folder and the name
 *  in it under which it would be made. */
struct hg_place {
    dev_t device;
    ino_t inode;             /**< of the file, or of the folder */
    char name[NAME_MAX + 1]; /**< "": the file exists */
};

/** Finds the place. False when there is neither file nor folder, or it cannot be looked at. Local. */
bool hg_place_find(const char *path, struct hg_place *place);

/** The same without following a link at the end of `path`: of the link itself. False also when nothing has that name. Local. */
bool hg_place_find_link(const char *path, struct hg_place *place);

bool hg_place_same(const struct hg_place *a, const struct hg_place *b);

/** What `path` means when it is written to: the name at the end of its symbolic links, which need not exist. Fails when the links
 *  run in a circle or the result is too long. Local. */
hg_status hg_path_resolve(const char *path, char resolved[HG_PATH_BYTES]);

/** The folder that `path` lies in: "." when it names none. Local. */
void hg_path_folder(const char *path, char folder[HG_PATH_BYTES]);

/** Fails when a part of `path` that exists is no folder, or cannot be looked at: then no folder of that name can be made. Local. */
hg_status hg_path_check_folders(const char *path);

/** What follows the last slash. Local. */
const char *hg_path_name(const char *path);

#endif
