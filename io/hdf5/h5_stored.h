/** Data sets as they are stored: bytes for hashes, whatever the type. */
#ifndef HG_IO_HDF5_H5_STORED_H
#define HG_IO_HDF5_H5_STORED_H

#include "io/hdf5/h5.h"

enum { HG_H5_CODE = 16 };

/** How a data set is stored. */
struct hg_h5_stored {
    char code
        [HG_H5_CODE]; /**< kind and bytes of a number: i4, u1, f8; b1: h5py's bool; S9: text; V: anything else */
    int64_t rows;     /**< size of the first dimension */
    size_t row_bytes; /**< of all columns */
};

/** Pieces of `length` rows: they start at first, first + stride, ... */
struct hg_h5_pieces {
    int64_t first, stride, count, length;
};

/** Fails when the data set is missing or has no rows (a scalar). Local. */
hg_status hg_h5_describe_stored(const struct hg_h5 *file, const char *name, struct hg_h5_stored *stored);

/** Reads the pieces into data, one behind the other, numbers in little-endian order; of kind V nothing can be read. Local. */
hg_status hg_h5_read_stored(const struct hg_h5 *file, const char *name, const struct hg_h5_pieces *pieces,
                            void *data);

#endif
