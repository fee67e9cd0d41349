/** Attention coefficients of a trained model, in PyG's order of edges.
 */
#ifndef HG_INFER_EXPLAIN_H
#define HG_INFER_EXPLAIN_H

#include "train/trained.h"

/** Writes config->out (docs/formats.md: alpha.h5): /edge_index, /edge_id, /alpha/L of every layer, for the in-edges of the targets
 *  config->nodes (imported ids; empty: all). Fails when a node is not in the graph. Collective. */
hg_status hg_explain(const struct hg_comm *comm, struct hg_config *config);

#endif
