#include "nn/gat_state.h"
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
        .dz = layer->dz,
        .dp = work->dp,
        .dq = work->dq,
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

struct hg_mat hg_gat_place(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                           struct hg_mat matrix, hg_real *copy)
{
    const hg_lid first = layer->shard->cell_offset[cell], end = layer->shard->cell_offset[cell + 1];
    const hg_lid count = hg_row_set_count(set, cell);
    if (count == end - first) return hg_mat_rows(matrix, first, end);
    return (struct hg_mat){copy, count, matrix.cols, matrix.stride};
}

struct hg_mat hg_gat_gather(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                            struct hg_mat matrix, hg_real *copy)
{
    const struct hg_mat rows = hg_gat_place(layer, set, cell, matrix, copy);
    for (hg_lid k = 0; rows.data == copy && k < rows.rows; k++)
        memcpy(copy + k * matrix.stride, matrix.data + set->row[set->start[cell] + k] * matrix.stride,
               (size_t)matrix.cols * sizeof *copy);
    return rows;
}

void hg_gat_scatter(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                    struct hg_mat rows, struct hg_mat matrix)
{
    if (rows.rows == layer->shard->cell_offset[cell + 1] - layer->shard->cell_offset[cell]) return;
    for (hg_lid k = 0; k < rows.rows; k++)
        memcpy(matrix.data + set->row[set->start[cell] + k] * matrix.stride, rows.data + k * rows.stride,
               (size_t)rows.cols * sizeof *rows.data);
}

/* out = drop(X) W for the sources in a cell; x holds them unless the input is sparse. `copy` serves where they are not the whole
 * cell. */
static void product(struct hg_layer *layer, hg_lid cell, int64_t weight, struct hg_mat out, struct hg_mat x,
                    hg_real *copy)
{
    const struct hg_row_set *set = &layer->scope->sources;
    const struct hg_mat w = hg_mat_packed(hg_params_value(layer->params, weight), layer->spec.in, out.cols);
    struct hg_stretch stretch = hg_row_set_begin(set, cell);
    if (layer->spec.sparse_input) {
        while (hg_row_set_next(set, &stretch))
            layer->work->kernels->spmm(hg_reading_sparse(&layer->reading), stretch.first, stretch.end, w,
                                       out);
        return;
    }
    const struct hg_mat rows = hg_gat_place(layer, set, cell, out, copy);
    hg_dense_product(&layer->work->blas, HG_PLAIN, x, w, false, rows);
    hg_gat_scatter(layer, set, cell, rows, out);
}

/* Z, p, q of a cell's sources; Y starts as the residual */
static void project_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const hg_lid owned = layer->shard->owned;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    struct hg_stretch stretch = hg_row_set_begin(&layer->scope->sources, cell);
    struct hg_mat x = {0};
    if (layer->spec.sparse_input)
        hg_reading_drop_sparse(&layer->reading, cell);
    else
        x = hg_reading_dense(&layer->reading, cell, thread, NULL);
    product(layer, cell, layer->weight,
            (struct hg_mat){layer->z, owned, hg_gat_z_cols(layer), hg_gat_z_stride(layer)}, x, thread->z);
    if (layer->res >= 0)
        product(layer, cell, layer->res, hg_mat_packed(layer->y, owned, hg_layer_out(&layer->spec)), x,
                thread->y);
    while (hg_row_set_next(&layer->scope->sources, &stretch))
        layer->work->kernels->nodes_scores(&nodes, stretch.first, stretch.end);
}

static struct hg_attention_forward attention_args(struct hg_layer *layer)
{
    return (struct hg_attention_forward){
        .heads = hg_gat_heads(layer),
        .in = hg_gat_edges(layer, layer->scope->in),
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
    layer->work->kernels->attention_forward(&args, layer->scope->in->order + begin, end - begin,
                                            thread->scores);
}

static void attend_interior(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    attend(layer, layer->shard->cell_offset[cell], layer->scope->in->interior[cell], thread);
}

static void attend_boundary(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    attend(layer, layer->scope->in->interior[cell], layer->scope->in->finish[cell], thread);
}

/* Y = act(heads + residual + bias) */
static void combine_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    struct hg_stretch stretch = hg_row_set_begin(&layer->scope->targets, cell);
    (void)thread;
    while (hg_row_set_next(&layer->scope->targets, &stretch))
        layer->work->kernels->nodes_combine(&nodes, stretch.first, stretch.end);
}

/* p of the halo's rows, by the function that made it on their owners: the same bits, and nothing to send */
static void halo_scores(struct hg_layer *layer)
{
    const hg_lid owned = layer->shard->owned, all = owned + layer->scope->in->plan.halo;
    struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    nodes.q = NULL;
#pragma omp parallel for schedule(static) num_threads(layer->work->threads)
    for (hg_lid i = owned; i < all; i += HALO_ROWS)
        layer->work->kernels->nodes_scores(&nodes, i, hg_min_i64(i + HALO_ROWS, all));
}

hg_real *hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                        const struct hg_pass *pass)
{
    struct hg_workspace *work = layer->work;
    begin_pass(layer, input, scope, pass);
    hg_exchange_open(work->forward, &scope->in->plan, layer->z, (int)hg_gat_z_stride(layer),
                     (int)hg_gat_z_stride(layer));
    hg_workspace_cells_sent(work, project_cell, layer, work->forward);
    hg_workspace_book(work, HG_PHASE_DENSE);
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
