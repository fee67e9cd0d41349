#include "nn/model_cells.h"

#include <string.h>

/* Rows of X: the features where they are, or the output of the layer below, computed into `to`. */
static hg_real *rows_of_x(const struct hg_model_step *step, struct hg_interval interval, hg_real *to)
{
    if (step->below == NULL) return hg_input_rows(&step->model->input, interval.first);
    step->below->block.conv->output(step->below, interval.first, interval.end, to);
    return to;
}

/* Whether X' of a cell's sources are consecutive rows of the features, so that no copy is needed. */
static bool in_place(const struct hg_model_step *step, hg_lid cell)
{
    const hg_lid *offset = step->model->shard->cell_offset + cell;
    return step->below == NULL && !step->layer->dropping &&
           hg_row_set_count(&step->layer->subgraph->sources, cell) == offset[1] - offset[0];
}

/* X' of a cell's sources, dense, packed: in thread->x, or the features themselves. The same dropout mask is applied
 * to `also`, rows of the same nodes (NULL: none). */
static struct hg_mat drop_rows(const struct hg_model_step *step, hg_lid cell, struct hg_thread *thread,
                               hg_real *also)
{
    const struct hg_layer *layer = step->layer;
    const struct hg_row_set *sources = &layer->subgraph->sources;
    const int64_t cols = layer->in, rows = hg_row_set_count(sources, cell);
    struct hg_interval interval = hg_row_set_begin(sources, cell);
    if (in_place(step, cell))
        return hg_mat_packed(hg_input_rows(&step->model->input, layer->shard->cell_offset[cell]), rows, cols);
    for (int64_t at = 0, count; hg_row_set_next(sources, &interval); at += count * cols) {
        hg_real *to = thread->x + at, *from = rows_of_x(step, interval, to);
        count = interval.end - interval.first;
        if (layer->dropping)
            layer->work->kernels->drop_rows(hg_mat_packed(from, count, cols),
                                            layer->shard->in->imported + interval.first, &layer->drop, to,
                                            also != NULL ? also + at : NULL);
        else if (from != to)
            memcpy(to, from, (size_t)(count * cols) * sizeof *to);
    }
    return hg_mat_packed(thread->x, rows, cols);
}

/* X' = mask * X. */
static struct hg_mat drop_x(const struct hg_model_step *step, hg_lid cell, struct hg_thread *thread)
{
    return drop_rows(step, cell, thread, NULL);
}

/* X' = mask * X and dX = mask * dX': the random mask is computed once for both. */
static struct hg_mat drop_x_and_dx(const struct hg_model_step *step, hg_lid cell, struct hg_thread *thread,
                                   struct hg_mat dx)
{
    return drop_rows(step, cell, thread, dx.data);
}

/* Applies dropout to the values of a cell's sources, for sparse features. */
static void drop_sparse(const struct hg_model_step *step, hg_lid cell)
{
    const struct hg_layer *layer = step->layer;
    const struct hg_input *input = &step->model->input;
    struct hg_interval interval = hg_row_set_begin(&layer->subgraph->sources, cell);
    while (layer->dropping && hg_row_set_next(&layer->subgraph->sources, &interval))
        layer->work->kernels->spmm_drop(input->csr, interval.first, interval.end, layer->shard->in->imported,
                                        layer->drop, input->dropped);
}

void hg_model_cell_forward(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_model_step *step = context;
    struct hg_layer *layer = step->layer;
    struct hg_cell_input x = {.sparse = layer->sparse_input};
    if (layer->sparse_input) {
        drop_sparse(step, cell);
        x.csr = hg_input_sparse(&step->model->input, layer->dropping);
    } else {
        x.dense = drop_x(step, cell, thread);
    }
    for (int k = 0; k < layer->linears; k++) hg_linear_forward(layer, k, cell, &x, thread);
    layer->block.conv->forward_cell(layer, cell, thread);
}

void hg_model_cell_output(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_model_step *step = context;
    const struct hg_layer *layer = step->layer;
    struct hg_interval interval = hg_row_set_begin(&layer->subgraph->targets, cell);
    (void)thread;
    while (hg_row_set_next(&layer->subgraph->targets, &interval))
        layer->block.conv->output(layer, interval.first, interval.end,
                                  step->model->out + interval.first * step->model->outputs);
}

void hg_model_cell_loss(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_model_step *step = context;
    struct hg_layer *layer = step->layer;
    const struct hg_mat all = hg_mat_packed(step->model->out_grad, layer->shard->owned, step->model->outputs);
    const struct hg_mat dy = hg_cell_gather(hg_layer_targets(layer, cell), all, thread->copy[1]);
    layer->block.conv->backward_cell(layer, cell, dy.data, thread);
}

/* dX of a cell's sources is dY of the layer below, where these nodes are targets; other targets of that layer have dY
 * = 0. */
static void pass_below(const struct hg_model_step *step, hg_lid cell, struct hg_mat dx,
                       struct hg_thread *thread)
{
    hg_real *dy = hg_cell_expand(hg_layer_sources(step->layer, cell), &step->below->subgraph->targets,
                                 dx.cols, dx.data, thread->copy[1]);
    step->below->block.conv->backward_cell(step->below, cell, dy, thread);
}

void hg_model_cell_backward(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct hg_model_step *step = context;
    struct hg_layer *layer = step->layer;
    struct hg_mat d[HG_LINEARS];
    layer->block.conv->backward_sources(layer, cell, thread);
    if (layer->sparse_input) return; /* the gradients of their weights are computed column by column */
    hg_linears_gradient(layer, cell, thread, d);
    if (step->below == NULL) {
        hg_linears_weight_gradient(layer, drop_x(step, cell, thread), d, thread);
        return;
    }
    const struct hg_mat dx = hg_linears_input_gradient(layer, d, thread->dx);
    const struct hg_mat x = drop_x_and_dx(step, cell, thread, dx);
    hg_linears_weight_gradient(layer, x, d, thread);
    pass_below(step, cell, dx, thread);
}
