/** The model: a chain of layers over one shard, its parameters and its workspace.
 *
 *  X^0 = features, X^(l+1) = layer_l(X^l); hidden layers have the activation, the last has none and averages its heads.
 */
#ifndef HG_NN_MODEL_H
#define HG_NN_MODEL_H

#include "nn/layer.h"

enum { HG_MODEL_LAYERS = HG_CLOCK_LAYERS };

struct hg_model_options {
    enum hg_conv_kind conv;
    int layers;
    int heads[HG_MODEL_LAYERS];  /**< K of each layer */
    int hidden[HG_MODEL_LAYERS]; /**< F of each hidden layer; the last one's is the number of outputs */
    bool concat, bias, residual;
    enum hg_activation activation;
    double slope, dropout, attn_dropout;
    enum hg_row_type rows; /**< how rows that edges gather are kept, and travel */
};

struct hg_model {
    const struct hg_shard *shard;
    struct hg_model_options options;
    struct hg_params params;
    struct hg_workspace work;
    struct hg_input input;                   /**< the features */
    struct hg_input hidden[HG_MODEL_LAYERS]; /**< [l]: the output of layer l */
    hg_real *out, *out_grad;                 /**< [owned, C] the last layer's output, dL/d(out) in training */
    const struct hg_conv *conv;
    struct hg_layer *layer[HG_MODEL_LAYERS];
    struct hg_scope whole;                   /**< all nodes: passes without training */
    struct hg_scope needed[HG_MODEL_LAYERS]; /**< [l]: what layer l does in training passes */
};

/** Builds the model with everything that its epochs need; parameters are zero (hg_params_initialise, or read them).
 *
 *  shard    outlives the model
 *  x        features of the owned rows, outlive the model
 *  outputs  C
 *  machine  what it computes with
 *  training false: no buffers for the backward pass
 *  Fails alike on every rank when any is out of memory. Destroy with hg_model_destroy. Collective. */
hg_status hg_model_create(const struct hg_shard *shard, const struct hg_features *x, int64_t outputs,
                          const struct hg_model_options *options, const struct hg_machine *machine,
                          bool training, struct hg_model **model);
void hg_model_destroy(struct hg_model *model);

/** From now on training passes compute what the outputs of the rows marked in `wanted` [owned] need; before the first call, everything.
 *  Outputs and gradients of other rows are then not defined after a training pass. Collective. */
hg_status hg_model_want(struct hg_model *model, const uint8_t *wanted);

/** Outputs [owned, C] of a pass; owned by the model, valid until the next pass. Collective. */
hg_real *hg_model_forward(struct hg_model *model, const struct hg_pass *pass);

/** Gradients of all parameters (params.grad, equal on every rank) from dL/d(output) in hg_model_output_grad. Follows a training
 *  forward with the same pass. Collective. */
void hg_model_backward(struct hg_model *model);

/** Where the loss writes dL/d(output) [owned, C]. */
hg_real *hg_model_output_grad(struct hg_model *model);

/** Bad addends in the last backward's sums: not 0 means divergence. */
int64_t hg_model_bad(const struct hg_model *model);

#endif
