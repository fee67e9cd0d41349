/* Hubs: the kernels treat each part of a hub as a graph of one row. Each part has results of its own, and the results
 * of a hub's parts are combined in order. work->hub_parts has the results of all parts, one array after the other. */
#include "nn/gat/state.h"
#include <string.h>

static const hg_lid row_0 = 0;

int64_t hg_gat_hub_in(const struct hg_gat *gat, bool training)
{
    return hg_gat_target_stride(gat) + (training ? hg_gat_z_stride(gat) : 0);
}

int64_t hg_gat_hub_out(const struct hg_gat *gat)
{
    return hg_gat_z_stride(gat) + hg_row_stride(gat->layer.block.heads) + hg_gat_edge_size(gat);
}

/* Restricts the view to one row: the edges of a part. */
static void restrict_to_part(struct hg_edge_view *edges, const struct hg_hub_part *part)
{
    edges->indptr = part->bounds;
    edges->row_imported += part->row;
}

/* Arguments whose row 0 is part k. */
static struct hg_attention_forward forward_part(const struct hg_gat *gat, hg_lid k)
{
    const struct hg_hubs *hubs = &gat->layer.subgraph->in->hubs;
    hg_real *targets = gat->layer.work->hub_parts,
            *o_plus = targets + hubs->parts * hg_gat_target_stride(gat);
    struct hg_attention_forward args = hg_gat_forward_args(gat);
    restrict_to_part(&args.in, &hubs->part[k]);
    args.targets = targets + k * hg_gat_target_stride(gat);
    if (args.o_plus != NULL) args.o_plus = o_plus + k * hg_gat_z_stride(gat);
    return args;
}

void hg_gat_forward_part(struct hg_layer *layer, hg_lid k, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_attention_forward args = forward_part(gat, k);
    const hg_real *target =
        gat->memory.forward.targets + layer->subgraph->in->hubs.part[k].row * hg_gat_target_stride(gat);
    memcpy(args.targets, target, (size_t)layer->block.heads * sizeof *target); /* the target's q */
    gat->kernels->attention_forward(&args, &row_0, 1, thread->scratch);
}

void hg_gat_forward_join(struct hg_layer *layer, hg_lid n)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_hubs *hubs = &layer->subgraph->in->hubs;
    const struct hg_attention_forward whole = hg_gat_forward_args(gat),
                                      parts = forward_part(gat, hubs->first[n]);
    layer->work->kernels->attention_join_forward(&parts, hubs->first[n + 1] - hubs->first[n], &whole,
                                                 hubs->part[hubs->first[n]].row);
}

/* Arguments whose row 0 is part k. */
static struct hg_attention_backward backward_part(const struct hg_gat *gat, hg_lid k)
{
    const struct hg_hubs *hubs = &gat->layer.subgraph->out->hubs;
    const struct hg_hub_part *part = &hubs->part[k];
    const int64_t heads = gat->layer.block.heads, stride = hg_gat_z_stride(gat);
    hg_real *dz = gat->layer.work->hub_parts, *dp = dz + hubs->parts * stride,
            *du = dp + hubs->parts * hg_row_stride(heads);
    struct hg_attention_backward args = hg_gat_backward_args(gat);
    restrict_to_part(&args.out, part);
    args.z += part->row * hg_gat_z_room(gat);
    args.p += part->row * heads;
    args.dz = dz + k * stride;
    args.dp = dp + k * heads;
    if (args.du != NULL) args.du = du + k * args.out.attr_cols * heads;
    return args;
}

void hg_gat_backward_part(struct hg_layer *layer, hg_lid k, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_attention_backward args = backward_part(gat, k);
    gat->kernels->attention_backward(&args, &row_0, 1, thread->scratch);
}

void hg_gat_backward_join(struct hg_layer *layer, hg_lid n)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_hubs *hubs = &layer->subgraph->out->hubs;
    const struct hg_attention_backward whole = hg_gat_backward_args(gat),
                                       parts = backward_part(gat, hubs->first[n]);
    layer->work->kernels->attention_join_backward(&parts, hubs->first[n + 1] - hubs->first[n], &whole,
                                                  hubs->part[hubs->first[n]].row);
}
