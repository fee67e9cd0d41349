#include "nn/gat_state.h"
#include <string.h>

/* U[c, h] = sum_f W_edge[c, f, h] a_edge[f, h], so that r_e = x_e U. */
static void make_edge_vector(struct hg_layer *layer)
{
    if (!hg_gat_has_edges(layer)) return;
    const int64_t heads = layer->spec.heads, z = hg_gat_z_cols(layer);
    const hg_real *w = hg_params_value(layer->params, layer->lin_edge);
    const hg_real *a = hg_params_value(layer->params, layer->att_edge);
    memset(layer->edge_vector, 0, (size_t)(layer->shard->edge_features * heads) * sizeof *layer->edge_vector);
    for (int64_t c = 0; c < layer->shard->edge_features; c++)
        for (int64_t k = 0; k < z; k++) layer->edge_vector[c * heads + k % heads] += w[c * z + k] * a[k];
}

/* a_src and a_dst as whole vectors */
static void make_attention(struct hg_layer *layer)
{
    const size_t bytes = (size_t)hg_gat_z_cols(layer) * sizeof(hg_real);
    memcpy(layer->attention, hg_params_value(layer->params, layer->att_src), bytes);
    memcpy(layer->attention + hg_gat_z_stride(layer), hg_params_value(layer->params, layer->att_dst), bytes);
}

struct hg_attention_nodes hg_gat_nodes(const struct hg_layer *layer)
{
    const struct hg_workspace *work = layer->work;
    return (struct hg_attention_nodes){
        .heads = hg_gat_heads(layer),
        .concat = layer->spec.concat,
        .residual = layer->res >= 0,
        .activation = layer->spec.activation,
        .a_src = layer->attention,
        .a_dst = layer->attention + hg_gat_z_stride(layer),
        .bias = layer->bias >= 0 ? hg_params_value(layer->params, layer->bias) : NULL,
        .z = layer->z,
        .p = layer->p,
        .q = layer->q,
        .max = layer->max,
        .inv_sum = layer->inv_sum,
        .o = layer->o,
        .o_plus = layer->o_plus,
        .alpha_plus = layer->alpha_plus,
        .y = layer->y,
        .targets = work->targets,
        .dz = work->dz,
        .dp = work->dp,
        .dq = work->dq,
    };
}

/* What this pass drops; p = 0 and passes without training drop nothing. */
static void begin_pass(struct hg_layer *layer, const struct hg_input *input, const struct hg_pass *pass)
{
    const struct hg_layer_spec *spec = &layer->spec;
    layer->training = pass->training;
    layer->dropping = pass->training && spec->dropout > 0;
    layer->attention_dropping = pass->training && spec->attn_dropout > 0;
    layer->drop = hg_dropout_make(
        spec->dropout, hg_rng_stream(pass->seed, HG_RNG_FEATURE_DROPOUT, pass->epoch, spec->index));
    hg_attention_dropout_init(&layer->attention_dropout, spec->attn_dropout, spec->heads,
                              hg_rng_stream(pass->seed, HG_RNG_ATTENTION_DROPOUT, pass->epoch, spec->index));
    layer->reading =
        (struct hg_reading){input, layer->shard, layer->work->kernels, layer->dropping ? &layer->drop : NULL};
    make_edge_vector(layer);
    make_attention(layer);
}

/* out = drop(X) W for the rows of a cell; x holds them unless the input is sparse */
static void product(struct hg_layer *layer, hg_lid cell, int64_t weight, struct hg_mat out, struct hg_mat x)
{
    const hg_lid first = layer->shard->cell_offset[cell], end = layer->shard->cell_offset[cell + 1];
    const struct hg_mat w = hg_mat_packed(hg_params_value(layer->params, weight), layer->spec.in, out.cols);
    if (layer->spec.sparse_input)
        layer->work->kernels->spmm(hg_reading_sparse(&layer->reading), first, end, w, out);
    else
        hg_dense_product(&layer->work->blas, HG_PLAIN, x, w, false, hg_mat_rows(out, first, end));
}

/* Z, p, q of a cell; Y starts as the residual */
static void project_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const struct hg_shard *shard = layer->shard;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    struct hg_mat x = {0};
    if (layer->spec.sparse_input)
        hg_reading_drop_sparse(&layer->reading, cell);
    else
        x = hg_reading_dense(&layer->reading, cell, thread, NULL);
    product(layer, cell, layer->weight,
            (struct hg_mat){layer->z, shard->owned, hg_gat_z_cols(layer), hg_gat_z_stride(layer)}, x);
    if (layer->res >= 0)
        product(layer, cell, layer->res, hg_mat_packed(layer->y, shard->owned, hg_layer_out(&layer->spec)),
                x);
    layer->work->kernels->nodes_scores(&nodes, shard->cell_offset[cell], shard->cell_offset[cell + 1]);
}

static struct hg_attention_forward attention_args(struct hg_layer *layer)
{
    return (struct hg_attention_forward){
        .heads = hg_gat_heads(layer),
        .in = hg_gat_edges(layer, layer->shard->in),
        .dropout = layer->attention_dropping ? &layer->attention_dropout : NULL,
        .z = layer->z,
        .p = layer->p,
        .q = layer->q,
        .max = layer->max,
        .inv_sum = layer->inv_sum,
        .out = layer->o,
        .out_plus = layer->training ? layer->o_plus : NULL,
        .alpha_plus = layer->training ? layer->alpha_plus : NULL,
    };
}

static void attend(struct hg_layer *layer, hg_lid begin, hg_lid end, struct hg_thread *thread)
{
    const struct hg_attention_forward args = attention_args(layer);
    layer->work->kernels->attention_forward(&args, layer->shard->in->order + begin, end - begin,
                                            thread->scores);
}

static void attend_interior(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    attend(layer, layer->shard->cell_offset[cell], layer->shard->in->interior[cell], thread);
}

static void attend_boundary(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    attend(layer, layer->shard->in->interior[cell], layer->shard->cell_offset[cell + 1], thread);
}

/* Y = act(heads + residual + bias) */
static void combine_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    (void)thread;
    layer->work->kernels->nodes_combine(&nodes, layer->shard->cell_offset[cell],
                                        layer->shard->cell_offset[cell + 1]);
}

/* p of the halo's rows, by the function that made it on their owners: the same bits, and nothing to send */
static void halo_scores(struct hg_layer *layer)
{
    const hg_lid owned = layer->shard->owned, all = owned + layer->shard->in->plan.halo;
    struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    nodes.q = NULL;
#pragma omp parallel for schedule(static) num_threads(layer->work->threads)
    for (hg_lid i = owned; i < all; i++) layer->work->kernels->nodes_scores(&nodes, i, i + 1);
}

hg_real *hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_pass *pass)
{
    struct hg_workspace *work = layer->work;
    begin_pass(layer, input, pass);
    hg_workspace_cells(work, project_cell, layer, NULL);
    hg_workspace_book(work, HG_PHASE_DENSE);
    hg_exchange_begin(work->forward, layer->z, (int)hg_gat_z_stride(layer));
    hg_workspace_book(work, HG_PHASE_EXCHANGE);
    hg_workspace_cells(work, attend_interior, layer, work->forward);
    hg_workspace_book(work, HG_PHASE_EDGES);
    hg_exchange_end(work->forward);
    hg_workspace_book(work, HG_PHASE_EXCHANGE);
    halo_scores(layer);
    hg_workspace_cells(work, attend_boundary, layer, NULL);
    hg_workspace_book(work, HG_PHASE_EDGES);
    hg_workspace_cells(work, combine_cell, layer, NULL);
    hg_workspace_book(work, HG_PHASE_DENSE);
    return layer->y;
}

void hg_gat_attention(struct hg_layer *layer, hg_real *alpha)
{
    const struct hg_attention_forward args = attention_args(layer);
    layer->work->kernels->attention_alpha(&args, 0, layer->shard->owned, alpha);
}
