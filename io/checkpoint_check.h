/** Whether what is in a checkpoint are numbers that can be computed with. */
#ifndef HG_IO_CHECKPOINT_CHECK_H
#define HG_IO_CHECKPOINT_CHECK_H

#include "io/hdf5/h5.h"

/** Fails when a tensor ("/params/NAME") has a number that is NaN or infinite, or, of the statistics that are multiplied or divided by, not
 *  above 0; names the tensor. Local. */
hg_status hg_checkpoint_check_tensor(const struct hg_h5 *file, const char *path);

/** Fails when the file is a checkpoint of a version that is not read. *bare: it does not say what it is. Local. */
hg_status hg_checkpoint_check_format(const struct hg_h5 *file, bool *bare);

/** hg_checkpoint_check_tensor of every tensor in the file. Local. */
hg_status hg_checkpoint_check(const struct hg_h5 *file);

#endif
