#include "nn/linear.h"

#include "nn/cell_rows.h"
#include "nn/layer.h"
#include <string.h>

enum { SPARSE_COLUMNS = 32 }; /* columns that a thread takes at a time */

static struct hg_mat weight_of(const struct hg_layer *layer, const struct hg_linear *linear)
{
    return hg_mat_packed(hg_params_value(layer->params, linear->weight), layer->in, linear->out);
}

/* out = X' W for a cell's sources, packed. */
static void product(const struct hg_layer *layer, const struct hg_linear *linear, hg_lid cell,
                    const struct hg_cell_input *x, struct hg_mat out)
{
    const struct hg_mat w = weight_of(layer, linear);
    struct hg_interval interval = hg_row_set_begin(&layer->subgraph->sources, cell);
    if (!x->sparse) {
        hg_dense_product(&layer->work->blas, HG_PLAIN, x->dense, w, false, out);
        return;
    }
    for (hg_lid at = 0, count; hg_row_set_next(&layer->subgraph->sources, &interval); at += count) {
        struct hg_csr_view rows = x->csr;
        rows.indptr += interval.first;
        count = interval.end - interval.first;
        layer->work->kernels->spmm(rows, 0, count, w, hg_mat_rows(out, at, at + count));
    }
}

/* Results that are stored as hg_real: computed in place where the sources are the whole cell, else in `copy`. */
static void forward_real(const struct hg_layer *layer, const struct hg_linear *linear, hg_lid cell,
                         const struct hg_cell_input *x, hg_real *copy)
{
    const struct hg_cell_rows sources = hg_layer_sources(layer, cell);
    const struct hg_mat all = {linear->result, layer->shard->owned, linear->out, linear->stride};
    const struct hg_mat rows = hg_cell_buffer(sources, all, copy);
    product(layer, linear, cell, x, rows);
    hg_cell_scatter(sources, rows, all);
}

/* Stores packed rows of R as rows [first, first + made.rows) of the result, in its type, block by block. */
static void store_rows(const struct hg_layer *layer, const struct hg_linear *linear, struct hg_mat made,
                       hg_lid first)
{
    const int64_t room = hg_halo_room(linear->dtype, linear->stride);
    const struct hg_column_block *block = linear->block;
    for (int b = 0; b < linear->blocks; b++)
        layer->work->kernels->rows_store[linear->dtype](
            (struct hg_mat){made.data + block[b].first, made.rows, block[b].count, made.stride},
            linear->result + first * room + hg_halo_room(linear->dtype, block[b].place), room);
}

/* Results that are stored in another type, or in several blocks: computed in `copy`, then converted. */
static void forward_converted(const struct hg_layer *layer, const struct hg_linear *linear, hg_lid cell,
                              const struct hg_cell_input *x, hg_real *copy)
{
    const struct hg_row_set *set = &layer->subgraph->sources;
    const struct hg_mat made = hg_mat_packed(copy, hg_row_set_count(set, cell), linear->out);
    struct hg_interval interval = hg_row_set_begin(set, cell);
    product(layer, linear, cell, x, made);
    for (hg_lid at = 0, count; hg_row_set_next(set, &interval); at += count) {
        count = interval.end - interval.first;
        store_rows(layer, linear, hg_mat_rows(made, at, at + count), interval.first);
    }
}

bool hg_linear_converted(const struct hg_linear *linear)
{
    return linear->dtype != HG_HALO_REAL || linear->blocks > 1;
}

void hg_linear_forward(const struct hg_layer *layer, int k, hg_lid cell, const struct hg_cell_input *x,
                       struct hg_thread *thread)
{
    const struct hg_linear *linear = &layer->linear[k];
    if (hg_linear_converted(linear))
        forward_converted(layer, linear, cell, x, thread->copy[k]);
    else
        forward_real(layer, linear, cell, x, thread->copy[k]);
}

/* dL/dR of a cell's sources, packed, of a Linear with several blocks. */
static struct hg_mat gather_blocks(const struct hg_layer *layer, const struct hg_linear *linear, hg_lid cell,
                                   hg_real *copy)
{
    const struct hg_row_set *set = &layer->subgraph->sources;
    const struct hg_mat to = hg_mat_packed(copy, hg_row_set_count(set, cell), linear->out);
    for (int64_t i = 0; i < to.rows; i++) {
        const hg_real *from =
            linear->gradient.data + set->row[set->start[cell] + i] * linear->gradient.stride;
        for (int b = 0; b < linear->blocks; b++)
            memcpy(copy + i * to.stride + linear->block[b].first, from + linear->block[b].place,
                   (size_t)linear->block[b].count * sizeof *copy);
    }
    return to;
}

void hg_linears_gradient(const struct hg_layer *layer, hg_lid cell, struct hg_thread *thread,
                         struct hg_mat d[HG_LINEARS])
{
    for (int k = 0; k < layer->linears; k++)
        d[k] = layer->linear[k].blocks > 1 ? gather_blocks(layer, &layer->linear[k], cell, thread->copy[k])
                                           : hg_cell_gather(hg_layer_sources(layer, cell),
                                                            layer->linear[k].gradient, thread->copy[k]);
}

struct hg_mat hg_linears_input_gradient(const struct hg_layer *layer, const struct hg_mat d[HG_LINEARS],
                                        hg_real *dx)
{
    const struct hg_mat made = hg_mat_packed(dx, d[0].rows, layer->in);
    for (int k = 0; k < layer->linears; k++)
        hg_dense_product(&layer->work->blas, HG_TRANSPOSE_B, d[k], weight_of(layer, &layer->linear[k]), k > 0,
                         made);
    return made;
}

void hg_linears_weight_gradient(struct hg_layer *layer, struct hg_mat x, const struct hg_mat d[HG_LINEARS],
                                struct hg_thread *thread)
{
    for (int k = 0; k < layer->linears; k++) {
        hg_dense_product(&layer->work->blas, HG_TRANSPOSE_A, x, d[k], false,
                         hg_mat_packed(thread->partial, x.cols, d[k].cols));
        hg_gradients_add(&layer->gradients, HG_GRADIENT_WEIGHTS, layer->linear[k].sum, thread->partial,
                         x.cols * d[k].cols, thread);
    }
}

/* The context of sparse_columns, a pass over the columns of sparse X'. */
struct columns {
    struct hg_layer *layer;
    const struct hg_input *input;
    struct hg_csr_view csr; /* X' of all rows */
};

/* Row f of dW = X'^T dR, block by block. */
static void sparse_column(const struct columns *columns, int64_t f, const struct hg_linear *linear,
                          struct hg_thread *thread)
{
    const struct hg_layer *layer = columns->layer;
    const struct hg_input *input = columns->input;
    const hg_eid begin = input->column_start[f], end = input->column_start[f + 1];
    const struct hg_column_entries entries = {input->entry_row + begin, input->entry_cell + begin,
                                              input->entry_index + begin, end - begin};
    const struct hg_column_block *block = linear->block;
    for (int b = 0; b < linear->blocks; b++) {
        const struct hg_mat d = {linear->gradient.data + block[b].place, linear->gradient.rows,
                                 block[b].count, linear->gradient.stride};
        layer->work->kernels->spmm_column(entries, columns->csr.data, d, thread->partial,
                                          &layer->gradients.sum[HG_GRADIENT_WEIGHTS][0],
                                          linear->sum + f * linear->out + block[b].first);
    }
}

static void sparse_columns(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct columns *columns = context;
    const struct hg_layer *layer = columns->layer;
    const int64_t first = (int64_t)piece * SPARSE_COLUMNS;
    for (int64_t f = first; f < hg_min_i64(first + SPARSE_COLUMNS, layer->in); f++)
        for (int k = 0; k < layer->linears; k++) sparse_column(columns, f, &layer->linear[k], thread);
}

/* Each column is handled by one thread, so that each sum has one writer. */
void hg_linears_weight_gradient_sparse(struct hg_layer *layer, const struct hg_input *input)
{
    struct columns columns = {layer, input, hg_input_sparse(input, layer->dropping)};
    const hg_lid pieces = (hg_lid)((layer->in + SPARSE_COLUMNS - 1) / SPARSE_COLUMNS);
    hg_workspace_pieces(layer->work, pieces, sparse_columns, &columns, NULL);
}
