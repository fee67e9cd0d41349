/** Draws distinct random pairs of nodes as the edges of a symmetric graph: shared by the random generators. */
#ifndef HG_GENERATE_GENERATE_PAIRS_H
#define HG_GENERATE_GENERATE_PAIRS_H

#include "graph/node_table.h"

/** Draw number t of a random graph, a function of t only. Returns false when the draw is void (it is then ignored).
 *  Called by several threads at once. */
typedef bool hg_draw_pair(const void *context, uint64_t t, hg_gid pair[2]);

/** A random graph: its draws, and the seed by which surplus pairs are chosen. */
struct hg_pair_source {
    hg_draw_pair *draw;
    const void *context;
    uint64_t seed;
};

/** The largest number of draws for so many distinct pairs. It bounds the time: the rarest pairs of a nearly complete
 *  graph would take for ever. Local. */
static inline double hg_generate_max_draws(int64_t pairs)
{
    return 16.0 * (double)pairs + 0x1p20;
}

/** Expected number of distinct pairs among `draws` draws, out of `pairs` pairs that each have probability `chance`
 *  per draw. Local. */
double hg_generate_expected(double pairs, double chance, double draws);

/** Fails with HG_USAGE: the graph has too few distinct pairs that are likely enough to be drawn. Local. */
hg_status hg_generate_too_dense(const struct hg_graph_info *info, int64_t pairs);

/** Draws until there are `pairs` distinct pairs of two different nodes, and makes them edges in both directions.
 *  Draws are made in rounds; repeated pairs and self-loops are ignored, and surplus pairs of the last round are
 *  removed at random. Fills rows->count, stored, imported, indptr, indices, edge_id and info.{num_edges, symmetric};
 *  info.num_nodes <= 2^32 and name are given. The result is the same for any number of ranks; peak memory is about 32
 *  bytes per edge. Fails with HG_USAGE as soon as more draws would be needed than hg_generate_max_draws allows.
 *  Collective. */
hg_status hg_generate_pairs(const struct hg_comm *comm, const struct hg_pair_source *source, int64_t pairs,
                            struct hg_node_table *rows);

/** Numbers the edges in the order of the rows (edge_id) and counts them (info.num_edges). Collective. */
void hg_generate_number_edges(const struct hg_comm *comm, struct hg_node_table *rows);

#endif
