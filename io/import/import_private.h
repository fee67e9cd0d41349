/** What the importers share: the data set as it is read, before it becomes rows. */
#ifndef HG_IO_IMPORT_IMPORT_PRIVATE_H
#define HG_IO_IMPORT_IMPORT_PRIVATE_H

#include "io/import/import.h"

/** Labels or targets of the rank's nodes as the source has them. */
struct hg_raw_labels {
    const char *what; /**< file or data set, for messages; not owned; NULL: there are none */
    const char *name; /**< what notes call them: "y", or the file */
    int64_t cols;     /**< T */
    bool integers;    /**< stored as integers: with one column, classes */
    double *value;    /**< [count, cols], NaN: missing; owned */
};

/** A data set under way. Readers fill info.{num_nodes, num_features, sparse, num_splits, has_split, has_graph}, and of
 *  their block of nodes (hg_import_block) x, mask and graph in `rows`; edges, in any way dealt to ranks; and labels. */
struct hg_import {
    const struct hg_comm *comm;
    const struct hg_import_options *options;
    struct hg_node_table *rows;
    struct hg_edges edges;
    double *
        edge_wide; /**< [edges.count, edges.attr_cols] in place of edges.attr until hg_import_settle_edges; owned */
    bool x_integers; /**< x was stored as integers, of which float64 does not hold all */
    struct hg_raw_labels labels;
};

/** The rank's block of nodes, once info.num_nodes is known. Local. */
struct hg_range hg_import_block(const struct hg_import *import);

/** Sets info.num_nodes; fails unless there are 1..2^48. `what` is the file or data set in the message. Local. */
hg_status hg_import_set_nodes(struct hg_import *import, const char *what, int64_t nodes);

/** Readers, one per format. Collective. */
hg_status hg_import_read_hdf5(struct hg_import *import);
hg_status hg_import_read_npz(struct hg_import *import);
hg_status hg_import_read_text(struct hg_import *import);

/** Fails at the first dense feature that is not finite: "FILE: NAME: row R, column C is not finite". `row` is the first of `rows`
 *  rows. Local. */
hg_status hg_import_check_dense(const char *file, const char *name, int64_t row, int64_t rows,
                                const struct hg_features *x);

/** Sorts each row of sparse features by column; checks columns (range, no copies) and values (finite). `row` is the first row's
 *  number. Local. */
hg_status hg_import_check_sparse(const char *file, int64_t row, int64_t rows, struct hg_features *x);

/** Chooses the task (options or the contract's guess) and turns raw labels into y_class, y_label or y_target;
 *  sets info.{task, num_outputs, has_labels}. Frees the raw labels. Collective. */
hg_status hg_import_labels(struct hg_import *import);

/** Reads the files of node and class names, if any; class names may raise num_outputs. rows->count is known. Collective. */
hg_status hg_import_names(struct hg_import *import);

#endif
