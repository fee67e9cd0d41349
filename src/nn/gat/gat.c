#include "nn/gat/gat.h"

#include "base/mem.h"
#include "nn/gat/state.h"
#include <math.h>

static hg_status add_attention(struct hg_gat *gat, const char *suffix, int64_t *index)
{
    const int heads = gat->layer.block.heads, width = gat->layer.block.width;
    const struct hg_param like = {.dims = 3,
                                  .shape = {1, heads, width},
                                  .layout = {false, heads, 1},
                                  .init_range = sqrt(6.0 / (double)(heads + width))};
    return hg_layer_add_param(&gat->layer, suffix, like, index);
}

/* Adds the parameters in the order of PyTorch Geometric's GATConv. */
static hg_status add_params(struct hg_gat *gat)
{
    struct hg_layer *layer = &gat->layer;
    const int heads = layer->block.heads;
    const int64_t z = hg_gat_z_cols(gat), edge = layer->shard->edge_features;
    HG_TRY(add_attention(gat, "att_src", &gat->att_src));
    HG_TRY(add_attention(gat, "att_dst", &gat->att_dst));
    if (edge > 0) HG_TRY(add_attention(gat, "att_edge", &gat->att_edge));
    HG_TRY(hg_layer_add_bias(layer));
    HG_TRY(hg_layer_add_linear(layer, "lin.weight", heads,
                               (struct hg_linear){.out = z,
                                                  .stride = hg_gat_z_stride(gat),
                                                  .dtype = layer->halo_dtype,
                                                  .block = gat->block,
                                                  .blocks = gat->groups}));
    if (edge > 0)
        HG_TRY(hg_layer_add_matrix(layer, "lin_edge.weight", z, edge, (struct hg_layout){true, heads, 1},
                                   &gat->lin_edge));
    return hg_layer_add_residual(layer);
}

static void make_groups(struct hg_gat *gat)
{
    const struct hg_block *block = &gat->layer.block;
    gat->groups = hg_head_groups(block->heads, block->width, gat->layer.halo_dtype, gat->group);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_head_group *group = &gat->group[g];
        gat->block[g] = (struct hg_column_block){(int64_t)group->first * block->width,
                                                 hg_gat_cols(gat, group), group->place};
    }
}

static hg_status gat_create(const struct hg_layer *like, struct hg_layer **layer)
{
    struct hg_gat *gat;
    HG_TRY(HG_NEW(gat, 1));
    gat->layer = *like;
    gat->att_edge = gat->lin_edge = -1;
    *layer = &gat->layer;
    make_groups(gat);
    return add_params(gat);
}

static void gat_destroy(struct hg_layer *layer)
{
    struct hg_gat *gat = hg_gat_of(layer);
    HG_FREE(gat->attention);
    HG_FREE(gat->z);
    HG_FREE(gat->p);
    HG_FREE(gat->exp_p);
    HG_FREE(gat->memory.forward.targets);
    HG_FREE(gat->memory.forward.o_plus);
    HG_FREE(gat->dq);
    HG_FREE(gat->edge_vector);
    HG_FREE(gat->du);
    HG_FREE(gat->edge_sums);
    HG_FREE(gat);
}

static void enlarge(int64_t *size, int64_t to)
{
    *size = hg_max_i64(*size, to);
}

static void gat_max_sizes(const struct hg_layer *layer, struct hg_extent *extent)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    enlarge(&extent->partial, hg_gat_edge_size(gat));
    enlarge(&extent->vectors, 2 * hg_gat_z_stride(gat));
    enlarge(&extent->scratch, HG_ATTENTION_SCRATCH);
    enlarge(&extent->node_scratch, layer->block.heads);
    enlarge(&extent->hub_in, hg_gat_hub_in(gat, extent->training));
    enlarge(&extent->hub_out, hg_gat_hub_out(gat));
    enlarge(&extent->forward_row, hg_gat_z_room(gat));
    enlarge(&extent->backward_row, hg_gat_target_room(gat));
}

static hg_status allocate_backward(struct hg_gat *gat)
{
    struct hg_layer *layer = &gat->layer;
    struct hg_gradients *gradients = &layer->gradients;
    struct hg_team *team = layer->work->team;
    const int64_t owned = layer->shard->owned, z = hg_gat_z_cols(gat), edge = hg_gat_edge_size(gat);
    HG_TRY(HG_NEW_UNSET_SPREAD(team, gat->memory.forward.o_plus, owned * hg_gat_z_stride(gat)));
    layer->linear[HG_GAT_Z].gradient =
        (struct hg_mat){gat->memory.backward.dz, owned, z, hg_gat_z_stride(gat)};
    HG_TRY(HG_NEW_UNSET_SPREAD(team, gat->dq, owned * layer->block.heads));
    gat->sum_src =
        hg_gradients_register(gradients, HG_GRADIENT_VECTORS, z, hg_params_grad(layer->params, gat->att_src));
    gat->sum_dst =
        hg_gradients_register(gradients, HG_GRADIENT_VECTORS, z, hg_params_grad(layer->params, gat->att_dst));
    if (!hg_gat_has_edges(gat)) return HG_OK;
    HG_TRY(HG_NEW_UNSET(gat->du, owned * edge));
    HG_TRY(HG_NEW_UNSET(gat->edge_sums, edge));
    gat->sum_edge = hg_gradients_register(gradients, HG_GRADIENT_VECTORS, edge, gat->edge_sums);
    return HG_OK;
}

/* Group g in the form that the kernels take. */
static struct hg_heads heads_of(const struct hg_gat *gat, int g)
{
    const struct hg_block *block = &gat->layer.block;
    return (struct hg_heads){gat->group[g].count, block->width, (hg_real)block->slope, gat->group[g].first};
}

/* Whether the scores of all groups may be separable. */
static bool may_separate(const struct hg_gat *gat)
{
    bool may = !hg_gat_has_edges(gat);
    for (int g = 0; g < gat->groups; g++) may = may && hg_heads_separable(heads_of(gat, g));
    return may;
}

static hg_status gat_allocate(struct hg_layer *layer, bool training)
{
    struct hg_gat *gat = hg_gat_of(layer);
    const struct hg_shard *shard = layer->shard;
    struct hg_team *team = layer->work->team;
    const int64_t rows = hg_gat_rows(gat), heads = layer->block.heads;
    const int64_t targets = shard->owned + (training ? shard->out->plan.halo : 0);
    gat->kernels = layer->work->kernels->attention[layer->halo_dtype];
    /* zeroed, because rows of `attention` and Z are padded with zeros */
    HG_TRY(HG_NEW(gat->attention, 2 * hg_gat_z_stride(gat)));
    HG_TRY(HG_NEW_SPREAD(team, gat->z, rows * hg_gat_z_room(gat)));
    layer->linear[HG_GAT_Z].result = gat->z;
    HG_TRY(HG_NEW_UNSET_SPREAD(team, gat->p, rows * heads));
    if (may_separate(gat)) HG_TRY(HG_NEW_UNSET_SPREAD(team, gat->exp_p, rows * 2 * heads));
    HG_TRY(HG_NEW_UNSET_SPREAD(team, gat->memory.forward.targets, targets * hg_gat_target_stride(gat)));
    HG_TRY(HG_NEW_UNSET(gat->edge_vector, hg_gat_edge_size(gat)));
    return training ? allocate_backward(gat) : HG_OK;
}

/* Where group g is in the rows. */
static struct hg_row_layout layout_of(const struct hg_gat *gat, int g)
{
    const struct hg_head_group *group = &gat->group[g];
    const int64_t body = hg_target_scalars(gat->layer.block.heads) - 4 * group->first;
    const bool concat = gat->layer.block.concat;
    return (struct hg_row_layout){
        .z = hg_gat_z_room(gat),
        .wide = hg_gat_z_stride(gat),
        .target = hg_gat_target_stride(gat),
        .o = body + group->place,
        .g = body + (concat ? hg_halo_room(gat->layer.halo_dtype, group->place) : 0),
    };
}

struct hg_edge_view hg_gat_edges(const struct hg_gat *gat, const struct hg_adjacency *adjacency, int g)
{
    const bool edges = hg_gat_has_edges(gat);
    const int cols = edges ? (int)gat->layer.shard->edge_features : 0;
    return (struct hg_edge_view){.indptr = adjacency->indptr,
                                 .indices = adjacency->indices,
                                 .row_imported = adjacency->imported,
                                 .imported = adjacency->imported,
                                 .attr = edges ? adjacency->edge_attr : NULL,
                                 .attr_vector = gat->edge_vector + gat->group[g].first * cols,
                                 .attr_cols = cols};
}

struct hg_attention_nodes hg_gat_nodes(const struct hg_gat *gat, int g)
{
    const struct hg_layer *layer = &gat->layer;
    const struct hg_head_group *group = &gat->group[g];
    const int64_t first = group->first, place = group->place, rows = hg_gat_rows(gat),
                  owned = layer->shard->owned;
    const bool training = layer->pass.training;
    return (struct hg_attention_nodes){
        .heads = heads_of(gat, g),
        .layout = layout_of(gat, g),
        .shared_g = !layer->block.concat,
        .a_src = gat->attention + place,
        .a_dst = gat->attention + hg_gat_z_stride(gat) + place,
        .z = gat->z + hg_halo_room(layer->halo_dtype, place),
        .p = gat->p + first * rows,
        .exp_p = gat->exp_p != NULL ? gat->exp_p + 2 * first * rows : NULL,
        .separated = gat->separated,
        .targets = gat->memory.forward.targets + 4 * first,
        .o_plus = training ? gat->memory.forward.o_plus + place : NULL,
        .dz = training ? gat->memory.backward.dz + place : NULL,
        .dp = training ? layer->work->node_scratch + first * owned : NULL,
        .dq = training ? gat->dq + first * owned : NULL,
    };
}

struct hg_attention_outputs hg_gat_outputs(const struct hg_gat *gat)
{
    const struct hg_layer *layer = &gat->layer;
    return (struct hg_attention_outputs){
        .group = gat->group,
        .groups = gat->groups,
        .heads = layer->block.heads,
        .width = layer->block.width,
        .concat = layer->block.concat || layer->block.heads == 1,
        .activation = layer->block.activation,
        .bias = hg_layer_bias(layer),
        .o = gat->memory.forward.targets + hg_target_scalars(layer->block.heads),
        .stride = hg_gat_target_stride(gat),
        .residual = layer->residual >= 0 ? layer->linear[layer->residual].result : NULL,
    };
}

const struct hg_conv hg_conv_gat = {
    .name = "gat",
    .create = gat_create,
    .destroy = gat_destroy,
    .max_sizes = gat_max_sizes,
    .allocate = gat_allocate,
    .forward_begin = hg_gat_forward_begin,
    .forward_rows = hg_gat_forward_rows,
    .forward_cell = hg_gat_forward_cell,
    .forward_agree = hg_gat_forward_agree,
    .forward_halo = hg_gat_forward_halo,
    .forward_edges = {hg_gat_forward_edges, hg_gat_forward_part, hg_gat_forward_join},
    .output = hg_gat_output,
    .backward_rows = hg_gat_backward_rows,
    .backward_cell = hg_gat_backward_cell,
    .backward_edges = {hg_gat_backward_edges, hg_gat_backward_part, hg_gat_backward_join},
    .backward_sources = hg_gat_backward_sources,
    .backward_end = hg_gat_backward_end,
    .attention = hg_gat_attention,
};
