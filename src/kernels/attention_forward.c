#include "kernels/forward_separable.h"

/* Vectors [first, first + size) of row `row` of the batch, at most a tile; `first` is even. */
struct span {
    int row, first, size;
};

/* O (all) and O+ (plus) of a span, or an edge's weights for them. `plus` stays 0 if O+ is not computed. */
struct sums {
    struct hg_tile all, plus;
};

/* Where a span of O and O+ is stored. */
struct outputs {
    hg_real *all, *plus;
};

HG_INLINE struct outputs outputs_of(const struct hg_attention_forward *args, hg_lid row, int first)
{
    return (struct outputs){hg_forward_target(args, row) + args->layout.o + first * HG_LANES,
                            args->o_plus != NULL ? args->o_plus + row * args->layout.wide + first * HG_LANES
                                                 : NULL};
}

/* Both tiles multiplied by the same factors. */
HG_INLINE struct sums scaled(struct sums sums, struct hg_tile by, int size)
{
    return (struct sums){hg_tile_product(sums.all, by, size), hg_tile_product(sums.plus, by, size)};
}

/* The sums over earlier chunks of the row. */
HG_INLINE struct sums earlier_sums(struct outputs outputs, int size, bool want_plus)
{
    struct sums sums = {hg_tile_load(outputs.all, size), hg_tile_zero()};
    if (want_plus) sums.plus = hg_tile_load(outputs.plus, size);
    return sums;
}

/* Weights of edge k for eight heads from E_j and B_j; written to scratch if later spans of the row need them
 * (`store`). */
HG_INLINE struct sums separable_weights(const struct hg_forward *forward, struct hg_separable_row *separable,
                                        int k, bool store, int size)
{
    const hg_real *pair = forward->args->exp_p + (int64_t)forward->batch->neighbour[k] * 2 * HG_LANES;
    const hg_real *factor = forward->args->dropout != NULL ? forward->x.factor + k * HG_LANES : NULL;
    const struct hg_separable_weights w = hg_separable_weigh(forward, separable, HG_VEC_AT(pair, 0),
                                                             HG_VEC_AT(pair, HG_LANES), factor, HG_LANES);
    if (store) {
        HG_VEC_AT(forward->x.w, k * HG_LANES) = w.all;
        HG_VEC_AT(forward->x.s, k * HG_LANES) = w.plus;
    }
    return (struct sums){hg_tile_repeat(w.all, size), hg_tile_repeat(w.plus, size)};
}

/* What is prefetched during the sum over edges: a span of the rows of Z, and, with the first span of a row, the
 * numbers that weights are computed from: p, or E and B. These are fetched HG_PREFETCH_L2_EDGES edges ahead if
 * the weights are computed in the same loop (`fused`), else for the next batch. */
struct prefetch {
    const hg_real *z, *scalars; /* scalars: p, or [E | B]; NULL: not the first span */
    /* for each edge: the row of Z to prefetch into L2, the row of Z to prefetch into L1, the row of scalars */
    const hg_lid *l2_row, *l1_row, *scalars_row;
    int64_t z_stride, scalars_stride; /* distance between rows of Z, of scalars */
    int size, row_size;               /* sizes of the span and of the whole row, in numbers of hg_real */
    bool fused;
};

HG_INLINE struct prefetch prefetch_begin(const struct hg_forward *forward, struct span span, bool fused)
{
    const struct hg_attention_forward *args = forward->args;
    const hg_lid *neighbour = forward->batch->neighbour;
    return (struct prefetch){
        .z = args->z + hg_row_vectors_room(span.first),
        .scalars = span.first > 0        ? NULL
                   : args->exp_p != NULL ? args->exp_p
                                         : args->p,
        .l2_row = neighbour + HG_PREFETCH_L2_EDGES,
        .l1_row = neighbour + HG_PREFETCH_L1_EDGES,
        .scalars_row = fused ? neighbour + HG_PREFETCH_L2_EDGES : forward->next->neighbour,
        .z_stride = args->layout.z,
        .scalars_stride = args->exp_p != NULL ? 2 * forward->heads : forward->heads,
        .size = hg_row_vectors_room(span.size),
        .row_size = hg_row_vectors_room(hg_group_vectors(args->heads)),
        .fused = fused,
    };
}

HG_INLINE void prefetch_edge(const struct prefetch *prefetch, int k)
{
    hg_prefetch_l2(prefetch->z + prefetch->l2_row[k] * prefetch->z_stride, prefetch->size);
    if (prefetch->fused)
        hg_prefetch_l1(prefetch->z + prefetch->l1_row[k] * prefetch->z_stride, prefetch->row_size);
    if (prefetch->scalars != NULL)
        hg_prefetch_l2(prefetch->scalars + prefetch->scalars_row[k] * prefetch->scalars_stride,
                       (int)prefetch->scalars_stride);
}

/* A span of O = S_i sum_e w_e Z_j, and of O+ if wanted; S_i is applied with the row's last chunk. The weights
 * are in scratch, or, with `fused`, computed in the same loop from separable scores of eight heads: it saves
 * a pass over the edges. Returns false if the sign of a score is ambiguous; then no result is written. */
HG_INLINE bool gather_span(const struct hg_forward *forward, struct span span, bool want_plus, bool fused)
{
    const struct hg_attention_forward *args = forward->args;
    const int heads = forward->heads;
    const struct hg_batch *batch = forward->batch;
    const int size = span.size, end = batch->start[span.row + 1];
    const struct prefetch prefetch = prefetch_begin(forward, span, fused);
    const struct outputs outputs = outputs_of(args, batch->row[span.row], span.first);
    hg_real *q = hg_forward_target(args, batch->row[span.row]), *inv_sum = q + 2 * heads;
    struct sums sums = {hg_tile_zero(), hg_tile_zero()}, w = sums;
    if (!batch->first_chunk)
        sums = scaled(earlier_sums(outputs, size, want_plus),
                      hg_tile_repeat(HG_VEC_AT(forward->x.rescale, 0), size), size);
    struct hg_separable_row separable;
    if (fused) separable = hg_separable_begin(forward, q);
    for (int k = batch->start[span.row]; k < end; k++) {
        prefetch_edge(&prefetch, k);
        if (fused)
            w = separable_weights(forward, &separable, k, size < hg_group_vectors(args->heads), size);
        else
            w.all = hg_tile_weights(forward->x.w + k * heads, heads, size);
        if (!fused && want_plus) w.plus = hg_tile_weights(forward->x.s + k * heads, heads, size);
        const struct hg_tile row =
            hg_tile_load_row(prefetch.z + batch->neighbour[k] * prefetch.z_stride, size);
        sums.all = hg_tile_multiply_add(sums.all, w.all, row, size);
        if (want_plus) sums.plus = hg_tile_multiply_add(sums.plus, w.plus, row, size);
    }
    if (fused && !hg_signs_certain(&separable)) return false;
    if (fused) hg_store_totals(forward, separable.total, inv_sum);
    if (batch->last_chunk) sums = scaled(sums, hg_tile_weights(inv_sum, heads, size), size);
    hg_tile_store(outputs.all, sums.all, size);
    if (want_plus) hg_tile_store(outputs.plus, sums.plus, size);
    return true;
}

/* All spans of a row; with `fused` the first span computes the weights. Returns false as gather_span does. */
HG_INLINE bool gather_row(const struct hg_forward *forward, int row, bool want_plus, bool fused)
{
    const int vectors = hg_group_vectors(forward->args->heads);
    int first = 0;
    bool certain = true;
#define GATHER(size) certain = gather_span(forward, (struct span){row, first, size}, want_plus, false)
#define FUSED(size) certain = gather_span(forward, (struct span){row, 0, size}, want_plus, true)
    if (fused) {
        first = HG_TILE;
        if (vectors <= HG_TILE)
            HG_LAST_TILE(FUSED, vectors);
        else
            FUSED(HG_TILE);
        if (!certain) return false;
    }
    for (; first + HG_TILE < vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef FUSED
#undef GATHER
    return true;
}

/* w_e, S_i and A+_i of a row: from separable scores if the layer's are and no sign is ambiguous, else from
 * scores. */
HG_INLINE void weigh_row(const struct hg_forward *forward, int row)
{
    if (forward->args->exp_p != NULL) {
        if (forward->heads == 1 && hg_row_separable_weights(forward, row)) return;
        hg_row_scores(forward, row);
    }
    hg_row_weights(forward, row);
}

/* gather_row, with O+ if the caller asks for it: a constant in each call, so that the compiler specialises both. */
HG_INLINE bool sum_row(const struct hg_forward *forward, int row, bool fused)
{
    return forward->args->o_plus != NULL ? gather_row(forward, row, true, fused)
                                         : gather_row(forward, row, false, fused);
}

/* All results of a row of the batch. */
HG_INLINE void forward_row(const struct hg_forward *forward, int row)
{
    const bool separable = forward->args->exp_p != NULL;
    if (separable) hg_row_separable_max(forward, row);
    if (separable && forward->heads == HG_LANES && sum_row(forward, row, true)) return;
    weigh_row(forward, row);
    sum_row(forward, row, false);
}

/* Prefetches the memory of the results of the row that comes some rows after row r. Wide rows do not need it:
 * the hardware prefetches them in time. */
HG_INLINE void prefetch_results(const struct hg_forward *forward, int r)
{
    const struct hg_attention_forward *args = forward->args;
    const hg_lid row = hg_batch_later_row(forward->batch, r);
    const int vectors = hg_group_vectors(args->heads);
    if (vectors > HG_TILE) return;
    hg_prefetch_result(hg_forward_target(args, row), 4 * forward->heads);
    hg_prefetch_result(hg_forward_target(args, row) + args->layout.o, vectors * HG_LANES);
    if (args->o_plus != NULL) hg_prefetch_result(args->o_plus + row * args->layout.wide, vectors * HG_LANES);
}

HG_INLINE void forward_batch(const struct hg_forward *forward)
{
    const struct hg_attention_forward *args = forward->args;
    if (args->exp_p == NULL) hg_forward_scores(forward);
    if (args->dropout != NULL) HG_KERNEL(batch_drop)
    (forward->batch, &args->in, args->dropout, false, args->heads, forward->x.factor);
    for (int r = 0; r < forward->batch->rows; r++) {
        prefetch_results(forward, r);
        forward_row(forward, r);
    }
}

void HG_ATTENTION_KERNEL(attention_forward)(const struct hg_attention_forward *args, const hg_lid *rows,
                                            int64_t count, hg_real *scratch)
{
    const int array_size = HG_ATTENTION_SCRATCH / 6;
    const struct hg_forward_scratch x = {scratch, scratch + array_size, scratch + 2 * array_size,
                                         scratch + 3 * array_size};
    struct hg_window window;
    const bool dropping = args->dropout != NULL;
    const int max_edges = args->exp_p != NULL && !dropping ? HG_BATCH_MAX_EDGES : HG_BATCH_EDGES;
    hg_window_begin(&window, HG_KERNEL(batches_begin)(&args->in, rows, count, HG_HEADS, max_edges, dropping));
    while (hg_window_next(&window)) {
        const struct hg_forward forward = {args, HG_HEADS, window.current, window.next, x};
        forward_batch(&forward);
    }
}
