/** Generated graphs: a function of options and seed only, the same for any number of ranks. */
#ifndef HG_GENERATE_GENERATE_H
#define HG_GENERATE_GENERATE_H

#include "graph/node_table.h"

enum hg_generator { HG_GENERATE_RMAT, HG_GENERATE_SBM, HG_GENERATE_GRID, HG_GENERATORS };

/** "rmat", "sbm", "grid". */
extern const char *const hg_generator_name[HG_GENERATORS];

/** What graph to generate. */
struct hg_generate_options {
    enum hg_generator kind;
    hg_gid nodes;
    hg_gid edges; /**< stored directed edges: within 1 % (rmat) or expected number (sbm); unused by grid */
    int64_t features, classes;
    uint64_t seed;
    /** Share of the training nodes. Below 0: rmat has all nodes in train; sbm and grid have 10 % in train, 10 % in
     *  val and the rest in test. */
    double split_train;
    double split_val;
};

/** Generates a graph, with rows in blocks of imported ids.
 *
 *  rmat  a, b, c, d = .57 .19 .19 .05 (Chakrabarti, Zhan, Faloutsos: SDM 2004), ids permuted, symmetric, without
 *        self-loops and parallel edges; features N(0, 1), uniform labels.
 *  sbm   equal communities (stochastic block model), one per class, with most edges inside; features are the class's
 *        direction plus noise, so the class can be learnt.
 *  grid  nodes on a two-dimensional grid, edges to the 4 neighbours; labels by region; features as sbm.
 *
 *  Fails with HG_USAGE when options do not fit each other, HG_FAILED when there is not enough memory. Collective. */
hg_status hg_generate(const struct hg_comm *comm, const struct hg_generate_options *options,
                      struct hg_node_table *rows);

#endif
