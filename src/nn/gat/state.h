/** The state of a graph attention layer, shared by its forward and backward passes (forward.c, backward.c, hubs.c). */
#ifndef HG_NN_GAT_STATE_H
#define HG_NN_GAT_STATE_H

#include "kernels/attention_nodes.h"
#include "nn/gat/gat.h"
#include <assert.h>

/** Linears of X': W makes Z; W_res, if there is one, the residual's rows R. */
enum { HG_GAT_Z };

/** Memory of nodes with two lives, each under its own name. Rows lie as kernels/attention.h says. A cell's targets
 *  end the first life in hg_gat_backward_cell, which makes G, D and dR of O, A+ and R; O+ is read there for the last
 *  time, and dZ follows once all cells are done. From then on the output Y cannot be made any more. */
union hg_gat_nodes_memory {
    struct {
        hg_real *targets; /**< rows [q | M | S | A+ | O] [owned] */
        hg_real *o_plus;  /**< O+ [owned, K F padded], training only */
    } forward;
    struct {
        hg_real *
            targets; /**< rows [q | M | S | D | G], separated [u | v | q | D | G] [owned + halo of targets] */
        hg_real *dz; /**< dZ [owned, K F padded] */
    } backward;
};

struct hg_gat {
    struct hg_layer layer;
    const struct hg_row_kernels *kernels;         /**< those of the layer's type of rows */
    int64_t att_src, att_dst, att_edge, lin_edge; /**< places in the parameters; -1: the layer has none */

    /* kept from forward to backward */
    hg_real *attention; /**< [2, K F padded] a_src, a_dst of this pass */
    hg_real *z;         /**< [owned + halo, K F padded] as the type of rows is kept, hg_gat_z_room each */
    hg_real *p;         /**< [owned + halo, K] */
    hg_real *exp_p;     /**< [owned + halo, 2 K]; NULL: the layer's scores are not separable */
    union hg_gat_nodes_memory at;
    hg_real *dq;          /**< [owned, K], training only */
    hg_real *edge_vector; /**< U [Fe, K] */
    hg_real *du;          /**< [owned, Fe K] each source's part of dU, training only */

    int64_t sum_src, sum_dst, sum_edge; /**< places of da_src, da_dst and dU among the gradients of vectors */
    hg_real *edge_sums;                 /**< [Fe, K] dU, complete */

    /* of the current pass */
    struct hg_attention_dropout dropout;
    bool dropping;    /**< of attention coefficients */
    bool unseparable; /**< a cell met scores that are not separable */
    bool separated;   /**< weights of edges come from exponentials of nodes (kernels/attention.h) */
};

static_assert(offsetof(struct hg_gat, layer) == 0, "a layer is its convolution's state");

static inline struct hg_gat *hg_gat_of(struct hg_layer *layer)
{
    return (struct hg_gat *)layer;
}
static inline const struct hg_gat *hg_gat_read(const struct hg_layer *layer)
{
    return (const struct hg_gat *)layer;
}

static inline struct hg_heads hg_gat_heads(const struct hg_gat *gat)
{
    const struct hg_block *block = &gat->layer.block;
    return (struct hg_heads){block->heads, block->width, (hg_real)block->slope};
}

static inline int64_t hg_gat_z_cols(const struct hg_gat *gat)
{
    return (int64_t)gat->layer.block.heads * gat->layer.block.width;
}

/** Numbers between rows of Z, O+ and dZ. */
static inline int64_t hg_gat_z_stride(const struct hg_gat *gat)
{
    return hg_row_stride(hg_gat_z_cols(gat));
}

/** Columns of G: K F, or F where heads are averaged and share it. */
static inline int64_t hg_gat_g_cols(const struct hg_gat *gat)
{
    return hg_block_out(&gat->layer.block);
}

/** Room between rows of Z, counted in hg_real. */
static inline int64_t hg_gat_z_room(const struct hg_gat *gat)
{
    return hg_halo_room(gat->layer.rows, hg_gat_z_stride(gat));
}

/** Numbers between rows of targets. */
static inline int64_t hg_gat_target_stride(const struct hg_gat *gat)
{
    return hg_target_stride(gat->layer.block.heads, gat->layer.block.width);
}

/** Room for what travels of a target's row, counted in hg_real. */
static inline int64_t hg_gat_target_room(const struct hg_gat *gat)
{
    return hg_target_room(gat->layer.rows, gat->layer.block.heads, hg_gat_g_cols(gat));
}

static inline bool hg_gat_has_edges(const struct hg_gat *gat)
{
    return gat->lin_edge >= 0;
}

/** Numbers of U. */
static inline int64_t hg_gat_edge_numbers(const struct hg_gat *gat)
{
    return gat->layer.shard->edge_features * gat->layer.block.heads;
}

/** The edges of one adjacency as the kernels see them. */
struct hg_edge_view hg_gat_edges(const struct hg_gat *gat, const struct hg_adjacency *adjacency);

/** The layer's nodes as the kernels see them. */
struct hg_attention_nodes hg_gat_nodes(const struct hg_gat *gat);

/** What the kernels of attention work on in this pass. */
struct hg_attention_forward hg_gat_forward_args(const struct hg_gat *gat);
struct hg_attention_backward hg_gat_backward_args(const struct hg_gat *gat);

/* The functions of struct hg_conv (nn/conv.h). */
void hg_gat_forward_begin(struct hg_layer *layer);
struct hg_sent_rows hg_gat_forward_rows(const struct hg_layer *layer);
void hg_gat_forward_cell(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
void hg_gat_forward_agree(struct hg_layer *layer);
void hg_gat_forward_halo(struct hg_layer *layer);
void hg_gat_forward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                          struct hg_thread *thread);
void hg_gat_output(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y);
void hg_gat_attention(const struct hg_layer *layer, hg_real *alpha);
struct hg_sent_rows hg_gat_backward_rows(const struct hg_layer *layer);
void hg_gat_backward_cell(struct hg_layer *layer, hg_lid cell, hg_real *dy, struct hg_thread *thread);
void hg_gat_backward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                           struct hg_thread *thread);
void hg_gat_backward_sources(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread);
void hg_gat_backward_end(struct hg_layer *layer);

/** One part of the hubs, by one thread; then, once all are there, a hub's own row from them. */
void hg_gat_forward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_forward_join(struct hg_layer *layer, hg_lid hub);
void hg_gat_backward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_backward_join(struct hg_layer *layer, hg_lid hub);

/** Numbers of what one part of a hub gives: [q | M | S | A+ | O] and O+; dZ, dp and dU. */
int64_t hg_gat_hub_in(const struct hg_gat *gat, bool training);
int64_t hg_gat_hub_out(const struct hg_gat *gat);

#endif
