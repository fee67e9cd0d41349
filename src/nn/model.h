/** The model: a chain of layers over one shard, its parameters and its workspace.
 *
 *  X^0 = features, X^(l+1) = layer_l(X^l). The model drives its layers through an epoch: model.c shows every step of
 *  it in order, and model_cells.c what the steps do in one cell.
 */
#ifndef HG_NN_MODEL_H
#define HG_NN_MODEL_H

#include "nn/layer.h"

enum { HG_MODEL_LAYERS = HG_CLOCK_LAYERS };

struct hg_model_options {
    int layers;
    struct hg_block block[HG_MODEL_LAYERS]; /**< from the features to the output */
    enum hg_halo_dtype rows;                /**< how rows that edges gather are kept, and travel */
};

struct hg_model {
    const struct hg_shard *shard;
    struct hg_params params;
    struct hg_workspace work;
    struct hg_input input;   /**< the features */
    int64_t outputs;         /**< C */
    hg_real *out, *out_grad; /**< [owned, C] the last layer's output, dL/d(out) in training */
    int layers;
    struct hg_layer *layer[HG_MODEL_LAYERS];
    struct hg_subgraph whole;                   /**< all nodes: passes without training */
    struct hg_subgraph needed[HG_MODEL_LAYERS]; /**< [l]: what layer l does in training passes */
};

/** Builds the model with everything that its epochs need; parameters are zero (hg_params_initialise, or read them).
 *
 *  shard    outlives the model
 *  x        features of the owned rows, outlive the model
 *  machine  what it computes with
 *  training false: no buffers for the backward pass
 *  Fails alike on every rank when any is out of memory. Destroy with hg_model_destroy. Collective. */
hg_status hg_model_create(const struct hg_shard *shard, const struct hg_features *x,
                          const struct hg_model_options *options, const struct hg_backend *backend,
                          bool training, struct hg_model **model);
void hg_model_destroy(struct hg_model *model);

/** Names and shapes of the parameters of a model on `features` features and so many edge features: params->list and num, no values.
 *  Destroy with hg_params_destroy, also when it failed. Local. */
hg_status hg_model_describe(const struct hg_model_options *options, int64_t features, int64_t edge_features,
                            struct hg_params *params);

/** From now on training passes compute what the outputs of the rows marked in `wanted` [owned] need; before the first
 *  call, everything. Outputs and gradients of other rows are then not defined after a training pass. Collective. */
hg_status hg_model_want(struct hg_model *model, const uint8_t *wanted);

/** Outputs [owned, C] of a pass; owned by the model, valid until the next pass. Collective. */
hg_real *hg_model_forward(struct hg_model *model, const struct hg_pass *pass);

/** Gradients of all parameters (params.grad, equal on every rank) from dL/d(output) in hg_model_output_grad. Follows
 *  a training forward. Collective. */
void hg_model_backward(struct hg_model *model);

/** Where the loss writes dL/d(output) [owned, C]. */
hg_real *hg_model_output_grad(struct hg_model *model);

/** Whether layer l has attention coefficients; if so, those of every in-edge in the shard's order, without dropout,
 *  as of the last pass without training: alpha [edges, K]. Local. */
bool hg_model_attention(const struct hg_model *model, int l, hg_real *alpha);

/** Addends in the last backward's sums that were not finite or out of range: not 0 means divergence. */
int64_t hg_model_bad(const struct hg_model *model);

#endif
