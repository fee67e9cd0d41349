/** PyG-style data sets (contract): named arrays in an HDF5 file or an .npz archive. */
#ifndef HG_IO_IMPORT_IMPORT_ARRAYS_H
#define HG_IO_IMPORT_IMPORT_ARRAYS_H

#include "io/hdf5/h5.h"
#include "io/import/import_private.h"

/** Kinds of numbers. */
enum { HG_IMPORT_NUMBERS = HG_H5_INTEGER | HG_H5_FLOAT | HG_H5_BOOL };

/** What `list` of a source calls for each name. */
typedef void hg_name_visit(const char *name, void *context);

/** Where the arrays are: a handle and what can be done with it. All Local. */
struct hg_array_source {
    const char *path;
    const void *handle;
    bool (*exists)(const void *handle, const char *name);
    hg_status (*describe)(const void *handle, const char *name, struct hg_h5_shape *shape);
    hg_status (*read)(const void *handle, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);
    hg_status (*list)(const void *handle, hg_name_visit *visit, void *context); /**< names at the root */
};

/** Reads the rank's share of every array: nodes by hg_import_block, edges in equal blocks; notes arrays that are not read. `opened`:
 *  whether this rank could open the source. Collective. */
hg_status hg_import_arrays(struct hg_import *import, const struct hg_array_source *source, hg_status opened);

/** edge_index, and edge_attr and edge_weight side by side as edge features. Local. */
hg_status hg_import_array_edges(struct hg_import *import, const struct hg_array_source *source);

/** The features x, dense or sparse, of the rank's block. Local. */
hg_status hg_import_array_features(struct hg_import *import, const struct hg_array_source *source);

/** train_mask, val_mask, test_mask. Local. */
hg_status hg_import_array_masks(struct hg_import *import, const struct hg_array_source *source);

/** train_idx, val_idx (or valid_idx) and test_idx, lists of ids, where there is no such mask. Collective. */
hg_status hg_import_array_ids(struct hg_import *import, const struct hg_array_source *source);

/** Whether hg_import_array_ids reads the array `name`. Local. */
bool hg_import_reads_ids(const struct hg_array_source *source, const char *name);

/** Notes the arrays that are not read. Local. */
hg_status hg_import_note_unread(struct hg_import *import, const struct hg_array_source *source);

/** Fails: there is no edge_index; says what there is. Local. */
hg_status hg_import_no_edges(const struct hg_array_source *source);

/** Type and shape of an array, which must hold one of `classes` (HG_IMPORT_NUMBERS or HG_H5_INTEGER). Local. */
hg_status hg_import_describe_array(const struct hg_array_source *source, const char *name, unsigned classes,
                                   struct hg_h5_shape *shape);

/** Fails: "NAME has D dimensions, R rows and C columns, not WANTED". Local. */
hg_status hg_import_bad_shape(const struct hg_array_source *source, const char *name,
                              const struct hg_h5_shape *shape, const char *wanted);

/** The rank's rows of an array with one axis of length N: [N] (or [N, 1]), [N, cols] or [cols, N], as HG_H5_REAL or HG_H5_DOUBLE in newly
 *  allocated *data [count, cols], which the caller frees. Local. */
hg_status hg_import_node_array(struct hg_import *import, const struct hg_array_source *source,
                               const char *name, enum hg_h5_type type, int64_t *cols, void **data);

#endif
