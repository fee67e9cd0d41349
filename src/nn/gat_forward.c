#include "base/simd.h"
#include "nn/gat_state.h"
#include <string.h>

/* U[c, h] = sum_f W_edge[h F + f, c] a_edge[h, f], so that r_e = x_e U. In memory W_edge is [Fe, K F]. */
static void make_edge_vector(struct hg_layer *layer)
{
    if (!hg_gat_has_edges(layer)) return;
    const int heads = layer->spec.heads, width = layer->spec.width;
    const hg_real *w = hg_params_value(layer->params, layer->lin_edge);
    const hg_real *a = hg_params_value(layer->params, layer->att_edge);
    for (int64_t c = 0; c < layer->shard->edge_features; c++)
        for (int h = 0; h < heads; h++)
            layer->edge_vector[c * heads + h] =
                hg_dot(w + (c * heads + h) * width, a + (int64_t)h * width, width);
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
}

/* out = drop(X) W for the rows of a cell */
static void product(struct hg_layer *layer, hg_lid cell, int64_t weight, struct hg_mat out, struct hg_mat x)
{
    const hg_lid first = layer->shard->cell_offset[cell], end = layer->shard->cell_offset[cell + 1];
    const struct hg_mat w = {hg_params_value(layer->params, weight), layer->spec.in, out.cols};
    if (layer->spec.sparse_input) {
        layer->work->kernels->spmm(hg_reading_sparse(&layer->reading), first, end, w, out);
    } else {
        out.data += first * out.cols;
        out.rows = end - first;
        hg_dense_product(&layer->work->blas, HG_PLAIN, x, w, false, out);
    }
}

/* p_j = <a_src, Z_j> of each head, for rows [first, end); q likewise where wanted */
static void scores(struct hg_layer *layer, hg_lid first, hg_lid end, bool want_q)
{
    const int heads = layer->spec.heads, width = layer->spec.width;
    const hg_real *src = hg_params_value(layer->params, layer->att_src);
    const hg_real *dst = hg_params_value(layer->params, layer->att_dst);
    for (int64_t i = first; i < end; i++) {
        for (int h = 0; h < heads; h++) {
            const hg_real *z = layer->z + (i * heads + h) * width;
            layer->p[i * heads + h] = hg_dot(src + (int64_t)h * width, z, width);
            if (want_q) layer->q[i * heads + h] = hg_dot(dst + (int64_t)h * width, z, width);
        }
    }
}

/* Z, p, q of a cell; Y starts as the residual */
static void project_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const struct hg_shard *shard = layer->shard;
    struct hg_mat x = {0};
    if (layer->spec.sparse_input)
        hg_reading_drop_sparse(&layer->reading, cell);
    else
        x = hg_reading_dense(&layer->reading, cell, thread, NULL);
    product(layer, cell, layer->weight, (struct hg_mat){layer->z, shard->owned, hg_gat_z_cols(layer)}, x);
    if (layer->res >= 0)
        product(layer, cell, layer->res, (struct hg_mat){layer->y, shard->owned, hg_layer_out(&layer->spec)},
                x);
    scores(layer, shard->cell_offset[cell], shard->cell_offset[cell + 1], true);
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

/* y += concat_h O or mean_h O for one row */
static void add_heads(const struct hg_layer *layer, const hg_real *o, hg_real *y)
{
    const int64_t out = hg_layer_out(&layer->spec);
    if (layer->spec.concat) {
        for (int64_t c = 0; c < out; c++) y[c] += o[c];
        return;
    }
    const hg_real share = 1 / (hg_real)layer->spec.heads;
    for (int64_t f = 0; f < out; f++) {
        hg_real sum = 0;
        for (int h = 0; h < layer->spec.heads; h++) sum += o[h * out + f];
        y[f] += share * sum;
    }
}

/* Y = act(heads + residual + bias) */
static void combine_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const int64_t first = layer->shard->cell_offset[cell], end = layer->shard->cell_offset[cell + 1];
    const int64_t out = hg_layer_out(&layer->spec), z = hg_gat_z_cols(layer);
    (void)thread;
    const struct hg_mat y = {layer->y + first * out, end - first, out};
    if (layer->res < 0) memset(y.data, 0, (size_t)(y.rows * out) * sizeof *y.data);
    for (int64_t i = first; i < end; i++) add_heads(layer, layer->o + i * z, layer->y + i * out);
    layer->work->kernels->bias_activate(
        y, layer->bias >= 0 ? hg_params_value(layer->params, layer->bias) : NULL, layer->spec.activation);
}

/* p of the halo's rows, by the function that made it on their owners: the same bits, and nothing to send */
static void halo_scores(struct hg_layer *layer)
{
    const hg_lid owned = layer->shard->owned, all = owned + layer->shard->in->plan.halo;
#pragma omp parallel for schedule(static) num_threads(layer->work->threads)
    for (hg_lid i = owned; i < all; i++) scores(layer, i, i + 1, false);
}

hg_real *hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_pass *pass)
{
    struct hg_workspace *work = layer->work;
    begin_pass(layer, input, pass);
    hg_workspace_cells(work, project_cell, layer, NULL);
    hg_workspace_book(work, HG_PHASE_DENSE);
    hg_exchange_begin(work->forward, layer->z, (int)hg_gat_z_cols(layer));
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
    layer->work->kernels->attention_alpha(&args, 0, layer->shard->owned, alpha,
                                          layer->work->thread[0].scores);
}
