/** Hubs: rows with so many edges that threads share them, cut into parts of a fixed number of edges.
 *
 *  A part is worked on as if it were a row, and a hub's parts are combined in their order. Which rows are hubs and where they are cut are
 *  properties of the graph: neither ranks nor threads have a say.
 */
#ifndef HG_GRAPH_HUBS_H
#define HG_GRAPH_HUBS_H

#include "base/status.h"
#include "base/types.h"

/** Edges of a part unless tests ask for fewer: no more work than a usual cell, 2,048 rows of eight edges. */
enum { HG_HUB_EDGES = 16384 };

struct hg_adjacency;

struct hg_hub_part {
    hg_eid bounds[2]; /**< its edges are [bounds[0], bounds[1]) of the adjacency: an indptr of one row */
    hg_lid row;       /**< the hub's */
};

struct hg_hubs {
    hg_lid count, parts;
    hg_lid interior;          /**< parts of hubs without halo among their edges: they come first */
    hg_lid *first;            /**< [count + 1] parts of hub k are part[first[k]]..part[first[k + 1] - 1] */
    struct hg_hub_part *part; /**< [parts] those of a hub in the order of its edges */
};

/** Whether row i of an adjacency is a hub: it has more edges than a part. Local. */
bool hg_is_hub(const struct hg_adjacency *adjacency, hg_lid i, hg_eid part_edges);

/** Cuts the hubs among an adjacency's `owned` rows into parts of part_edges edges; the last part of a hub has what is left, and parallel copies
 *  of an edge stay together. Some of an adjacency's edges never make more parts than all of them. Destroy also after a failure. Local. */
hg_status hg_hubs_create(const struct hg_adjacency *adjacency, hg_lid owned, hg_eid part_edges,
                         struct hg_hubs *hubs);
void hg_hubs_destroy(struct hg_hubs *hubs);

#endif
