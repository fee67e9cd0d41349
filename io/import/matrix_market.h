/** MatrixMarket files (.mtx, .mtx.gz): coordinate (sparse) or array (dense), real, integer or pattern; general, symmetric or
 *  skew-symmetric.
 */
#ifndef HG_IO_IMPORT_MATRIX_MARKET_H
#define HG_IO_IMPORT_MATRIX_MARKET_H

#include "graph/node_table.h"

enum hg_matrix_symmetry { HG_MATRIX_GENERAL, HG_MATRIX_SYMMETRIC, HG_MATRIX_SKEW, HG_MATRIX_SYMMETRIES };

struct hg_matrix_market {
    bool sparse, pattern;
    enum hg_matrix_symmetry symmetry;
    int64_t rows, cols;
    int64_t entries; /**< that the file stores */
};

/** An entry, rows and columns from 0. */
struct hg_matrix_entry {
    int64_t row, col;
    double value; /**< 1 in a pattern */
};

/** Whether the file begins as MatrixMarket files do. Local. */
hg_status hg_matrix_market_is(const char *path, bool *is);

/** Reads the header. Local. */
hg_status hg_matrix_market_describe(const char *path, struct hg_matrix_market *matrix);

/** Calls visit(context, matrix, NULL) once the sizes are known, then visit(context, matrix, entry) for every entry in the file's order; the mirror image of an entry off the diagonal follows it in a
 *  symmetric matrix, with the value negated in a skew-symmetric one. Fails with file and line at what is malformed, and where `visit`
 *  fails. Reads the file once. Local. */
hg_status hg_matrix_market_each(const char *path,
                                hg_status (*visit)(void *context, const struct hg_matrix_market *matrix,
                                                   const struct hg_matrix_entry *entry),
                                void *context);

/** Reads rows [range.first, range.end) into newly allocated arrays of x, as float64 (x->wide): dense, or CSR with columns in the file's order.
 *  Local; on failure x may hold arrays to free. */
hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x);

#endif
