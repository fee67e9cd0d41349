/** Importers: a data set of some format as rows in blocks of imported ids. One table of formats; one file per format. */
#ifndef HG_IO_IMPORT_IMPORT_H
#define HG_IO_IMPORT_IMPORT_H

#include "base/notes.h"
#include "graph/node_table.h"
#include "graph/rows_from_edges.h"

struct hg_import_options {
    const char *source;   /**< file: HDF5, .npz, or an edge list in text (.csv, .tsv, .txt; .gz of each) */
    const char *format;   /**< "hdf5", "npz", "text"; NULL: told from the file */
    const char *features; /**< text only: MatrixMarket (.mtx, .gz) or .npy; NULL: none */
    const char *
        labels; /**< text only: one label a line (integers; empty or -1: none; several columns: multi-label) */
    const char *targets;         /**< text only: one row of numbers a line (nan: none) */
    const char *mask[HG_SPLITS]; /**< text only: 0/1 a line for every node, or node ids, one a line */
    const char *names;           /**< one node name a line, or NULL */
    const char *class_names;     /**< one class name a line, or NULL */
    const char
        *columns; /**< text only: which columns are read, "source=A,target=B" (io/text/table.h), or NULL */
    int64_t num_nodes; /**< text only: 0: the most that features, labels and edges need */
    bool keep_double;  /**< features that are float64 in the source stay so */
    struct hg_build_options build;
    bool has_task; /**< task was given; else guessed as the contract says */
    enum hg_task task;
    double split_train, split_val; /**< shares of the labelled nodes; train < 0: no random split */
    uint64_t seed;                 /**< of the random split */
    struct hg_notes *notes;        /**< what the user should know beside the result; NULL: nobody asks */
};

/** Reads a data set. Every problem in it is an error that names file, place and reason: unreadable, malformed, indices out of
 *  range, shapes that do not fit, NaN or infinite features, labels out of range. Collective. */
hg_status hg_import(const struct hg_comm *comm, const struct hg_import_options *options,
                    struct hg_node_table *rows);

#endif
