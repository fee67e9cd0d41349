/** Imports a data set: each rank gets the rows of one block of imported ids. There is one file per format.
 *
 *  To add a format: a file import_NAME.c that defines hg_importer_NAME (struct hg_importer in import_private.h), and
 *  NAME in HG_IMPORTER_LIST. If check_name in import.c rejects the names of such files, remove that entry.
 */
#ifndef HG_IO_IMPORT_IMPORT_H
#define HG_IO_IMPORT_IMPORT_H

#include "base/notes.h"
#include "graph/node_table.h"
#include "graph/rows_from_edges.h"

/** X(name) for each format. Without options->format, the first format that accepts the file reads it; the last is for
 *  all remaining files. */
#define HG_IMPORTER_LIST(X)                                                                                  \
    X(hdf5)                                                                                                  \
    X(npz)                                                                                                   \
    X(metis)                                                                                                 \
    X(text)

#define HG_IMPORTER_KIND(name) HG_IMPORTER_##name,
enum hg_importer_kind { HG_IMPORTER_LIST(HG_IMPORTER_KIND) HG_IMPORTERS };
#undef HG_IMPORTER_KIND

extern const char *const hg_importer_name[HG_IMPORTERS]; /**< "hdf5", "npz", ... */

struct hg_import_options {
    const char *source;   /**< file: HDF5, .npz, or an edge list in text (.csv, .tsv, .txt; .gz of each) */
    const char *format;   /**< one of hg_importer_name; NULL: detected from the file's contents and name */
    const char *features; /**< text only: MatrixMarket (.mtx, .gz) or .npy; NULL: none */
    /** text only: one label per line (integers; empty or -1: none; several columns: multi-label) */
    const char *labels;
    const char *targets;         /**< text only: one row of numbers per line (nan: none) */
    const char *mask[HG_SPLITS]; /**< text only: one 0 or 1 per node and line, or one node id per line */
    const char *names;           /**< one node name per line, or NULL */
    const char *class_names;     /**< one class name per line, or NULL */
    /** text only: which columns are read, "source=A,target=B" (io/text/table.h), or NULL */
    const char *columns;
    int64_t num_nodes; /**< text only: number of nodes; 0: the smallest that the files allow */
    /** text only: bytes of an edge list that a thread parses at once; 0: 64 KiB. The result is the same */
    int64_t block_bytes;
    bool keep_double; /**< features that are float64 in the source stay float64 */
    struct hg_build_options build;
    bool has_task; /**< `task` is given; else it is guessed from the labels (docs/formats.md) */
    enum hg_task task;
    double split_train, split_val; /**< shares of the labelled nodes; split_train < 0: no random split */
    uint64_t seed;                 /**< of the random split */
    struct hg_notes *notes;        /**< out: remarks for the user; NULL: none are collected */
};

/** Reads a data set into `rows`, which the caller destroys. Fails with file, line or element, and reason, when
 *  anything in it is unreadable, malformed or out of range, has the wrong shape, or is a NaN or infinite feature.
 *  Collective. */
hg_status hg_import(const struct hg_comm *comm, const struct hg_import_options *options,
                    struct hg_node_table *rows);

#endif
