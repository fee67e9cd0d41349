/** Attention coefficients of a trained model, in PyG's order of edges.
 */
#ifndef HG_INFER_EXPLAIN_H
#define HG_INFER_EXPLAIN_H

#include "train/trained.h"

/** Writes the file `out` (docs/formats.md: alpha.h5): /edge_index, /edge_id, /alpha/L of every layer, for the in-edges
 *  of the targets `nodes` (imported ids; empty: all). trained: opened with edge ids. Fails when a node is not in the
 *  graph. Collective. */
hg_status hg_explain(const struct hg_comm *comm, struct hg_trained *trained, const struct hg_int_list *nodes,
                     const char *out);

#endif
