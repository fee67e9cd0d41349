#include "kernels/forward_separable.h"

/* Vectors [first, first + size) of row `row` of the batch, at most a tile; `first` is even. */
struct span {
    int row, first, size;
};

/* The tile of factors of a span, from one number per head in memory. */
HG_INLINE struct hg_tile span_lanes(const hg_real *per_head, const struct hg_tile_places *places, int size,
                                    struct hg_head_layout heads)
{
    hg_real repeated[HG_MAX_LANES];
    if (heads.count == heads.lanes) return hg_tile_lanes(per_head, places, size, heads);
    if (hg_layout_compact(heads)) return hg_tile_compact(hg_compact(per_head, heads.count), places, size);
    hg_lanes_repeat(per_head, heads, repeated);
    return hg_tile_lanes(repeated, places, size, heads);
}

/* O (all) and O+ (plus) of a span, or an edge's weights for them. `plus` stays 0 if O+ is not computed. */
struct sums {
    struct hg_tile all, plus;
};

/* Where a span of O and O+ is stored. */
struct places {
    hg_real *all, *plus;
};

HG_INLINE struct places places_of(const struct hg_attention_forward *args, hg_lid row, int first,
                                  struct hg_head_layout heads)
{
    const int64_t stride = hg_row_stride((int64_t)heads.count * args->heads.width);
    hg_real *o = hg_forward_target(args, row, heads) + hg_target_scalars(heads.count);
    return (struct places){o + first * HG_LANES,
                           args->o_plus != NULL ? args->o_plus + row * stride + first * HG_LANES : NULL};
}

/* Both tiles multiplied by the same factors. */
HG_INLINE struct sums scaled(struct sums sums, struct hg_tile by, int size)
{
    return (struct sums){hg_tile_product(sums.all, by, size), hg_tile_product(sums.plus, by, size)};
}

/* The sums over earlier chunks of the row. */
HG_INLINE struct sums sums_so_far(struct places places, int size, bool want_plus)
{
    struct sums sums = {hg_tile_load(places.all, size), hg_tile_zero()};
    if (want_plus) sums.plus = hg_tile_load(places.plus, size);
    return sums;
}

/* Weights of edge k for eight heads from E_j and B_j; written to scratch if later spans of the row need them
 * (`keep`). */
HG_INLINE struct sums made_weights(const struct hg_forward *forward, struct hg_powers *powers, int k,
                                   bool keep, int size)
{
    const hg_real *pair = forward->args->exp_p + (int64_t)forward->batch->other[k] * 2 * HG_LANES;
    const hg_real *factor = forward->args->dropout != NULL ? forward->x.factor + k * HG_LANES : NULL;
    const struct hg_power_weights w =
        hg_power_weigh(powers, HG_AT(pair, 0), HG_AT(pair, HG_LANES), factor, HG_LANES, HG_LANES);
    if (keep) {
        HG_AT(forward->x.w, k * HG_LANES) = w.all;
        HG_AT(forward->x.s, k * HG_LANES) = w.plus;
    }
    return (struct sums){hg_tile_of(w.all, size), hg_tile_of(w.plus, size)};
}

/* What is prefetched during the sum over edges: a span of the rows of Z, and, with the first span of a row, the
 * numbers that weights are computed from: p, or E and B. These are fetched HG_AHEAD edges ahead if the weights
 * are computed in the same loop (`weighing`), else for the next batch. */
struct fetch {
    const hg_real *z, *scalars; /* scalars: p, or [E | B]; NULL: not the first span */
    const hg_lid *row, *near,
        *scalars_of;    /* by edge: the row to prefetch into L2, into L1, and whose scalars */
    int64_t room, step; /* distance between rows of Z, of scalars */
    int size;           /* size of the span, in numbers of hg_real */
    bool weighing;
};

HG_INLINE struct fetch fetch_begin(const struct hg_forward *forward, struct span span, bool weighing)
{
    const struct hg_attention_forward *args = forward->args;
    const hg_lid *other = forward->batch->other;
    return (struct fetch){
        .z = args->z + hg_row_vectors_room(span.first),
        .scalars = span.first > 0        ? NULL
                   : args->exp_p != NULL ? args->exp_p
                                         : args->p,
        .row = other + HG_AHEAD,
        .near = other + HG_NEAR,
        .scalars_of = weighing ? other + HG_AHEAD : forward->next->other,
        .room = hg_halo_room(HG_HALO_DTYPE, hg_row_stride((int64_t)forward->heads.count * args->heads.width)),
        .step = args->exp_p != NULL ? 2 * forward->heads.count : forward->heads.count,
        .size = hg_row_vectors_room(span.size),
        .weighing = weighing,
    };
}

HG_INLINE void fetch_edge(const struct fetch *fetch, int k)
{
    hg_prefetch(fetch->z + fetch->row[k] * fetch->room, fetch->size);
    if (fetch->weighing) hg_prefetch_near(fetch->z + fetch->near[k] * fetch->room, (int)fetch->room);
    if (fetch->scalars != NULL)
        hg_prefetch(fetch->scalars + fetch->scalars_of[k] * fetch->step, (int)fetch->step);
}

/* Writes S_i and A+_i of eight heads. */
HG_INLINE void close_powers(const struct hg_forward *forward, const struct hg_powers *powers,
                            hg_real *inv_sum)
{
    const struct hg_forward_totals total = hg_row_totals(forward, powers->total, inv_sum, 0);
    hg_store_totals(forward->args, &total.all, &total.plus, HG_LANES, inv_sum);
}

/* A span of O = S_i sum_e w_e Z_j, and of O+ if wanted; S_i is applied with the row's last chunk. The weights
 * are in scratch, or, with `weighing`, computed in the same loop from separable scores of eight heads: it saves
 * a pass over the edges. Returns false if the sign of a score is ambiguous; then no result is written. */
HG_INLINE bool gather_span(const struct hg_forward *forward, struct span span, bool want_plus, bool weighing)
{
    const struct hg_head_layout heads = forward->heads;
    const struct hg_attention_forward *args = forward->args;
    const struct hg_batch *batch = forward->batch;
    const int size = span.size, end = batch->start[span.row + 1];
    const int64_t stride = hg_row_stride((int64_t)heads.count * args->heads.width);
    const struct fetch fetch = fetch_begin(forward, span, weighing);
    const struct places places = places_of(args, batch->row[span.row], span.first, heads);
    hg_real *q = hg_forward_target(args, batch->row[span.row], heads), *inv_sum = q + 2 * heads.count;
    const struct hg_tile_places lane_places = hg_tile_places(span.first, size, heads);
    struct sums sums = {hg_tile_zero(), hg_tile_zero()}, w = sums;
    if (!batch->first_chunk)
        sums = scaled(sums_so_far(places, size, want_plus),
                      hg_tile_lanes(forward->x.shrink, &lane_places, size, heads), size);
    struct hg_powers powers;
    if (weighing) powers = hg_powers_begin(q, args->heads.slope, 0, heads);
    for (int k = batch->start[span.row]; k < end; k++) {
        fetch_edge(&fetch, k);
        if (weighing)
            w = made_weights(forward, &powers, k, size * HG_LANES < stride, size);
        else
            w.all = hg_tile_lanes(forward->x.w + k * heads.lanes, &lane_places, size, heads);
        if (!weighing && want_plus)
            w.plus = hg_tile_lanes(forward->x.s + k * heads.lanes, &lane_places, size, heads);
        const struct hg_tile row = hg_tile_row(fetch.z + batch->other[k] * fetch.room, size);
        sums.all = hg_tile_add(sums.all, w.all, row, size);
        if (want_plus) sums.plus = hg_tile_add(sums.plus, w.plus, row, size);
    }
    if (weighing && !hg_powers_sure(&powers)) return false;
    if (weighing) close_powers(forward, &powers, inv_sum);
    if (batch->last_chunk) sums = scaled(sums, span_lanes(inv_sum, &lane_places, size, heads), size);
    hg_tile_store(places.all, sums.all, size);
    if (want_plus) hg_tile_store(places.plus, sums.plus, size);
    return true;
}

/* All spans of a row; with `weighing` the first span computes the weights. Returns false as gather_span does. */
HG_INLINE bool gather_row(const struct hg_forward *forward, int row, bool want_plus, bool weighing)
{
    const int vectors =
        (int)(hg_row_stride((int64_t)forward->heads.count * forward->args->heads.width) / HG_LANES);
    int first = 0;
    bool sure = true;
#define GATHER(size) sure = gather_span(forward, (struct span){row, first, size}, want_plus, false)
#define WEIGH(size) sure = gather_span(forward, (struct span){row, 0, size}, want_plus, true)
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

/* w_e, S_i and A+_i of a row: from separable scores if the layer's are and no sign is ambiguous, else from
 * scores. */
HG_INLINE void weigh_row(const struct hg_forward *forward, int row)
{
    if (forward->args->exp_p != NULL) {
        if (forward->heads.count == 1 && hg_row_powers(forward, row)) return;
        hg_row_scores(forward, row);
    }
    hg_row_weights(forward, row);
}

/* gather_row, with O+ if the caller asks for it: a constant in each call, so that the compiler specialises both. */
HG_INLINE bool sum_row(const struct hg_forward *forward, int row, bool weighing)
{
    return forward->args->o_plus != NULL ? gather_row(forward, row, true, weighing)
                                         : gather_row(forward, row, false, weighing);
}

/* All results of a row of the batch. */
HG_INLINE void forward_row(const struct hg_forward *forward, int row)
{
    const bool separable = forward->args->exp_p != NULL;
    if (separable) hg_row_shift(forward, row);
    if (separable && forward->heads.count == HG_LANES && sum_row(forward, row, true)) return;
    weigh_row(forward, row);
    sum_row(forward, row, false);
}

/* Prefetches the memory of the results of the row that comes some rows after row r. Wide rows do not need it:
 * the hardware prefetches them in time. */
HG_INLINE void prefetch_results(const struct hg_forward *forward, int r)
{
    const struct hg_attention_forward *args = forward->args;
    const hg_lid row = hg_batch_row_ahead(forward->batch, r);
    const int64_t stride = hg_row_stride((int64_t)forward->heads.count * args->heads.width);
    if (stride > HG_TILE * HG_LANES) return;
    hg_prefetch_result(hg_forward_target(args, row, forward->heads),
                       hg_target_stride(forward->heads.count, args->heads.width));
    if (args->o_plus != NULL) hg_prefetch_result(args->o_plus + row * stride, stride);
}

HG_INLINE void forward_batch(const struct hg_forward *forward)
{
    const struct hg_attention_forward *args = forward->args;
    if (args->exp_p == NULL) hg_forward_scores(forward);
    if (args->dropout != NULL) HG_KERNEL(batch_drop)
    (forward->batch, &args->in, args->dropout, false, forward->heads, forward->x.factor);
    for (int r = 0; r < forward->batch->rows; r++) {
        prefetch_results(forward, r);
        forward_row(forward, r);
    }
}

void HG_ATTENTION_KERNEL(attention_forward)(const struct hg_attention_forward *args, const hg_lid *rows,
                                            int64_t count, hg_real *scratch)
{
    const struct hg_head_layout heads = hg_heads_of_edges(args->heads.count);
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct hg_forward_scratch x = {scratch, scratch + part, scratch + 2 * part, scratch + 3 * part};
    struct hg_window window;
    const bool dropping = args->dropout != NULL;
    const int most = args->exp_p != NULL && !dropping ? HG_BATCH_MOST : HG_BATCH_EDGES;
    hg_window_begin(&window, HG_KERNEL(batches_begin)(&args->in, rows, count, heads.lanes, most, dropping));
    while (hg_window_next(&window)) {
        const struct hg_forward forward = {args, heads, window.at, window.next, x};
        forward_batch(&forward);
    }
}
