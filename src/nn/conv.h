/** The interface of a convolution, and the table of convolutions.
 *
 *  To add one: a folder src/nn/NAME/ with these functions, and its name in HG_CONV_LIST. */
#ifndef HG_NN_CONV_H
#define HG_NN_CONV_H

#include "nn/edge_pass.h"

struct hg_layer;

/** Rows of a matrix [owned + halo] that the exchange sends to the ranks with copies: the first `width` numbers of
 *  each row. */
struct hg_sent_rows {
    hg_real *matrix;
    int64_t stride, width;
};

/** A convolution. `layer` is what its `create` returned: a state of its own type that begins with a struct hg_layer.
 *
 *  Functions of cells and of edges are called by several threads at the same time, each with other cells or rows. */
struct hg_conv {
    const char *name; /**< "gat" */

    /** Creates a layer from `like`, which it copies, and adds its parameters. Local. */
    hg_status (*create)(const struct hg_layer *like, struct hg_layer **layer);
    void (*destroy)(struct hg_layer *layer);
    /** Raises the sizes in `extent` to what the convolution needs beyond its Linears. Local. */
    void (*max_sizes)(const struct hg_layer *layer, struct hg_extent *extent);
    /** Allocates the layer's arrays, sets `result` and `gradient` of its Linears, and registers the gradients of its
     *  other parameters (hg_gradients_register). Local. */
    hg_status (*allocate)(struct hg_layer *layer, bool training);

    /* forward, in this order */

    /** Computes what depends on the parameters and the pass only. NULL: nothing to do. Local. */
    void (*forward_begin)(struct hg_layer *layer);
    /** The rows that are sent forward, to the halo of subgraph->in; forward_cell completes them. Local. */
    struct hg_sent_rows (*forward_rows)(const struct hg_layer *layer);
    /** Completes the rows of a cell's sources, from the results of the Linears. Local. */
    void (*forward_cell)(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
    /** Called after all cells: what the ranks decide together. NULL: nothing. Collective. */
    void (*forward_agree)(struct hg_layer *layer);
    /** Called when the halo rows have arrived, before the edges that need them: computes what depends on them. NULL:
     *  nothing to do. Local. */
    void (*forward_halo)(struct hg_layer *layer);
    /** Sums over the in-edges of targets. Local. */
    struct hg_edge_functions forward_edges;
    /** Computes Y of rows [first, end), which are targets: y [end - first, out]. Y is not stored: it is computed
     *  whenever it is read, until backward_cell of the cell. Local. */
    void (*output)(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y);

    /* backward, in this order */

    /** The rows that are sent backward, to the halo of subgraph->out; backward_cell completes them. Local. */
    struct hg_sent_rows (*backward_rows)(const struct hg_layer *layer);
    /** Reads dy = dL/dY of a cell's targets [targets of the cell, out], and may overwrite it: computes the gradients
     *  before the activation, of the bias and of the residual's result. Local. */
    void (*backward_cell)(struct hg_layer *layer, hg_lid cell, hg_real *dy, struct hg_thread *thread);
    /** Sums over the out-edges of sources. Local. */
    struct hg_edge_functions backward_edges;
    /** Completes the gradients of the Linears' results for a cell's sources, and adds the cell's parts of the
     *  gradients of vectors. Local. */
    void (*backward_sources)(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
    /** Called when the sums over all ranks are complete: computes the gradients that are functions of these sums.
     *  NULL: none. Local. */
    void (*backward_end)(struct hg_layer *layer);

    /** Computes the attention coefficients, without dropout, of every in-edge in the shard's order: alpha [edges, K].
     *  Follows a forward pass over the whole graph. NULL: the convolution has none. Local. */
    void (*attention)(const struct hg_layer *layer, hg_real *alpha);
};

/** All convolutions: hg_conv_NAME in src/nn/NAME/. A new one is listed here and nowhere else. */
#define HG_CONV_LIST(X) X(gat)

#define HG_CONV_DECLARE(name) extern const struct hg_conv hg_conv_##name;
HG_CONV_LIST(HG_CONV_DECLARE)
#undef HG_CONV_DECLARE

/** Their index in the list: HG_CONV_gat. */
#define HG_CONV_KIND(name) HG_CONV_##name,
enum hg_conv_kind { HG_CONV_LIST(HG_CONV_KIND) HG_CONVS };
#undef HG_CONV_KIND

/** Their names, for options and files. */
extern const char *const hg_conv_name[HG_CONVS];

/** The convolution with this name; NULL when there is none. Local. */
const struct hg_conv *hg_conv_find(const char *name);

#endif
