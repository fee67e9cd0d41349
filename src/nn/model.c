/* An epoch, step by step: what each layer does when, and which rows are sent. */
#include "nn/model.h"

#include "nn/model_cells.h"

/* The subgraph that layer l works on in a pass. */
static const struct hg_subgraph *subgraph_of(const struct hg_model *model, int l, const struct hg_pass *pass)
{
    return pass->training && model->needed[l].in != NULL ? &model->needed[l] : &model->whole;
}

static struct hg_model_step step_of(struct hg_model *model, int l)
{
    return (struct hg_model_step){model, model->layer[l], l > 0 ? model->layer[l - 1] : NULL};
}

/* Rows of Z are sent as soon as their cells are computed. While they travel, the edges that need no halo are summed;
 * the other edges follow. */
static void forward_layer(struct hg_model *model, int l, const struct hg_pass *pass)
{
    struct hg_workspace *work = &model->work;
    struct hg_model_step step = step_of(model, l);
    struct hg_layer *layer = step.layer;
    const struct hg_conv *conv = layer->block.conv;
    hg_clock_start(&work->clock, hg_clock_stage(l, false));

    hg_layer_begin(layer, subgraph_of(model, l, pass), pass);
    struct hg_exchange *rows = hg_layer_send_forward(layer);
    hg_workspace_cells_sent(work, hg_model_cell_forward, &step, rows); /* Z = drop(X) W */
    hg_workspace_add_time(work, HG_PHASE_DENSE);

    if (conv->forward_agree != NULL) conv->forward_agree(layer);
    hg_workspace_add_time(work, HG_PHASE_WAIT);

    const struct hg_edge_pass edges = hg_layer_edges_forward(layer);
    hg_edge_pass_interior(&edges, work, rows);
    hg_workspace_add_time(work, HG_PHASE_EDGES);
    hg_exchange_end(rows);
    hg_workspace_add_time(work, HG_PHASE_EXCHANGE);
    if (conv->forward_halo != NULL) conv->forward_halo(layer);
    hg_edge_pass_boundary(&edges, work); /* O */
    hg_workspace_add_time(work, HG_PHASE_EDGES);
}

hg_real *hg_model_forward(struct hg_model *model, const struct hg_pass *pass)
{
    struct hg_model_step last = step_of(model, model->layers - 1);
    for (int l = 0; l < model->layers; l++) forward_layer(model, l, pass);
    hg_workspace_cells(&model->work, hg_model_cell_output, &last);
    hg_workspace_add_time(&model->work, HG_PHASE_DENSE);
    return model->out;
}

/* Sets the sums of all layers to zero. The last layer reads dL/dY, and the rows that it computes from it are sent. */
static void backward_begin(struct hg_model *model)
{
    const int l = model->layers - 1;
    struct hg_workspace *work = &model->work;
    struct hg_model_step step = step_of(model, l);
    hg_clock_start(&work->clock, hg_clock_stage(l, true));
    for (int k = 0; k < model->layers; k++) hg_gradients_zero(&model->layer[k]->gradients);
    hg_workspace_add_time(work, HG_PHASE_SUMS);
    hg_workspace_cells_sent(work, hg_model_cell_loss, &step, hg_layer_send_backward(step.layer));
    hg_workspace_add_time(work, HG_PHASE_DENSE);
}

/* Rows [q|M|S|D|G] are being received, so the edges that need no halo come first. Then dX of each cell goes to the
 * layer below while it is in the cache, and that layer's rows are sent. Last, the sums of gradients over ranks begin.
 */
static void backward_layer(struct hg_model *model, int l)
{
    struct hg_workspace *work = &model->work;
    struct hg_model_step step = step_of(model, l);
    struct hg_layer *layer = step.layer;
    hg_clock_start(&work->clock, hg_clock_stage(l, true));

    const struct hg_edge_pass edges = hg_layer_edges_backward(layer);
    hg_edge_pass_interior(&edges, work, work->backward);
    hg_workspace_add_time(work, HG_PHASE_EDGES);
    hg_exchange_end(work->backward);
    hg_workspace_add_time(work, HG_PHASE_EXCHANGE);
    hg_edge_pass_boundary(&edges, work); /* dZ without the terms of p and q */
    hg_workspace_add_time(work, HG_PHASE_EDGES);

    if (step.below != NULL)
        hg_workspace_cells_sent(work, hg_model_cell_backward, &step, hg_layer_send_backward(step.below));
    else
        hg_workspace_cells(work, hg_model_cell_backward, &step);
    if (layer->sparse_input) hg_linears_weight_gradient_sparse(layer, &model->input);
    hg_workspace_add_time(work, HG_PHASE_DENSE);

    hg_gradients_begin(&layer->gradients);
    hg_workspace_add_time(work, HG_PHASE_SUMS);
}

/* Completes the sums of gradients, which were exchanged while the layers below worked. */
static void backward_end(struct hg_model *model, int l)
{
    struct hg_workspace *work = &model->work;
    struct hg_layer *layer = model->layer[l];
    hg_clock_start(&work->clock, hg_clock_stage(l, true));
    hg_gradients_wait(&layer->gradients);
    hg_workspace_add_time(work, HG_PHASE_WAIT);
    hg_gradients_end(&layer->gradients);
    if (layer->block.conv->backward_end != NULL) layer->block.conv->backward_end(layer);
    hg_workspace_add_time(work, HG_PHASE_SUMS);
}

void hg_model_backward(struct hg_model *model)
{
    backward_begin(model);
    for (int l = model->layers - 1; l >= 0; l--) backward_layer(model, l);
    for (int l = model->layers - 1; l >= 0; l--) backward_end(model, l);
}

hg_real *hg_model_output_grad(struct hg_model *model)
{
    return model->out_grad;
}

bool hg_model_attention(const struct hg_model *model, int l, hg_real *alpha)
{
    const struct hg_layer *layer = model->layer[l];
    if (layer->block.conv->attention == NULL) return false;
    layer->block.conv->attention(layer, alpha);
    return true;
}

int64_t hg_model_nonfinite(const struct hg_model *model)
{
    int64_t nonfinite = 0;
    for (int l = 0; l < model->layers; l++) nonfinite += model->layer[l]->gradients.nonfinite;
    return nonfinite;
}

int64_t hg_model_bytes_sent(const struct hg_model *model)
{
    int64_t bytes = hg_exchange_bytes(model->work.forward) + hg_exchange_bytes(model->work.backward);
    for (int l = 0; l < model->layers; l++) {
        const struct hg_reduction *sums = model->layer[l]->gradients.reduction;
        bytes += sums != NULL ? hg_reduction_bytes(sums) : 0;
    }
    return bytes;
}
