/** Files of results in the imported order (docs/formats.md: pred.h5, alpha.h5).
 *
 *      hg_output_file_create(comm, path, &file);
 *      hg_output_file_rows(&file, &rows);          once per data set
 *      hg_output_file_commit(&file);               the file appears under its name
 *
 *  Ranks give their rows in any order; each row travels to the rank that writes its block, so the data sets are
 *  contiguous and no rank holds more than its share.
 */
#ifndef HG_IO_OUTPUT_FILE_H
#define HG_IO_OUTPUT_FILE_H

#include "io/atomic.h"
#include "io/hdf5/h5.h"

/** A file of results in the making. */
struct hg_output_file {
    const struct hg_comm *comm;
    struct hg_atomic paths;
    bool open; /**< neither committed nor aborted */
};

/** A data set as its ranks hold it: row k here is row position[k] of the file. */
struct hg_output_rows {
    const char *name;     /**< "/logits" */
    enum hg_h5_type type; /**< on disk, and in memory */
    int64_t text_bytes;   /**< width of HG_H5_TEXT */
    int64_t columns;      /**< 0: one-dimensional */
    bool transposed; /**< on disk [columns, total], as PyG's edge_index; in memory still [count, columns] */
    int64_t total;   /**< rows of all ranks; equal everywhere */
    int64_t count;   /**< rows on this rank */
    const int64_t *position; /**< [count] in 0..total-1; each is given once, by one rank */
    const void *data;        /**< [count, columns] */
};

/** Starts a file. `comm` must outlive it. On failure nothing is left. Collective. */
hg_status hg_output_file_create(const struct hg_comm *comm, const char *path, struct hg_output_file *file);

/** Writes a data set. Fails when a position is missing, given twice or out of range. On failure the file is aborted.
 *  Collective. */
hg_status hg_output_file_rows(struct hg_output_file *file, const struct hg_output_rows *rows);

/** Makes the file appear under its name. Fails when it was aborted. Collective. */
hg_status hg_output_file_commit(struct hg_output_file *file);

/** Removes what was written; nothing when it is committed or aborted already. Collective. */
void hg_output_file_abort(struct hg_output_file *file);

#endif
