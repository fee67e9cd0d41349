/** Reads MatrixMarket files (.mtx, .mtx.gz): coordinate (sparse) or array (dense); real, integer or pattern; general,
 *  symmetric or skew-symmetric.
 */
#ifndef HG_IO_IMPORT_MATRIX_MARKET_H
#define HG_IO_IMPORT_MATRIX_MARKET_H

#include "graph/node_table.h"

enum hg_matrix_symmetry { HG_MATRIX_GENERAL, HG_MATRIX_SYMMETRIC, HG_MATRIX_SKEW, HG_MATRIX_SYMMETRIES };

struct hg_matrix_market {
    bool sparse, pattern;
    enum hg_matrix_symmetry symmetry;
    int64_t rows, cols;
    int64_t entries; /**< entries stored in the file */
};

/** An entry; rows and columns are numbered from 0. */
struct hg_matrix_entry {
    int64_t row, col;
    double value; /**< 1 in a pattern matrix */
};

/** Whether the file begins with %%MatrixMarket. Fails when it seems to be such a file with a wrong first line.
 *  Local. */
hg_status hg_matrix_market_is(const char *path, bool *is);

/** Reads the header. Local. */
hg_status hg_matrix_market_describe(const char *path, struct hg_matrix_market *matrix);

/** Calls visit(context, matrix, NULL) when the sizes are known, then visit(context, matrix, entry) for every entry in
 *  the file's order. In a symmetric matrix each entry off the diagonal is followed by its mirror image, whose value
 *  is negated in a skew-symmetric one. Fails with file and line when the file is malformed, and when visit fails.
 *  Reads the file once. Local. */
hg_status hg_matrix_market_each(const char *path,
                                hg_status (*visit)(void *context, const struct hg_matrix_market *matrix,
                                                   const struct hg_matrix_entry *entry),
                                void *context);

/** Reads rows [range.first, range.end) as float64 into newly allocated arrays of x: dense (x->wide), or CSR whose
 *  columns are in the file's order. The caller frees the arrays, also after a failure. Local. */
hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x);

#endif
