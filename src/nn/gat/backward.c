#include "nn/gat/state.h"
#include <string.h>

/* Rows [q | M | S | D | G]. */
struct hg_sent_rows hg_gat_backward_rows(const struct hg_layer *layer)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    return (struct hg_sent_rows){gat->memory.backward.targets, hg_gat_target_stride(gat),
                                 hg_gat_target_room(gat)};
}

/* Sets dR and dq to 0 in sources that are not targets. */
static void zero_others(const struct hg_gat *gat, struct hg_cell_rows targets)
{
    const struct hg_layer *layer = &gat->layer;
    hg_cell_zero_others(targets, hg_mat_packed(gat->dq, layer->shard->owned, layer->block.heads));
    if (layer->residual >= 0) hg_cell_zero_others(targets, layer->linear[layer->residual].gradient);
}

/* Ends the forward use of the targets' memory (union hg_gat_nodes_memory): [q | M | S | D | G] replaces [q | M | S |
 * A+ | O], and dR replaces R. Reads O+ for the last time, to compute dq. Overwrites dy. */
void hg_gat_backward_cell(struct hg_layer *layer, hg_lid cell, hg_real *dy, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_cell_rows targets = hg_layer_targets(layer, cell);
    const struct hg_attention_nodes nodes = hg_gat_nodes(gat);
    const int64_t out = hg_block_out(&layer->block);
    struct hg_interval interval = hg_row_set_begin(targets.set, cell);
    memset(thread->vectors, 0, (size_t)out * sizeof *thread->vectors);
    for (; hg_row_set_next(targets.set, &interval); dy += (interval.end - interval.first) * out)
        gat->kernels->nodes_backward_begin(&nodes, interval.first, interval.end, dy, thread->vectors);
    if (layer->bias >= 0)
        hg_gradients_add_f64(&layer->gradients, layer->bias_sum, thread->vectors, out, thread);
    zero_others(gat, targets);
}

struct hg_attention_backward hg_gat_backward_args(const struct hg_gat *gat)
{
    return (struct hg_attention_backward){
        .heads = hg_gat_heads(gat),
        .out = hg_gat_edges(gat, gat->layer.subgraph->out),
        .dropout = gat->dropping ? &gat->dropout : NULL,
        .targets = gat->memory.backward.targets,
        .g_cols = (int)hg_gat_g_cols(gat),
        .z = gat->z,
        .p = gat->p,
        .separated = gat->separated,
        .dz = gat->memory.backward.dz,
        .dp = gat->layer.work->node_scratch,
        .du = gat->du,
    };
}

void hg_gat_backward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                           struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_attention_backward args = hg_gat_backward_args(gat);
    gat->kernels->attention_backward(&args, rows, count, thread->scratch);
}

/* Adds the cell's part of dU = sum_e x_e ds_e: the sum over its sources, in order. */
static void edge_vector_partial(struct hg_gat *gat, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_row_set *set = &gat->layer.subgraph->sources;
    const int64_t cols = hg_gat_edge_size(gat);
    memset(thread->partial, 0, (size_t)cols * sizeof *thread->partial);
    for (hg_lid k = set->start[cell]; k < set->start[cell + 1]; k++)
        for (int64_t c = 0; c < cols; c++) thread->partial[c] += gat->du[set->row[k] * cols + c];
    hg_gradients_add(&gat->layer.gradients, HG_GRADIENT_VECTORS, gat->sum_edge, thread->partial, cols,
                     thread);
}

/* dZ += dp a_src + dq a_dst; the cell's parts of da_src, da_dst and dU. */
void hg_gat_backward_sources(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    struct hg_gat *gat = hg_gat_of(layer);
    const struct hg_attention_nodes nodes = hg_gat_nodes(gat);
    const int64_t z = hg_gat_z_cols(gat), stride = hg_gat_z_stride(gat);
    struct hg_interval interval = hg_row_set_begin(&layer->subgraph->sources, cell);
    double *da_src = thread->vectors, *da_dst = thread->vectors + stride;
    memset(thread->vectors, 0, (size_t)(2 * stride) * sizeof *thread->vectors);
    while (hg_row_set_next(&layer->subgraph->sources, &interval))
        gat->kernels->nodes_backward_end(&nodes, interval.first, interval.end, da_src, da_dst);
    hg_gradients_add_f64(&layer->gradients, gat->sum_src, da_src, z, thread);
    hg_gradients_add_f64(&layer->gradients, gat->sum_dst, da_dst, z, thread);
    if (hg_gat_has_edges(gat)) edge_vector_partial(gat, cell, thread);
}

/* dW_edge[c, f, h] = dU[c, h] a_edge[f, h],  da_edge[f, h] = sum_c dU[c, h] W_edge[c, f, h]. */
void hg_gat_backward_end(struct hg_layer *layer)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    if (!hg_gat_has_edges(gat)) return;
    const int64_t heads = layer->block.heads, z = hg_gat_z_cols(gat);
    const hg_real *w = hg_params_value(layer->params, gat->lin_edge);
    const hg_real *a = hg_params_value(layer->params, gat->att_edge);
    hg_real *dw = hg_params_grad(layer->params, gat->lin_edge),
            *da = hg_params_grad(layer->params, gat->att_edge);
    memset(da, 0, (size_t)z * sizeof *da);
    for (int64_t c = 0; c < layer->shard->edge_features; c++) {
        const hg_real *du = gat->edge_sums + c * heads;
        for (int64_t k = 0; k < z; k++) {
            dw[c * z + k] = du[k % heads] * a[k];
            da[k] += du[k % heads] * w[c * z + k];
        }
    }
}
