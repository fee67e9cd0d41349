/** What the steps of an epoch (model.c) do in one cell. All are functions of type hg_cell_fn (nn/workspace.h), with a
 *  struct hg_model_step as context. Local. */
#ifndef HG_NN_MODEL_CELLS_H
#define HG_NN_MODEL_CELLS_H

#include "nn/model.h"

/** A step of one layer. */
struct hg_model_step {
    struct hg_model *model;
    struct hg_layer *layer;
    struct hg_layer *below; /**< the layer whose output is X; NULL: X are the features */
};

/** Forward: X' = drop(X), the Linears of X', and what the convolution computes from them. Afterwards the cell's rows
 *  of Z may be sent. */
void hg_model_cell_forward(void *step, hg_lid cell, struct hg_thread *thread);

/** Writes Y of the last layer to model->out. */
void hg_model_cell_output(void *step, hg_lid cell, struct hg_thread *thread);

/** Passes dL/dY, from model->out_grad, to the last layer. Afterwards the cell's rows may be sent backward. */
void hg_model_cell_loss(void *step, hg_lid cell, struct hg_thread *thread);

/** Backward, after the edges: dW += X'^T dZ; dX = mask of dropout * dZ W^T goes to the layer below. Afterwards the
 *  cell's rows of that layer may be sent. */
void hg_model_cell_backward(void *step, hg_lid cell, struct hg_thread *thread);

#endif
