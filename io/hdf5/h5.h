/** A small interface to HDF5. hdf5.h is included in io/hdf5/ only.
 *
 *  Reading: each rank opens the file by itself, read-only and without file locks. So
 *  failures are local, the caller agrees on them, and no collective HDF5 call can hang. Writing: one rank creates the
 *  file with all attributes and empty data sets (hg_h5_create, hg_h5_define); then all ranks open it through MPI-IO
 *  (hg_h5_open_shared) and write their rows independently.
 *
 *  HDF5 prints no errors of its own; each failure gives one message that names the file and the data set.
 */
#ifndef HG_IO_HDF5_H5_H
#define HG_IO_HDF5_H5_H

#include "base/types.h"
#include "dist/comm.h"

enum { HG_H5_DIMS = 4 };

/** An open file. */
struct hg_h5 {
    int64_t id;       /**< HDF5's identifier; negative: not open */
    const char *path; /**< as it appears in messages; not owned */
    bool shared;      /**< open through MPI-IO */
};

/** What the elements of a data set are. Each class is one bit, so that a set of classes can be given. */
enum hg_h5_class {
    HG_H5_INTEGER = 1,
    HG_H5_FLOAT = 2,  /**< of any width up to long double */
    HG_H5_BOOL = 4,   /**< h5py's bool: an enum of one byte */
    HG_H5_STRING = 8, /**< of fixed length */
    HG_H5_OTHER = 16
};

/** Types in memory and, where data sets are created, on disk. */
enum hg_h5_type {
    HG_H5_INT64,
    HG_H5_INT32,
    HG_H5_UINT8,
    HG_H5_TRUTH,  /**< memory: uint8_t 0 or 1; disk: h5py's bool */
    HG_H5_REAL,   /**< hg_real: float32, in the double build float64 */
    HG_H5_DOUBLE, /**< float64 */
    HG_H5_TEXT,   /**< UTF-8 of fixed length, null-padded */
    HG_H5_TYPES
};

/** Bytes of a number in memory. Not for HG_H5_TEXT, whose width belongs to the data set. Local. */
size_t hg_h5_bytes(enum hg_h5_type type);

/** Type and shape of a data set. */
struct hg_h5_shape {
    unsigned classes; /**< one enum hg_h5_class; as `want` of hg_h5_expect, all that are accepted */
    size_t bytes;     /**< per element; ignored in `want` */
    int dims;
    int64_t size[HG_H5_DIMS]; /**< per dimension; in `want`, -1: any */
    const char *kind;         /**< the type in words where it is not a number: "text"; else NULL */
};

/** A block of a data set: count[d] elements from start[d] on in each dimension d. */
struct hg_h5_block {
    int dims;
    int64_t start[HG_H5_DIMS], count[HG_H5_DIMS];
};

/** Opens a file for reading. Fails when it is missing, unreadable, not HDF5, truncated or damaged, when its checksum
 *  (io/seal.h), if it has one, is wrong, or when anything in it refers to another file. `path` must outlive the
 *  handle. Local. */
hg_status hg_h5_open(const char *path, struct hg_h5 *file);

/** Closes a file that was opened for reading; a second call does nothing. Local. */
void hg_h5_close(struct hg_h5 *file);

/** Closes a file that was written. `written`: the outcome of the writing; when it is a failure, it is returned, else
 *  whether the file could be completed. Disk space for all data sets is allocated first (not in a shared file), so
 *  that a full disk is noticed here and not while rows are written. Local; for a shared file Collective, but the
 *  status is local. */
hg_status hg_h5_finish(struct hg_h5 *file, hg_status written);

/** Whether there is a data set `name` ("/group/name"). Local. */
bool hg_h5_exists(const struct hg_h5 *file, const char *name);

/** Type and shape of a data set; fails when it is missing or has more than HG_H5_DIMS dimensions. Local. */
hg_status hg_h5_describe(const struct hg_h5 *file, const char *name, struct hg_h5_shape *shape);

/** Fails unless a data set has the class and shape `want`; the message has both. `shape`: out: what was found; may be
 *  NULL. Local. */
hg_status hg_h5_expect(const struct hg_h5 *file, const char *name, const struct hg_h5_shape *want,
                       struct hg_h5_shape *shape);

/** Reads a block, row-major, converted to `type` (text: of the data set's width). Integers and bools can be read as
 *  integers or reals, floats only as reals. Fails when a number does not fit an integer type. Local. */
hg_status hg_h5_read(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                     const struct hg_h5_block *block, void *data);

/** Reads rows (the first dimension) with all their columns. Local. */
hg_status hg_h5_read_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                          struct hg_range rows, void *data);

/** Reads n elements of a one-dimensional data set of integers: values[k] = set[at[k]]. Local. */
hg_status hg_h5_read_points(const struct hg_h5 *file, const char *name, const int64_t *at, int64_t n,
                            int64_t *values);

/** Reads a root attribute, a string of fixed or variable length, into newly allocated *text, which the caller frees;
 *  NULL when there is no such attribute. Fails when it is not a single string. Local. */
hg_status hg_h5_get_text(const struct hg_h5 *file, const char *name, char **text);

/** Reads a root attribute as an integer. When there is none, *found is false and *value stays as it is. Fails when it
 *  is not a single integer or bool. Local. */
hg_status hg_h5_get_int(const struct hg_h5 *file, const char *name, int64_t *value, bool *found);

/** The same for an integer or a float, as a double. Local. */
hg_status hg_h5_get_number(const struct hg_h5 *file, const char *name, double *value, bool *found);

/** Fails unless the root attribute `format` has this text and `version` is from 1 to `newest`. Local. */
hg_status hg_h5_check_format(const struct hg_h5 *file, const char *format, int64_t newest);

/** Creates or truncates a file that only this process writes. `shown`: its name in messages, since `path` may be a
 *  temporary name; it must outlive the handle. Local. */
hg_status hg_h5_create(const char *path, const char *shown, struct hg_h5 *file);

/** The same, with space at its start for a seal (io/seal.h), which the caller writes after hg_h5_finish. Local. */
hg_status hg_h5_create_sealed(const char *path, const char *shown, struct hg_h5 *file);

/** Opens an existing file that only this process writes. `shown` as for hg_h5_create. Local. */
hg_status hg_h5_open_writable(const char *path, const char *shown, struct hg_h5 *file);

/** Opens an existing file that all ranks write, through MPI-IO. Fails when a rank does not see the file that rank 0
 *  made, for example on a file system that hosts do not share. Only hg_h5_write, hg_h5_write_rows and hg_h5_finish
 *  may follow. Collective. */
hg_status hg_h5_open_shared(const struct hg_comm *comm, const char *path, const char *shown,
                            struct hg_h5 *file);

/** Creates a contiguous data set, whose contents are undefined until written, and the groups that it lies in.
 *  text_bytes: width of HG_H5_TEXT, otherwise unused. Local. */
hg_status hg_h5_define(const struct hg_h5 *file, const char *name, enum hg_h5_type type, int64_t text_bytes,
                       int dims, const int64_t *size);

/** Writes rows (the first dimension) of a data set, in pieces small enough for MPI-IO. Local, also in a shared
 *  file. */
hg_status hg_h5_write_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                           struct hg_range rows, const void *data);

/** Writes a block of any shape, row-major. Local, also in a shared file. */
hg_status hg_h5_write(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, const void *data);

/** Create a root attribute: UTF-8 of variable length, int64, float64. Local. */
hg_status hg_h5_set_text(const struct hg_h5 *file, const char *name, const char *text);
hg_status hg_h5_set_int(const struct hg_h5 *file, const char *name, int64_t value);
hg_status hg_h5_set_number(const struct hg_h5 *file, const char *name, double value);

#endif
