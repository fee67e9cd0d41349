/** A layer: a block of the model, with its parameters, its part of the graph, and the state that its convolution
 *  keeps.
 *
 *  A block is data. What it does to X [n, in], in this order:
 *
 *      X' = dropout(X)
 *      T  = conv(X') + X' W_res + bias      the residual Linear and the bias, if the block has them
 *      (a norm of T belongs here)
 *      Y  = activation(T)                   [n, out]
 *
 *  A block without convolution, a Linear alone before the first or after the last one, would be the same with T = X'
 *  W + bias.
 *
 *  The model (nn/model.h) drives: it calls a layer's functions for a cell or for the edges, in the order of struct
 *  hg_conv, and moves rows between ranks. Layers do not know each other.
 */
#ifndef HG_NN_LAYER_H
#define HG_NN_LAYER_H

#include "kernels/activation.h"
#include "nn/cell_rows.h"
#include "nn/conv.h"
#include "nn/gradients.h"
#include "nn/linear.h"
#include "nn/params.h"

/** What a block is, by the user's options. */
struct hg_block {
    const struct hg_conv *conv;
    int heads, width; /**< K, F */
    bool concat;      /**< heads side by side (out = K F), else averaged (out = F) */
    bool residual, bias;
    enum hg_activation activation;
    double dropout;      /**< of X */
    double attn_dropout; /**< of attention coefficients */
    double slope;        /**< of LeakyReLU below 0 */
};

/** Columns of a block's output. */
static inline int64_t hg_block_out(const struct hg_block *block)
{
    return block->concat ? (int64_t)block->heads * block->width : block->width;
}

/** Heads that stand side by side in its output, innermost. */
static inline int hg_block_out_heads(const struct hg_block *block)
{
    return block->concat ? block->heads : 1;
}

/** One pass of the model: dropout is on in training, drawn for (seed, epoch). */
struct hg_pass {
    bool training;
    uint64_t seed;
    int64_t epoch;
};

/** What every layer has; a convolution's own state begins with it. */
struct hg_layer {
    struct hg_block block;
    int index;               /**< its place in the model, from 0 */
    int64_t in;              /**< columns of X */
    int in_heads;            /**< heads that stand side by side in X, innermost; 1: none */
    bool sparse_input;       /**< X is sparse features */
    enum hg_halo_dtype rows; /**< how rows that edges gather are kept, and travel */
    const struct hg_shard *shard;
    struct hg_params *params;
    struct hg_workspace *work;

    struct hg_linear linear[HG_LINEARS]; /**< of X', the convolution's first */
    int linears;
    int residual;                  /**< W_res among them; -1: none */
    int64_t bias;                  /**< place in the parameters; -1: none */
    int64_t bias_sum;              /**< place of its gradient among those of vectors */
    struct hg_gradients gradients; /**< training only */

    /* of the current pass */
    const struct hg_subgraph *subgraph; /**< the nodes and edges it works on */
    struct hg_pass pass;
    bool dropping; /**< X' is not X */
    struct hg_dropout drop;
};

/** A cell's sources: the rows of X that it reads. */
static inline struct hg_cell_rows hg_layer_sources(const struct hg_layer *layer, hg_lid cell)
{
    return (struct hg_cell_rows){layer->shard, &layer->subgraph->sources, cell};
}

/** A cell's targets: the rows of Y that it makes. */
static inline struct hg_cell_rows hg_layer_targets(const struct hg_layer *layer, hg_lid cell)
{
    return (struct hg_cell_rows){layer->shard, &layer->subgraph->targets, cell};
}

/** The bias [out]; NULL: none. */
static inline const hg_real *hg_layer_bias(const struct hg_layer *layer)
{
    return layer->bias >= 0 ? hg_params_value(layer->params, layer->bias) : NULL;
}

/** Adds the tensor `like`, whose name is what follows "convs.INDEX.", and gives its place. For conv->create. Local. */
hg_status hg_layer_add_param(struct hg_layer *layer, const char *suffix, struct hg_param like,
                             int64_t *place);

/** Adds a matrix [outputs, inputs], as named on disk. For conv->create. Local. */
hg_status hg_layer_add_matrix(struct hg_layer *layer, const char *suffix, int64_t outputs, int64_t inputs,
                              struct hg_layout layout, int64_t *place);

/** The block's own parts, if it has them: bias and residual Linear. For conv->create, which so decides their places
 *  among its parameters. Local. */
hg_status hg_layer_add_bias(struct hg_layer *layer);
hg_status hg_layer_add_residual(struct hg_layer *layer);

/** Adds a Linear of X' to `out` columns of `out_heads` heads, its rows kept as `kept`, `stride` numbers apart before
 *  that. For conv->create, which later says where result and gradient are. Local. */
hg_status hg_layer_add_linear(struct hg_layer *layer, const char *suffix, int out_heads,
                              struct hg_linear like);

/** Makes a layer of `like`, which has everything up to params, and adds its parameters. Local. */
hg_status hg_layer_create(const struct hg_layer *like, struct hg_layer **layer);
void hg_layer_destroy(struct hg_layer *layer);

/** Enlarges the extent to what the layer needs. Local. */
void hg_layer_max_sizes(const struct hg_layer *layer, struct hg_extent *extent);

/** Allocates, when all parameters are allocated. Local. */
hg_status hg_layer_allocate(struct hg_layer *layer, struct hg_workspace *work, bool training);

/** A pass begins: what it works on, and what it drops; p = 0 and passes without training drop nothing. Local. */
void hg_layer_begin(struct hg_layer *layer, const struct hg_subgraph *subgraph, const struct hg_pass *pass);

/** Starts sending rows of its cells forward to the copies of its sources, or backward to those of its targets; they
 *  leave as cells are made. Returns the exchange. Collective. */
struct hg_exchange *hg_layer_send_forward(struct hg_layer *layer);
struct hg_exchange *hg_layer_send_backward(struct hg_layer *layer);

/** What the layer does with edges, forward and backward. */
struct hg_edge_pass hg_layer_edges_forward(struct hg_layer *layer);
struct hg_edge_pass hg_layer_edges_backward(struct hg_layer *layer);

#endif
