/** Outputs of nodes, for the kernels that turn gradients round (kernels/attention_nodes.h).
 */
#ifndef HG_KERNELS_ATTENTION_OUTPUT_H
#define HG_KERNELS_ATTENTION_OUTPUT_H

#include "kernels/kernels.h"

/** Of row i: dy [out] = dL/dY becomes dL/dT = act'(T) dY, and is added to dbias [out]. Local. */
void HG_KERNEL(nodes_output_backward)(const struct hg_attention_nodes *nodes, int64_t i, hg_real *dy,
                                      double *dbias);

#endif
