#include "kernels/attention_powers.h"

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

/* Rows [width] that the next batch will read of its sources before Z: p, or its powers. */
struct scores {
    const hg_real *row;
    int64_t width;
};

HG_INLINE struct scores scores_of(const struct hg_attention_forward *args, int heads)
{
    if (args->exp_p == NULL) return (struct scores){args->p, heads};
    return (struct scores){args->exp_p, 2 * (int64_t)heads};
}

/* w_e of edge k of eight heads, straight from the powers; kept for the parts that follow. */
HG_INLINE struct hg_power_weights weigh_edge(const struct hg_forward *forward, struct hg_powers *powers, int k,
                                             bool keep)
{
    const hg_real *pair = forward->args->exp_p + (int64_t)forward->batch->other[k] * 2 * HG_LANES;
    struct hg_power_weights weights =
        hg_power_weigh(powers, HG_AT(pair, 0), HG_AT(pair, HG_LANES), HG_LANES, HG_LANES);
    if (forward->args->dropout != NULL) {
        weights.all *= HG_AT(forward->x.factor, k * HG_LANES);
        weights.plus *= HG_AT(forward->x.factor, k * HG_LANES);
    }
    if (keep) {
        HG_AT(forward->x.w, k * HG_LANES) = weights.all;
        HG_AT(forward->x.s, k * HG_LANES) = weights.plus;
    }
    return weights;
}

/* S_i and A+_i of eight heads. */
HG_INLINE void close_powers(const struct hg_forward *forward, const struct hg_powers *powers, hg_real *inv_sum)
{
    const struct hg_forward_totals total =
        hg_row_totals(forward, powers->total, inv_sum, 0, HG_LANES, HG_LANES);
    hg_store_totals(forward->args, &total.all, &total.plus, HG_LANES, inv_sum);
}

/* O = sum w_e Z_j, O+ likewise if wanted; times S_i when the row closes. The weights are in scratch, or, with `weighing`, are made here.
 * False, and nothing is written, if they cannot be. */
HG_INLINE bool gather_part(const struct hg_forward *forward, struct part part, bool want_plus, bool weighing,
                           int heads, int lanes)
{
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    const int first = part.first, size = part.size, begin = batch->start[part.row];
    const int64_t stride = hg_row_stride((int64_t)heads * args->heads.width),
                  room = hg_row_room(HG_ROW_TYPE, stride);
    const hg_real *z = args->z + hg_row_vectors_room(first);
    const struct scores scores = scores_of(args, heads);
    hg_real *target = hg_forward_target(args, batch->row[part.row], heads), *inv_sum = target + 2 * heads,
            *o = target + hg_target_scalars(heads) + first * HG_LANES, *o_plus = NULL;
    struct hg_tile sum = hg_tile_zero(), plus = hg_tile_zero();
    struct hg_powers powers;
    if (weighing) powers = hg_powers_begin(target, args->heads.slope, 0, heads, lanes);
    if (want_plus) o_plus = args->o_plus + batch->row[part.row] * stride + first * HG_LANES;
    if (!batch->opens) {
        const struct hg_tile shrink = hg_tile_lanes(forward->x.shrink, first, size, lanes);
        sum = hg_tile_product(hg_tile_load(o, size), shrink, size);
        if (want_plus) plus = hg_tile_product(hg_tile_load(o_plus, size), shrink, size);
    }
    for (int k = begin; k < batch->start[part.row + 1]; k++) {
        struct hg_tile w, w_plus;
        hg_prefetch(z + batch->other[k + HG_AHEAD] * room, hg_row_vectors_room(size));
        if (weighing)
            hg_prefetch(args->exp_p + (int64_t)batch->other[k + HG_AHEAD] * 2 * heads, 2 * heads);
        else if (first == 0)
            hg_prefetch(scores.row + forward->next->other[k] * scores.width, 2 * heads);
        if (weighing) {
            const struct hg_power_weights weights = weigh_edge(forward, &powers, k, size * HG_LANES < stride);
            w = hg_tile_of(weights.all, size);
            w_plus = hg_tile_of(weights.plus, size);
        } else {
            w = hg_tile_lanes(forward->x.w + k * lanes, first, size, lanes);
            if (want_plus) w_plus = hg_tile_lanes(forward->x.s + k * lanes, first, size, lanes);
        }
        const struct hg_tile row_z = hg_tile_row(z + batch->other[k] * room, size);
        sum = hg_tile_add(sum, w, row_z, size);
        if (want_plus) plus = hg_tile_add(plus, w_plus, row_z, size);
    }
    if (weighing && !hg_all(powers.sure)) return false;
    if (weighing) close_powers(forward, &powers, inv_sum);
    if (batch->closes) {
        const struct hg_tile scale = part_lanes(inv_sum, part, heads, lanes);
        sum = hg_tile_product(sum, scale, size);
        if (want_plus) plus = hg_tile_product(plus, scale, size);
    }
    hg_tile_store(o, sum, size);
    if (want_plus) hg_tile_store(o_plus, plus, size);
    return true;
}

/* The row part by part; with `weighing` the first makes the weights. False if that cannot be. */
HG_INLINE bool gather_row(const struct hg_forward *forward, int row, bool want_plus, bool weighing, int heads,
                          int lanes)
{
    const int vectors = (int)(hg_row_stride((int64_t)heads * forward->args->heads.width) / HG_LANES);
    int first = 0;
    bool sure = true;
#define GATHER(size)                                                                                         \
    sure = gather_part(forward, (struct part){row, first, size}, want_plus, false, heads, lanes)
#define WEIGH(size) sure = gather_part(forward, (struct part){row, 0, size}, want_plus, true, heads, lanes)
    if (weighing) {
        first = HG_TILE;
        if (vectors <= HG_TILE)
            HG_LAST_TILE(WEIGH, vectors);
        else
            WEIGH(HG_TILE);
        if (!sure) return false;
    }
    for (; first + HG_TILE < vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef WEIGH
#undef GATHER
    return true;
}

/* w_e, S_i and A+_i of a row: from powers as far as it can be, else from scores. */
HG_INLINE void weigh_row(const struct hg_forward *forward, int row, int heads, int lanes)
{
    if (forward->args->exp_p != NULL) {
        if (heads != HG_LANES && hg_row_powers(forward, row, heads, lanes)) return;
        hg_row_scores(forward, row, heads, lanes);
    }
    hg_row_weights(forward, row, heads, lanes);
}

/* gather_row with O+ if the caller has room for it. */
HG_INLINE bool sum_row(const struct hg_forward *forward, int row, bool weighing, int heads, int lanes)
{
    return forward->args->o_plus != NULL ? gather_row(forward, row, true, weighing, heads, lanes)
                                         : gather_row(forward, row, false, weighing, heads, lanes);
}

HG_INLINE void forward_row(const struct hg_forward *forward, int row, int heads, int lanes)
{
    const bool separable = forward->args->exp_p != NULL;
    if (separable) hg_row_shift(forward, row, heads, lanes);
    if (separable && heads == HG_LANES && sum_row(forward, row, true, heads, lanes)) return;
    weigh_row(forward, row, heads, lanes);
    sum_row(forward, row, false, heads, lanes);
}

/* Fetches the places of O and O+ of the row that comes some rows after row r. Those of wide rows come in time by themselves. */
HG_INLINE void prefetch_results(const struct hg_forward *forward, int r, int heads)
{
    const struct hg_attention_forward *args = forward->args;
    const hg_lid row = hg_batch_row_ahead(forward->batch, r);
    const int64_t stride = hg_row_stride((int64_t)heads * args->heads.width);
    if (stride > HG_TILE * HG_LANES) return;
    hg_prefetch_result(hg_forward_target(args, row, heads), hg_target_stride(heads, args->heads.width));
    if (args->o_plus != NULL) hg_prefetch_result(args->o_plus + row * stride, stride);
}

HG_INLINE void forward_batch(const struct hg_forward *forward, int heads, int lanes)
{
    const struct hg_attention_forward *args = forward->args;
    if (args->exp_p == NULL) hg_forward_scores(forward, heads, lanes);
    if (args->dropout != NULL) HG_KERNEL(batch_drop)
    (forward->batch, &args->in, args->dropout, false, heads, lanes, forward->x.factor);
    for (int r = 0; r < forward->batch->rows; r++) {
        prefetch_results(forward, r, heads);
        forward_row(forward, r, heads, lanes);
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
