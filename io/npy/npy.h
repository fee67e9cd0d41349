/** Reads NumPy's array format (.npy, members of .npz): NEP 1, versions 1 to 3, either byte order, C or Fortran
 *  order. */
#ifndef HG_IO_NPY_NPY_H
#define HG_IO_NPY_NPY_H

#include "io/hdf5/h5.h"
#include "io/stream.h"

struct hg_npy_type;

/** The header of an array. */
struct hg_npy {
    struct hg_h5_shape shape;
    const struct hg_npy_type *type; /**< NULL: a type that cannot be read (shape.kind) */
    int64_t header_bytes;           /**< offset of the first element */
    bool fortran;                   /**< Fortran order */
    bool swapped;                   /**< big-endian */
};

/** Reads the header; the stream is then at the first element. Local. */
hg_status hg_npy_read_header(const struct hg_stream *stream, struct hg_npy *npy);

/** Reads a block of an array of at most two dimensions into `data`, row-major, as HG_H5_INT64, HG_H5_REAL or
 *  HG_H5_DOUBLE. The stream must be at the first element. Fails when floats are requested as integers, an integer
 *  does not fit, or elements are missing. Local. */
hg_status hg_npy_read(const struct hg_stream *stream, const struct hg_npy *npy, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data);

#endif
