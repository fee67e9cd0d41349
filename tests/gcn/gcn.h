/** A second convolution, to show what adding one takes: graph convolution, Kipf & Welling, "Semi-supervised
 *  classification with graph convolutional networks", ICLR 2017.
 *
 *      Z = X' W,  T_i = sum_e Z_j / sqrt(d_i d_j) (+ residual + bias),  Y = act(T);  d: in-degree
 *
 *  The weight of an edge is divided between its ends: Z_j / sqrt(d_j) is sent forward and G_i = dL/dT_i / sqrt(d_i)
 *  backward, so that the passes over edges only add rows. No memory is used for two arrays here. */
#ifndef HG_TESTS_GCN_H
#define HG_TESTS_GCN_H

#include "base/mem.h"
#include "nn/layer.h"
#include <math.h>
#include <string.h>

struct gcn {
    struct hg_layer layer;
    int64_t cols;
    hg_real *norm; /* [owned] 1 / sqrt(d), 0 without in-edges */
    hg_real *z;    /* [owned + halo, F] Z_j / sqrt(d_j) */
    hg_real *o;    /* [owned, F] sum of the above over in-edges */
    hg_real *g;    /* [owned + halo of targets, F] dL/dT_i / sqrt(d_i) */
    hg_real *dz;   /* [owned, F] */
};

static inline struct gcn *gcn_of(const struct hg_layer *layer)
{
    return (struct gcn *)(uintptr_t)layer;
}

static inline hg_status gcn_create(const struct hg_layer *like, struct hg_layer **layer)
{
    struct gcn *gcn;
    HG_TRY(HG_NEW(gcn, 1));
    gcn->layer = *like;
    gcn->cols = hg_block_out(&like->block);
    *layer = &gcn->layer;
    HG_TRY(hg_layer_add_bias(&gcn->layer));
    HG_TRY(hg_layer_add_linear(
        &gcn->layer, "lin.weight", 1,
        (struct hg_linear){.out = gcn->cols, .stride = gcn->cols, .dtype = HG_HALO_REAL}));
    return hg_layer_add_residual(&gcn->layer);
}

static inline void gcn_destroy(struct hg_layer *layer)
{
    struct gcn *gcn = gcn_of(layer);
    HG_FREE(gcn->norm);
    HG_FREE(gcn->z);
    HG_FREE(gcn->o);
    HG_FREE(gcn->g);
    HG_FREE(gcn->dz);
    HG_FREE(gcn);
}

static inline void gcn_max_sizes(const struct hg_layer *layer, struct hg_extent *extent)
{
    const int64_t cols = gcn_of(layer)->cols;
    extent->hub_in = hg_max_i64(extent->hub_in, cols);
    extent->hub_out = hg_max_i64(extent->hub_out, cols);
    extent->forward_row = hg_max_i64(extent->forward_row, cols);
    extent->backward_row = hg_max_i64(extent->backward_row, cols);
}

static inline hg_status gcn_allocate(struct hg_layer *layer, bool training)
{
    struct gcn *gcn = gcn_of(layer);
    const struct hg_shard *shard = layer->shard;
    const int64_t owned = shard->owned, cols = gcn->cols;
    HG_TRY(HG_NEW(gcn->norm, owned));
    for (int64_t i = 0; i < owned; i++) {
        const hg_eid degree = shard->in->indptr[i + 1] - shard->in->indptr[i];
        if (degree > 0) gcn->norm[i] = (hg_real)(1 / sqrt((double)degree));
    }
    HG_TRY(HG_NEW_UNSET(gcn->z, (owned + shard->in->plan.halo) * cols));
    HG_TRY(HG_NEW_UNSET(gcn->o, owned * cols));
    layer->linear[0].result = gcn->z;
    if (!training) return HG_OK;
    HG_TRY(HG_NEW_UNSET(gcn->g, (owned + shard->out->plan.halo) * cols));
    HG_TRY(HG_NEW_UNSET(gcn->dz, owned * cols));
    layer->linear[0].gradient = hg_mat_packed(gcn->dz, owned, cols);
    return HG_OK;
}

/* Multiplies the rows of a set in a cell by 1 / sqrt(d). */
static inline void gcn_normalise(const struct gcn *gcn, struct hg_cell_rows rows, hg_real *matrix)
{
    for (hg_lid k = rows.set->start[rows.cell]; k < rows.set->start[rows.cell + 1]; k++) {
        const hg_lid i = rows.set->row[k];
        for (int64_t c = 0; c < gcn->cols; c++) matrix[i * gcn->cols + c] *= gcn->norm[i];
    }
}

static inline struct hg_sent_rows gcn_forward_rows(const struct hg_layer *layer)
{
    const struct gcn *gcn = gcn_of(layer);
    return (struct hg_sent_rows){gcn->z, gcn->cols, gcn->cols};
}

static inline void gcn_forward_cell(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    (void)thread;
    gcn_normalise(gcn_of(layer), hg_layer_sources(layer, cell), gcn_of(layer)->z);
}

/* sum [cols] = sum over edges [begin, end) of the rows at their other ends. */
static inline void gcn_add_rows(const struct hg_adjacency *adjacency, hg_eid begin, hg_eid end,
                                const hg_real *rows, int64_t cols, hg_real *sum)
{
    memset(sum, 0, (size_t)cols * sizeof *sum);
    for (hg_eid e = begin; e < end; e++)
        for (int64_t c = 0; c < cols; c++) sum[c] += rows[adjacency->indices[e] * cols + c];
}

static inline void gcn_edges(const struct hg_adjacency *adjacency, const hg_lid *rows, int64_t count,
                             const hg_real *from, int64_t cols, hg_real *to)
{
    for (int64_t k = 0; k < count; k++)
        gcn_add_rows(adjacency, adjacency->indptr[rows[k]], adjacency->indptr[rows[k] + 1], from, cols,
                     to + rows[k] * cols);
}

/* Adds the rows of a hub's parts, which are in work->hub_parts, to the hub's row. */
static inline void gcn_join(const struct gcn *gcn, const struct hg_hubs *hubs, hg_lid hub, hg_real *to)
{
    const int64_t cols = gcn->cols;
    hg_real *row = to + hubs->part[hubs->first[hub]].row * cols;
    memset(row, 0, (size_t)cols * sizeof *row);
    for (hg_lid part = hubs->first[hub]; part < hubs->first[hub + 1]; part++)
        for (int64_t c = 0; c < cols; c++) row[c] += gcn->layer.work->hub_parts[part * cols + c];
}

static inline void gcn_part(const struct gcn *gcn, const struct hg_adjacency *adjacency, hg_lid part,
                            const hg_real *from)
{
    const hg_eid *bounds = adjacency->hubs.part[part].bounds;
    gcn_add_rows(adjacency, bounds[0], bounds[1], from, gcn->cols,
                 gcn->layer.work->hub_parts + part * gcn->cols);
}

static inline void gcn_forward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                                     struct hg_thread *thread)
{
    const struct gcn *gcn = gcn_of(layer);
    (void)thread;
    gcn_edges(layer->subgraph->in, rows, count, gcn->z, gcn->cols, gcn->o);
}

static inline void gcn_forward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread)
{
    (void)thread;
    gcn_part(gcn_of(layer), layer->subgraph->in, part, gcn_of(layer)->z);
}

static inline void gcn_forward_join(struct hg_layer *layer, hg_lid hub)
{
    gcn_join(gcn_of(layer), &layer->subgraph->in->hubs, hub, gcn_of(layer)->o);
}

/* Column c of T_i. */
static inline double gcn_before_activation(const struct gcn *gcn, int64_t i, int64_t c)
{
    const struct hg_layer *layer = &gcn->layer;
    double t = (double)gcn->norm[i] * (double)gcn->o[i * gcn->cols + c];
    if (layer->bias >= 0) t += (double)hg_layer_bias(layer)[c];
    if (layer->residual >= 0) t += (double)layer->linear[layer->residual].result[i * gcn->cols + c];
    return t;
}

static inline void gcn_output(const struct hg_layer *layer, hg_lid first, hg_lid end, hg_real *y)
{
    const struct gcn *gcn = gcn_of(layer);
    for (int64_t i = first; i < end; i++) {
        for (int64_t c = 0; c < gcn->cols; c++) {
            const double t = gcn_before_activation(gcn, i, c);
            *y++ = (hg_real)(layer->block.activation == HG_ELU && t < 0 ? expm1(t) : t);
        }
    }
}

static inline struct hg_sent_rows gcn_backward_rows(const struct hg_layer *layer)
{
    const struct gcn *gcn = gcn_of(layer);
    return (struct hg_sent_rows){gcn->g, gcn->cols, gcn->cols};
}

/* dL/dT of target i, from dy = dL/dY_i; dR replaces R. */
static inline void gcn_backward_row(const struct gcn *gcn, int64_t i, const hg_real *dy, double *dbias)
{
    const struct hg_layer *layer = &gcn->layer;
    for (int64_t c = 0; c < gcn->cols; c++) {
        const double t = gcn_before_activation(gcn, i, c);
        const double dt = (double)dy[c] * (layer->block.activation == HG_ELU && t < 0 ? exp(t) : 1);
        dbias[c] += dt;
        gcn->g[i * gcn->cols + c] = (hg_real)((double)gcn->norm[i] * dt);
        if (layer->residual >= 0)
            layer->linear[layer->residual].gradient.data[i * gcn->cols + c] = (hg_real)dt;
    }
}

static inline void gcn_backward_cell(struct hg_layer *layer, hg_lid cell, hg_real *dy,
                                     struct hg_thread *thread)
{
    const struct gcn *gcn = gcn_of(layer);
    const struct hg_cell_rows targets = hg_layer_targets(layer, cell);
    memset(thread->vectors, 0, (size_t)gcn->cols * sizeof *thread->vectors);
    for (hg_lid k = targets.set->start[cell]; k < targets.set->start[cell + 1]; k++, dy += gcn->cols)
        gcn_backward_row(gcn, targets.set->row[k], dy, thread->vectors);
    if (layer->bias >= 0)
        hg_gradients_add_f64(&layer->gradients, layer->bias_sum, thread->vectors, gcn->cols, thread);
    if (layer->residual >= 0) hg_cell_zero_others(targets, layer->linear[layer->residual].gradient);
}

static inline void gcn_backward_edges(struct hg_layer *layer, const hg_lid *rows, int64_t count,
                                      struct hg_thread *thread)
{
    const struct gcn *gcn = gcn_of(layer);
    (void)thread;
    gcn_edges(layer->subgraph->out, rows, count, gcn->g, gcn->cols, gcn->dz);
}

static inline void gcn_backward_part(struct hg_layer *layer, hg_lid part, struct hg_thread *thread)
{
    (void)thread;
    gcn_part(gcn_of(layer), layer->subgraph->out, part, gcn_of(layer)->g);
}

static inline void gcn_backward_join(struct hg_layer *layer, hg_lid hub)
{
    gcn_join(gcn_of(layer), &layer->subgraph->out->hubs, hub, gcn_of(layer)->dz);
}

static inline void gcn_backward_sources(struct hg_layer *layer, hg_lid cell, struct hg_thread *thread)
{
    (void)thread;
    gcn_normalise(gcn_of(layer), hg_layer_sources(layer, cell), gcn_of(layer)->dz);
}

static const struct hg_conv gcn_conv = {
    .name = "gcn",
    .create = gcn_create,
    .destroy = gcn_destroy,
    .max_sizes = gcn_max_sizes,
    .allocate = gcn_allocate,
    .forward_rows = gcn_forward_rows,
    .forward_cell = gcn_forward_cell,
    .forward_edges = {gcn_forward_edges, gcn_forward_part, gcn_forward_join},
    .output = gcn_output,
    .backward_rows = gcn_backward_rows,
    .backward_cell = gcn_backward_cell,
    .backward_edges = {gcn_backward_edges, gcn_backward_part, gcn_backward_join},
    .backward_sources = gcn_backward_sources,
};

#endif
