#include "nn/gat/state.h"
#include <string.h>

enum { HALO_ROWS = 256 }; /* halo rows that a thread takes at a time */

/* U[c, h] = sum_f W_edge[c, f, h] a_edge[f, h], so that r_e = x_e U. */
static void make_edge_vector(struct hg_gat *gat)
{
    if (!hg_gat_has_edges(gat)) return;
    const struct hg_layer *layer = &gat->layer;
    const int64_t z = hg_gat_z_cols(gat), features = layer->shard->edge_features;
    const hg_real *w = hg_params_value(layer->params, gat->lin_edge);
    const hg_real *a = hg_params_value(layer->params, gat->att_edge);
    memset(gat->edge_vector, 0, (size_t)hg_gat_edge_size(gat) * sizeof *gat->edge_vector);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_column_block *block = &gat->block[g];
        const int64_t heads = gat->group[g].count;
        hg_real *u = gat->edge_vector + gat->group[g].first * features;
        for (int64_t c = 0; c < features; c++)
            for (int64_t k = 0; k < block->count; k++)
                u[c * heads + k % heads] += w[c * z + block->first + k] * a[block->first + k];
    }
}

/* Copies a_src and a_dst; the rows of each group are padded with zeros to whole vectors. */
static void make_attention(struct hg_gat *gat)
{
    const struct hg_params *params = gat->layer.params;
    const hg_real *src = hg_params_value(params, gat->att_src), *dst = hg_params_value(params, gat->att_dst);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_column_block *block = &gat->block[g];
        hg_real *to = gat->attention + block->place;
        memcpy(to, src + block->first, (size_t)block->count * sizeof *to);
        memcpy(to + hg_gat_z_stride(gat), dst + block->first, (size_t)block->count * sizeof *to);
    }
}

void hg_gat_forward_begin(struct hg_layer *layer)
{
    struct hg_gat *gat = hg_gat_of(layer);
    const struct hg_pass *pass = &layer->pass;
    const double p = layer->block.attn_dropout;
    gat->dropping = pass->training && p > 0;
    hg_attention_dropout_init(&gat->dropout, p, layer->block.heads,
                              hg_rng_stream(pass->seed, HG_RNG_ATTENTION_DROPOUT, pass->epoch, layer->index));
    make_edge_vector(gat);
    make_attention(gat);
}

/* Rows of Z. */
struct hg_sent_rows hg_gat_forward_rows(const struct hg_layer *layer)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    return (struct hg_sent_rows){gat->z, hg_gat_z_room(gat), hg_gat_z_room(gat)};
}

/* p and q of a cell's sources. */
void hg_gat_forward_cell(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    struct hg_gat *gat = hg_gat_of(layer);
    (void)thread;
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_nodes nodes = hg_gat_nodes(gat, g);
        struct hg_interval interval = hg_row_set_begin(&layer->subgraph->sources, cell);
        while (hg_row_set_next(&layer->subgraph->sources, &interval))
            if (!hg_gat_kernels(gat, g)->nodes_scores(&nodes, interval.first, interval.end) &&
                gat->exp_p != NULL)
                __atomic_store_n(&gat->unseparable, true, __ATOMIC_RELAXED);
    }
}

/* All ranks decide together whether scores are separable (kernels/attention.h), because no value may depend on which
 * rank owns a node. Scores of a layer without exp_p never are. */
void hg_gat_forward_agree(struct hg_layer *layer)
{
    struct hg_gat *gat = hg_gat_of(layer);
    int64_t unseparable = gat->exp_p == NULL || gat->unseparable;
    if (gat->exp_p != NULL) hg_comm_max_i64(layer->shard->comm, &unseparable, 1);
    gat->separated = unseparable == 0;
    gat->unseparable = false;
}

static void halo_piece(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct hg_gat *gat = context;
    const hg_lid owned = gat->layer.shard->owned, all = owned + gat->layer.subgraph->in->plan.halo;
    const int64_t first = owned + (int64_t)piece * HALO_ROWS;
    (void)thread;
    for (int g = 0; g < gat->groups; g++) {
        struct hg_attention_nodes nodes = hg_gat_nodes(gat, g);
        nodes.targets = NULL;
        hg_gat_kernels(gat, g)->nodes_scores(&nodes, first, hg_min_i64(first + HALO_ROWS, all));
    }
}

/* p of the halo rows, computed from Z by the same function as on their owners: it gives the same bits, so p need not
 * be sent. */
void hg_gat_forward_halo(struct hg_layer *layer)
{
    const int64_t halo = layer->subgraph->in->plan.halo;
    hg_workspace_pieces(layer->work, (hg_lid)((halo + HALO_ROWS - 1) / HALO_ROWS), halo_piece,
                        hg_gat_of(layer), NULL);
}

struct hg_attention_forward hg_gat_forward_args(const struct hg_gat *gat, int g)
{
    const struct hg_attention_nodes nodes = hg_gat_nodes(gat, g);
    return (struct hg_attention_forward){
        .heads = nodes.heads,
        .layout = nodes.layout,
        .in = hg_gat_edges(gat, gat->layer.subgraph->in, g),
        .dropout = gat->dropping ? &gat->dropout : NULL,
        .z = nodes.z,
        .p = nodes.p,
        .exp_p = gat->separated ? nodes.exp_p : NULL,
        .targets = nodes.targets,
        .o_plus = nodes.o_plus,
    };
}

void hg_gat_forward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count, struct hg_thread *thread)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_forward args = hg_gat_forward_args(gat, g);
        hg_gat_kernels(gat, g)->attention_forward(&args, rows, count, thread->scratch);
    }
}

void hg_gat_output(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y)
{
    const struct hg_attention_outputs outputs = hg_gat_outputs(hg_gat_read(layer));
    layer->work->kernels->outputs(&outputs, first, end, y);
}

void hg_gat_attention(const struct hg_layer *layer, hg_real *alpha)
{
    const struct hg_gat *gat = hg_gat_read(layer);
    for (int g = 0; g < gat->groups; g++) {
        const struct hg_attention_forward args = hg_gat_forward_args(gat, g);
        layer->work->kernels->attention_alpha(&args, 0, layer->shard->owned, alpha + gat->group[g].first,
                                              layer->block.heads);
    }
}
