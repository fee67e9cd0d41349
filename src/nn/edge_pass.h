/** One pass over the edges of an adjacency, in pieces that threads take as they become free: first the parts of hubs,
 *  then the other rows cell by cell. Rows without halo among their neighbours come first, while the halo rows are
 *  being received. */
#ifndef HG_NN_EDGE_PASS_H
#define HG_NN_EDGE_PASS_H

#include "nn/workspace.h"

struct hg_layer;

/** What a convolution does with edges. Local. */
struct hg_edge_functions {
    /** Sums over the edges of these `count` rows, which are not hubs. */
    void (*rows)(struct hg_layer *layer, const hg_lid *rows, int64_t count, struct hg_thread *thread);
    /** Sums over the edges of part `part` of the adjacency's hubs. */
    void (*part)(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
    /** Combines the sums of the parts of hub `hub` into its row. */
    void (*join)(struct hg_layer *layer, hg_lid hub);
};

struct hg_edge_pass {
    const struct hg_adjacency *adjacency;
    const struct hg_edge_functions *functions;
    struct hg_layer *layer;
};

/** The interior half: rows and parts of hubs without halo among their neighbours. Meanwhile the main thread lets the
 *  messages of `poll` make progress. Local. */
void hg_edge_pass_interior(const struct hg_edge_pass *pass, struct hg_workspace *work,
                           struct hg_exchange *poll);

/** The boundary half: rows and parts of hubs with halo among their neighbours; then the parts of all hubs are
 *  combined. Local. */
void hg_edge_pass_boundary(const struct hg_edge_pass *pass, struct hg_workspace *work);

#endif
