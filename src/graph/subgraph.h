/** The part of the graph that one layer works on: all of it, or what the loss needs.
 *
 *  In training the last layer's outputs are needed for labelled nodes only, an earlier layer's for the nodes that feed those. With T the
 *  targets whose outputs are needed, a layer reads the sources S = T and all sources of edges into T; they are the targets of the layer
 *  before. Leaving out the rest changes nothing: its gradients are zero. Like everything in a result, the sets do not depend on who owns what.
 */
#ifndef HG_GRAPH_SUBGRAPH_H
#define HG_GRAPH_SUBGRAPH_H

#include "graph/shard.h"

/** Some owned rows, cell by cell. */
struct hg_row_set {
    hg_lid *row;   /**< [start[cells]] ascending */
    hg_lid *start; /**< [cells + 1] rows of cell c are row[start[c]..start[c+1]) */
};

struct hg_subgraph {
    const struct hg_adjacency *in; /**< edges into the targets */
    const struct hg_adjacency
        *out; /**< the same edges by their sources; halo rows are those at their other ends */
    struct hg_row_set targets;           /**< T */
    struct hg_row_set sources;           /**< S */
    struct hg_adjacency own_in, own_out; /**< what in and out point to, unless they are the shard's */
};

/** Everything: all rows, the shard's adjacencies. Destroy with hg_subgraph_destroy, also after a failure. Local: the caller agrees. */
hg_status hg_subgraph_whole(const struct hg_shard *shard, struct hg_subgraph *subgraph);

/** What the targets marked in needed [owned] ask for; then marks the sources in `needed`, for the layer before. Everything, where the
 *  targets have more than half of the edges: lists of their own would cost more memory than they save time. Destroy with
 *  hg_subgraph_destroy. Collective. */
hg_status hg_subgraph_needed(const struct hg_shard *shard, uint8_t *needed, struct hg_subgraph *subgraph);
void hg_subgraph_destroy(struct hg_subgraph *subgraph);

/** Rows of a set in a cell. */
static inline hg_lid hg_row_set_count(const struct hg_row_set *set, hg_lid cell)
{
    return set->start[cell + 1] - set->start[cell];
}

/** An interval of neighbouring rows [first, end) of a set. */
struct hg_interval {
    hg_lid first, end;
    hg_lid at, last; /**< places in the set: of the next interval, and where the cell ends */
};

/** Before the first interval of a cell. */
static inline struct hg_interval hg_row_set_begin(const struct hg_row_set *set, hg_lid cell)
{
    return (struct hg_interval){0, 0, set->start[cell], set->start[cell + 1]};
}

/** Moves on to the next interval of the cell; false when there is none. */
static inline bool hg_row_set_next(const struct hg_row_set *set, struct hg_interval *interval)
{
    if (interval->at == interval->last) return false;
    interval->first = set->row[interval->at++];
    interval->end = interval->first + 1;
    while (interval->at < interval->last && set->row[interval->at] == interval->end)
        interval->at++, interval->end++;
    return true;
}

#endif
