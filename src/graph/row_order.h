/** Puts the edges of rows in order, in place. */
#ifndef HG_GRAPH_ROW_ORDER_H
#define HG_GRAPH_ROW_ORDER_H

#include "base/types.h"

/** The edges of a rank in three parallel arrays. A view: it owns no memory. */
struct hg_row_edges {
    hg_gid *source, *order; /**< no two edges of a row have the same source and order; both are >= 0 */
    int64_t cols;           /**< features of an edge; 0: none */
    hg_real *attr;          /**< [edges, cols] */
};

/** Sorts edges [first, end), those of one row, by source, then by order, with their features: radix sort of the
 *  numbers' bytes from the highest one on, in place (McIlroy, Bostic, McIlroy, "Engineering radix sort", Computing
 *  Systems 6, 1993: American flag sort), which ends in insertion sorts. Local. */
void hg_row_sort(const struct hg_row_edges *edges, hg_eid first, hg_eid end);

#endif
