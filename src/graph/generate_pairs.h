/** Distinct pairs of nodes drawn at random, as the edges of a symmetric graph: what random generators share.
 */
#ifndef HG_GRAPH_GENERATE_PAIRS_H
#define HG_GRAPH_GENERATE_PAIRS_H

#include "graph/rows.h"

/** Draw t of a random graph, a function of t alone: false when it is void (then it counts for nothing).
 * Called by several threads at once. */
typedef bool hg_draw_pair(const void *context, uint64_t t, hg_gid pair[2]);

struct hg_pair_source {
    hg_draw_pair *draw;
    const void *context;
    uint64_t seed;
};

/** Draws until there are `pairs` distinct pairs of two different nodes (rounds; copies and loops are void;
 * what the last round drew too much is cut at random), and fills rows->count, stored, imported, indptr,
 * indices, edge_id and info.{num_edges, symmetric} with both directions of each. info.num_nodes <= 2^32 and
 * name are given. The same for any number of ranks; about 32 bytes per edge at the peak. Fails when the pairs
 * cannot be found. Collective. */
hg_status hg_generate_pairs(const struct hg_comm *comm, const struct hg_pair_source *source, int64_t pairs,
                            struct hg_rows *rows);

/** Numbers the edges in the order of the rows (edge_id) and counts them. Collective. */
void hg_generate_number_edges(const struct hg_comm *comm, struct hg_rows *rows);

#endif
