#include "nn/layer.h"

#include "base/mem.h"
#include "kernels/attention.h"
#include <math.h>
#include <stdio.h>

hg_status hg_layer_add_param(struct hg_layer *layer, const char *suffix, struct hg_param like, int64_t *index)
{
    snprintf(like.name, sizeof like.name, "convs.%d.%s", layer->index, suffix);
    return hg_params_add(layer->params, &like, index);
}

/* Glorot & Bengio 2010, as PyTorch Geometric: uniform in +- sqrt(6 / (last two dimensions)). */
hg_status hg_layer_add_matrix(struct hg_layer *layer, const char *suffix, int64_t outputs, int64_t inputs,
                              struct hg_layout layout, int64_t *index)
{
    const struct hg_param like = {.dims = 2,
                                  .shape = {outputs, inputs},
                                  .layout = layout,
                                  .init_range = sqrt(6.0 / (double)(outputs + inputs))};
    return hg_layer_add_param(layer, suffix, like, index);
}

hg_status hg_layer_add_bias(struct hg_layer *layer)
{
    const struct hg_block *block = &layer->block;
    const struct hg_param like = {
        .dims = 1, .shape = {hg_block_out(block)}, .layout = {false, hg_block_out_heads(block), 1}};
    return block->bias ? hg_layer_add_param(layer, "bias", like, &layer->bias) : HG_OK;
}

hg_status hg_layer_add_linear(struct hg_layer *layer, const char *suffix, int out_heads,
                              struct hg_linear like)
{
    const struct hg_layout layout = {true, out_heads, layer->in_heads};
    HG_TRY(hg_layer_add_matrix(layer, suffix, like.out, layer->in, layout, &like.weight));
    struct hg_linear *linear = &layer->linear[layer->linears++];
    *linear = like;
    if (like.block != NULL) return HG_OK;
    linear->whole = (struct hg_column_block){0, like.out, 0};
    linear->block = &linear->whole;
    linear->blocks = 1;
    return HG_OK;
}

hg_status hg_layer_add_residual(struct hg_layer *layer)
{
    const int64_t out = hg_block_out(&layer->block);
    if (!layer->block.residual) return HG_OK;
    layer->residual = layer->linears;
    return hg_layer_add_linear(layer, "res.weight", hg_block_out_heads(&layer->block),
                               (struct hg_linear){.out = out, .stride = out, .dtype = HG_HALO_REAL});
}

hg_status hg_layer_create(const struct hg_layer *like, struct hg_layer **layer)
{
    struct hg_layer common = *like;
    common.bias = common.residual = -1;
    return like->block.conv->create(&common, layer);
}

void hg_layer_destroy(struct hg_layer *layer)
{
    if (layer == NULL) return;
    if (layer->residual >= 0) HG_FREE(layer->linear[layer->residual].result);
    hg_gradients_destroy(&layer->gradients);
    layer->block.conv->destroy(layer);
}

static void enlarge(int64_t *size, int64_t to)
{
    *size = hg_max_i64(*size, to);
}

void hg_layer_max_sizes(const struct hg_layer *layer, struct hg_extent *extent)
{
    const int64_t out = hg_block_out(&layer->block);
    enlarge(&extent->in, layer->sparse_input ? 0 : layer->in);
    enlarge(&extent->copy[1], out);
    enlarge(&extent->vectors, out);
    for (int k = 0; k < layer->linears; k++) {
        const struct hg_linear *linear = &layer->linear[k];
        enlarge(&extent->copy[k], linear->stride);
        /* with a sparse input, one row of a weight's gradient is computed at a time */
        enlarge(&extent->partial, (layer->sparse_input ? 1 : layer->in) * linear->out);
        extent->converted = extent->converted || hg_linear_converted(linear);
    }
    layer->block.conv->max_sizes(layer, extent);
}

/* The result of the residual Linear; its gradient later uses the same memory. */
static hg_status allocate_residual(struct hg_layer *layer)
{
    if (layer->residual < 0) return HG_OK;
    struct hg_linear *linear = &layer->linear[layer->residual];
    HG_TRY(HG_NEW_UNSET_SPREAD(layer->work->team, linear->result, layer->shard->owned * linear->out));
    linear->gradient = hg_mat_packed(linear->result, layer->shard->owned, linear->out);
    return HG_OK;
}

static hg_status allocate_gradients(struct hg_layer *layer)
{
    struct hg_gradients *gradients = &layer->gradients;
    for (int k = 0; k < layer->linears; k++)
        layer->linear[k].sum =
            hg_gradients_register(gradients, HG_GRADIENT_WEIGHTS, layer->in * layer->linear[k].out,
                                  hg_params_grad(layer->params, layer->linear[k].weight));
    if (layer->bias >= 0)
        layer->bias_sum = hg_gradients_register(gradients, HG_GRADIENT_VECTORS, hg_block_out(&layer->block),
                                                hg_params_grad(layer->params, layer->bias));
    return hg_gradients_create(gradients, layer->work, layer->sparse_input, layer->index);
}

hg_status hg_layer_allocate(struct hg_layer *layer, struct hg_workspace *work, bool training)
{
    layer->work = work;
    HG_TRY(allocate_residual(layer));
    HG_TRY(layer->block.conv->allocate(layer, training));
    return training ? allocate_gradients(layer) : HG_OK;
}

void hg_layer_begin(struct hg_layer *layer, const struct hg_subgraph *subgraph, const struct hg_pass *pass)
{
    layer->subgraph = subgraph;
    layer->pass = *pass;
    layer->dropping = pass->training && layer->block.dropout > 0;
    layer->drop = hg_dropout_make(
        layer->block.dropout, hg_rng_stream(pass->seed, HG_RNG_FEATURE_DROPOUT, pass->epoch, layer->index));
    if (layer->block.conv->forward_begin != NULL) layer->block.conv->forward_begin(layer);
}

static struct hg_exchange *send(struct hg_exchange *exchange, const struct hg_plan *plan,
                                struct hg_sent_rows rows)
{
    hg_exchange_begin(exchange, plan, rows.matrix, (int)rows.stride, (int)rows.width);
    return exchange;
}

struct hg_exchange *hg_layer_send_forward(struct hg_layer *layer)
{
    return send(layer->work->forward, &layer->subgraph->in->plan, layer->block.conv->forward_rows(layer));
}

struct hg_exchange *hg_layer_send_backward(struct hg_layer *layer)
{
    return send(layer->work->backward, &layer->subgraph->out->plan, layer->block.conv->backward_rows(layer));
}

struct hg_edge_pass hg_layer_edges_forward(struct hg_layer *layer)
{
    return (struct hg_edge_pass){layer->subgraph->in, &layer->block.conv->forward_edges, layer};
}

struct hg_edge_pass hg_layer_edges_backward(struct hg_layer *layer)
{
    return (struct hg_edge_pass){layer->subgraph->out, &layer->block.conv->backward_edges, layer};
}
