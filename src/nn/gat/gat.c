#include "nn/gat/gat.h"

#include "base/mem.h"
#include "nn/gat/state.h"
#include <math.h>
#include <stdio.h>

/* Heads of an output: those that stand side by side. */
static int out_heads(const struct hg_layer_spec *spec)
{
    return spec->concat ? spec->heads : 1;
}

static hg_status add(struct hg_layer *layer, const char *suffix, struct hg_param like, int64_t *place)
{
    snprintf(like.name, sizeof like.name, "convs.%d.%s", layer->spec.index, suffix);
    return hg_params_add(layer->params, &like, place);
}

/* Glorot & Bengio 2010, as PyTorch Geometric: uniform in +- sqrt(6 / (last two dimensions)). */
static hg_status add_matrix(struct hg_layer *layer, const char *suffix, int64_t outputs, int64_t inputs,
                            struct hg_layout layout, int64_t *place)
{
    const struct hg_param like = {.dims = 2,
                                  .shape = {outputs, inputs},
                                  .layout = layout,
                                  .init_range = sqrt(6.0 / (double)(outputs + inputs))};
    return add(layer, suffix, like, place);
}

static hg_status add_attention(struct hg_layer *layer, const char *suffix, int64_t *place)
{
    const int heads = layer->spec.heads, width = layer->spec.width;
    const struct hg_param like = {.dims = 3,
                                  .shape = {1, heads, width},
                                  .layout = {false, heads, 1},
                                  .init_range = sqrt(6.0 / (double)(heads + width))};
    return add(layer, suffix, like, place);
}

static hg_status add_bias(struct hg_layer *layer)
{
    const struct hg_layer_spec *spec = &layer->spec;
    const struct hg_param like = {
        .dims = 1, .shape = {hg_layer_out(spec)}, .layout = {false, out_heads(spec), 1}};
    return add(layer, "bias", like, &layer->bias);
}

static hg_status add_params(struct hg_layer *layer)
{
    const struct hg_layer_spec *spec = &layer->spec;
    const int64_t z = hg_gat_z_cols(layer), edge = layer->shard->edge_features;
    HG_TRY(add_attention(layer, "att_src", &layer->att_src));
    HG_TRY(add_attention(layer, "att_dst", &layer->att_dst));
    if (edge > 0) HG_TRY(add_attention(layer, "att_edge", &layer->att_edge));
    if (spec->bias) HG_TRY(add_bias(layer));
    HG_TRY(add_matrix(layer, "lin.weight", z, spec->in, (struct hg_layout){true, spec->heads, spec->in_heads},
                      &layer->weight));
    if (edge > 0)
        HG_TRY(add_matrix(layer, "lin_edge.weight", z, edge, (struct hg_layout){true, spec->heads, 1},
                          &layer->lin_edge));
    if (spec->residual)
        HG_TRY(add_matrix(layer, "res.weight", hg_layer_out(spec), spec->in,
                          (struct hg_layout){true, out_heads(spec), spec->in_heads}, &layer->res));
    return HG_OK;
}

static void gat_destroy(struct hg_layer *layer)
{
    if (layer == NULL) return;
    for (int t = 0; layer->work != NULL && t < layer->work->threads; t++) {
        if (layer->weight_sums != NULL) hg_exact_destroy(&layer->weight_sums[t]);
        if (layer->vector_sums != NULL) hg_exact_destroy(&layer->vector_sums[t]);
    }
    HG_FREE(layer->weight_sums);
    HG_FREE(layer->vector_sums);
    hg_reduction_destroy(layer->reduction);
    HG_FREE(layer->edge_sums);
    HG_FREE(layer->attention);
    HG_FREE(layer->z);
    HG_FREE(layer->p);
    HG_FREE(layer->exp_p);
    HG_FREE(layer->targets);
    HG_FREE(layer->o_plus);
    HG_FREE(layer->dq);
    HG_FREE(layer->residual);
    HG_FREE(layer->edge_vector);
    HG_FREE(layer->du);
    HG_FREE(layer);
}

static hg_status gat_create(const struct hg_layer_spec *spec, const struct hg_shard *shard,
                            struct hg_params *params, struct hg_layer **out)
{
    struct hg_layer *layer;
    HG_TRY(HG_NEW(layer, 1));
    layer->spec = *spec;
    layer->shard = shard;
    layer->params = params;
    layer->att_edge = layer->bias = layer->lin_edge = layer->res = -1;
    *out = layer;
    return add_params(layer);
}

static void gat_extend(const struct hg_layer *layer, struct hg_extent *extent)
{
    const struct hg_layer_spec *spec = &layer->spec;
    const int64_t z = hg_gat_z_cols(layer), out = hg_layer_out(spec);
    extent->kept = extent->kept || spec->rows != HG_ROWS_REAL;
    extent->out = hg_max_i64(extent->out, out);
    extent->z = hg_max_i64(extent->z, hg_gat_z_stride(layer));
    extent->heads = hg_max_i64(extent->heads, spec->heads);
    extent->target_stride = hg_max_i64(extent->target_stride, hg_gat_target_stride(layer));
    extent->target_cols = hg_max_i64(extent->target_cols, hg_gat_target_room(layer));
    /* sparse inputs make one row of a weight's gradient at a time */
    extent->weight = hg_max_i64(extent->weight, (spec->sparse_input ? 1 : spec->in) * hg_max_i64(z, out));
    extent->weight = hg_max_i64(extent->weight, layer->shard->edge_features * spec->heads);
    extent->in = hg_max_i64(extent->in, spec->sparse_input ? 0 : spec->in);
}

/* Which sums are which gradients. */
static hg_status create_reduction(struct hg_layer *layer)
{
    const struct hg_params *params = layer->params;
    struct hg_exact *weights = layer->weight_sums, *vectors = layer->vector_sums;
    const int64_t z = hg_gat_z_cols(layer), out = hg_layer_out(&layer->spec), in = layer->spec.in;
    const int64_t edge = layer->shard->edge_features * layer->spec.heads;
    struct hg_piece piece[HG_REDUCTION_PIECES] = {
        {weights, 0, in * z, hg_params_grad(params, layer->weight)},
        {vectors, 0, z, hg_params_grad(params, layer->att_src)},
        {vectors, z, z, hg_params_grad(params, layer->att_dst)},
    };
    int pieces = 3;
    if (layer->res >= 0)
        piece[pieces++] = (struct hg_piece){weights, in * z, in * out, hg_params_grad(params, layer->res)};
    if (layer->bias >= 0)
        piece[pieces++] = (struct hg_piece){vectors, 2 * z, out, hg_params_grad(params, layer->bias)};
    if (hg_gat_has_edges(layer))
        piece[pieces++] = (struct hg_piece){vectors, 2 * z + out, edge, layer->edge_sums};
    const struct hg_reduction_spec spec = {piece, pieces, layer->work->kernels->exact_round_real,
                                           layer->spec.index};
    return hg_reduction_create(layer->shard->comm, &spec, &layer->reduction);
}

static hg_status allocate_backward(struct hg_layer *layer)
{
    const int64_t owned = layer->shard->owned, heads = layer->spec.heads;
    const int64_t weights =
        layer->spec.in * (hg_gat_z_cols(layer) + (layer->res >= 0 ? hg_layer_out(&layer->spec) : 0));
    const int threads = layer->work->threads;
    HG_TRY(HG_NEW_UNSET(layer->o_plus, owned * hg_gat_z_stride(layer)));
    HG_TRY(HG_NEW_UNSET(layer->dq, owned * heads));
    if (hg_gat_has_edges(layer)) HG_TRY(HG_NEW_UNSET(layer->du, owned * layer->shard->edge_features * heads));
    HG_TRY(HG_NEW(layer->weight_sums, threads));
    HG_TRY(HG_NEW(layer->vector_sums, threads));
    for (int t = 0; t < threads; t++) {
        const bool shared = layer->spec.sparse_input && t > 0;
        HG_TRY(hg_exact_create(&layer->weight_sums[t], shared ? 0 : weights, HG_LIMBS_GRADIENT));
        HG_TRY(hg_exact_create(&layer->vector_sums[t], hg_gat_vector_count(layer), HG_LIMBS_GRADIENT));
    }
    HG_TRY(HG_NEW_UNSET(layer->edge_sums, layer->shard->edge_features * heads));
    return create_reduction(layer);
}

static hg_status gat_allocate(struct hg_layer *layer, struct hg_workspace *work, bool training)
{
    const struct hg_shard *shard = layer->shard;
    const int64_t owned = shard->owned, local = owned + shard->in->plan.halo;
    const int64_t z = hg_gat_z_stride(layer), heads = layer->spec.heads;
    const int64_t targets = owned + (training ? shard->out->plan.halo : 0);
    layer->work = work;
    layer->kernels = &work->kernels->rows[layer->spec.rows];
    HG_TRY(HG_NEW(layer->attention, 2 * z)); /* zeros where rows are padded, here and in Z */
    HG_TRY(HG_NEW(layer->z, local * hg_gat_z_room(layer)));
    HG_TRY(HG_NEW_UNSET(layer->p, local * heads));
    if (!hg_gat_has_edges(layer) && hg_heads_separable(hg_gat_heads(layer)))
        HG_TRY(HG_NEW_UNSET(layer->exp_p, local * 2 * heads));
    HG_TRY(HG_NEW_UNSET(layer->targets, targets * hg_gat_target_stride(layer)));
    if (layer->res >= 0) HG_TRY(HG_NEW_UNSET(layer->residual, owned * hg_layer_out(&layer->spec)));
    HG_TRY(HG_NEW_UNSET(layer->edge_vector, shard->edge_features * heads));
    return training ? allocate_backward(layer) : HG_OK;
}

static int64_t gat_bad(const struct hg_layer *layer)
{
    return layer->bad;
}

const struct hg_conv hg_conv_gat = {
    .name = "gat",
    .create = gat_create,
    .destroy = gat_destroy,
    .extend = gat_extend,
    .allocate = gat_allocate,
    .forward = hg_gat_forward,
    .output = hg_gat_output,
    .opening = hg_gat_opening,
    .open = hg_gat_open,
    .backward = hg_gat_backward,
    .finish = hg_gat_finish,
    .attention = hg_gat_attention,
    .bad = gat_bad,
};
