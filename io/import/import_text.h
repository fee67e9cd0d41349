/** Reads data sets in text: an edge list, and separate files of features, labels or targets, and masks. */
#ifndef HG_IO_IMPORT_IMPORT_TEXT_H
#define HG_IO_IMPORT_IMPORT_TEXT_H

#include "io/import/import_private.h"

/** What is known of a file with one line per node. */
struct hg_node_lines {
    int64_t used;  /**< fewest nodes possible: index of the last line not blank, or largest id, + 1 */
    int64_t total; /**< most nodes that the graph may have: all lines; no limit when lines have ids */
    bool header;   /**< the first line is a header */
};

/** What is known of this rank's lines of an edge list. */
struct hg_edge_lines {
    int64_t nodes; /**< largest node + 1; of a matrix its rows */
    int64_t least; /**< smallest node; of a matrix 0 */
    bool sized;    /**< the file has a header with the numbers of nodes and edges */
    /** the first of three or more columns seems to number the lines: there is no header, the first three columns
     *  hold integers, and the first one counts 0, 1, 2, ... */
    bool numbered;
};

/** Size of import->edge_wide while edges are read: columns, and numbers allocated. */
struct hg_text_edge_features {
    int64_t cols, capacity;
};

/** Appends an edge with its features, values [features->cols], to import->edges and import->edge_wide. Local. */
hg_status hg_import_text_edge(struct hg_import *import, struct hg_text_edge_features *features, hg_gid source,
                              hg_gid target, hg_gid id, const double *values);

/** Reads this rank's lines of the edge list: its blocks of bytes (io/text/line_blocks.h). Collective. */
hg_status hg_import_text_edges(struct hg_import *import, struct hg_edge_lines *lines);

/** The same for a MatrixMarket file: blocks of edges are assigned to ranks in turn. Local. */
hg_status hg_import_text_matrix(struct hg_import *import, struct hg_edge_lines *lines);

/** Counts the lines of the file of labels or targets. Local. */
hg_status hg_import_text_count(const struct hg_import_options *options, struct hg_node_lines *lines);

/** Reads the labels or targets of the rank's block of nodes. Local. */
hg_status hg_import_text_labels(struct hg_import *import);

/** Reads the masks of the rank's block of nodes. Local. */
hg_status hg_import_text_masks(struct hg_import *import);

/** The number of rows of a file of features (.mtx, .npy); and reading the rows of the rank's block of nodes.
 *  Local. */
hg_status hg_import_text_describe_features(const char *path, int64_t *rows);
hg_status hg_import_text_features(struct hg_import *import);

#endif
