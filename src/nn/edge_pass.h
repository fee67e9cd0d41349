/** One pass over the edges of an adjacency, in pieces that threads take as they become free: the parts of hubs, then cell
 *  by cell the other rows. What has no halo among its edges comes first, while rows of halo are under way.
 */
#ifndef HG_NN_EDGE_PASS_H
#define HG_NN_EDGE_PASS_H

#include "nn/workspace.h"

struct hg_layer;

/** What a convolution does with edges. */
struct hg_edge_functions {
    /** Does the edges of the rows listed, which are no hubs. */
    void (*rows)(struct hg_layer *layer, const hg_lid *rows, int64_t count, struct hg_thread *thread);
    /** Does those of part `part` of the adjacency's hubs. */
    void (*part)(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
    /** Makes the row of hub `hub` of what its parts gave. */
    void (*join)(struct hg_layer *layer, hg_lid hub);
};

struct hg_edge_pass {
    const struct hg_adjacency *adjacency;
    const struct hg_edge_functions *functions;
    struct hg_layer *layer;
};

/** The rows and hubs without halo; the main thread lets the messages of `poll` move meanwhile. Local. */
void hg_edge_pass_interior(const struct hg_edge_pass *pass, struct hg_workspace *work,
                           struct hg_exchange *poll);

/** Those with halo; then all hubs are joined. Local. */
void hg_edge_pass_boundary(const struct hg_edge_pass *pass, struct hg_workspace *work);

#endif
