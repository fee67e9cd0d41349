/** A random split of the labelled nodes into training, validation and test nodes. */
#ifndef HG_GRAPH_SPLIT_H
#define HG_GRAPH_SPLIT_H

#include "graph/node_table.h"

/** Replaces rows->mask[*] by a random split of the labelled nodes: a share `train` for training, `val` for
 *  validation, the rest for testing. Sizes are exact, as nodes are taken by the rank of their random number, and a
 *  function of seed and imported ids only. Sets info.num_splits and has_split. Fails with HG_USAGE when the shares
 *  are impossible, HG_FAILED when no node has a label. Collective. */
hg_status hg_random_split(const struct hg_comm *comm, struct hg_node_table *rows, double train, double val,
                          uint64_t seed);

#endif
