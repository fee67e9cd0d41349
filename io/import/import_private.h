/** Shared by the importers: the data set while it is read, before its rows are built. */
#ifndef HG_IO_IMPORT_IMPORT_PRIVATE_H
#define HG_IO_IMPORT_IMPORT_PRIVATE_H

#include "io/file_kind.h"
#include "io/import/import.h"

/** Labels or targets of the rank's nodes, as numbers in the source. */
struct hg_raw_labels {
    const char *what; /**< file or data set, for messages; not owned; NULL: there are none */
    const char *name; /**< their name in notes: "y", or the file */
    int64_t cols;     /**< T */
    bool integers;    /**< stored as integers; one such column holds classes */
    double *value;    /**< [count, cols], NaN: missing; owned */
};

/** A data set while it is imported. A reader fills, in `rows`, info.{num_nodes, num_features, sparse, num_splits,
 *  has_split, has_graph}, and x, mask and graph of the rank's block of nodes (hg_import_block); `labels` of that
 *  block; and `edges`, each edge on any one rank. */
struct hg_import {
    const struct hg_comm *comm;
    const struct hg_importer *importer;
    const struct hg_import_options *options;
    struct hg_node_table *rows;
    struct hg_edges edges;
    /** [edges.count, edges.attr_cols] float64, instead of edges.attr until hg_import_settle_edges; owned */
    double *edge_wide;
    bool x_integers; /**< x was stored as integers, which may be too large for float64 */
    struct hg_raw_labels labels;
};

/** The rank's block of nodes, once info.num_nodes is known. Local. */
struct hg_range hg_import_block(const struct hg_import *import);

/** Sets info.num_nodes; fails unless there are 1..2^48. `what` is the file or data set in the message. Local. */
hg_status hg_import_set_nodes(struct hg_import *import, const char *what, int64_t nodes);

struct hg_edge_lines;

/** A format. Either `read` reads the whole data set, or `read_edges` reads the edges of a text file; then the options
 *  name separate files of features, labels and masks (import_text.h). */
struct hg_importer {
    unsigned kinds; /**< kinds of files that it accepts: bit mask of 1 << kind (enum hg_file_kind) */
    /** endings of file names that it accepts (hg_path_ends), NULL after the last; NULL: any name */
    const char *const *endings;
    hg_status (*read)(struct hg_import *import);                                    /**< Collective */
    hg_status (*read_edges)(struct hg_import *import, struct hg_edge_lines *lines); /**< Collective */
};

#define HG_IMPORTER_DECLARE(name) extern const struct hg_importer hg_importer_##name;
HG_IMPORTER_LIST(HG_IMPORTER_DECLARE)
#undef HG_IMPORTER_DECLARE

/** Reads a data set in text: the edges with import->importer->read_edges, and the separate files. Collective. */
hg_status hg_import_text(struct hg_import *import);

/** Fails at the first dense feature that is not finite: "FILE: NAME: row R, column C is not finite". x has `rows`
 *  rows, which are numbered from `row` in the message. Local. */
hg_status hg_import_check_dense(const char *file, const char *name, int64_t row, int64_t rows,
                                const struct hg_features *x);

/** Sorts each row of sparse features by column, then checks that columns are in range and occur once and that values
 *  are finite. Rows are numbered from `row` in messages. Local. */
hg_status hg_import_check_sparse(const char *file, int64_t row, int64_t rows, struct hg_features *x);

/** Chooses the task (from the options, else guessed) and converts the raw labels, which are freed, to y_class,
 *  y_label or y_target. Sets info.{task, num_outputs, has_labels}. Collective. */
hg_status hg_import_labels(struct hg_import *import);

/** Reads the files of node and class names, if any, after rows->count is known. More class names than classes raise
 *  info.num_outputs. Collective. */
hg_status hg_import_names(struct hg_import *import);

#endif
