/** HDF5 behind a small face: the only home of hdf5.h (with h5_private.h).
 *
 *  Reading: every rank opens the file by itself with the POSIX driver, read-only and without file locks, so a
 * failure is local and the caller agrees on it; no collective HDF5 call can hang. Writing: one rank creates
 * the file with all its attributes and empty data sets (hg_h5_create, hg_h5_define), then all ranks open it
 * through MPI-IO (hg_h5_open_shared) and write their rows independently.
 *
 *  HDF5's own error printing is turned off; each failure is one line that names the file and the data set.
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

/** What kind of numbers a data set holds, as bits, so that a set of kinds can be asked for. */
enum hg_h5_class {
    HG_H5_INTEGER = 1,
    HG_H5_FLOAT = 2,  /**< of 16, 32, 64 ... bits */
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

/** Bytes of a number in memory; not of HG_H5_TEXT, whose width is a data set's own. Local. */
size_t hg_h5_bytes(enum hg_h5_type type);

/** Type and shape of a data set. */
struct hg_h5_shape {
    unsigned classes; /**< one enum hg_h5_class; in what hg_h5_expect wants: all that will do */
    size_t bytes;     /**< of one element; ignored by hg_h5_expect */
    int dims;
    int64_t size[HG_H5_DIMS]; /**< in hg_h5_expect: -1: any */
    const char
        *kind; /**< of HG_H5_OTHER and HG_H5_STRING, what it is: "text", "complex numbers"; else NULL */
};

/** Part of a data set: count[d] elements from start[d] in each dimension. */
struct hg_h5_block {
    int dims;
    int64_t start[HG_H5_DIMS], count[HG_H5_DIMS];
};

/** Opens for reading. Fails when the file is missing, unreadable, no HDF5, truncated or damaged, has a seal (io/seal.h) that does not fit,
 * or when anything in it leads to another file. `path` must outlive the handle. Local. */
hg_status hg_h5_open(const char *path, struct hg_h5 *file);

/** Closes a file that was read; a second call does nothing. Local. */
void hg_h5_close(struct hg_h5 *file);

/** Closes a file that was written, with the outcome of the writing: returns `written` when that is a failure, else
 *  whether the file could be completed. Room on the disk is claimed first, for all data sets, so that a full disk is
 *  noticed here and not rows later. Local; in a shared file Collective, though its status is local. */
hg_status hg_h5_finish(struct hg_h5 *file, hg_status written);

/** Whether there is a data set `name` ("/group/name"). Local. */
bool hg_h5_exists(const struct hg_h5 *file, const char *name);

/** Type and shape of a data set; fails when it is missing or has more than HG_H5_DIMS dimensions. Local. */
hg_status hg_h5_describe(const struct hg_h5 *file, const char *name, struct hg_h5_shape *shape);

/** Describes a data set and fails, saying what was found and wanted, unless it has the wanted class and
 * shape. `shape` may be NULL. Local. */
hg_status hg_h5_expect(const struct hg_h5 *file, const char *name, const struct hg_h5_shape *want,
                       struct hg_h5_shape *shape);

/** Reads a block, row-major, as `type` (text: with the data set's own width). Integers and bools are read as
 * integers or reals, floats as reals only; a number that does not fit an integer type is a failure. Local. */
hg_status hg_h5_read(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                     const struct hg_h5_block *block, void *data);

/** Reads rows (first dimension) with all their columns. Local. */
hg_status hg_h5_read_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                          struct hg_range rows, void *data);

/** Reads n elements of a one-dimensional data set of integers: values[k] = set[at[k]]. Local. */
hg_status hg_h5_read_points(const struct hg_h5 *file, const char *name, const int64_t *at, int64_t n,
                            int64_t *values);

/** Root attribute as newly allocated text (the caller frees it); NULL when absent. Strings of fixed and of
 * variable length. Fails when it is no single string. Local. */
hg_status hg_h5_get_text(const struct hg_h5 *file, const char *name, char **text);

/** Root attribute as an integer; *found is false, and *value as it was, when absent. Fails when it is no
 * single integer or bool. Local. */
hg_status hg_h5_get_int(const struct hg_h5 *file, const char *name, int64_t *value, bool *found);

/** Root attribute, integer or float, as a double; as hg_h5_get_int. Local. */
hg_status hg_h5_get_number(const struct hg_h5 *file, const char *name, double *value, bool *found);

/** Fails unless the file's root attributes say `format` and a version from 1 to `newest`. Local. */
hg_status hg_h5_check_format(const struct hg_h5 *file, const char *format, int64_t newest);

/** Creates (truncates) a file for this process alone. shown: its name in messages, which that of a temporary file is not; must outlive the
 *  handle. Local. */
hg_status hg_h5_create(const char *path, const char *shown, struct hg_h5 *file);

/** The same with room for a seal (io/seal.h), which is written when the file is finished. Local. */
hg_status hg_h5_create_sealed(const char *path, const char *shown, struct hg_h5 *file);

/** Opens an existing file for writing: by this process alone. Local. */
hg_status hg_h5_open_writable(const char *path, const char *shown, struct hg_h5 *file);

/** The same by all ranks, through MPI-IO; `shown`: its name in messages. Fails when a rank does not see the file that rank 0 made, as on a
 *  file system of its host alone. Only hg_h5_write, hg_h5_write_rows and hg_h5_finish may follow. Collective. */
hg_status hg_h5_open_shared(const struct hg_comm *comm, const char *path, const char *shown,
                            struct hg_h5 *file);

/** Creates a contiguous data set, its contents undefined until written, and the groups above it.
 *  text_bytes is the width of HG_H5_TEXT, unused otherwise. Local. */
hg_status hg_h5_define(const struct hg_h5 *file, const char *name, enum hg_h5_type type, int64_t text_bytes,
                       int dims, const int64_t *size);

/** Writes rows (first dimension) of a data set, in pieces that any MPI-IO can carry. Local, also in a shared
 * file. */
hg_status hg_h5_write_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                           struct hg_range rows, const void *data);

/** Writes a block of any shape, row-major. Local, also in a shared file. */
hg_status hg_h5_write(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, const void *data);

/** New root attributes: UTF-8 of variable length, int64, float64. Local. */
hg_status hg_h5_set_text(const struct hg_h5 *file, const char *name, const char *text);
hg_status hg_h5_set_int(const struct hg_h5 *file, const char *name, int64_t value);
hg_status hg_h5_set_number(const struct hg_h5 *file, const char *name, double value);

#endif
