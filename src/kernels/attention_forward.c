#include "kernels/attention_softmax.h"

/* Vectors [first, first + size) of a row's sums. */
struct part {
    int row, first, size;
};

/* Numbers per head as they meet a part. */
HG_INLINE struct hg_tile part_lanes(const hg_real *per_head, struct part part, int heads, int lanes)
{
    hg_real repeated[HG_MAX_LANES];
    if (heads == lanes) return hg_tile_lanes(per_head, part.first, part.size, lanes);
    hg_lanes_repeat(per_head, heads, lanes, repeated);
    return hg_tile_lanes(repeated, part.first, part.size, lanes);
}

/* O = sum w_e Z_j, O+ likewise if wanted; times S_i when the row closes. */
HG_INLINE void gather_part(const struct hg_forward *forward, struct part part, bool want_plus, int heads,
                           int lanes)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    const int first = part.first, size = part.size, begin = batch->start[part.row];
    const int64_t stride = hg_row_stride((int64_t)heads * args->heads.width),
                  room = hg_row_room(HG_ROW_TYPE, stride);
    const hg_real *z = args->z + hg_row_vectors_room(first), *p = args->p;
    hg_real *target = hg_forward_target(args, batch->row[part.row], heads),
            *o = target + hg_target_scalars(heads) + first * HG_LANES, *o_plus = NULL;
    struct hg_tile sum = hg_tile_zero(), plus = hg_tile_zero();
    if (want_plus) o_plus = args->o_plus + batch->row[part.row] * stride + first * HG_LANES;
    if (!batch->opens) {
        const struct hg_tile shrink = hg_tile_lanes(forward->x.shrink, first, size, lanes);
        sum = hg_tile_product(hg_tile_load(o, size), shrink, size);
        if (want_plus) plus = hg_tile_product(hg_tile_load(o_plus, size), shrink, size);
    }
    for (int k = begin; k < batch->start[part.row + 1]; k++) {
        hg_prefetch(z + batch->other[k + HG_AHEAD] * room, hg_row_vectors_room(size));
        if (first == 0) hg_prefetch(p + (int64_t)forward->next->other[k] * heads, heads);
        const struct hg_tile row_z = hg_tile_row(z + batch->other[k] * room, size);
        sum = hg_tile_add(sum, hg_tile_lanes(forward->x.w + k * lanes, first, size, lanes), row_z, size);
        if (want_plus)
            plus =
                hg_tile_add(plus, hg_tile_lanes(forward->x.s + k * lanes, first, size, lanes), row_z, size);
    }
    if (batch->closes) {
        const struct hg_tile inv_sum = part_lanes(target + 2 * heads, part, heads, lanes);
        sum = hg_tile_product(sum, inv_sum, size);
        if (want_plus) plus = hg_tile_product(plus, inv_sum, size);
    }
    hg_tile_store(o, sum, size);
    if (want_plus) hg_tile_store(o_plus, plus, size);
}

/* The row part by part. */
HG_INLINE void gather_row(const struct hg_forward *forward, int row, bool want_plus, int heads, int lanes)
{
    const int vectors = (int)(hg_row_stride((int64_t)heads * forward->args->heads.width) / HG_LANES);
    int first = 0;
#define GATHER(size) gather_part(forward, (struct part){row, first, size}, want_plus, heads, lanes)
    for (; first + HG_TILE < vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef GATHER
}

HG_INLINE void forward_batch(const struct hg_forward *forward, int heads, int lanes)
{
    const struct hg_attention_forward *args = forward->args;
    hg_forward_scores(forward, heads, lanes);
    if (args->dropout != NULL) HG_KERNEL(batch_drop)
    (forward->batch, &args->in, args->dropout, false, heads, lanes, forward->x.factor);
    for (int r = 0; r < forward->batch->rows; r++) {
        hg_row_weights(forward, r, heads, lanes);
        if (args->o_plus != NULL)
            gather_row(forward, r, true, heads, lanes);
        else
            gather_row(forward, r, false, heads, lanes);
    }
}

HG_INLINE void forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                            hg_real *scratch, int heads, int lanes)
{
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct hg_forward_scratch x = {scratch, scratch + part, scratch + 2 * part, scratch + 3 * part};
    struct hg_window window;
    hg_window_open(&window, HG_KERNEL(batches_begin)(&args->in, rows, count, lanes, args->dropout != NULL));
    while (hg_window_move(&window)) {
        const struct hg_forward forward = {args, window.at, window.next, x};
        forward_batch(&forward, heads, lanes);
    }
}

HG_COPIES(forward, struct hg_attention_forward, forward_rows)

void HG_ROW_KERNEL(attention_forward)(const struct hg_attention_forward *args, const hg_lid *rows,
                                      int64_t count, hg_real *scratch)
{
    HG_CALL_COPY(forward, args, rows, count, scratch);
}

void HG_ROW_KERNEL(attention_alpha)(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                    hg_real *alpha)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const hg_real *q = hg_forward_target(args, i, heads), *max = q + heads, *inv_sum = max + heads;
        for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++, alpha += heads) {
            hg_score(args->p + (int64_t)args->in.indices[e] * heads, q, heads, heads, alpha);
            if (args->in.attr != NULL) hg_add_edge_score(&args->in, e, heads, heads, alpha);
            for (int h = 0; h < heads; h++)
                alpha[h] = hg_exp(hg_leaky(alpha[h], args->heads.slope) - max[h]) * inv_sum[h];
        }
    }
}
