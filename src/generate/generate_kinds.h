/** The kinds of generated graphs: their edges, and the class of each node. */
#ifndef HG_GENERATE_GENERATE_KINDS_H
#define HG_GENERATE_GENERATE_KINDS_H

#include "generate/generate.h"

/** Makes the edges of a kind; info.num_nodes and name are given. Fills what hg_build_rows would
 *  (graph/rows_from_edges.h). Collective. */
typedef hg_status hg_generate_edges(const struct hg_comm *comm, const struct hg_generate_options *options,
                                    struct hg_node_table *rows);

/** The class of a node, given by its imported id. Local. */
typedef int32_t hg_generate_class(const struct hg_generate_options *options, hg_gid node);

hg_generate_edges hg_generate_rmat_edges, hg_generate_sbm_edges, hg_generate_grid_edges;
hg_generate_class hg_generate_uniform_class, hg_generate_sbm_class, hg_generate_grid_class;

/** A number in 0..n-1, n <= 2^32, from 32 random bits; all numbers are equally likely, up to rounding. Local. */
static inline hg_gid hg_generate_below(int64_t n, uint32_t bits)
{
    return (hg_gid)((uint64_t)n * bits >> 32);
}

#endif
