/** Distinct pairs of nodes drawn at random, as the edges of a symmetric graph: what random generators share.
 */
#ifndef HG_GENERATE_GENERATE_PAIRS_H
#define HG_GENERATE_GENERATE_PAIRS_H

#include "graph/node_table.h"

/** Draw t of a random graph, a function of t alone: false when it is void (then it counts for nothing).
 * Called by several threads at once. */
typedef bool hg_draw_pair(const void *context, uint64_t t, hg_gid pair[2]);

struct hg_pair_source {
    hg_draw_pair *draw;
    const void *context;
    uint64_t seed;
};

/** Draws that are made at most for so many distinct pairs: the rarest of a nearly complete graph would be drawn for ever. Local. */
static inline double hg_generate_most_draws(int64_t pairs)
{
    return 16.0 * (double)pairs + 0x1p20;
}

/** Of `pairs` equally likely pairs, how many are expected among `draws` draws of probability `chance` each. Local. */
double hg_generate_expected(double pairs, double chance, double draws);

/** Says that there are fewer distinct pairs than are wanted, HG_USAGE. Local. */
hg_status hg_generate_too_dense(const struct hg_graph_info *info, int64_t pairs);

/** Draws until there are `pairs` distinct pairs of two different nodes (rounds; copies and loops are void;
 * what the last round drew too much is cut at random), and fills rows->count, stored, imported, indptr,
 * indices, edge_id and info.{num_edges, symmetric} with both directions of each. info.num_nodes <= 2^32 and
 * name are given. The same for any number of ranks; about 32 bytes per edge at the peak. Fails, with HG_USAGE, as soon
 * as it shows that the pairs need more draws than are made. Collective. */
hg_status hg_generate_pairs(const struct hg_comm *comm, const struct hg_pair_source *source, int64_t pairs,
                            struct hg_node_table *rows);

/** Numbers the edges in the order of the rows (edge_id) and counts them. Collective. */
void hg_generate_number_edges(const struct hg_comm *comm, struct hg_node_table *rows);

#endif
