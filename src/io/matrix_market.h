/** MatrixMarket files (.mtx, .mtx.gz): coordinate (sparse) or array (dense), real, integer or pattern, general. */
#ifndef HG_IO_MATRIX_MARKET_H
#define HG_IO_MATRIX_MARKET_H

#include "graph/rows.h"

struct hg_matrix_market {
    bool sparse, pattern;
    int64_t rows, cols, entries;
};

/** Reads the header. Local. */
hg_status hg_matrix_market_describe(const char *path, struct hg_matrix_market *matrix);

/** Reads rows [range.first, range.end) into newly allocated arrays of x, as float64 (x->wide): dense, or CSR with columns in the file's order.
 *  Reads the file once. Fails with file and line at what is malformed. Local; on failure x may hold arrays to free. */
hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x);

#endif
