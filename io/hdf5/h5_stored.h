/** Reads data sets as bytes, without conversion of types, for hashes. */
#ifndef HG_IO_HDF5_H5_STORED_H
#define HG_IO_HDF5_H5_STORED_H

#include "io/hdf5/h5.h"

enum { HG_H5_CODE = 16 };

/** How a data set is stored. */
struct hg_h5_stored {
    /** kind and bytes of an element: i4, u1, f8; b1: h5py's bool; S9: text; V8: anything else */
    char code[HG_H5_CODE];
    int64_t rows;     /**< size of the first dimension */
    size_t row_bytes; /**< bytes of a row, all columns together */
};

/** `count` pieces of `length` rows each, which start at rows first, first + stride, ... */
struct hg_h5_pieces {
    int64_t first, stride, count, length;
};

/** Describes a data set. Fails when it is missing or is a scalar. Local. */
hg_status hg_h5_describe_stored(const struct hg_h5 *file, const char *name, struct hg_h5_stored *stored);

/** Reads the pieces into data, one behind the other, with numbers in little-endian order. Fails for kind V. Local. */
hg_status hg_h5_read_stored(const struct hg_h5 *file, const char *name, const struct hg_h5_pieces *pieces,
                            void *data);

#endif
