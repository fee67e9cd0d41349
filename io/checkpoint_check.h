/** Checks the numbers in a checkpoint before they are used. */
#ifndef HG_IO_CHECKPOINT_CHECK_H
#define HG_IO_CHECKPOINT_CHECK_H

#include "io/hdf5/h5.h"

/** Fails, naming the tensor, when the tensor at `path` ("/params/NAME") has a NaN or an infinite number, or when a
 *  scale of features or targets is not above 0. Local. */
hg_status hg_checkpoint_check_tensor(const struct hg_h5 *file, const char *path);

/** Fails when the attribute `format` is another one, or the version is unknown. *bare: there is no attribute
 *  `format`, which is not a failure. Local. */
hg_status hg_checkpoint_check_format(const struct hg_h5 *file, bool *bare);

/** Calls hg_checkpoint_check_tensor for every tensor in the file. Local. */
hg_status hg_checkpoint_check(const struct hg_h5 *file);

#endif
