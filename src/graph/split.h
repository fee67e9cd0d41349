/** Random splits of the labelled nodes.
 */
#ifndef HG_GRAPH_SPLIT_H
#define HG_GRAPH_SPLIT_H

#include "graph/node_table.h"

/** Fills rows->mask[*] with a random split of the labelled nodes: shares train and val, the rest test; exact
 * shares (the nodes with the smallest draws), a function of seed and imported ids. Sets info.num_splits and
 * has_split. Collective. */
hg_status hg_random_split(const struct hg_comm *comm, struct hg_node_table *rows, double train, double val,
                          uint64_t seed);

#endif
