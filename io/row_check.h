/** Checks the numbers in the rows of a node table, whatever file they were read from. */
#ifndef HG_IO_ROW_CHECK_H
#define HG_IO_ROW_CHECK_H

#include "graph/node_table.h"

/** Fails at the first invalid number: an imported id or a source outside 0..N-1; an edge id below -1 or above
 *  HG_MAX_ITEMS; a feature or edge feature that is NaN or infinite; sparse columns out of range or not ascending; a
 *  class outside -1..C-1; a label other than 0, 1 and 255; an infinite target; a mask other than 0 and 1. `path`: the
 *  file, for the message, which also names the node by its imported id. Local. */
hg_status hg_node_table_check(const char *path, const struct hg_node_table *rows);

#endif
