/** The part of the graph that one layer works on: all of it, or what the loss needs.
 *
 *  In training the last layer's outputs are needed for labelled nodes only, an earlier layer's for the nodes that feed those. With T the
 *  targets whose outputs are needed, a layer reads the sources S = T and all sources of edges into T; they are the targets of the layer
 *  before. Leaving out the rest changes nothing: its gradients are zero. Like everything in a result, the sets do not depend on who owns what.
 */
#ifndef HG_GRAPH_SCOPE_H
#define HG_GRAPH_SCOPE_H

#include "graph/shard.h"

/** Some owned rows, cell by cell. */
struct hg_row_set {
    hg_lid *row;   /**< [start[cells]] ascending */
    hg_lid *start; /**< [cells + 1] rows of cell c are row[start[c]..start[c+1]) */
};

struct hg_scope {
    const struct hg_side *in; /**< edges into the targets */
    const struct hg_side
        *out; /**< the same edges by their sources; halo rows are those at their other ends */
    struct hg_row_set targets;      /**< T */
    struct hg_row_set sources;      /**< S */
    struct hg_side own_in, own_out; /**< what in and out point to, unless they are the shard's */
};

/** Everything: all rows, the shard's sides. Destroy with hg_scope_destroy, also after a failure. Local: the caller agrees. */
hg_status hg_scope_whole(const struct hg_shard *shard, struct hg_scope *scope);

/** What the targets marked in needed [owned] ask for; then marks the sources in `needed`, for the layer before. Everything, where the
 *  targets have more than half of the edges: lists of their own would cost more memory than they save time. Destroy with
 *  hg_scope_destroy. Collective. */
hg_status hg_scope_needed(const struct hg_shard *shard, uint8_t *needed, struct hg_scope *scope);
void hg_scope_destroy(struct hg_scope *scope);

/** Rows of a set in a cell. */
static inline hg_lid hg_row_set_count(const struct hg_row_set *set, hg_lid cell)
{
    return set->start[cell + 1] - set->start[cell];
}

/** A stretch of neighbouring rows [first, end) of a set. */
struct hg_stretch {
    hg_lid first, end;
    hg_lid at, last; /**< places in the set: of the next stretch, and where the cell ends */
};

/** Before the first stretch of a cell. */
static inline struct hg_stretch hg_row_set_begin(const struct hg_row_set *set, hg_lid cell)
{
    return (struct hg_stretch){0, 0, set->start[cell], set->start[cell + 1]};
}

/** Moves on to the next stretch of the cell; false when there is none. */
static inline bool hg_row_set_next(const struct hg_row_set *set, struct hg_stretch *stretch)
{
    if (stretch->at == stretch->last) return false;
    stretch->first = set->row[stretch->at++];
    stretch->end = stretch->first + 1;
    while (stretch->at < stretch->last && set->row[stretch->at] == stretch->end)
        stretch->at++, stretch->end++;
    return true;
}

#endif
