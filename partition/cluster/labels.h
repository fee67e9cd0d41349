/** Labels of the nodes of a level: the cluster, or the cell, that each node belongs to at present. */
#ifndef HG_PARTITION_CLUSTER_LABELS_H
#define HG_PARTITION_CLUSTER_LABELS_H

#include "partition/level.h"

/** A node's label and the weight of all nodes with this label, in one word, because both are read together. */
static inline uint64_t hg_label_pack(uint32_t label, uint32_t size)
{
    return (uint64_t)label << 32 | size;
}
static inline uint32_t hg_label_of(uint64_t packed)
{
    return (uint32_t)(packed >> 32);
}
static inline uint32_t hg_label_size(uint64_t packed)
{
    return (uint32_t)packed;
}

struct hg_labels {
    const struct hg_level *level;
    struct hg_blocks blocks; /**< of labels */
    uint32_t *size;          /**< [labels of this rank's block] weight of the nodes with each label */
    uint64_t *node;          /**< [owned + ghosts] hg_label_pack */
    uint32_t *favourite; /**< [owned] label that most of a node's neighbours had; HG_NO_LABEL: not seen yet */
    uint32_t limit;      /**< largest weight of a label */
};

#define HG_NO_LABEL UINT32_MAX

/** Every node has its own id as its label. Refers to level. Destroy it also after a failure. Collective. */
hg_status hg_labels_create_ids(const struct hg_level *level, uint32_t limit, struct hg_labels *labels);

/** Labels 0..count-1, given by label [owned]. The same. Collective. */
hg_status hg_labels_create(const struct hg_level *level, int64_t count, const uint32_t *label, uint32_t limit,
                           struct hg_labels *labels);

void hg_labels_destroy(struct hg_labels *labels);

/** Brings the sizes in `node`, and all of `node` of the ghosts, up to date. Collective. */
hg_status hg_labels_refresh(struct hg_labels *labels);

/** Moves nodes to the label that most of their neighbours have, in rounds. Label propagation (Raghavan, Albert,
 *  Kumara, "Near linear time algorithm to detect community structures in large-scale networks", Phys. Rev. E 2007)
 *  with a limit of sizes (Meyerhenke, Sanders, Schulz, "Parallel graph partitioning for complex networks", IEEE TPDS
 *  2017), and deterministic as in Gottesbueren and Hamann, "Deterministic parallel hypergraph partitioning", Euro-Par
 *  2022: the nodes of a sub-round, chosen by a hash, decide by the labels at its beginning; a label then accepts those
 *  that gain most, until it is full. Gains are integers, ties are broken by hashes of ids: the result does not depend
 *  on the number of ranks. Ends early when few nodes move. Collective. */
hg_status hg_labels_propagate(struct hg_labels *labels, int rounds, uint64_t seed);

/** Joins nodes that are still alone, after propagation from ids, to others with the same favourite (two-hop clustering:
 *  LaSalle et al., "Improving graph partitioning for modern graphs and architectures", IA3 2015). Without it, graphs
 *  with hubs would keep many nodes alone, because their favourites are full. Collective. */
hg_status hg_labels_join_single(struct hg_labels *labels);

#endif
