/** Archives of NumPy arrays (.npz): the only home of zip.h. Members are streamed, stored or deflated. */
#ifndef HG_IO_NPY_NPZ_H
#define HG_IO_NPY_NPZ_H

#include "io/hdf5/h5.h"

struct hg_npz {
    const char *path; /**< not owned */
    void *zip;
};

/** Opens an archive; close with hg_npz_close. Local. */
hg_status hg_npz_open(const char *path, struct hg_npz *npz);
void hg_npz_close(struct hg_npz *npz);

/** Whether there is an array `name` (member name.npy). Local. */
bool hg_npz_exists(const struct hg_npz *npz, const char *name);

/** Calls visit for the name of each array ("x" of x.npy), and of each other member as it is. Local. */
void hg_npz_names(const struct hg_npz *npz, void (*visit)(const char *name, void *context), void *context);

/** Type and shape of an array; fails when the member is shorter than its header says. Local. */
hg_status hg_npz_describe(const struct hg_npz *npz, const char *name, struct hg_h5_shape *shape);

/** Reads a block (hg_npy_read), streaming the member from its start. Local. */
hg_status hg_npz_read(const struct hg_npz *npz, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);

#endif
