/** Statistics of a graph, as `halogat info` prints them. */
#ifndef HG_TRAIN_DESCRIBE_H
#define HG_TRAIN_DESCRIBE_H

#include "graph/node_table.h"

/** Numbers about the whole graph, equal on every rank. Destroy with hg_description_destroy. */
struct hg_description {
    int64_t nonzeros;               /**< node features that are not 0 */
    int64_t min_degree, max_degree; /**< in-edges of a node */
    int64_t self_loops;
    int64_t parallel;          /**< edges with the same source and target as an earlier one */
    int64_t isolated;          /**< nodes without an edge in or out */
    int64_t labelled;          /**< nodes with a label or target */
    int64_t *outputs;          /**< [num_outputs] nodes with each class, label or target */
    double *low, *high;        /**< [num_outputs] range of each target; NULL unless regression */
    int64_t *split[HG_SPLITS]; /**< [num_splits] nodes in each mask; NULL when there is none */
};

/** Computes the statistics. Each rank's rows are its block (hg_block_range) of the stored order. Collective. */
hg_status hg_describe(const struct hg_comm *comm, const struct hg_node_table *rows,
                      struct hg_description *description);

void hg_description_destroy(struct hg_description *description);

#endif
