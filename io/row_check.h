/** The contents of rows, checked: whatever file they came from. */
#ifndef HG_IO_ROW_CHECK_H
#define HG_IO_ROW_CHECK_H

#include "graph/node_table.h"

/** Fails at the first number that makes no sense: imported ids or sources outside 0..N-1, edge ids below -1,
 * NaN or infinite features or edge features, sparse columns out of range or not ascending, labels outside the
 * classes, labels other than 0, 1, 255, infinite targets, masks other than 0 and 1. `path` is the file in the
 * message, which names the node by its imported id. Local. */
hg_status hg_node_table_check(const char *path, const struct hg_node_table *rows);

#endif
