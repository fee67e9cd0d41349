/** The state of a graph attention layer, shared by its forward and backward passes (forward.c, backward.c, hubs.c). */
#ifndef HG_NN_GAT_STATE_H
#define HG_NN_GAT_STATE_H

#include "dist/reduction.h"
#include "kernels/attention_nodes.h"
#include "nn/cell_rows.h"
#include "nn/edge_pass.h"
#include "nn/layer.h"

struct hg_layer {
    struct hg_layer_spec spec;
    const struct hg_shard *shard;
    struct hg_params *params;
    struct hg_workspace *work;
    const struct hg_row_kernels *kernels; /**< those of the layer's type of rows */
    int64_t att_src, att_dst, att_edge, bias, weight, lin_edge,
        res; /**< places in params; -1: the layer has none */

    /* kept from forward to backward; rows are owned nodes unless said, and laid out as kernels/attention.h says */
    hg_real *attention; /**< [2, K F padded] a_src, a_dst of this pass */
    hg_real *z;         /**< [owned + halo, K F padded] as the type of rows is kept, hg_gat_z_room each */
    hg_real *p;         /**< [owned + halo, K] */
    hg_real *exp_p;     /**< [owned + halo, 2 K]; NULL: the layer's scores are not separable */
    hg_real *
        targets; /**< rows [q | M | S | A+ | O], then [q | M | S | D | G] or [u | v | q | D | G] [owned (+ halo of targets in training)] */
    hg_real *o_plus;      /**< O+ [owned, K F padded], then dZ, training only */
    hg_real *dq;          /**< [owned, K], training only */
    hg_real *residual;    /**< drop(X) W_res [owned, out], then the gradient there; NULL: none */
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
    struct hg_dropout drop;
    struct hg_attention_dropout attention_dropout;
    bool dropping, attention_dropping, training;
    bool separated; /**< weights of edges come from exponentials of nodes (kernels/attention.h) */
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

/** Numbers between rows of Z, O+ and dZ. */
static inline int64_t hg_gat_z_stride(const struct hg_layer *layer)
{
    return hg_row_stride(hg_gat_z_cols(layer));
}

/** Columns of G: K F, or F where heads are averaged and share it. */
static inline int64_t hg_gat_g_cols(const struct hg_layer *layer)
{
    return hg_layer_out(&layer->spec);
}

/** Room between rows of Z, counted in hg_real. */
static inline int64_t hg_gat_z_room(const struct hg_layer *layer)
{
    return hg_row_room(layer->spec.rows, hg_gat_z_stride(layer));
}

/** Numbers between rows of targets. */
static inline int64_t hg_gat_target_stride(const struct hg_layer *layer)
{
    return hg_target_stride(layer->spec.heads, layer->spec.width);
}

/** Room for what travels of a target's row, counted in hg_real. */
static inline int64_t hg_gat_target_room(const struct hg_layer *layer)
{
    return hg_target_room(layer->spec.rows, layer->spec.heads, hg_gat_g_cols(layer));
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
    return (struct hg_edge_view){.indptr = side->indptr,
                                 .indices = side->indices,
                                 .row_imported = side->imported,
                                 .imported = side->imported,
                                 .attr = edges ? side->edge_attr : NULL,
                                 .attr_vector = layer->edge_vector,
                                 .attr_cols = edges ? (int)layer->shard->edge_features : 0};
}

/** A cell's sources. */
static inline struct hg_cell_rows hg_gat_sources(const struct hg_layer *layer, hg_lid cell)
{
    return (struct hg_cell_rows){layer->shard, &layer->scope->sources, cell};
}

/** The layer's nodes as the kernels see them. */
struct hg_attention_nodes hg_gat_nodes(const struct hg_layer *layer);

void hg_gat_forward(struct hg_layer *layer, const struct hg_input *input, const struct hg_scope *scope,
                    const struct hg_pass *pass);
void hg_gat_output(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y);
void hg_gat_open(struct hg_layer *layer, hg_lid cell, const struct hg_row_set *set, hg_real *dy,
                 struct hg_thread *thread);
struct hg_exchange *hg_gat_opening(struct hg_layer *layer);
void hg_gat_backward(struct hg_layer *layer);
void hg_gat_finish(struct hg_layer *layer);
void hg_gat_attention(struct hg_layer *layer, hg_real *alpha);

/** What the kernels of attention work on in this pass. */
struct hg_attention_forward hg_gat_forward_args(const struct hg_layer *layer);
struct hg_attention_backward hg_gat_backward_args(const struct hg_layer *layer);

/** One part of the hubs, by one thread; then, once all are there, the hubs' own rows from them. */
void hg_gat_forward_part(void *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_forward_join(struct hg_layer *layer);
void hg_gat_backward_part(void *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_backward_join(struct hg_layer *layer);

#endif
