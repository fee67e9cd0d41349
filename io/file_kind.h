/** What a file is, told from its first bytes and, in HDF5, from its attribute `format`: for the message when another kind is wanted.
 */
#ifndef HG_IO_FILE_KIND_H
#define HG_IO_FILE_KIND_H

#include "io/hdf5/h5.h"

enum hg_file_kind {
    HG_FILE_GRAPH,      /**< HDF5, format halogat-graph */
    HG_FILE_CHECKPOINT, /**< HDF5, format halogat-checkpoint */
    HG_FILE_DATA,       /**< HDF5 with edge_index, as PyTorch Geometric users write it */
    HG_FILE_PARAMS,     /**< HDF5 with /params and without format */
    HG_FILE_HDF5,       /**< any other HDF5 */
    HG_FILE_NPZ,
    HG_FILE_NPY,
    HG_FILE_TORCH, /**< what torch.save writes */
    HG_FILE_ZIP,
    HG_FILE_MATRIX, /**< MatrixMarket */
    HG_FILE_GZIP,
    HG_FILE_TEXT,
    HG_FILE_EMPTY,
    HG_FILE_RUN, /**< folder of a run */
    HG_FILE_FOLDER,
    HG_FILE_OTHER,
    HG_FILE_KINDS
};

/** The kind of a path. HDF5 is told apart only by its first bytes: HG_FILE_HDF5, whatever is in it. Fails when the path cannot be read.
 *  Local. */
hg_status hg_file_kind(const char *path, enum hg_file_kind *kind);

/** Whether a path of that kind is nothing that can be imported. */
bool hg_file_kind_is_no_data(enum hg_file_kind kind);

/** "a graph file", "a NumPy archive". */
const char *hg_file_kind_name(enum hg_file_kind kind);

/** Fails with what the path is, where `wanted` (HG_FILE_GRAPH, HG_FILE_CHECKPOINT or HG_FILE_DATA) was expected, and with what makes it of
 *  that kind. Local. */
hg_status hg_file_kind_fail(const char *path, enum hg_file_kind kind, enum hg_file_kind wanted);

/** What an open HDF5 file is: one of the first five. Local. */
hg_status hg_file_kind_hdf5(const struct hg_h5 *file, enum hg_file_kind *kind);

/** Opens the HDF5 file `path` for reading, as hg_h5_open does, and says what else it is when it is not HDF5, or not of kind `wanted`
 *  (HG_FILE_HDF5: any kind). Close with hg_h5_close. Local. */
hg_status hg_file_kind_open(const char *path, enum hg_file_kind wanted, struct hg_h5 *file);

/** Makes *kind HG_FILE_PARAMS when there are parameters (/params); else it stays. Local. */
hg_status hg_file_kind_params(const struct hg_h5 *file, enum hg_file_kind *kind);

#endif
