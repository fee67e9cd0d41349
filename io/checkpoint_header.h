/** The attributes of a checkpoint, read at once and without MPI. */
#ifndef HG_IO_CHECKPOINT_HEADER_H
#define HG_IO_CHECKPOINT_HEADER_H

#include "base/status.h"
#include <stdbool.h>

/** An attribute to be read: a text, or a number. */
struct hg_header_field {
    const char *name;
    char **text;    /**< newly allocated text, which the caller frees; NULL: a number is wanted */
    double *number; /**< an integer or a float64 */
};

/** Reads `count` attributes of a checkpoint that must have a seal (io/seal.h), as all those that training writes do,
 *  and match it. Fails when the file is damaged, is no checkpoint, or lacks one of them; then texts that were read are
 *  freed. Local. */
hg_status hg_checkpoint_header(const char *path, const struct hg_header_field *fields, int count);

#endif
