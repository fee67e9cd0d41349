/** Reads data sets in PyTorch Geometric's form (docs/formats.md): named arrays in an HDF5 file or an .npz archive. */
#ifndef HG_IO_IMPORT_IMPORT_ARRAYS_H
#define HG_IO_IMPORT_IMPORT_ARRAYS_H

#include "io/hdf5/h5.h"
#include "io/import/import_private.h"

/** Classes of arrays that hold real numbers. */
enum { HG_IMPORT_NUMBERS = HG_H5_INTEGER | HG_H5_FLOAT | HG_H5_BOOL };

/** Called by hg_array_source's `list` for each name. */
typedef void hg_name_visit(const char *name, void *context);

/** A source of arrays: a handle and its operations, with the meaning of hg_h5_exists, hg_h5_describe and hg_h5_read.
 *  All Local. */
struct hg_array_source {
    const char *path;
    const void *handle;
    bool (*exists)(const void *handle, const char *name);
    hg_status (*describe)(const void *handle, const char *name, struct hg_h5_shape *shape);
    hg_status (*read)(const void *handle, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);
    hg_status (*list)(const void *handle, hg_name_visit *visit,
                      void *context); /**< visits all names at the root */
};

/** Reads the rank's share of every array: its block of nodes (hg_import_block) and an equal block of edges. Notes
 *  arrays that are not read. `opened`: status of opening the source on this rank. Collective. */
hg_status hg_import_arrays(struct hg_import *import, const struct hg_array_source *source, hg_status opened);

/** Reads edge_index, and edge_attr and edge_weight, put side by side, as edge features. Local. */
hg_status hg_import_array_edges(struct hg_import *import, const struct hg_array_source *source);

/** Reads the features of the rank's block: dense from x, or sparse from x_shape, x_indptr, x_indices and x_data.
 *  Local. */
hg_status hg_import_array_features(struct hg_import *import, const struct hg_array_source *source);

/** Reads train_mask, val_mask and test_mask. Local. */
hg_status hg_import_array_masks(struct hg_import *import, const struct hg_array_source *source);

/** For splits without a mask, reads a list of node ids: train_idx, val_idx or valid_idx, test_idx. Collective. */
hg_status hg_import_array_ids(struct hg_import *import, const struct hg_array_source *source);

/** Whether hg_import_array_ids reads the array `name`. Local. */
bool hg_import_reads_ids(const struct hg_array_source *source, const char *name);

/** Notes the arrays that are not read. Local. */
hg_status hg_import_note_unread(struct hg_import *import, const struct hg_array_source *source);

/** Always fails: there is no edge_index; the message lists the names that exist. Local. */
hg_status hg_import_no_edges(const struct hg_array_source *source);

/** Describes an array; fails unless its class is in `classes` (HG_IMPORT_NUMBERS or HG_H5_INTEGER). Local. */
hg_status hg_import_describe_array(const struct hg_array_source *source, const char *name, unsigned classes,
                                   struct hg_h5_shape *shape);

/** Always fails: "NAME has D dimensions, R rows and C columns, not WANTED". Local. */
hg_status hg_import_bad_shape(const struct hg_array_source *source, const char *name,
                              const struct hg_h5_shape *shape, const char *wanted);

/** Reads the rank's rows of an array with N, the number of nodes, as one of its dimensions: [N], [N, cols] or [cols,
 *  N]. *data [count, cols], as HG_H5_REAL or HG_H5_DOUBLE, is newly allocated; the caller frees it. Local. */
hg_status hg_import_node_array(struct hg_import *import, const struct hg_array_source *source,
                               const char *name, enum hg_h5_type type, int64_t *cols, void **data);

#endif
