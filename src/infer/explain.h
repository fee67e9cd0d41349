/** Writes the attention coefficients of a trained model, in PyTorch Geometric's order of edges.
 */
#ifndef HG_INFER_EXPLAIN_H
#define HG_INFER_EXPLAIN_H

#include "train/trained.h"

/** Writes the file `out` (docs/formats.md: alpha.h5) for the in-edges of the targets `nodes` (imported ids; empty:
 *  all): /edge_index, /edge_id and, for every layer L, /alpha/L. `trained` must have been opened with edge ids. Fails
 *  when a node is not in the graph. Collective. */
hg_status hg_explain(const struct hg_comm *comm, struct hg_trained *trained, const struct hg_int_list *nodes,
                     const char *out);

#endif
