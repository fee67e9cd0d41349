/** Files that every rank reads by itself: are they the same ones on every host? */
#ifndef HG_IO_FILE_COMPARE_H
#define HG_IO_FILE_COMPARE_H

#include "dist/comm.h"

/** Fails with HG_FAILED on every rank unless the files (NULL: skipped) are alike on all ranks: their sizes and samples of their bytes, the
 *  whole of a small one. Of what is no regular file only its presence is compared, and nothing is read. Files that are missing everywhere
 *  are no failure here. Collective. */
hg_status hg_files_compare(const struct hg_comm *comm, const char *const *paths, int count);

#endif
