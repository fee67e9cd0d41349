/** Recognises what a file is, by its first bytes and, for HDF5, by its attribute `format`. Messages about a wrong
 *  input file use it. */
#ifndef HG_IO_FILE_KIND_H
#define HG_IO_FILE_KIND_H

#include "io/hdf5/h5.h"

enum hg_file_kind {
    HG_FILE_GRAPH,      /**< HDF5, format halogat-graph */
    HG_FILE_CHECKPOINT, /**< HDF5, format halogat-checkpoint */
    HG_FILE_DATA,       /**< HDF5 with edge_index, as PyTorch Geometric users write it */
    HG_FILE_PARAMS,     /**< HDF5 with /params and no attribute `format` */
    HG_FILE_HDF5,       /**< any other HDF5 */
    HG_FILE_NPZ,
    HG_FILE_NPY,
    HG_FILE_TORCH, /**< what torch.save writes */
    HG_FILE_ZIP,
    HG_FILE_MATRIX, /**< MatrixMarket */
    HG_FILE_GZIP,
    HG_FILE_TEXT,
    HG_FILE_EMPTY,
    HG_FILE_RUN, /**< folder of a training run */
    HG_FILE_FOLDER,
    HG_FILE_OTHER,
    HG_FILE_KINDS
};

/** The kind of the file or folder `path`. Looks at the first bytes only, so every HDF5 file is HG_FILE_HDF5
 *  (hg_file_kind_hdf5 looks further). Fails when the path cannot be read. Local. */
hg_status hg_file_kind(const char *path, enum hg_file_kind *kind);

/** Whether no importer reads files of this kind. */
bool hg_file_kind_is_not_data(enum hg_file_kind kind);

/** The kind in words: "a graph file", "a NumPy archive". */
const char *hg_file_kind_name(enum hg_file_kind kind);

/** Always fails: says what kind `path` is where `wanted` (HG_FILE_GRAPH, HG_FILE_CHECKPOINT or HG_FILE_DATA) was
 *  expected, and which command converts it, if any. Local. */
hg_status hg_file_kind_fail(const char *path, enum hg_file_kind kind, enum hg_file_kind wanted);

/** The kind of an open HDF5 file: HG_FILE_GRAPH, _CHECKPOINT, _DATA, _PARAMS or _HDF5. Local. */
hg_status hg_file_kind_hdf5(const struct hg_h5 *file, enum hg_file_kind *kind);

/** Opens the HDF5 file `path` for reading, as hg_h5_open does. When it is not HDF5, or not of kind `wanted`
 *  (HG_FILE_HDF5: any kind), fails with what it is. Close with hg_h5_close. Local. */
hg_status hg_file_kind_open(const char *path, enum hg_file_kind wanted, struct hg_h5 *file);

/** Sets *kind to HG_FILE_PARAMS when the file has tensors in /params; else leaves it. Local. */
hg_status hg_file_kind_params(const struct hg_h5 *file, enum hg_file_kind *kind);

#endif
