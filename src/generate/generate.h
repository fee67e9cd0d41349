/** Generated graphs: a function of their options and seed alone, the same for any number of ranks. */
#ifndef HG_GENERATE_GENERATE_H
#define HG_GENERATE_GENERATE_H

#include "graph/node_table.h"

enum hg_generator { HG_GENERATE_RMAT, HG_GENERATE_SBM, HG_GENERATE_GRID, HG_GENERATORS };

/** "rmat", "sbm", "grid". */
extern const char *const hg_generator_name[HG_GENERATORS];

struct hg_generate_options {
    enum hg_generator kind;
    hg_gid nodes;
    hg_gid edges; /**< stored directed edges, met within 1 % (rmat) or expected (sbm); unused by grid */
    int64_t features, classes;
    uint64_t seed;
    /** Below 0: rmat has all nodes in train; sbm and grid 10 %, with 10 % in val and the rest in test. */
    double split_train;
    double split_val;
};

/** Generates a graph, whose rows lie in blocks of imported ids.
 *
 *  rmat  a, b, c, d = .57 .19 .19 .05 (Chakrabarti, Zhan, Faloutsos: SDM 2004), ids permuted, symmetric, without loops and
 *        duplicates; features N(0, 1), labels uniform
 *  sbm   equal communities (stochastic block model), one per class, most edges inside; features: the class's direction in
 *        noise, from which the class can be learnt
 *  grid  nodes on a two-dimensional grid, edges to the 4 neighbours; labels by region
 *  Fails when the edges do not fit the nodes. Collective. */
hg_status hg_generate(const struct hg_comm *comm, const struct hg_generate_options *options,
                      struct hg_node_table *rows);

#endif
