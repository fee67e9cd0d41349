/** Says in words how many ranks a partition is worth, and why. */
#ifndef HG_CLI_WORTH_H
#define HG_CLI_WORTH_H

#include "graph/cells.h"
#include "graph/node_table.h"
#include "train/options.h"

/** Prints the last line of `partition`: up to how many of these ranks a training of the default model is worth it, by
 *  estimates from the graph of cells and the rates of this machine. Prints nothing where nothing can be said. Local. */
void hg_worth_print(const struct hg_graph_info *info, const struct hg_cells *cells,
                    const struct hg_int_list *ranks);

#endif
