/** Reads archives of NumPy arrays (.npz). Members, stored or deflated, are read as streams. zip.h is included in
 *  npz.c only. */
#ifndef HG_IO_NPY_NPZ_H
#define HG_IO_NPY_NPZ_H

#include "io/hdf5/h5.h"

struct hg_npz {
    const char *path; /**< not owned */
    void *zip;
};

/** Opens an archive. `path` must outlive it. Close with hg_npz_close, also after a failure. Local. */
hg_status hg_npz_open(const char *path, struct hg_npz *npz);
void hg_npz_close(struct hg_npz *npz);

/** Whether there is an array `name` (member name.npy). Local. */
bool hg_npz_exists(const struct hg_npz *npz, const char *name);

/** Calls visit for the name of each array ("x" for x.npy), and for the full name of each other member. Local. */
void hg_npz_names(const struct hg_npz *npz, void (*visit)(const char *name, void *context), void *context);

/** Describes an array; fails when the member is shorter than its header says. Local. */
hg_status hg_npz_describe(const struct hg_npz *npz, const char *name, struct hg_h5_shape *shape);

/** Reads a block of an array as hg_npy_read does. Local. */
hg_status hg_npz_read(const struct hg_npz *npz, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);

#endif
