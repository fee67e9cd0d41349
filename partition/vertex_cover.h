/** The cheapest vertex cover of a bipartite graph whose nodes have one cost per side.
 *
 *  A cover contains an end of every edge. By the theorem of Koenig the cheapest one is a minimum cut, found here by a
 *  maximum flow from all sources to all targets in phases of shortest paths (Hopcroft & Karp 1973; Dinic 1970), in
 *  O(edges sqrt(nodes)) where the costs are equal. */
#ifndef HG_PARTITION_VERTEX_COVER_H
#define HG_PARTITION_VERTEX_COVER_H

#include "dist/sort.h"

/** What a node costs that is in the cover, and how many nodes of each side are in it. */
struct hg_cover_cost {
    int64_t source, target; /**< at least 1 */
};
struct hg_cover {
    int64_t sources, targets;
};

/** The cover of the edges, keys `source << 32 | target`; among the cheapest covers, the one with fewest targets. The
 *  keys are sorted, and duplicates dropped. Takes about 50 bytes per edge. Fails with HG_NOMEM. Local. */
hg_status hg_vertex_cover(struct hg_keys *edges, const struct hg_cover_cost *cost, struct hg_cover *cover);

#endif
