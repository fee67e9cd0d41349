/** The derivative of a layer's output, shared by the kernels of the backward pass (kernels/attention_nodes.h).
 */
#ifndef HG_KERNELS_ATTENTION_OUTPUT_H
#define HG_KERNELS_ATTENTION_OUTPUT_H

#include "kernels/head_layout.h"
#include "kernels/kernels.h"

/** For row i: replaces dy [out] = dL/dY by dL/dT = act'(T) dY, and adds it to dbias [out]. Local. */
void HG_KERNEL(nodes_output_backward)(const struct hg_attention_nodes *nodes, int64_t i, hg_real *dy,
                                      double *dbias);

/** The row [q | M | S | A+ | O] of target i. */
HG_INLINE hg_real *hg_nodes_target(const struct hg_attention_nodes *nodes, int64_t i)
{
    return nodes->targets + i * hg_target_stride(nodes->heads.count, nodes->heads.width);
}

#endif
