/** Makes the next coarser level. */
#ifndef HG_PARTITION_CLUSTER_CONTRACT_H
#define HG_PARTITION_CLUSTER_CONTRACT_H

#include "partition/cluster/labels.h"

/** About how many directed edges a coarse graph has at most: the smaller number counts. */
struct hg_contraction_limits {
    int64_t edges, edges_per_node;
};

/** Makes a node of each label that has nodes. Ids ascend with the labels; a node's weight is its label's size, an
 *  edge's weight the sum over the edges it stands for (at most 2^32 - 1).
 *
 *  id      *id [owned]: the coarse node of each node, newly allocated; the caller frees it, also after a failure
 *  limits  if the coarse graph has more edges, light ones are sampled: an edge of weight w < t stays with probability
 *          w / t, and then weighs t (Gottesbueren et al., "Linear-time multilevel graph partitioning via edge
 *          sparsification", 2025). The hash of its ends decides.
 *  Destroy coarse also after a failure. Collective. */
hg_status hg_level_contract(const struct hg_labels *labels, const struct hg_contraction_limits *limits,
                            uint32_t **id, struct hg_level *coarse);

#endif
