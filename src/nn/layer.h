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
    bool first;            /**< needs no gradient of its input */
    enum hg_row_type rows; /**< how rows that edges gather are kept */
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
    /** The layer's sums over edges, for the scope's targets. Collective. */
    void (*forward)(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                    const struct hg_pass *pass);
    /** Its output for the targets among rows [first, end): y [end - first, out]. It is not kept: whoever reads it has it made. Follows
     *  a forward, or the training forward up to the cell's `open`. Local. */
    void (*output)(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y);
    /** Comes before the cells are opened: what copies need of a cell's rows leaves once it is open, by the exchange returned. Follows a
     *  training forward. Collective. */
    struct hg_exchange *(*opening)(struct hg_layer *layer);
    /** Takes dy = dL/d(output) of a cell's targets that are in `set`, packed; it is 0 for the others. Overwrites it and, unless the
     *  set is that of its targets, thread->y. Local. */
    void (*open)(struct hg_layer *layer, hg_lid cell, const struct hg_row_set *set, hg_real *dy,
                 struct hg_thread *thread);
    /** Once all cells are open: begins the sums of gradients over ranks, and opens the layer that the input comes from. Collective. */
    void (*backward)(struct hg_layer *layer);
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
