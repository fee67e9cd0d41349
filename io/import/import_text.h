/** Data sets in text: an edge list, and files for features, labels or targets, and masks beside it. */
#ifndef HG_IO_IMPORT_IMPORT_TEXT_H
#define HG_IO_IMPORT_IMPORT_TEXT_H

#include "io/import/import_private.h"

/** Lines of a file that has one for each node. */
struct hg_node_lines {
    int64_t used; /**< up to the last one that is not blank: the nodes it needs */
    int64_t
        total; /**< nodes that it can serve: with the blank lines at the end, or any number where lines have ids */
    bool header; /**< its first line is one */
};

/** What the rank's lines of an edge list hold. */
struct hg_edge_lines {
    int64_t nodes; /**< largest node + 1; of a matrix its rows */
    int64_t least; /**< smallest node; of a matrix 0 */
    bool
        numbered; /**< three or more columns without a header, whole numbers in the first three, of which the first counts the lines */
};

/** Features of the edges as they are read: import->edge_wide. */
struct hg_text_edge_features {
    int64_t cols, capacity;
};

/** Appends an edge with its features [features->cols]. Local. */
hg_status hg_import_text_edge(struct hg_import *import, struct hg_text_edge_features *features, hg_gid source,
                              hg_gid target, hg_gid id, const double *values);

/** Reads the edge list: blocks of lines in turn to the ranks. Local. */
hg_status hg_import_text_edges(struct hg_import *import, struct hg_edge_lines *lines);

/** The same for a MatrixMarket file: blocks of edges. Local. */
hg_status hg_import_text_matrix(struct hg_import *import, struct hg_edge_lines *lines);

/** Counts the lines of the file of labels or targets that the options name. Local. */
hg_status hg_import_text_count(const struct hg_import_options *options, struct hg_node_lines *lines);

/** Reads the labels or targets of the rank's block. Local. */
hg_status hg_import_text_labels(struct hg_import *import);

/** Reads the masks of the rank's block. Local. */
hg_status hg_import_text_masks(struct hg_import *import);

/** Rows of the file of features (.mtx, .npy); then its rows of the rank's block. Local. */
hg_status hg_import_text_describe_features(const char *path, int64_t *rows);
hg_status hg_import_text_features(struct hg_import *import);

#endif
