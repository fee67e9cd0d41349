/** What a convolution offers to the model, and the table of convolutions.
 *
 *  To add one: a folder src/nn/NAME/ with these functions, and its name in HG_CONV_LIST.
 */
#ifndef HG_NN_CONV_H
#define HG_NN_CONV_H

#include "nn/edge_pass.h"

struct hg_layer;

/** Rows of a matrix [owned + halo] that go to their copies: the first `width` numbers of each. */
struct hg_sent_rows {
    hg_real *matrix;
    int64_t stride, width;
};

/** A convolution. `layer` is what its `create` returned: a state of its own type that begins with a struct hg_layer.
 *
 *  Functions of cells and of edges are called by several threads at a time, each for other cells or rows. */
struct hg_conv {
    const char *name; /**< "gat" */

    /** Makes a layer of `like`, which it copies, and adds its parameters. Local. */
    hg_status (*create)(const struct hg_layer *like, struct hg_layer **layer);
    void (*destroy)(struct hg_layer *layer);
    /** Enlarges the extent to what it needs beyond the Linears. Local. */
    void (*max_sizes)(const struct hg_layer *layer, struct hg_extent *extent);
    /** Allocates; says where results and gradients of its Linears are; places gradients of its other parameters.
     *  Local. */
    hg_status (*allocate)(struct hg_layer *layer, bool training);

    /* forward, in this order */

    /** What follows from parameters and pass alone. NULL: nothing. Local. */
    void (*forward_begin)(struct hg_layer *layer);
    /** What travels forward: rows of subgraph->in, made by forward_cell. Local. */
    struct hg_sent_rows (*forward_rows)(const struct hg_layer *layer);
    /** Completes the rows of a cell's sources, of which the Linears are made. Local. */
    void (*forward_cell)(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
    /** Once all cells are made: what ranks decide together. NULL: nothing. Collective. */
    void (*forward_agree)(struct hg_layer *layer);
    /** Once rows of halo are here, before the edges that need them: what is made of them. NULL: nothing. Local. */
    void (*forward_halo)(struct hg_layer *layer);
    /** Sums over in-edges of targets. Local. */
    struct hg_edge_functions forward_edges;
    /** Y of the targets among rows [first, end): y [end - first, out]. It is not kept: whoever reads it has it made,
     *  until the cell's backward_cell. Local. */
    void (*output)(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y);

    /* backward, in this order */

    /** What travels backward: rows of subgraph->out, made by backward_cell. Local. */
    struct hg_sent_rows (*backward_rows)(const struct hg_layer *layer);
    /** Takes dy = dL/dY of a cell's targets, one row after the other, and may overwrite it: gradients before the
     *  activation, of the bias and of the residual's rows. Local. */
    void (*backward_cell)(struct hg_layer *layer, hg_lid cell, hg_real *dy, struct hg_thread *thread);
    /** Sums over out-edges of sources. Local. */
    struct hg_edge_functions backward_edges;
    /** Completes the gradients of the Linears' rows of a cell's sources, and adds those of its vectors. Local. */
    void (*backward_sources)(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
    /** Once sums are complete: gradients that are made of sums. NULL: none. Local. */
    void (*backward_end)(struct hg_layer *layer);

    /** Attention coefficients without dropout of every in-edge, in the shard's order: alpha [edges, K]. Follows a
     *  forward over everything. NULL: it has none. Local. */
    void (*attention)(const struct hg_layer *layer, hg_real *alpha);
};

/** All convolutions, by name: hg_conv_NAME in src/nn/NAME/. A new one is listed here and nowhere else. */
#define HG_CONV_LIST(X) X(gat)

#define HG_CONV_DECLARE(name) extern const struct hg_conv hg_conv_##name;
HG_CONV_LIST(HG_CONV_DECLARE)
#undef HG_CONV_DECLARE

/** Their places in the list: HG_CONV_gat. */
#define HG_CONV_KIND(name) HG_CONV_##name,
enum hg_conv_kind { HG_CONV_LIST(HG_CONV_KIND) HG_CONVS };
#undef HG_CONV_KIND

/** Their names. */
extern const char *const hg_conv_name[HG_CONVS];

/** The convolution of that name; NULL: there is none. Local. */
const struct hg_conv *hg_conv_find(const char *name);

#endif
