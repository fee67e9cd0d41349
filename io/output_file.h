/** HDF5 files of results, in the imported order of nodes or edges (docs/formats.md: pred.h5, alpha.h5).
 *
 *      hg_output_file_create(comm, path, &file);
 *      hg_output_file_rows(&file, &rows);          once per data set
 *      hg_output_file_commit(&file);               the file appears under its name
 *
 *  Each rank passes the rows that it has, in any order. Each row is sent to the rank that writes its block of the
 *  file (hg_block_range), so no rank holds more than its share.
 */
#ifndef HG_IO_OUTPUT_FILE_H
#define HG_IO_OUTPUT_FILE_H

#include "io/atomic.h"
#include "io/hdf5/h5.h"

/** A file of results that is being written. */
struct hg_output_file {
    const struct hg_comm *comm;
    struct hg_atomic paths;
    bool open; /**< neither committed nor aborted */
};

/** The rows of a data set that one rank has: its row k is row position[k] of the data set. Nothing is owned. */
struct hg_output_rows {
    const char *name;     /**< "/logits" */
    enum hg_h5_type type; /**< on disk, and in memory */
    int64_t text_bytes;   /**< width of HG_H5_TEXT */
    int64_t columns;      /**< 0: one-dimensional */
    bool transposed; /**< on disk [columns, total], as PyG's edge_index; data is still [count, columns] */
    int64_t total;   /**< rows of all ranks; the same on every rank */
    int64_t count;   /**< rows on this rank */
    const int64_t *position; /**< [count] in 0..total-1; over all ranks, each position occurs once */
    const void *data;        /**< [count, columns] */
};

/** Creates an empty file under a temporary name (io/atomic.h). `comm` must outlive it. On failure no file is left.
 *  Collective. */
hg_status hg_output_file_create(const struct hg_comm *comm, const char *path, struct hg_output_file *file);

/** Writes a data set. Fails when a position is missing, occurs twice or is out of range; the file is then aborted.
 *  Collective. */
hg_status hg_output_file_rows(struct hg_output_file *file, const struct hg_output_rows *rows);

/** Renames the file to its final name. Fails when it was aborted. Collective. */
hg_status hg_output_file_commit(struct hg_output_file *file);

/** Removes the file; does nothing after commit or abort. Collective. */
void hg_output_file_abort(struct hg_output_file *file);

#endif
