/** The part of the graph that one layer works on: all of it, or what the loss needs.
 *
 *  In training, the last layer's outputs are needed for labelled nodes only, and an earlier layer's outputs for the
 *  nodes that the next layer reads. With T the targets whose outputs are needed, a layer reads the sources R = T and
 *  all sources of edges into T; R is the T of the layer below. What is left out has no influence: its gradients are
 *  zero. The sets are properties of the graph: they do not depend on who owns which node. */
#ifndef HG_GRAPH_SUBGRAPH_H
#define HG_GRAPH_SUBGRAPH_H

#include "graph/shard.h"

/** A set of owned rows, grouped by cell. */
struct hg_row_set {
    hg_lid *row;   /**< [start[cells]] ascending */
    hg_lid *start; /**< [cells + 1] rows of cell c are row[start[c]..start[c+1]) */
};

/** The nodes and edges that a layer works on in a pass. */
struct hg_subgraph {
    const struct hg_adjacency *in;  /**< edges into the targets */
    const struct hg_adjacency *out; /**< the same edges grouped by source; its halo rows are targets */
    struct hg_row_set targets;      /**< T: rows whose outputs are needed */
    struct hg_row_set sources;      /**< S: rows whose inputs are read */
    /** adjacencies of the subgraph; unused where in and out point to the shard's */
    struct hg_adjacency own_in, own_out;
};

/** The whole graph: all rows, the shard's adjacencies. Destroy with hg_subgraph_destroy, also after a failure. Local:
 *  the caller agrees. */
hg_status hg_subgraph_whole(const struct hg_shard *shard, struct hg_subgraph *subgraph);

/** The subgraph for the targets marked in needed [owned]; `needed` then marks its sources, as targets of the layer
 *  before. The whole graph where the targets have more than half of the edges: lists for a subgraph would cost more
 *  memory than they save time. Destroy with hg_subgraph_destroy. Collective. */
hg_status hg_subgraph_needed(const struct hg_shard *shard, uint8_t *needed, struct hg_subgraph *subgraph);
void hg_subgraph_destroy(struct hg_subgraph *subgraph);

/** Number of rows of a set in a cell. Local. */
static inline hg_lid hg_row_set_count(const struct hg_row_set *set, hg_lid cell)
{
    return set->start[cell + 1] - set->start[cell];
}

/** An interval of consecutive rows [first, end) of a set, and the state of a walk over the intervals of a cell. */
struct hg_interval {
    hg_lid first, end;
    /** indices in the set's `row`: where the next interval begins, and where the cell ends */
    hg_lid next, cell_end;
};

/** The state before the first interval of a cell. Local. */
static inline struct hg_interval hg_row_set_begin(const struct hg_row_set *set, hg_lid cell)
{
    return (struct hg_interval){0, 0, set->start[cell], set->start[cell + 1]};
}

/** Moves to the next interval of the cell; false when there is none. Local. */
static inline bool hg_row_set_next(const struct hg_row_set *set, struct hg_interval *interval)
{
    if (interval->next == interval->cell_end) return false;
    interval->first = set->row[interval->next++];
    interval->end = interval->first + 1;
    while (interval->next < interval->cell_end && set->row[interval->next] == interval->end)
        interval->next++, interval->end++;
    return true;
}

#endif
