/* Hubs: each part of a hub is a graph of one row to the kernels, with results of its own, which are then joined in order. */
#include "nn/gat/state.h"
#include <string.h>

static const hg_lid the_row = 0;

/* The edges of a part: of the side's, one row. */
static void narrow(struct hg_edge_view *edges, const struct hg_hub_part *part)
{
    edges->indptr = part->bounds;
    edges->row_imported += part->row;
}

/* Arguments whose row 0 is part k. */
static struct hg_attention_forward forward_part(const struct hg_layer *layer, hg_lid k)
{
    const struct hg_hub_results *results = &layer->work->hubs;
    struct hg_attention_forward args = hg_gat_forward_args(layer);
    narrow(&args.in, &layer->scope->in->hubs.part[k]);
    args.targets = results->targets + k * hg_gat_target_stride(layer);
    if (args.o_plus != NULL) args.o_plus = results->rows + k * hg_gat_z_stride(layer);
    return args;
}

void hg_gat_forward_part(void *context, hg_lid k, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_forward args = forward_part(layer, k);
    const hg_real *target = layer->targets + layer->scope->in->hubs.part[k].row * hg_gat_target_stride(layer);
    memcpy(args.targets, target, (size_t)layer->spec.heads * sizeof *target); /* q */
    layer->kernels->attention_forward(&args, &the_row, 1, thread->scores);
}

static void join_forward(void *context, hg_lid n, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_hubs *hubs = &layer->scope->in->hubs;
    const struct hg_attention_forward whole = hg_gat_forward_args(layer),
                                      parts = forward_part(layer, hubs->first[n]);
    (void)thread;
    layer->work->kernels->attention_join_forward(&parts, hubs->first[n + 1] - hubs->first[n], &whole,
                                                 hubs->part[hubs->first[n]].row);
}

void hg_gat_forward_join(struct hg_layer *layer)
{
    hg_workspace_pieces(layer->work, layer->scope->in->hubs.count, join_forward, layer, NULL);
}

/* Arguments whose row 0 is part k. */
static struct hg_attention_backward backward_part(const struct hg_layer *layer, hg_lid k)
{
    const struct hg_hub_results *results = &layer->work->hubs;
    const struct hg_hub_part *part = &layer->scope->out->hubs.part[k];
    struct hg_attention_backward args = hg_gat_backward_args(layer);
    const int64_t heads = layer->spec.heads, stride = hg_gat_z_stride(layer);
    narrow(&args.out, part);
    args.z += part->row * hg_gat_z_room(layer);
    args.p += part->row * heads;
    args.dz = results->rows + k * stride;
    args.dp = results->dp + k * heads;
    if (args.du != NULL) args.du = results->du + k * args.out.attr_cols * heads;
    return args;
}

void hg_gat_backward_part(void *context, hg_lid k, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_backward args = backward_part(layer, k);
    layer->kernels->attention_backward(&args, &the_row, 1, thread->scores);
}

static void join_backward(void *context, hg_lid n, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_hubs *hubs = &layer->scope->out->hubs;
    const struct hg_attention_backward whole = hg_gat_backward_args(layer),
                                       parts = backward_part(layer, hubs->first[n]);
    (void)thread;
    layer->work->kernels->attention_join_backward(&parts, hubs->first[n + 1] - hubs->first[n], &whole,
                                                  hubs->part[hubs->first[n]].row);
}

void hg_gat_backward_join(struct hg_layer *layer)
{
    hg_workspace_pieces(layer->work, layer->scope->out->hubs.count, join_backward, layer, NULL);
}
