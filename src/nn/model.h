/** The model: a chain of layers over one shard, its parameters and its workspace.
 *
 *  X^0 = features, X^(l+1) = layer_l(X^l). The model drives its layers: model.c shows every step of an epoch in
 *  order, and model_cells.c what the steps do in one cell. */
#ifndef HG_NN_MODEL_H
#define HG_NN_MODEL_H

#include "nn/layer.h"

enum { HG_MODEL_LAYERS = HG_CLOCK_LAYERS };

struct hg_model_options {
    int layers;
    struct hg_block block[HG_MODEL_LAYERS]; /**< in order, from the features to the output */
    /** type of the rows that edges gather, in memory and in messages */
    enum hg_halo_dtype halo_dtype;
};

struct hg_model {
    const struct hg_shard *shard;
    struct hg_params params;
    struct hg_workspace work;
    struct hg_input input;   /**< the features */
    int64_t outputs;         /**< C, columns of the output */
    hg_real *out, *out_grad; /**< [owned, C] output of the last layer; dL/d(output), in training */
    int layers;
    struct hg_layer *layer[HG_MODEL_LAYERS];
    struct hg_subgraph whole; /**< the whole graph: for passes without training */
    /** [l] subgraph of layer l in training passes; not set before hg_model_restrict */
    struct hg_subgraph needed[HG_MODEL_LAYERS];
};

/** Creates the model and allocates everything that its epochs need. Parameters are zero: initialise them
 *  (hg_params_initialise), or read them.
 *
 *    shard     the graph; outlives the model
 *    x         features of the owned rows; outlive the model
 *    backend   threads, kernels and BLAS to compute with
 *    training  false: no buffers for the backward pass
 *
 *  Fails on every rank when any rank is out of memory. Destroy with hg_model_destroy. Collective. */
hg_status hg_model_create(const struct hg_shard *shard, const struct hg_features *x,
                          const struct hg_model_options *options, const struct hg_backend *backend,
                          bool training, struct hg_model **model);
void hg_model_destroy(struct hg_model *model);

/** Describes the parameters of a model for graphs with `features` features and `edge_features` edge features: sets
 *  params->list and num (names and shapes), without values. Destroy with hg_params_destroy, also after a failure.
 *  Local. */
hg_status hg_model_describe(const struct hg_model_options *options, int64_t features, int64_t edge_features,
                            struct hg_params *params);

/** Restricts training passes to what the outputs of the rows marked in `wanted` [owned] need; before the first call
 *  they compute everything. After a restricted training pass, outputs and gradients of other rows are undefined.
 *  Collective. */
hg_status hg_model_restrict(struct hg_model *model, const uint8_t *wanted);

/** Computes the outputs [owned, C] of a pass; owned by the model, valid until the next pass. Collective. */
hg_real *hg_model_forward(struct hg_model *model, const struct hg_pass *pass);

/** Computes the gradients of all parameters (params.grad, equal on every rank) from dL/d(output) in
 *  hg_model_output_grad. Follows a forward pass with training. Collective. */
void hg_model_backward(struct hg_model *model);

/** Bytes that this rank has sent so far: halo rows, and sums of gradients. Local. */
int64_t hg_model_bytes_sent(const struct hg_model *model);

/** The array to which the loss writes dL/d(output) [owned, C]. Local. */
hg_real *hg_model_output_grad(struct hg_model *model);

/** Whether layer l has attention coefficients; if so, writes those of every in-edge in the shard's order, without
 *  dropout, of the last pass without training: alpha [edges, K]. Local. */
bool hg_model_attention(const struct hg_model *model, int l, hg_real *alpha);

/** Number of addends in the sums of the last backward pass, over all ranks, that were not finite or out of range:
 *  more than 0 means divergence. Local. */
int64_t hg_model_nonfinite(const struct hg_model *model);

#endif
