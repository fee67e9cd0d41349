/** What the steps of an epoch (model.c) do in one cell. All are functions of cells (nn/workspace.h) with a struct
 *  hg_model_step as context.
 */
#ifndef HG_NN_MODEL_CELLS_H
#define HG_NN_MODEL_CELLS_H

#include "nn/model.h"

/** A step of layer l. */
struct hg_model_step {
    struct hg_model *model;
    struct hg_layer *layer;
    struct hg_layer *below; /**< layer l - 1, whose output X is; NULL: X is the features */
};

/** Forward: X' = drop(X), its Linears, and what the convolution makes of them: rows of Z, which may leave. */
void hg_model_cell_forward(void *step, hg_lid cell, struct hg_thread *thread);

/** Y of the last layer into model->out. */
void hg_model_cell_output(void *step, hg_lid cell, struct hg_thread *thread);

/** dL/dY of the last layer from model->out_grad to the layer: its rows may leave. */
void hg_model_cell_loss(void *step, hg_lid cell, struct hg_thread *thread);

/** Backward, after the edges: dW += X'^T dZ; dX = mask of dropout * dZ W^T to the layer below, whose rows may leave. */
void hg_model_cell_backward(void *step, hg_lid cell, struct hg_thread *thread);

#endif
