/** The state of a graph attention layer, shared by its forward and backward passes (gat_forward.c, gat_backward.c). */
#ifndef HG_NN_GAT_STATE_H
#define HG_NN_GAT_STATE_H

#include "base/reduction.h"
#include "kernels/attention_nodes.h"
#include "nn/layer.h"

struct hg_layer {
    struct hg_layer_spec spec;
    const struct hg_shard *shard;
    struct hg_params *params;
    struct hg_workspace *work;
    int64_t att_src, att_dst, att_edge, bias, weight, lin_edge,
        res; /**< places in params; -1: the layer has none */

    /* kept from forward to backward; rows are owned nodes unless said, and laid out as kernels/attention.h says */
    hg_real *attention;   /**< [2, K F padded] a_src, a_dst of this pass */
    hg_real *z;           /**< [owned + halo, K F padded] */
    hg_real *p;           /**< [owned + halo, K] */
    hg_real *q;           /**< [owned, K] */
    hg_real *max;         /**< M [owned, K] */
    hg_real *inv_sum;     /**< S [owned, K] */
    hg_real *o;           /**< O [owned, K F padded] */
    hg_real *o_plus;      /**< O+ like O, training only */
    hg_real *alpha_plus;  /**< A+ [owned, K], training only */
    hg_real *y;           /**< output [owned, out] */
    hg_real *edge_vector; /**< U [Fe, K] */
    hg_real *du;          /**< [owned, Fe K] each source's part of dU, training only */

    /* gradients' sums: of weights [W | W_res], of vectors [a_src | a_dst | bias | U]; one object per thread, the first is the
     * total. Sparse inputs sum weights by column, each by one thread: one object serves all */
    struct hg_exact *weight_sums, *vector_sums;
    hg_real *edge_sums; /**< [Fe, K] dU */
    struct hg_reduction *reduction;
    int64_t bad;

    /* of the current pass */
    const struct hg_scope *scope;
    hg_real *dz; /* [owned, K F padded] */
    struct hg_dropout drop;
    struct hg_attention_dropout attention_dropout;
    bool dropping, attention_dropping, training;
    struct hg_reading reading;
};

static inline struct hg_heads hg_gat_heads(const struct hg_layer *layer)
{
    return (struct hg_heads){layer->spec.heads, layer->spec.width, (hg_real)layer->spec.slope};
}

static inline int64_t hg_gat_z_cols(const struct hg_layer *layer)
{
    return (int64_t)layer->spec.heads * layer->spec.width;
}

/** Numbers between rows of Z, O, O+ and dZ. */
static inline int64_t hg_gat_z_stride(const struct hg_layer *layer)
{
    return hg_row_stride(hg_gat_z_cols(layer));
}

/** Columns of G: K F, or F where heads are averaged and share it. */
static inline int64_t hg_gat_g_cols(const struct hg_layer *layer)
{
    return hg_layer_out(&layer->spec);
}

/** Numbers in a row [G | q | M | S | D] that targets send to their sources. */
static inline int64_t hg_gat_target_stride(const struct hg_layer *layer)
{
    return hg_target_stride(hg_gat_g_cols(layer), layer->spec.heads);
}

static inline bool hg_gat_has_edges(const struct hg_layer *layer)
{
    return layer->lin_edge >= 0;
}

/** Numbers in the sums of vectors. */
static inline int64_t hg_gat_vector_count(const struct hg_layer *layer)
{
    return 2 * hg_gat_z_cols(layer) + hg_layer_out(&layer->spec) +
           (hg_gat_has_edges(layer) ? layer->shard->edge_features * layer->spec.heads : 0);
}

/** The edges of one side as the kernels see them. */
static inline struct hg_edge_view hg_gat_edges(const struct hg_layer *layer, const struct hg_side *side)
{
    const bool edges = hg_gat_has_edges(layer);
    return (struct hg_edge_view){side->indptr,       side->indices,
                                 side->imported,     edges ? side->edge_attr : NULL,
                                 layer->edge_vector, edges ? (int)layer->shard->edge_features : 0};
}

/** The layer's nodes as the kernels see them. */
struct hg_attention_nodes hg_gat_nodes(const struct hg_layer *layer);

/** Place for a cell's rows of a set, one after the other: in the matrix itself where the set has the whole cell, else in `copy`.
 *  Gather: with the matrix's rows there. Local. */
struct hg_mat hg_gat_place(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                           struct hg_mat matrix, hg_real *copy);
struct hg_mat hg_gat_gather(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                            struct hg_mat matrix, hg_real *copy);

/** The way back: copies in `rows` go to the matrix; nothing to do where they are its own. Local. */
void hg_gat_scatter(const struct hg_layer *layer, const struct hg_row_set *set, hg_lid cell,
                    struct hg_mat rows, struct hg_mat matrix);

hg_real *hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                        const struct hg_pass *pass);
void hg_gat_backward(struct hg_layer *layer, hg_real *dy, hg_real *dx);
void hg_gat_finish(struct hg_layer *layer);
void hg_gat_attention(struct hg_layer *layer, hg_real *alpha);

#endif
