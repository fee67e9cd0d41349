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

/* Arguments of group g whose row 0 is part k. */
static struct hg_attention_forward forward_part(const struct hg_gat *gat, int g, hg_lid k)
{
    const struct hg_hubs *hubs = &gat->layer.subgraph->in->hubs;
    const struct hg_head_group *group = &gat->group[g];
    hg_real *targets = gat->layer.work->hub_parts,
            *o_plus = targets + hubs->parts * hg_gat_target_stride(gat);
    struct hg_attention_forward args = hg_gat_forward_args(gat, g);
    restrict_to_part(&args.in, &hubs->part[k]);
    args.targets = targets + k * hg_gat_target_stride(gat) + 4 * group->first;
    if (args.o_plus != NULL) args.o_plus = o_plus + k * hg_gat_z_stride(gat) + group->place;
    return args;
}

void hg_gat_forward_part(struct hg_layer *layer, hg_lid k, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const hg_lid row = layer->subgraph->in->hubs.part[k].row;
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_forward args = forward_part(gat, g, k);
        const hg_real *target = hg_gat_nodes(gat, g).targets + row * args.layout.target;
        memcpy(args.targets, target, (size_t)args.heads.count * sizeof *target); /* the target's q */
        hg_gat_kernels(gat, g)->attention_forward(&args, &row_0, 1, thread->scratch);
    }
}

void hg_gat_forward_join(struct hg_layer *layer, hg_lid n)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_hubs *hubs = &layer->subgraph->in->hubs;
    const hg_lid first = hubs->first[n], count = hubs->first[n + 1] - first;
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_forward whole = hg_gat_forward_args(gat, g),
                                          parts = forward_part(gat, g, first);
        layer->work->kernels->attention_join_forward(&parts, count, &whole, hubs->part[first].row);
    }
}

/* Arguments of group g whose row 0 is part k. */
static struct hg_attention_backward backward_part(const struct hg_gat *gat, int g, hg_lid k)
{
    const struct hg_hubs *hubs = &gat->layer.subgraph->out->hubs;
    const struct hg_hub_part *part = &hubs->part[k];
    const int64_t stride = hg_gat_z_stride(gat), first = gat->group[g].first, heads = gat->group[g].count;
    hg_real *dz = gat->layer.work->hub_parts, *dp = dz + hubs->parts * stride,
            *du = dp + hubs->parts * hg_row_stride(gat->layer.block.heads);
    struct hg_attention_backward args = hg_gat_backward_args(gat, g);
    restrict_to_part(&args.out, part);
    args.z += part->row * args.layout.z;
    args.p += part->row * heads;
    args.dz = dz + k * stride + gat->group[g].place;
    args.dp = dp + first * hubs->parts + k * heads;
    if (args.du != NULL) args.du = du + args.out.attr_cols * (first * hubs->parts + k * heads);
    return args;
}

void hg_gat_backward_part(struct hg_layer *layer, hg_lid k, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_backward args = backward_part(gat, g, k);
        hg_gat_kernels(gat, g)->attention_backward(&args, &row_0, 1, thread->scratch);
    }
}

void hg_gat_backward_join(struct hg_layer *layer, hg_lid n)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    const struct hg_hubs *hubs = &layer->subgraph->out->hubs;
    const hg_lid first = hubs->first[n], count = hubs->first[n + 1] - first;
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_backward whole = hg_gat_backward_args(gat, g),
                                           parts = backward_part(gat, g, first);
        layer->work->kernels->attention_join_backward(&parts, count, &whole, hubs->part[first].row);
    }
}
