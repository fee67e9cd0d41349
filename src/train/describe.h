/** Statistics of a graph from its rows: what `halogat info` shows. */
#ifndef HG_TRAIN_DESCRIBE_H
#define HG_TRAIN_DESCRIBE_H

#include "graph/node_table.h"

/** Numbers about the whole graph, equal on every rank. Destroy with hg_description_destroy. */
struct hg_description {
    int64_t nonzeros;               /**< of the node features */
    int64_t min_degree, max_degree; /**< edges into a node */
    int64_t self_loops;
    int64_t parallel;          /**< edges that repeat one of the same ends */
    int64_t isolated;          /**< nodes without an edge in or out */
    int64_t labelled;          /**< nodes with a label or target */
    int64_t *outputs;          /**< [num_outputs] nodes of each class; with each label; with each target */
    double *low, *high;        /**< [num_outputs] range of each target; NULL unless regression */
    int64_t *split[HG_SPLITS]; /**< [num_splits] nodes in each mask; NULL when there is none */
};

/** Counts. Rows are hg_block_range blocks of the stored order. Collective. */
hg_status hg_describe(const struct hg_comm *comm, const struct hg_node_table *rows,
                      struct hg_description *description);

void hg_description_destroy(struct hg_description *description);

#endif
