/** Hubs: rows with so many edges that threads share them, divided into parts of a fixed number of edges.
 *
 *  Kernels work on a part as if it were a row; afterwards the parts of a hub are combined in their order. Which rows
 *  are hubs and where their parts begin are properties of the graph: they do not depend on ranks or threads. */
#ifndef HG_GRAPH_HUBS_H
#define HG_GRAPH_HUBS_H

#include "base/status.h"
#include "base/types.h"

/** Edges of a part, unless tests ask for fewer: as much work as a usual cell (2,048 rows of eight edges). */
enum { HG_HUB_EDGES = 16384 };

struct hg_adjacency;

/** A part of a hub. */
struct hg_hub_part {
    /** its edges are [bounds[0], bounds[1]) of the adjacency: the indptr of a matrix of one row */
    hg_eid bounds[2];
    hg_lid row; /**< local row of the hub */
};

/** The hubs among the owned rows of an adjacency, and their parts. Owns its arrays. */
struct hg_hubs {
    hg_lid count, parts;
    /** parts of hubs without halo among their neighbours: these parts come first */
    hg_lid interior_parts;
    hg_lid *first;            /**< [count + 1] parts of hub k are part[first[k]]..part[first[k + 1] - 1] */
    struct hg_hub_part *part; /**< [parts] the parts of a hub in the order of its edges */
};

/** Whether row i of an adjacency is a hub: it has more than part_edges edges. Local. */
bool hg_is_hub(const struct hg_adjacency *adjacency, hg_lid i, hg_eid part_edges);

/** Divides the hubs among an adjacency's `owned` rows into parts of part_edges edges. The last part of a hub has the
 *  rest; parallel copies of an edge stay together, so a part may be longer. A subgraph needs no more parts than the
 *  whole graph, so buffers for the whole graph suffice. Destroy also after a failure. Local. */
hg_status hg_hubs_create(const struct hg_adjacency *adjacency, hg_lid owned, hg_eid part_edges,
                         struct hg_hubs *hubs);
void hg_hubs_destroy(struct hg_hubs *hubs);

#endif
