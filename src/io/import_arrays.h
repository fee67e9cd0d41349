/** PyG-style data sets (contract): named arrays in an HDF5 file or an .npz archive. */
#ifndef HG_IO_IMPORT_ARRAYS_H
#define HG_IO_IMPORT_ARRAYS_H

#include "io/h5.h"
#include "io/import_private.h"

/** Where the arrays are: a handle and what can be done with it. All Local. */
struct hg_array_source {
    const char *path;
    const void *handle;
    bool (*exists)(const void *handle, const char *name);
    hg_status (*describe)(const void *handle, const char *name, struct hg_h5_shape *shape);
    hg_status (*read)(const void *handle, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);
};

/** Reads the rank's share of every array: nodes by hg_import_block, edges in equal blocks. Local. */
hg_status hg_import_arrays(struct hg_import *import, const struct hg_array_source *source);

/** The features x, dense or sparse, of the rank's block. Local. */
hg_status hg_import_array_features(struct hg_import *import, const struct hg_array_source *source);

/** The rank's rows of an array with one axis of length N: [N] (or [N, 1]), [N, cols] or [cols, N], as HG_H5_REAL or HG_H5_DOUBLE in newly
 *  allocated *data [count, cols], which the caller frees. Local. */
hg_status hg_import_node_array(struct hg_import *import, const struct hg_array_source *source,
                               const char *name, enum hg_h5_type type, int64_t *cols, void **data);

#endif
