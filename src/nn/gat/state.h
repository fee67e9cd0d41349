/** The state of a graph attention layer, shared by its forward and backward passes (forward.c, backward.c, hubs.c).
 */
#ifndef HG_NN_GAT_STATE_H
#define HG_NN_GAT_STATE_H

#include "kernels/attention_nodes.h"
#include "nn/gat/gat.h"
#include <assert.h>

/** Linears of X': W gives Z; W_res, if there is one, follows. */
enum { HG_GAT_Z };

/** Memory of nodes that is used twice, with a name for each use. Rows are laid out as in kernels/attention.h.
 *  hg_gat_backward_cell ends the forward use for a cell's targets: G, D and dR replace O, A+ and R, and O+ is read
 *  for the last time. dZ replaces O+ once all cells are done. From then on the output Y can no longer be computed. */
union hg_gat_nodes_memory {
    struct {
        hg_real *targets; /**< [owned] rows [q | M | S | A+ | O] */
        hg_real *o_plus;  /**< [owned, K F padded] O+; training only */
    } forward;
    struct {
        /** [owned + halo of targets] rows [q | M | S | D | G]; with separated scores [u | v | q | D | G] */
        hg_real *targets;
        hg_real *dz; /**< dZ [owned, K F padded] */
    } backward;
};

struct hg_gat {
    struct hg_layer layer;
    /** the heads in groups; below, "[groups]" is an array of each group, one after the other */
    struct hg_head_group group[HG_MAX_GROUPS];
    int groups;
    struct hg_column_block block[HG_MAX_GROUPS];  /**< where the columns of each group are in a row of Z */
    const struct hg_attention_kernels *kernels;   /**< [HG_GROUP_KINDS] for the layer's halo dtype */
    int64_t att_src, att_dst, att_edge, lin_edge; /**< indices in the parameters; -1: the layer has none */

    /* stored from the forward to the backward pass */
    hg_real *attention; /**< [2, K F padded] a_src and a_dst of this pass */
    /** [owned + halo, K F padded] Z in the layer's halo dtype, with rows hg_gat_z_room apart */
    hg_real *z;
    hg_real *p; /**< [groups][owned + halo, K] p of sources */
    /** [groups][owned + halo, 2 K] exponentials of p; NULL: scores of this layer are never separable */
    hg_real *exp_p;
    union hg_gat_nodes_memory memory;
    hg_real *dq;          /**< [groups][owned, K], training only */
    hg_real *edge_vector; /**< U [groups][Fe, K] */
    hg_real *du;          /**< [groups][owned, Fe K] each source's part of dU; training only */

    int64_t sum_src, sum_dst, sum_edge; /**< indices of da_src, da_dst and dU among the sums of vectors */
    hg_real *edge_sums;                 /**< [groups][Fe, K] dU, summed over all ranks */

    /* of the current pass */
    struct hg_attention_dropout dropout;
    bool dropping;    /**< dropout of attention coefficients is on */
    bool unseparable; /**< a cell of this rank has scores that are not separable */
    bool separated;   /**< coefficients are computed from exponentials of nodes (kernels/attention.h) */
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

static inline int64_t hg_gat_z_cols(const struct hg_gat *gat)
{
    return (int64_t)gat->layer.block.heads * gat->layer.block.width;
}

/** Rows of which p has numbers: owned and halo. Local. */
static inline int64_t hg_gat_rows(const struct hg_gat *gat)
{
    return gat->layer.shard->owned + gat->layer.shard->in->plan.halo;
}

/** Columns of a group: of its Z, O and G. Local. */
static inline int64_t hg_gat_cols(const struct hg_gat *gat, const struct hg_head_group *group)
{
    return (int64_t)group->count * gat->layer.block.width;
}

/** Numbers from one row of O+ and dZ to the next. Local. */
static inline int64_t hg_gat_z_stride(const struct hg_gat *gat)
{
    const struct hg_head_group *last = &gat->group[gat->groups - 1];
    return last->place + hg_row_stride(hg_gat_cols(gat, last));
}

/** Distance between rows of Z in memory, in numbers of hg_real. Local. */
static inline int64_t hg_gat_z_room(const struct hg_gat *gat)
{
    return hg_halo_room(gat->layer.halo_dtype, hg_gat_z_stride(gat));
}

/** Numbers from one row of `targets` to the next. Local. */
static inline int64_t hg_gat_target_stride(const struct hg_gat *gat)
{
    return hg_target_scalars(gat->layer.block.heads) + hg_gat_z_stride(gat);
}

/** Size of the part of a target's row that is sent, in numbers of hg_real. Local. */
static inline int64_t hg_gat_target_room(const struct hg_gat *gat)
{
    const int64_t g = gat->layer.block.concat ? hg_gat_z_stride(gat) : hg_row_stride(gat->layer.block.width);
    return hg_target_scalars(gat->layer.block.heads) + hg_halo_room(gat->layer.halo_dtype, g);
}

static inline bool hg_gat_has_edges(const struct hg_gat *gat)
{
    return gat->lin_edge >= 0;
}

/** Number of elements of U. Local. */
static inline int64_t hg_gat_edge_size(const struct hg_gat *gat)
{
    return gat->layer.shard->edge_features * gat->layer.block.heads;
}

/** The kernels of a group. Local. */
static inline const struct hg_attention_kernels *hg_gat_kernels(const struct hg_gat *gat, int g)
{
    return &gat->kernels[hg_group_kind(gat->group[g].count)];
}

/** The edges of an adjacency for group g. Local. */
struct hg_edge_view hg_gat_edges(const struct hg_gat *gat, const struct hg_adjacency *adjacency, int g);

/** The layer's nodes for group g, and its outputs. Local. */
struct hg_attention_nodes hg_gat_nodes(const struct hg_gat *gat, int g);
struct hg_attention_outputs hg_gat_outputs(const struct hg_gat *gat);

/** The arguments of the attention kernels for group g in this pass. Local. */
struct hg_attention_forward hg_gat_forward_args(const struct hg_gat *gat, int g);
struct hg_attention_backward hg_gat_backward_args(const struct hg_gat *gat, int g);

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

/** Sums over the edges of one part of a hub, and then, when all parts are done, a hub's row from its parts. */
void hg_gat_forward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_forward_join(struct hg_layer *layer, hg_lid hub);
void hg_gat_backward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread);
void hg_gat_backward_join(struct hg_layer *layer, hg_lid hub);

/** Size of the results of one part of a hub: [q | M | S | A+ | O] and O+ forward; dZ, dp and dU backward. Local. */
int64_t hg_gat_hub_in(const struct hg_gat *gat, bool training);
int64_t hg_gat_hub_out(const struct hg_gat *gat);

#endif
