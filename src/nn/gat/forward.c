#include "nn/gat/state.h"
#include <string.h>

enum { HALO_ROWS = 256 }; /* that a thread takes at a time */

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
    return (struct hg_attention_nodes){
        .heads = hg_gat_heads(layer),
        .concat = layer->spec.concat,
        .activation = layer->spec.activation,
        .a_src = layer->attention,
        .a_dst = layer->attention + hg_gat_z_stride(layer),
        .bias = layer->bias >= 0 ? hg_params_value(layer->params, layer->bias) : NULL,
        .z = layer->z,
        .p = layer->p,
        .exp_p = layer->exp_p,
        .separated = layer->separated,
        .targets = layer->targets,
        .o_plus = layer->o_plus,
        .residual = layer->residual,
        .dz = layer->o_plus,
        .dp = layer->work->dp,
        .dq = layer->dq,
    };
}

/* What this pass drops; p = 0 and passes without training drop nothing. */
static void begin_pass(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                       const struct hg_pass *pass)
{
    const struct hg_layer_spec *spec = &layer->spec;
    layer->scope = scope;
    layer->training = pass->training;
    layer->dropping = pass->training && spec->dropout > 0;
    layer->attention_dropping = pass->training && spec->attn_dropout > 0;
    layer->drop = hg_dropout_make(
        spec->dropout, hg_rng_stream(pass->seed, HG_RNG_FEATURE_DROPOUT, pass->epoch, spec->index));
    hg_attention_dropout_init(&layer->attention_dropout, spec->attn_dropout, spec->heads,
                              hg_rng_stream(pass->seed, HG_RNG_ATTENTION_DROPOUT, pass->epoch, spec->index));
    layer->reading = (struct hg_reading){input, layer->shard, &scope->sources, layer->work->kernels,
                                         layer->dropping ? &layer->drop : NULL};
    make_edge_vector(layer);
    make_attention(layer);
}

/* drop(X) W of a cell's sources, one after the other; x holds them unless the input is sparse. */
static void product(struct hg_layer *layer, hg_lid cell, int64_t weight, struct hg_mat x, struct hg_mat out)
{
    const struct hg_mat w = hg_mat_packed(hg_params_value(layer->params, weight), layer->spec.in, out.cols);
    struct hg_stretch stretch = hg_row_set_begin(&layer->scope->sources, cell);
    if (!layer->spec.sparse_input) {
        hg_dense_product(&layer->work->blas, HG_PLAIN, x, w, false, out);
        return;
    }
    for (hg_lid at = 0, count; hg_row_set_next(&layer->scope->sources, &stretch); at += count) {
        struct hg_csr_view rows = hg_reading_sparse(&layer->reading);
        rows.indptr += stretch.first;
        count = stretch.end - stretch.first;
        layer->work->kernels->spmm(rows, 0, count, w, hg_mat_rows(out, at, at + count));
    }
}

/* The same into their rows of a matrix [owned, ..]; `copy` serves where they are not the whole cell. */
static void product_rows(struct hg_layer *layer, hg_lid cell, int64_t weight, struct hg_mat x,
                         struct hg_mat out, hg_real *copy)
{
    const struct hg_cell_rows sources = hg_gat_sources(layer, cell);
    const struct hg_mat rows = hg_cell_place(sources, out, copy);
    product(layer, cell, weight, x, rows);
    hg_cell_scatter(sources, rows, out);
}

/* Z of a cell's sources in another type than they are made in. */
static void product_kept(struct hg_layer *layer, hg_lid cell, struct hg_mat x, hg_real *copy)
{
    const struct hg_row_set *set = &layer->scope->sources;
    const struct hg_mat made = {copy, hg_row_set_count(set, cell), hg_gat_z_cols(layer),
                                hg_gat_z_stride(layer)};
    struct hg_stretch stretch = hg_row_set_begin(set, cell);
    product(layer, cell, layer->weight, x, made);
    for (hg_lid at = 0, count; hg_row_set_next(set, &stretch); at += count) {
        count = stretch.end - stretch.first;
        layer->kernels->rows_keep(hg_mat_rows(made, at, at + count),
                                  layer->z + stretch.first * hg_gat_z_room(layer));
    }
}

/* Z, p, q and the residual of a cell's sources */
static void project_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const hg_lid owned = layer->shard->owned;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    const struct hg_mat z = {layer->z, owned, hg_gat_z_cols(layer), hg_gat_z_stride(layer)};
    struct hg_stretch stretch = hg_row_set_begin(&layer->scope->sources, cell);
    struct hg_mat x = {0};
    if (layer->spec.sparse_input)
        hg_reading_drop_sparse(&layer->reading, cell);
    else
        x = hg_reading_dense(&layer->reading, cell, thread, NULL);
    if (layer->spec.rows == HG_ROWS_REAL)
        product_rows(layer, cell, layer->weight, x, z, thread->z);
    else
        product_kept(layer, cell, x, thread->z);
    if (layer->res >= 0)
        product_rows(layer, cell, layer->res, x,
                     hg_mat_packed(layer->residual, owned, hg_layer_out(&layer->spec)), thread->y);
    while (hg_row_set_next(&layer->scope->sources, &stretch))
        if (!layer->kernels->nodes_scores(&nodes, stretch.first, stretch.end)) thread->unseparable = true;
}

struct hg_attention_forward hg_gat_forward_args(const struct hg_layer *layer)
{
    return (struct hg_attention_forward){
        .heads = hg_gat_heads(layer),
        .in = hg_gat_edges(layer, layer->scope->in),
        .dropout = layer->attention_dropping ? &layer->attention_dropout : NULL,
        .z = layer->z,
        .p = layer->p,
        .exp_p = layer->separated ? layer->exp_p : NULL,
        .targets = layer->targets,
        .o_plus = layer->training ? layer->o_plus : NULL,
    };
}

static void attend(void *context, const hg_lid *rows, int64_t count, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_forward args = hg_gat_forward_args(layer);
    layer->kernels->attention_forward(&args, rows, count, thread->scores);
}

void hg_gat_output(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y)
{
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    layer->kernels->nodes_output(&nodes, first, end, y);
}

static void halo_piece(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const hg_lid owned = layer->shard->owned, all = owned + layer->scope->in->plan.halo;
    const int64_t first = owned + (int64_t)piece * HALO_ROWS;
    struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    (void)thread;
    nodes.targets = NULL;
    layer->kernels->nodes_scores(&nodes, first, hg_min_i64(first + HALO_ROWS, all));
}

/* p of the halo's rows, by the function that made it on their owners: the same bits, and nothing to send */
static void halo_scores(struct hg_layer *layer)
{
    const int64_t halo = layer->scope->in->plan.halo;
    hg_workspace_pieces(layer->work, (hg_lid)((halo + HALO_ROWS - 1) / HALO_ROWS), halo_piece, layer, NULL);
}

/* Whether the scores of all ranks are separable: no value may depend on who owns what. Of a layer without powers they never are. */
static void agree_on_scores(struct hg_layer *layer)
{
    int64_t unseparable = layer->exp_p == NULL;
    for (int t = 0; t < layer->work->threads; t++) {
        unseparable |= layer->work->thread[t].unseparable;
        layer->work->thread[t].unseparable = false;
    }
    if (layer->exp_p != NULL) hg_comm_max_i64(layer->shard->comm, &unseparable, 1);
    layer->separated = unseparable == 0;
}

/* Sums of gradients start anew. */
static void zero_sums(struct hg_layer *layer)
{
    for (int t = 0; t < layer->work->threads; t++) {
        hg_exact_zero(&layer->weight_sums[t]);
        hg_exact_zero(&layer->vector_sums[t]);
    }
}

void hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                    const struct hg_pass *pass)
{
    struct hg_workspace *work = layer->work;
    const struct hg_edge_pass edges = {scope->in, layer, attend, hg_gat_forward_part};
    begin_pass(layer, input, scope, pass);
    if (pass->training) zero_sums(layer);
    hg_workspace_book(work, HG_PHASE_SUMS);
    hg_exchange_open(work->forward, &scope->in->plan, layer->z, (int)hg_gat_z_room(layer),
                     (int)hg_gat_z_room(layer));
    hg_workspace_cells_sent(work, project_cell, layer, work->forward);
    hg_workspace_book(work, HG_PHASE_DENSE);
    agree_on_scores(layer);
    hg_workspace_book(work, HG_PHASE_WAIT);
    hg_edge_pass_interior(&edges, work, work->forward);
    hg_workspace_book(work, HG_PHASE_EDGES);
    hg_exchange_end(work->forward);
    hg_workspace_book(work, HG_PHASE_EXCHANGE);
    halo_scores(layer);
    hg_edge_pass_boundary(&edges, work);
    hg_gat_forward_join(layer);
    hg_workspace_book(work, HG_PHASE_EDGES);
}

void hg_gat_attention(struct hg_layer *layer, hg_real *alpha)
{
    const struct hg_attention_forward args = hg_gat_forward_args(layer);
    layer->kernels->attention_alpha(&args, 0, layer->shard->owned, alpha);
}
