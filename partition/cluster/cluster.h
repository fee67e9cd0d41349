/** Divides a graph into cells without ever holding it on one rank: a multilevel partitioner.
 *
 *  Nodes join clusters (labels.h), clusters become the nodes of a coarser graph (contract.h), until that is small
 *  enough for METIS on rank 0 (coarsest.h). Then the cells of clusters are those of their nodes, level by level down,
 *  and on each level nodes move to the cells that most of their edges lead to. The outline is that of Meyerhenke,
 *  Sanders, Schulz, "Parallel graph partitioning for complex networks", IEEE TPDS 2017. */
#ifndef HG_PARTITION_CLUSTER_CLUSTER_H
#define HG_PARTITION_CLUSTER_CLUSTER_H

#include "partition/level.h"
#include "partition/metis.h"

struct hg_cluster_options {
    struct hg_attempt attempt;
    int64_t coarsest_edges; /**< coarsening ends at so many edges, counted at both ends: HG_COARSEST_EDGES */
};

/** METIS divides so many edges in a few seconds, with about 100 MB. */
enum { HG_COARSEST_EDGES = 1 << 20 };

/** *part [owned], newly allocated, the caller frees it: the cell of each node, a number in [0, *parts). With groups,
 *  every cell lies within one group.
 *
 *  graph  level 0, or hg_level_of_groups of it; not empty
 *  parts  in: wanted number of cells; out: how many there are, less than twice as many without groups; some may be
 *         empty
 *  The cells do not depend on the number of ranks. Collective. */
hg_status hg_cluster_cells(const struct hg_level *graph, const struct hg_cluster_options *options,
                           int64_t *parts, uint32_t **part);

#endif
