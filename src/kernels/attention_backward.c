#include "kernels/backward_weights.h"

#include <string.h>

/* Vectors [first, first + size) of row `row` of the batch, at most a tile; `first` is even. */
struct span {
    int row, first, size;
};

/* Vector t of G where all heads share a row [F] of it: each number repeated K times. */
HG_INLINE hg_vec shared_vector(const hg_real *g, int t)
{
    hg_vec v;
    for (int l = 0; l < HG_LANES; l++) v[l] = hg_row_at(g, (t * HG_LANES + l) / HG_HEADS);
    return v;
}

/* A span of G [F, K]; if heads share G, its numbers are repeated. */
HG_INLINE struct hg_tile span_of_g(const hg_real *g, struct span span, bool shared)
{
    struct hg_tile tile = hg_tile_zero();
    if (!shared || HG_HEADS == 1) return hg_tile_load_row(g + hg_row_vectors_room(span.first), span.size);
    HG_UNROLL
    for (int t = 0; t < span.size; t += HG_WIDE)
        hg_tile_set(&tile, t, span.size, shared_vector(g, span.first + t),
                    shared_vector(g, span.first + t + HG_WIDE - 1));
    return tile;
}

/* The vector of sums of <G_i, Z_j> after this span: that of earlier spans, in dot, plus the terms of this span. */
HG_INLINE hg_vec span_dot(const hg_real *dot, struct span span, struct hg_tile g, struct hg_tile z)
{
    hg_vec sum = {0};
    if (span.first > 0) sum = *(const hg_vec *)dot;
    return hg_tile_dot(sum, g, z, span.size);
}

/* For a span of row j: dZ_j += m_e alpha_e G_i, and its terms of <G_i, Z_j>. With `fused`, which needs eight
 * heads and the row's last span, each vector is then <G_i, Z_j> of the heads, and ds_e and dp_j are computed in
 * the same loop:
 *
 *     ds_e = lambda_e alpha_e (m_e <G_i, Z_j> - D_i),  dp_j += ds_e
 */
HG_INLINE void gather_span(const struct hg_backward *backward, struct span span, bool shared, bool fused)
{
    const struct hg_attention_backward *args = backward->args;
    const struct hg_batch *batch = backward->batch;
    const struct hg_backward_scratch x = backward->x;
    const int first = span.first, size = span.size, offset = hg_row_vectors_room(first);
    const int64_t j = batch->row[span.row], target_stride = args->layout.target, to_g = args->layout.g;
    const hg_real *targets = args->targets,
                  *prefetch_g = targets + to_g + (shared ? offset / HG_HEADS : offset);
    hg_real *dz_row = args->dz + j * args->layout.wide + first * HG_LANES, *dp = args->dp + j * HG_HEADS;
    const struct hg_tile z = hg_tile_load_row(args->z + j * args->layout.z + offset, size);
    struct hg_tile dz = batch->first_chunk ? hg_tile_zero() : hg_tile_load(dz_row, size);
    hg_vec sum = {0};
    for (int k = batch->start[span.row]; k < batch->start[span.row + 1]; k++) {
        hg_real *dot = x.dot + k * HG_LANES;
        const hg_real *target = targets + batch->neighbour[k] * target_stride;
        hg_prefetch_l2(prefetch_g + batch->neighbour[k + HG_PREFETCH_L2_EDGES] * target_stride,
                       hg_row_vectors_room(size));
        if (first == 0) hg_prefetch_l2(targets + backward->next->neighbour[k] * target_stride, 4 * HG_HEADS);
        const struct hg_tile g = span_of_g(target + to_g, span, shared);
        dz = hg_tile_multiply_add(dz, hg_tile_weights(x.w + k * HG_HEADS, HG_HEADS, size), g, size);
        hg_vec dalpha = span_dot(dot, span, g, z);
        if (fused) {
            if (args->dropout != NULL) dalpha *= HG_VEC_AT(x.factor, k * HG_LANES);
            const hg_vec ds =
                HG_VEC_AT(x.s, k * HG_LANES) * (dalpha - *(const hg_vec *)(target + 3 * HG_LANES));
            HG_VEC_AT(x.s, k * HG_LANES) = ds;
            sum += ds;
        } else {
            HG_VEC_AT(dot, 0) = dalpha;
        }
    }
    hg_tile_store(dz_row, dz, size);
    if (fused && !batch->first_chunk) sum += HG_VEC_AT(dp, 0);
    if (fused) HG_VEC_AT(dp, 0) = sum;
}

/* All spans of a row. */
HG_INLINE void gather_row(const struct hg_backward *backward, int row, bool shared)
{
    const int vectors = hg_group_vectors(backward->args->heads);
    int first = 0;
#define GATHER(size) gather_span(backward, (struct span){row, first, size}, shared, false)
#define LAST(size) gather_span(backward, (struct span){row, first, size}, shared, HG_HEADS == HG_LANES)
    for (; first + HG_TILE < vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(LAST, vectors - first);
#undef LAST
#undef GATHER
}

/* One head: sums the eight lanes of each dot, [edges, 8] to [edges]. Eight edges at a time; adds in the order
 * of HG_FOLD. */
HG_NOINLINE void fold_dots_one_head(hg_real *dot, int edges)
{
    for (int k = 0; k < edges; k += HG_LANES) {
        hg_vec half[4];
        for (int r = 0; r < 4; r++) {
            const hg_vec a = HG_VEC_AT(dot, (k + r) * HG_LANES), b = HG_VEC_AT(dot, (k + r + 4) * HG_LANES);
            half[r] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
                      __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
        }
        const hg_vec two[2] = {__builtin_shufflevector(half[0], half[1], 0, 1, 8, 9, 4, 5, 12, 13) +
                                   __builtin_shufflevector(half[0], half[1], 2, 3, 10, 11, 6, 7, 14, 15),
                               __builtin_shufflevector(half[2], half[3], 0, 1, 8, 9, 4, 5, 12, 13) +
                                   __builtin_shufflevector(half[2], half[3], 2, 3, 10, 11, 6, 7, 14, 15)};
        HG_VEC_AT(dot, k) = __builtin_shufflevector(two[0], two[1], 0, 2, 8, 10, 4, 6, 12, 14) +
                            __builtin_shufflevector(two[0], two[1], 1, 3, 9, 11, 5, 7, 13, 15);
    }
}

/* Two or four heads: the sums of each dot, [edges, 8] to [edges, K]. */
HG_INLINE void fold_dots(hg_real *dot, int edges)
{
    for (int k = 0; k < edges; k++) {
        hg_vec sum = HG_VEC_AT(dot, k * HG_LANES);
        HG_FOLD(sum, HG_HEADS, hg_add);
        hg_store_heads(sum, HG_HEADS, dot + k * HG_HEADS);
    }
}

/* ds_e = lambda_e alpha_e (m_e <G_i, Z_j> - D_i) for fewer than eight heads */
HG_INLINE void score_gradients(const struct hg_backward *backward)
{
    const struct hg_backward_scratch x = backward->x;
    const int numbers = backward->batch->edges * HG_HEADS;
    if (HG_HEADS == 1)
        fold_dots_one_head(x.dot, backward->batch->edges);
    else
        fold_dots(x.dot, backward->batch->edges);
    if (backward->args->dropout != NULL)
        HG_BY_VECTORS(k, numbers) HG_VEC_AT(x.dot, k) *= HG_VEC_AT(x.factor, k);
    HG_BY_VECTORS(k, numbers) HG_VEC_AT(x.s, k) *= HG_VEC_AT(x.dot, k) - HG_VEC_AT(x.d, k);
}

/* dp_j += sum_e ds_e */
HG_INLINE void row_dp(const struct hg_backward *backward, int row)
{
    const struct hg_batch *batch = backward->batch;
    const struct hg_row_numbers numbers = hg_batch_row_numbers(batch, row, HG_HEADS);
    const hg_real *ds = backward->x.s + numbers.begin;
    hg_real *dp = backward->args->dp + (int64_t)batch->row[row] * HG_HEADS;
    hg_vec sum = {0};
    HG_BY_VECTORS(k, numbers.count)
    sum += hg_row_lanes(HG_VEC_AT(ds, k), numbers.count - k, (hg_vec){0}, HG_HEADS);
    HG_FOLD(sum, HG_HEADS, hg_add);
    HG_SIMD
    for (int h = 0; h < HG_HEADS; h++) dp[h] = batch->first_chunk ? sum[h] : dp[h] + sum[h];
}

/* dU_j += sum_e x_e ds_e */
HG_INLINE void row_du(const struct hg_backward *backward, int row)
{
    const struct hg_attention_backward *args = backward->args;
    const struct hg_batch *batch = backward->batch;
    const int cols = args->out.attr_cols;
    hg_real *restrict du = args->du + (int64_t)batch->row[row] * cols * HG_HEADS;
    if (batch->first_chunk) memset(du, 0, (size_t)(cols * HG_HEADS) * sizeof *du);
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *attr = args->out.attr + hg_batch_edge(batch, row, k) * cols,
                      *ds = backward->x.s + k * HG_HEADS;
        for (int c = 0; c < cols; c++) {
            HG_SIMD
            for (int h = 0; h < HG_HEADS; h++) du[c * HG_HEADS + h] += attr[c] * ds[h];
        }
    }
}

HG_INLINE void backward_batch(const struct hg_backward *backward)
{
    const struct hg_attention_backward *args = backward->args;
    const struct hg_batch *batch = backward->batch;
    hg_backward_batch_weights(backward);
    for (int r = 0; r < batch->rows; r++)
        if (args->shared_g && HG_HEADS > 1)
            gather_row(backward, r, true);
        else
            gather_row(backward, r, false);
    if (HG_HEADS != HG_LANES) {
        score_gradients(backward);
        for (int r = 0; r < batch->rows; r++) row_dp(backward, r);
    }
    for (int r = 0; r < batch->rows && args->out.attr != NULL; r++) row_du(backward, r);
}

void HG_ATTENTION_KERNEL(attention_backward)(const struct hg_attention_backward *args, const hg_lid *rows,
                                             int64_t count, hg_real *scratch)
{
    const int array_size = HG_ATTENTION_SCRATCH / 6;
    const struct hg_backward_scratch x = {scratch,
                                          scratch + array_size,
                                          scratch + 2 * array_size,
                                          scratch + 3 * array_size,
                                          scratch + 4 * array_size,
                                          scratch + 5 * array_size};
    struct hg_window window;
    hg_window_begin(&window, HG_KERNEL(batches_begin)(&args->out, rows, count, HG_LANES, HG_BATCH_EDGES,
                                                      args->dropout != NULL));
    while (hg_window_next(&window)) {
        const struct hg_backward backward = {args, window.current, window.next, x};
        backward_batch(&backward);
    }
}
