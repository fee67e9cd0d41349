#include "base/mem.h"
#include "nn/gat/state.h"
#include <string.h>

enum { SPARSE_COLUMNS = 32, MERGED_SUMS = 4096 }; /* that a thread takes at a time */

/* An array of numbers per owned node. */
static struct hg_mat of_nodes(const struct hg_layer *layer, hg_real *data, int64_t cols)
{
    return hg_mat_packed(data, layer->shard->owned, cols);
}

/* Adds a cell's partial to a sum, and books the time. */
static void add_partial(const struct hg_layer *layer, struct hg_exact *sum, int64_t first,
                        const hg_real *partial, int64_t count, struct hg_thread *thread)
{
    const double start = hg_clock_seconds();
    layer->work->kernels->exact_add_real(sum, first, partial, count);
    thread->sum_seconds += hg_clock_seconds() - start;
}

static void add_column(struct hg_layer *layer, int64_t first, const double *column, int64_t count,
                       struct hg_thread *thread)
{
    const double start = hg_clock_seconds();
    layer->work->kernels->exact_add_f64(&layer->vector_sums[thread->index], first, column, count);
    thread->sum_seconds += hg_clock_seconds() - start;
}

/* dL/dT of the residual's rows; of sources that are no targets there is none. */
static struct hg_mat residual_gradient(const struct hg_layer *layer)
{
    return of_nodes(layer, layer->residual, hg_layer_out(&layer->spec));
}

/* The gradient before the activation; bias; the rows that sources will pull */
void hg_gat_open(struct hg_layer *layer, hg_lid cell, const struct hg_row_set *set, hg_real *dy,
                 struct hg_thread *thread)
{
    const struct hg_cell_rows targets = {layer->shard, &layer->scope->targets, cell};
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    const int64_t out = hg_layer_out(&layer->spec);
    struct hg_stretch stretch = hg_row_set_begin(targets.set, cell);
    dy = hg_cell_spread((struct hg_cell_rows){layer->shard, set, cell}, targets.set, out, dy, thread->y);
    memset(thread->column, 0, (size_t)out * sizeof *thread->column);
    for (; hg_row_set_next(targets.set, &stretch); dy += (stretch.end - stretch.first) * out)
        layer->kernels->nodes_open(&nodes, stretch.first, stretch.end, dy, thread->column);
    if (layer->bias >= 0) add_column(layer, 2 * hg_gat_z_cols(layer), thread->column, out, thread);
    hg_cell_zero_others(targets, of_nodes(layer, layer->dq, layer->spec.heads));
    if (layer->res >= 0) hg_cell_zero_others(targets, residual_gradient(layer));
}

struct hg_attention_backward hg_gat_backward_args(const struct hg_layer *layer)
{
    return (struct hg_attention_backward){
        .heads = hg_gat_heads(layer),
        .out = hg_gat_edges(layer, layer->scope->out),
        .dropout = layer->attention_dropping ? &layer->attention_dropout : NULL,
        .targets = layer->targets,
        .g_cols = (int)hg_gat_g_cols(layer),
        .z = layer->z,
        .p = layer->p,
        .separated = layer->separated,
        .dz = layer->o_plus,
        .dp = layer->work->dp,
        .du = layer->du,
    };
}

static void attend(void *context, const hg_lid *rows, int64_t count, struct hg_thread *thread)
{
    const struct hg_layer *layer = context;
    const struct hg_attention_backward args = hg_gat_backward_args(layer);
    layer->kernels->attention_backward(&args, rows, count, thread->scores);
}

/* dU += x_e ds_e, of a cell's sources in order */
static void edge_vector_partial(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_row_set *set = &layer->scope->sources;
    const int64_t cols = layer->shard->edge_features * layer->spec.heads;
    memset(thread->partial, 0, (size_t)cols * sizeof *thread->partial);
    for (hg_lid k = set->start[cell]; k < set->start[cell + 1]; k++)
        for (int64_t c = 0; c < cols; c++) thread->partial[c] += layer->du[set->row[k] * cols + c];
    add_partial(layer, &layer->vector_sums[thread->index],
                2 * hg_gat_z_cols(layer) + hg_layer_out(&layer->spec), thread->partial, cols, thread);
}

/* dX = dZ W^T + dT W_res^T of a cell's sources, before its mask; made in dx. */
static void input_gradient(const struct hg_layer *layer, struct hg_mat dz, struct hg_mat dt, struct hg_mat dx)
{
    const struct hg_mat w = hg_mat_packed(hg_params_value(layer->params, layer->weight), dx.cols, dz.cols);
    hg_dense_product(&layer->work->blas, HG_TRANSPOSE_B, dz, w, false, dx);
    if (layer->res < 0) return;
    const struct hg_mat res = hg_mat_packed(hg_params_value(layer->params, layer->res), dx.cols, dt.cols);
    hg_dense_product(&layer->work->blas, HG_TRANSPOSE_B, dt, res, true, dx);
}

/* dW += X^T D */
static void weight_gradient(struct hg_layer *layer, int64_t first, struct hg_mat x, struct hg_mat d,
                            struct hg_thread *thread)
{
    hg_dense_product(&layer->work->blas, HG_TRANSPOSE_A, x, d, false,
                     hg_mat_packed(thread->partial, x.cols, d.cols));
    add_partial(layer, &layer->weight_sums[thread->index], first, thread->partial, x.cols * d.cols, thread);
}

/* dZ of all owned rows, which has taken the place of O+. */
static struct hg_mat all_dz(const struct hg_layer *layer)
{
    return (struct hg_mat){layer->o_plus, layer->shard->owned, hg_gat_z_cols(layer), hg_gat_z_stride(layer)};
}

/* dX, dW = drop(X)^T dZ and dW_res = drop(X)^T dT of a cell; dX, under the mask of X, opens the layer that X comes from */
static void dense_gradients(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_cell_rows sources = hg_gat_sources(layer, cell);
    const struct hg_input *input = layer->reading.input;
    const struct hg_mat dz = hg_cell_gather(sources, all_dz(layer), thread->z);
    struct hg_mat dt = {0}, dx = {0};
    if (layer->res >= 0) dt = hg_cell_gather(sources, residual_gradient(layer), thread->y);
    if (!layer->spec.first) {
        dx = hg_mat_packed(thread->dx, dz.rows, layer->spec.in);
        input_gradient(layer, dz, dt, dx);
    }
    const struct hg_mat x = hg_reading_dense(&layer->reading, cell, thread, dx.data);
    weight_gradient(layer, 0, x, dz, thread);
    if (layer->res >= 0) weight_gradient(layer, x.cols * dz.cols, x, dt, thread);
    if (!layer->spec.first) input->conv->open(input->layer, cell, sources.set, dx.data, thread);
}

static void close_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const struct hg_attention_nodes nodes = hg_gat_nodes(layer);
    const int64_t z = hg_gat_z_cols(layer), stride = hg_gat_z_stride(layer);
    struct hg_stretch stretch = hg_row_set_begin(&layer->scope->sources, cell);
    double *da_src = thread->column, *da_dst = thread->column + stride;
    memset(thread->column, 0, (size_t)(2 * stride) * sizeof *thread->column);
    while (hg_row_set_next(&layer->scope->sources, &stretch))
        layer->kernels->nodes_close(&nodes, stretch.first, stretch.end, da_src, da_dst);
    add_column(layer, 0, da_src, z, thread);
    add_column(layer, z, da_dst, z, thread);
    if (hg_gat_has_edges(layer)) edge_vector_partial(layer, cell, thread);
    if (!layer->spec.sparse_input) dense_gradients(layer, cell, thread);
}

/* Row f of X^T D */
static void sparse_column(struct hg_layer *layer, int64_t f, struct hg_mat d, int64_t first,
                          struct hg_thread *thread)
{
    const struct hg_input *input = layer->reading.input;
    const hg_eid begin = input->column_start[f], end = input->column_start[f + 1];
    const struct hg_column_entries entries = {input->entry_row + begin, input->entry_cell + begin,
                                              input->entry_place + begin, end - begin};
    layer->work->kernels->spmm_column(entries, hg_reading_sparse(&layer->reading).data, d, thread->partial,
                                      &layer->weight_sums[0], first + f * d.cols);
}

static void sparse_columns(void *context, hg_lid piece, struct hg_thread *thread)
{
    struct hg_layer *layer = context;
    const struct hg_mat dz = all_dz(layer), dt = residual_gradient(layer);
    const int64_t cols = layer->spec.in, first = (int64_t)piece * SPARSE_COLUMNS;
    for (int64_t f = first; f < hg_min_i64(first + SPARSE_COLUMNS, cols); f++) {
        sparse_column(layer, f, dz, 0, thread);
        if (layer->res >= 0) sparse_column(layer, f, dt, cols * dz.cols, thread);
    }
}

/* dW = drop(X)^T dZ and dW_res = drop(X)^T dT for sparse X: columns are dealt to threads, so each sum has one writer */
static void sparse_weights(struct hg_layer *layer)
{
    const int64_t cols = layer->spec.in;
    const hg_lid pieces = (hg_lid)((cols + SPARSE_COLUMNS - 1) / SPARSE_COLUMNS);
    hg_workspace_pieces(layer->work, pieces, sparse_columns, layer, NULL);
}

/* Sums of all threads, and the workspace that they belong to. */
struct merge {
    const struct hg_workspace *work;
    struct hg_exact *sums;
};

static void merge_piece(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct merge *merge = context;
    struct hg_exact *sums = merge->sums;
    const int64_t first = (int64_t)piece * MERGED_SUMS, count = hg_min_i64(MERGED_SUMS, sums[1].n - first);
    (void)thread;
    for (int t = 1; t < merge->work->threads; t++)
        merge->work->kernels->exact_merge(&sums[0], &sums[t], first, count);
}

/* Adds the threads' sums to the first one's, unless they share it and have none of their own. */
static void merge_threads(struct hg_workspace *work, struct hg_exact *sums)
{
    struct merge merge = {work, sums};
    const hg_lid pieces = (hg_lid)((sums[1].n + MERGED_SUMS - 1) / MERGED_SUMS);
    hg_workspace_pieces(work, pieces, merge_piece, &merge, NULL);
    for (int t = 1; t < work->threads; t++) hg_exact_merge_bad(&sums[0], &sums[t]);
}

/* This rank's sums go to the others, which happens while the layers below work. */
static void reduce(struct hg_layer *layer)
{
    struct hg_exact *both[] = {layer->weight_sums, layer->vector_sums};
    for (int k = 0; k < 2 && layer->work->threads > 1; k++) merge_threads(layer->work, both[k]);
    hg_reduction_begin(layer->reduction, hg_exact_bad(both[0]) + hg_exact_bad(both[1]));
    layer->work->reduction = layer->reduction;
}

/* dW_edge[c, f, h] = dU[c, h] a_edge[f, h],  da_edge[f, h] = sum_c dU[c, h] W_edge[c, f, h] */
static void edge_gradients(struct hg_layer *layer)
{
    const int64_t heads = layer->spec.heads, z = hg_gat_z_cols(layer);
    const hg_real *w = hg_params_value(layer->params, layer->lin_edge);
    const hg_real *a = hg_params_value(layer->params, layer->att_edge);
    hg_real *dw = hg_params_grad(layer->params, layer->lin_edge),
            *da = hg_params_grad(layer->params, layer->att_edge);
    memset(da, 0, (size_t)z * sizeof *da);
    for (int64_t c = 0; c < layer->shard->edge_features; c++) {
        const hg_real *du = layer->edge_sums + c * heads;
        for (int64_t k = 0; k < z; k++) {
            dw[c * z + k] = du[k % heads] * a[k];
            da[k] += du[k % heads] * w[c * z + k];
        }
    }
}

/* Rows [q | M | S | D | G] leave for their copies as their cells are opened. */
struct hg_exchange *hg_gat_opening(struct hg_layer *layer)
{
    struct hg_exchange *exchange = layer->work->backward;
    hg_exchange_open(exchange, &layer->scope->out->plan, layer->targets, (int)hg_gat_target_stride(layer),
                     (int)hg_gat_target_room(layer));
    return exchange;
}

/* Closing the cells of a layer opens those of the layer below. */
static void close_cells(struct hg_layer *layer)
{
    const struct hg_input *input = layer->reading.input;
    if (layer->spec.first)
        hg_workspace_cells(layer->work, close_cell, layer);
    else
        hg_workspace_cells_sent(layer->work, close_cell, layer, input->conv->opening(input->layer));
    if (layer->spec.sparse_input) sparse_weights(layer);
}

void hg_gat_backward(struct hg_layer *layer)
{
    struct hg_workspace *work = layer->work;
    const struct hg_edge_pass edges = {layer->scope->out, layer, attend, hg_gat_backward_part};
    hg_edge_pass_interior(&edges, work, work->backward);
    hg_workspace_book(work, HG_PHASE_EDGES);
    hg_exchange_end(work->backward);
    hg_workspace_book(work, HG_PHASE_EXCHANGE);
    hg_edge_pass_boundary(&edges, work);
    hg_gat_backward_join(layer);
    hg_workspace_book(work, HG_PHASE_EDGES);
    close_cells(layer);
    hg_workspace_book(work, HG_PHASE_DENSE);
    reduce(layer);
    hg_workspace_book(work, HG_PHASE_SUMS);
}

void hg_gat_finish(struct hg_layer *layer)
{
    struct hg_workspace *work = layer->work;
    hg_reduction_meet(layer->reduction);
    hg_workspace_book(work, HG_PHASE_WAIT);
    layer->bad = hg_reduction_end(layer->reduction);
    if (hg_gat_has_edges(layer)) edge_gradients(layer);
    hg_workspace_book(work, HG_PHASE_SUMS);
}
