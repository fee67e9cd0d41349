#include "nn/gat/state.h"
#include <string.h>

enum {
    BLOCK_ROWS = 32
}; /* rows that go through all steps of hg_gat_backward_cell while they are in the cache */

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
    for (int g = 0; g < gat->groups; g++)
        hg_cell_zero_others(targets,
                            hg_mat_packed(hg_gat_nodes(gat, g).dq, layer->shard->owned, gat->group[g].count));
    if (layer->residual >= 0) hg_cell_zero_others(targets, layer->linear[layer->residual].gradient);
}

/* The arguments of the kernels that begin the backward pass of a cell. */
struct begin {
    struct hg_attention_outputs outputs;
    struct hg_attention_nodes nodes[HG_MAX_GROUPS];
    int64_t out; /* columns of dY */
};

static struct begin begin_args(const struct hg_gat *gat)
{
    struct begin begin = {.outputs = hg_gat_outputs(gat), .out = hg_block_out(&gat->layer.block)};
    for (int g = 0; g < gat->groups; g++) begin.nodes[g] = hg_gat_nodes(gat, g);
    return begin;
}

/* dL/dT, dR, G, D and dq of rows [first, end), whose dL/dY is at dy. */
static void begin_rows(const struct hg_gat *gat, const struct begin *begin, hg_lid first, hg_lid end,
                       hg_real *dy, double *dbias)
{
    gat->layer.work->kernels->outputs_backward(&begin->outputs, first, end, dy, dbias);
    for (int g = 0; g < gat->groups; g++) {
        const int64_t column = gat->layer.block.concat ? gat->block[g].first : 0;
        hg_gat_kernels(gat, g)->nodes_backward_begin(&begin->nodes[g], first, end, dy + column, begin->out);
    }
}

/* Ends the forward use of the targets' memory (union hg_gat_nodes_memory): [q | M | S | D | G] replaces [q | M | S |
 * A+ | O], and dR replaces R. Reads O+ for the last time, to compute dq. Overwrites dy. */
void hg_gat_backward_cell(struct hg_layer *layer, hg_lid cell, hg_real *dy, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_cell_rows targets = hg_layer_targets(layer, cell);
    const struct begin begin = begin_args(gat);
    struct hg_interval interval = hg_row_set_begin(targets.set, cell);
    memset(thread->vectors, 0, (size_t)begin.out * sizeof *thread->vectors);
    while (hg_row_set_next(targets.set, &interval))
        for (hg_lid first = interval.first, end; first < interval.end; first = end) {
            end = (hg_lid)hg_min_i64(first + BLOCK_ROWS, interval.end);
            begin_rows(gat, &begin, first, end, dy, thread->vectors);
            dy += (end - first) * begin.out;
        }
    if (layer->bias >= 0)
        hg_gradients_add_f64(&layer->gradients, layer->bias_sum, thread->vectors, begin.out, thread);
    zero_others(gat, targets);
}

struct hg_attention_backward hg_gat_backward_args(const struct hg_gat *gat, int g)
{
    const struct hg_attention_nodes nodes = hg_gat_nodes(gat, g);
    const struct hg_edge_view out = hg_gat_edges(gat, gat->layer.subgraph->out, g);
    return (struct hg_attention_backward){
        .heads = nodes.heads,
        .layout = nodes.layout,
        .out = out,
        .dropout = gat->dropping ? &gat->dropout : NULL,
        .targets = nodes.targets,
        .shared_g = nodes.shared_g,
        .z = nodes.z,
        .p = nodes.p,
        .separated = gat->separated,
        .dz = nodes.dz,
        .dp = nodes.dp,
        .du =
            gat->du != NULL ? gat->du + gat->group[g].first * out.attr_cols * gat->layer.shard->owned : NULL,
    };
}

void hg_gat_backward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                           struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_backward args = hg_gat_backward_args(gat, g);
        hg_gat_kernels(gat, g)->attention_backward(&args, rows, count, thread->scratch);
    }
}

/* Adds the cell's part of dU = sum_e x_e ds_e for a group: the sum over its sources, in order. */
static void edge_vector_partial(struct hg_gat *gat, int g, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_row_set *set = &gat->layer.subgraph->sources;
    const struct hg_attention_backward args = hg_gat_backward_args(gat, g);
    const int64_t cols = (int64_t)args.out.attr_cols * args.heads.count,
                  first = (int64_t)args.out.attr_cols * args.heads.first;
    memset(thread->partial, 0, (size_t)cols * sizeof *thread->partial);
    for (hg_lid k = set->start[cell]; k < set->start[cell + 1]; k++)
        for (int64_t c = 0; c < cols; c++) thread->partial[c] += args.du[set->row[k] * cols + c];
    hg_gradients_add(&gat->layer.gradients, HG_GRADIENT_VECTORS, gat->sum_edge + first, thread->partial, cols,
                     thread);
}

/* The same for da_src and da_dst; and dZ += dp a_src + dq a_dst of a group. */
static void attention_partial(struct hg_gat *gat, int g, hg_lid cell, struct hg_thread *thread)
{
    struct hg_gradients *gradients = &gat->layer.gradients;
    const struct hg_row_set *set = &gat->layer.subgraph->sources;
    const struct hg_attention_nodes nodes = hg_gat_nodes(gat, g);
    const struct hg_column_block *block = &gat->block[g];
    const int64_t padded = hg_row_stride(block->count);
    struct hg_interval interval = hg_row_set_begin(set, cell);
    double *da_src = thread->vectors, *da_dst = thread->vectors + padded;
    memset(thread->vectors, 0, (size_t)(2 * padded) * sizeof *thread->vectors);
    while (hg_row_set_next(set, &interval))
        hg_gat_kernels(gat, g)->nodes_backward_end(&nodes, interval.first, interval.end, da_src, da_dst);
    hg_gradients_add_f64(gradients, gat->sum_src + block->first, da_src, block->count, thread);
    hg_gradients_add_f64(gradients, gat->sum_dst + block->first, da_dst, block->count, thread);
}

/* dZ += dp a_src + dq a_dst; the cell's parts of da_src, da_dst and dU. */
void hg_gat_backward_sources(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    struct hg_gat *gat = hg_gat_of(layer);
    for (int g = 0; g < gat->groups; g++) {
        attention_partial(gat, g, cell, thread);
        if (hg_gat_has_edges(gat)) edge_vector_partial(gat, g, cell, thread);
    }
}

/* dW_edge[c, f, h] = dU[c, h] a_edge[f, h],  da_edge[f, h] = sum_c dU[c, h] W_edge[c, f, h], for one group and edge
 * feature. */
static void edge_feature_gradients(const struct hg_gat *gat, int g, int64_t c)
{
    const struct hg_params *params = gat->layer.params;
    const struct hg_column_block *block = &gat->block[g];
    const int64_t heads = gat->group[g].count, at = c * hg_gat_z_cols(gat) + block->first;
    const hg_real *du = gat->edge_sums + gat->group[g].first * gat->layer.shard->edge_features + c * heads,
                  *w = hg_params_value(params, gat->lin_edge) + at,
                  *a = hg_params_value(params, gat->att_edge) + block->first;
    hg_real *dw = hg_params_grad(params, gat->lin_edge) + at,
            *da = hg_params_grad(params, gat->att_edge) + block->first;
    for (int64_t k = 0; k < block->count; k++) {
        dw[k] = du[k % heads] * a[k];
        da[k] += du[k % heads] * w[k];
    }
}

void hg_gat_backward_end(struct hg_layer *layer)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    if (!hg_gat_has_edges(gat)) return;
    hg_real *da = hg_params_grad(layer->params, gat->att_edge);
    memset(da, 0, (size_t)hg_gat_z_cols(gat) * sizeof *da);
    for (int64_t c = 0; c < layer->shard->edge_features; c++)
        for (int g = 0; g < gat->groups; g++) edge_feature_gradients(gat, g, c);
}
