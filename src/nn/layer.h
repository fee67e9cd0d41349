/** A layer: a block of the model, with its parameters, its part of the graph, and the state of its convolution.
 *
 *  A block is data. It computes from X [n, in], in this order:
 *
 *      X' = dropout(X)
 *      T  = conv(X') + X' W_res + bias      the residual Linear and the bias, if the block has them
 *      (a norm of T belongs here)
 *      Y  = activation(T)                   [n, out]
 *
 *  A block without convolution (a Linear alone, before the first or after the last block) would be the same with T =
 *  X' W + bias.
 *
 *  The model (nn/model.h) drives its layers: it calls a layer's functions for cells and for edges, in the order of
 *  struct hg_conv, and exchanges rows between ranks. Layers do not call each other. */
#ifndef HG_NN_LAYER_H
#define HG_NN_LAYER_H

#include "kernels/activation.h"
#include "nn/cell_rows.h"
#include "nn/conv.h"
#include "nn/gradients.h"
#include "nn/linear.h"
#include "nn/params.h"

/** A block of the model, as the user's options describe it. */
struct hg_block {
    const struct hg_conv *conv;
    int heads, width; /**< K, F */
    bool concat;      /**< heads are concatenated (out = K F), else averaged (out = F) */
    bool residual, bias;
    enum hg_activation activation;
    double dropout;      /**< dropout probability of X */
    double attn_dropout; /**< dropout probability of attention coefficients */
    double slope;        /**< slope of LeakyReLU below 0 */
};

/** Columns of a block's output Y. Local. */
static inline int64_t hg_block_out(const struct hg_block *block)
{
    return block->concat ? (int64_t)block->heads * block->width : block->width;
}

/** Heads that are concatenated in its output. Local. */
static inline int hg_block_out_heads(const struct hg_block *block)
{
    return block->concat ? block->heads : 1;
}

/** One pass of the model. Dropout is on in training, with random numbers of (seed, epoch). */
struct hg_pass {
    bool training;
    uint64_t seed;
    int64_t epoch;
};

/** What every layer has; a convolution's own state begins with this struct. */
struct hg_layer {
    struct hg_block block;
    int index;                     /**< its index in the model, from 0 */
    int64_t in;                    /**< columns of X */
    int in_heads;                  /**< heads that are concatenated in X; 1: none */
    bool sparse_input;             /**< X are sparse features */
    enum hg_halo_dtype halo_dtype; /**< type of the rows that edges gather, in memory and in messages */
    const struct hg_shard *shard;
    struct hg_params *params;
    struct hg_workspace *work;

    struct hg_linear linear[HG_LINEARS]; /**< Linears of X', the convolution's first */
    int linears;
    int residual;                  /**< index of W_res among them; -1: none */
    int64_t bias;                  /**< index in the parameters; -1: none */
    int64_t bias_sum;              /**< index of its gradient among the sums of vectors */
    struct hg_gradients gradients; /**< training only */

    /* of the current pass */
    const struct hg_subgraph *subgraph; /**< the nodes and edges that it works on */
    struct hg_pass pass;
    bool dropping; /**< dropout of X is on */
    struct hg_dropout drop;
};

/** A cell's sources: the rows of X that the layer reads. Local. */
static inline struct hg_cell_rows hg_layer_sources(const struct hg_layer *layer, hg_lid cell)
{
    return (struct hg_cell_rows){layer->shard, &layer->subgraph->sources, cell};
}

/** A cell's targets: the rows of Y that the layer computes. Local. */
static inline struct hg_cell_rows hg_layer_targets(const struct hg_layer *layer, hg_lid cell)
{
    return (struct hg_cell_rows){layer->shard, &layer->subgraph->targets, cell};
}

/** The bias [out]; NULL: none. Local. */
static inline const hg_real *hg_layer_bias(const struct hg_layer *layer)
{
    return layer->bias >= 0 ? hg_params_value(layer->params, layer->bias) : NULL;
}

/** Adds the parameter `like` with the name "convs.INDEX.SUFFIX"; *index is its index in the parameters. For
 *  conv->create. Local. */
hg_status hg_layer_add_param(struct hg_layer *layer, const char *suffix, struct hg_param like,
                             int64_t *index);

/** Adds a matrix [outputs, inputs] (its shape in files), with Glorot initialisation; *index is its index in the
 *  parameters. For conv->create. Local. */
hg_status hg_layer_add_matrix(struct hg_layer *layer, const char *suffix, int64_t outputs, int64_t inputs,
                              struct hg_layout layout, int64_t *index);

/** Add the block's bias and residual Linear, if it has them. For conv->create, which calls them where they belong in
 *  the order of parameters. Local. */
hg_status hg_layer_add_bias(struct hg_layer *layer);
hg_status hg_layer_add_residual(struct hg_layer *layer);

/** Adds a Linear of X' with like.out columns of `out_heads` heads; like.stride and like.dtype say how its result is
 *  stored. For conv->create; conv->allocate later sets its result and gradient. Local. */
hg_status hg_layer_add_linear(struct hg_layer *layer, const char *suffix, int out_heads,
                              struct hg_linear like);

/** Creates a layer from `like`, whose fields up to `params` are set, and adds its parameters. Local. */
hg_status hg_layer_create(const struct hg_layer *like, struct hg_layer **layer);
void hg_layer_destroy(struct hg_layer *layer);

/** Raises the sizes in `extent` to what the layer needs. Local. */
void hg_layer_max_sizes(const struct hg_layer *layer, struct hg_extent *extent);

/** Allocates the layer's arrays, after all parameters were allocated. Local. */
hg_status hg_layer_allocate(struct hg_layer *layer, struct hg_workspace *work, bool training);

/** Begins a pass over `subgraph`. Without training, or with probability 0, dropout is off. Local. */
void hg_layer_begin(struct hg_layer *layer, const struct hg_subgraph *subgraph, const struct hg_pass *pass);

/** Begin sending the layer's rows: forward to the copies of sources, backward to the copies of targets. Rows are sent
 *  as their cells are completed. Return the exchange. Collective. */
struct hg_exchange *hg_layer_send_forward(struct hg_layer *layer);
struct hg_exchange *hg_layer_send_backward(struct hg_layer *layer);

/** The layer's passes over edges, forward and backward. Local. */
struct hg_edge_pass hg_layer_edges_forward(struct hg_layer *layer);
struct hg_edge_pass hg_layer_edges_backward(struct hg_layer *layer);

#endif
