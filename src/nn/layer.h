/** A layer: what every convolution offers, and the table of convolutions.
 *
 *  The model chains layers and knows nothing else about them. To add a convolution: one file with these functions, one entry in
 *  hg_convs.
 */
#ifndef HG_NN_LAYER_H
#define HG_NN_LAYER_H

#include "kernels/pointwise.h"
#include "nn/input.h"
#include "nn/params.h"
#include "nn/workspace.h"

/** What a layer is, by the model's options and its place. */
struct hg_layer_spec {
    int index;
    int64_t in;       /**< columns of its input */
    int in_heads;     /**< heads that stand side by side in its input, innermost; 1: none */
    int heads, width; /**< K, F */
    bool concat;      /**< heads side by side (out = K F), else averaged (out = F) */
    bool bias, residual;
    enum hg_activation activation;
    double slope;        /**< of LeakyReLU below 0 */
    double dropout;      /**< of the input */
    double attn_dropout; /**< of attention coefficients */
    bool sparse_input;
    bool first; /**< needs no gradient of its input */
};

/** Columns of a layer's output. */
static inline int64_t hg_layer_out(const struct hg_layer_spec *spec)
{
    return spec->concat ? (int64_t)spec->heads * spec->width : spec->width;
}

/** One pass of the model: dropout is on in training, drawn for (seed, epoch). */
struct hg_pass {
    bool training;
    uint64_t seed;
    int64_t epoch;
};

struct hg_layer;

/** A convolution's functions. `layer` is its own state. */
struct hg_conv {
    const char *name;
    /** Adds its parameters to params and returns the state; parameters have no values yet. Local. */
    hg_status (*create)(const struct hg_layer_spec *spec, const struct hg_shard *shard,
                        struct hg_params *params, struct hg_layer **layer);
    void (*destroy)(struct hg_layer *layer);
    /** Enlarges the extent to what the layer needs. */
    void (*extend)(const struct hg_layer *layer, struct hg_extent *extent);
    /** Allocates buffers, when all parameters are known and allocated. Local. */
    hg_status (*allocate)(struct hg_layer *layer, struct hg_workspace *work, bool training);
    /** Output [owned, out] of the input, for the scope's targets; owned by the layer, valid until its next forward. Collective. */
    hg_real *(*forward)(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                        const struct hg_pass *pass);
    /** From dy = dL/d(output) [owned, out] (overwritten), 0 but for the targets: begins the sums of gradients over ranks and, unless
     *  the layer is the first, makes dx = dL/d(input) [owned, in], 0 but for the sources. Follows a training forward. Collective. */
    void (*backward)(struct hg_layer *layer, hg_real *dy, hg_real *dx);
    /** Gradients into params, equal on all ranks. Follows backward, and that of the layers below. Collective. */
    void (*finish)(struct hg_layer *layer);
    /** Attention coefficients without dropout of every in-edge, in the shard's order: alpha [edges, K]. Follows a
     *  forward. Local. */
    void (*attention)(struct hg_layer *layer, hg_real *alpha);
    /** Addends of the last backward's sums that were not finite or out of range, over all ranks. Local. */
    int64_t (*bad)(const struct hg_layer *layer);
};

enum hg_conv_kind { HG_CONV_GAT, HG_CONVS };

extern const struct hg_conv *const hg_convs[HG_CONVS];

#endif
