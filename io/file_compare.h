/** Compares files that every rank reads by itself: hosts may have different files under the same path. */
#ifndef HG_IO_FILE_COMPARE_H
#define HG_IO_FILE_COMPARE_H

#include "dist/comm.h"

/** Fails with HG_FAILED on every rank unless each path (NULL: skipped) names the same file on all ranks, as far as
 *  size and a sample of the bytes tell; small files are compared whole. For anything but a regular file, only its
 *  presence is compared and nothing is read. A file that is missing on all ranks is not a failure. Collective. */
hg_status hg_files_compare(const struct hg_comm *comm, const char *const *paths, int count);

#endif
