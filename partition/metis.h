/** Graph partitioning by METIS, with 32-bit indices. metis.h is included in metis.c only. */
#ifndef HG_PARTITION_METIS_H
#define HG_PARTITION_METIS_H

#include "base/status.h"
#include "base/types.h"

/** An undirected graph: each edge is stored at both of its ends; no self-loops, no parallel edges. */
struct hg_metis_graph {
    int32_t nodes;
    int32_t constraints;  /**< weights per node; METIS balances the sum of each one over the parts */
    int32_t *indptr;      /**< [nodes + 1] */
    int32_t *indices;     /**< [indptr[nodes]] */
    int32_t *node_weight; /**< [nodes, constraints] */
    int32_t *edge_weight; /**< [indptr[nodes]], NULL: all 1 */
};

struct hg_metis_options {
    int32_t parts;
    int32_t seed;
    int32_t ufactor; /**< allowed imbalance in thousandths */
    bool volume;     /**< minimise the communication volume; false: the edge cut */
};

/** One of several attempts to divide a graph, the best of which is used. */
struct hg_attempt {
    int number; /**< from 0 */
    uint64_t seed;
};

/** Frees the graph's arrays. */
void hg_metis_graph_destroy(struct hg_metis_graph *graph);

/** k-way partition: writes the part of each node, a number in [0, parts), to part [nodes]; parts may be empty. METIS
 *  prints a warning to stdout when it must bisect a graph without nodes; a program whose results go to stdout must
 *  separate them (cli/results.h). HG_NOMEM, or HG_FAILED when METIS refuses the graph. Local. */
hg_status hg_metis_partition(const struct hg_metis_graph *graph, const struct hg_metis_options *options,
                             int32_t *part);

#endif
