#include "kernels/attention_batch.h"

#include <string.h>

/* Arrays of a batch, [edges, lanes] in lane form. */
struct scratch {
    hg_real *s;      /* s_e, then lambda_e alpha_e, then ds_e */
    hg_real *w;      /* M_i, then m_e alpha_e */
    hg_real *inv;    /* S_i */
    hg_real *d;      /* D_i */
    hg_real *factor; /* m_e */
    hg_real *dot;    /* <G_i, Z_j>: its lanes' sums [edges, 8 or more], then lane form */
};

/* The batch at hand. */
struct pass {
    const struct hg_attention_backward *args;
    const struct hg_batch *batch, *next;
    struct scratch x;
};

/* The row [q | M | S | D | G] of target i. */
HG_INLINE const hg_real *target_of(const struct hg_attention_backward *args, hg_lid i, int heads)
{
    return args->targets + i * hg_target_stride(heads, args->heads.width);
}

/* alpha_e and lambda_e alpha_e of eight numbers and more, from s_e, M_i and S_i. */
struct weights {
    hg_wide alpha, slope_alpha;
};

HG_INLINE struct weights weigh(hg_wide s, hg_wide max, hg_wide inv_sum, hg_real slope)
{
    const hg_wide alpha = hg_exp_wide(hg_leaky_wide(s, slope) - max) * inv_sum;
    return (struct weights){alpha, hg_wide_select(s > 0, alpha, slope * alpha)};
}

/* Vector k of the scalars of two targets, or of the first where registers hold one. */
HG_INLINE hg_wide scalars_of(const hg_real *a, const hg_real *b, int k)
{
    return hg_wide_of(*(const hg_vec *)(a + k * HG_LANES), *(const hg_vec *)(b + k * HG_LANES));
}

/* Weights of a row's edges for eight heads, straight from the targets' rows. What it writes behind them belongs to rows that come later. */
HG_APART void weigh_eight(const struct hg_attention_backward *args, const hg_lid *other, int count, hg_vec p,
                          hg_real *s, hg_real *w)
{
    const int64_t stride = hg_target_stride(HG_LANES, args->heads.width);
    const hg_real *targets = args->targets, slope = args->heads.slope;
    const hg_wide p_wide = hg_wide_of(p, p);
    for (int k = 0; k < count; k += HG_WIDE) {
        const hg_real *a = targets + other[k] * stride, *b = targets + other[k + HG_WIDE - 1] * stride;
        const struct weights weights =
            weigh(p_wide + scalars_of(a, b, 0), scalars_of(a, b, 1), scalars_of(a, b, 2), slope);
        HG_WIDE_AT(w, k * HG_LANES) = weights.alpha;
        HG_WIDE_AT(s, k * HG_LANES) = weights.slope_alpha;
    }
}

/* s_e, M_i, S_i and D_i of a row's edges for one head: eight rows of four numbers become four of eight. What it writes behind them belongs
 * to rows that come later. */
HG_APART void scores_of_one(const struct hg_attention_backward *args, const hg_lid *other, int count,
                            hg_real p, struct scratch x)
{
    const int64_t stride = hg_target_stride(1, args->heads.width);
    const hg_real *targets = args->targets;
    for (int k = 0; k < count; k += HG_LANES) {
        hg_vec pair[4]; /* edge k + r in the lower, k + r + 4 in the upper half */
        for (int r = 0; r < 4; r++)
            pair[r] = __builtin_shufflevector(*(const hg_vec4 *)(targets + other[k + r] * stride),
                                              *(const hg_vec4 *)(targets + other[k + r + 4] * stride), 0, 1,
                                              2, 3, 4, 5, 6, 7);
        const hg_vec qm01 = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13),
                     qm23 = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13),
                     sd01 = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15),
                     sd23 = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
        HG_AT(x.s, k) = __builtin_shufflevector(qm01, qm23, 0, 1, 8, 9, 4, 5, 12, 13) + p;
        HG_AT(x.w, k) = __builtin_shufflevector(qm01, qm23, 2, 3, 10, 11, 6, 7, 14, 15);
        HG_AT(x.inv, k) = __builtin_shufflevector(sd01, sd23, 0, 1, 8, 9, 4, 5, 12, 13);
        HG_AT(x.d, k) = __builtin_shufflevector(sd01, sd23, 2, 3, 10, 11, 6, 7, 14, 15);
    }
}

/* The same of any heads. */
HG_INLINE void scores_of_any(const struct pass *pass, int row, int heads, int lanes)
{
    const struct hg_batch *batch = pass->batch;
    const struct scratch x = pass->x;
    const hg_real *p = pass->args->p + (int64_t)batch->row[row] * heads;
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *q = target_of(pass->args, batch->other[k], heads);
        hg_score(p, q, heads, lanes, x.s + k * lanes);
        hg_lanes_repeat(q + heads, heads, lanes, x.w + k * lanes);
        hg_lanes_repeat(q + 2 * heads, heads, lanes, x.inv + k * lanes);
        hg_lanes_repeat(q + 3 * heads, heads, lanes, x.d + k * lanes);
    }
}

HG_APART void weigh_numbers(struct scratch x, int count, hg_real slope)
{
    for (int k = 0; k < count; k += HG_WIDE_LANES) {
        const struct weights weights =
            weigh(HG_WIDE_AT(x.s, k), HG_WIDE_AT(x.w, k), HG_WIDE_AT(x.inv, k), slope);
        HG_WIDE_AT(x.w, k) = weights.alpha;
        HG_WIDE_AT(x.s, k) = weights.slope_alpha;
    }
}

/* m_e alpha_e and lambda_e alpha_e of the batch */
HG_INLINE void batch_weights(const struct pass *pass, int heads, int lanes)
{
    const struct hg_attention_backward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const struct scratch x = pass->x;
    const bool eight = heads == HG_LANES && args->out.attr == NULL;
    for (int r = 0; r < batch->rows; r++) {
        const struct hg_batch_row numbers = hg_batch_numbers(batch, r, lanes);
        const hg_lid *other = batch->other + batch->start[r];
        const hg_real *p = args->p + (int64_t)batch->row[r] * heads;
        if (eight)
            weigh_eight(args, other, numbers.count / HG_LANES, *(const hg_vec *)p, x.s + numbers.begin,
                        x.w + numbers.begin);
        else if (heads == 1)
            scores_of_one(args, other, numbers.count, p[0],
                          (struct scratch){.s = x.s + numbers.begin,
                                           .w = x.w + numbers.begin,
                                           .inv = x.inv + numbers.begin,
                                           .d = x.d + numbers.begin});
        else
            scores_of_any(pass, r, heads, lanes);
        if (args->out.attr != NULL) hg_add_edge_scores(&args->out, batch, r, heads, lanes, x.s);
    }
    if (!eight) weigh_numbers(x, batch->edges * lanes, args->heads.slope);
    if (args->dropout == NULL) return;
    HG_KERNEL(batch_drop)(batch, &args->out, args->dropout, true, heads, lanes, x.factor);
    for (int k = 0; k < batch->edges * lanes; k += HG_WIDE_LANES)
        HG_WIDE_AT(x.w, k) *= HG_WIDE_AT(x.factor, k);
}

/* Vectors [first, first + size) of row j, where first is even. */
struct part {
    int row, first, size;
};

/* G as the heads see it in a part: their own, or the one that they share. */
HG_INLINE struct hg_tile part_of_g(const hg_real *g, struct part part, bool shared, int heads)
{
    struct hg_tile tile = hg_tile_zero();
    if (!shared || heads == 1) return hg_tile_row(g + hg_row_vectors_room(part.first), part.size);
    HG_UNROLL
    for (int t = 0; t < part.size; t += HG_WIDE)
        hg_tile_set(&tile, t, part.size, hg_shared_vector(g, part.first, t, true, heads),
                    hg_shared_vector(g, part.first, t + HG_WIDE - 1, true, heads));
    return tile;
}

/* The same where the lanes are one vector: the sum. */
HG_INLINE hg_vec part_dot(const hg_real *dot, struct part part, struct hg_tile g, struct hg_tile z)
{
    hg_vec sum = {0};
    if (part.first > 0) sum = *(const hg_vec *)dot;
    return hg_tile_dot(sum, g, z, part.size);
}

/* The part's terms of <G_i, Z_j> added to the sums of earlier parts in dot [hg_lane_vectors]. */
HG_INLINE void add_dots(hg_real *dot, struct part part, struct hg_tile g, struct hg_tile z, int lanes)
{
    const int dots = hg_lane_vectors(lanes);
    if (dots == 1) {
        HG_AT(dot, 0) = part_dot(dot, part, g, z);
        return;
    }
    const struct hg_tile product = hg_tile_product(g, z, part.size);
    for (int t = 0; t < part.size; t++) {
        hg_vec *place = &HG_AT(dot, (part.first + t) % dots * HG_LANES);
        const hg_vec term = hg_tile_get(&product, t, part.size);
        if (part.first + t < dots)
            *place = term;
        else
            *place += term;
    }
}

/* dZ_j += w_e G_i for a part of row j, and its terms of <G_i, Z_j>. With `closing`, in the last part of rows of eight heads, these become
 * ds_e on the spot, and dp_j. */
HG_INLINE void gather_part(const struct pass *pass, struct part part, bool shared, bool closing, int heads,
                           int lanes)
{
    const struct hg_attention_backward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const struct scratch x = pass->x;
    const int first = part.first, size = part.size, from = hg_row_vectors_room(first);
    const int64_t scalars = hg_target_scalars(heads), j = batch->row[part.row],
                  stride = hg_row_stride((int64_t)heads * args->heads.width),
                  target_stride = hg_target_stride(heads, args->heads.width);
    const hg_real *targets = args->targets, *ahead = targets + scalars + (shared ? from / heads : from);
    hg_real *dz_row = args->dz + j * stride + first * HG_LANES, *dp = args->dp + j * heads;
    const struct hg_tile z = hg_tile_row(args->z + j * hg_row_room(HG_ROW_TYPE, stride) + from, size);
    struct hg_tile dz = batch->opens ? hg_tile_zero() : hg_tile_load(dz_row, size);
    hg_vec sum = {0};
    for (int k = batch->start[part.row]; k < batch->start[part.row + 1]; k++) {
        hg_real *dot = x.dot + k * hg_lane_vectors(lanes) * HG_LANES;
        const hg_real *target = targets + batch->other[k] * target_stride;
        hg_prefetch(ahead + batch->other[k + HG_AHEAD] * target_stride, hg_row_vectors_room(size));
        if (first == 0) hg_prefetch(targets + pass->next->other[k] * target_stride, 4 * heads);
        const struct hg_tile g = part_of_g(target + scalars, part, shared, heads);
        dz = hg_tile_add(dz, hg_tile_lanes(x.w + k * lanes, first, size, lanes), g, size);
        if (closing) {
            hg_vec dalpha = part_dot(dot, part, g, z);
            if (args->dropout != NULL) dalpha *= HG_AT(x.factor, k * HG_LANES);
            const hg_vec ds = HG_AT(x.s, k * HG_LANES) * (dalpha - *(const hg_vec *)(target + 3 * HG_LANES));
            HG_AT(x.s, k * HG_LANES) = ds;
            sum += ds;
        } else {
            add_dots(dot, part, g, z, lanes);
        }
    }
    hg_tile_store(dz_row, dz, size);
    if (closing && !batch->opens) sum += HG_AT(dp, 0);
    if (closing) HG_AT(dp, 0) = sum;
}

/* The row part by part. */
HG_INLINE void gather_row(const struct pass *pass, int row, bool shared, int heads, int lanes)
{
    const int vectors = (int)(hg_row_stride((int64_t)heads * pass->args->heads.width) / HG_LANES);
    int first = 0;
#define GATHER(size) gather_part(pass, (struct part){row, first, size}, shared, false, heads, lanes)
#define CLOSE(size)                                                                                          \
    gather_part(pass, (struct part){row, first, size}, shared, heads == HG_LANES, heads, lanes)
    for (; first + HG_TILE < vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(CLOSE, vectors - first);
#undef CLOSE
#undef GATHER
}

/* A row with more lanes than numbers leaves dots without a term. */
HG_INLINE void zero_dots(const struct hg_batch *batch, struct scratch x, int vectors, int lanes)
{
    const int dots = hg_lane_vectors(lanes);
    if (vectors < dots) memset(x.dot, 0, (size_t)(batch->edges * dots * HG_LANES) * sizeof *x.dot);
}

/* Sums of the eight lanes of each dot: eight edges at a time, in the order of HG_FOLD. */
HG_APART void fold_dots_of_one(hg_real *dot, int edges)
{
    for (int k = 0; k < edges; k += HG_LANES) {
        hg_vec half[4];
        for (int r = 0; r < 4; r++) {
            const hg_vec a = HG_AT(dot, (k + r) * HG_LANES), b = HG_AT(dot, (k + r + 4) * HG_LANES);
            half[r] = __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11) +
                      __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15);
        }
        const hg_vec two[2] = {__builtin_shufflevector(half[0], half[1], 0, 1, 8, 9, 4, 5, 12, 13) +
                                   __builtin_shufflevector(half[0], half[1], 2, 3, 10, 11, 6, 7, 14, 15),
                               __builtin_shufflevector(half[2], half[3], 0, 1, 8, 9, 4, 5, 12, 13) +
                                   __builtin_shufflevector(half[2], half[3], 2, 3, 10, 11, 6, 7, 14, 15)};
        HG_AT(dot, k) = __builtin_shufflevector(two[0], two[1], 0, 2, 8, 10, 4, 6, 12, 14) +
                        __builtin_shufflevector(two[0], two[1], 1, 3, 9, 11, 5, 7, 13, 15);
    }
}

/* ds_e = lambda_e alpha_e (m_e <G_i, Z_j> - D_i) */
HG_INLINE void score_gradients(const struct pass *pass, int heads, int lanes)
{
    const struct scratch x = pass->x;
    const int edges = pass->batch->edges, wide = hg_lane_vectors(lanes) * HG_LANES;
    if (heads == 1)
        fold_dots_of_one(x.dot, edges);
    else if (lanes < HG_LANES || heads != lanes)
        for (int k = 0; k < edges; k++) hg_lanes_sum(x.dot + k * wide, heads, lanes, x.dot + k * lanes);
    if (pass->args->dropout != NULL) HG_BY_VECTORS(k, edges * lanes) HG_AT(x.dot, k) *= HG_AT(x.factor, k);
    HG_BY_VECTORS(k, edges * lanes) HG_AT(x.s, k) *= HG_AT(x.dot, k) - HG_AT(x.d, k);
}

/* dp_j += ds_e: lanes of vector v of the row's numbers, `step` apart */
HG_INLINE hg_vec sum_of_lanes(const hg_real *ds, int count, int step, int lanes)
{
    hg_vec sum = {0};
    for (int k = 0; k < count; k += step) sum += hg_row_lanes(HG_AT(ds, k), count - k, (hg_vec){0}, lanes);
    return sum;
}

HG_INLINE void row_sums(const struct pass *pass, int row, int heads, int lanes)
{
    const struct hg_attention_backward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const struct scratch x = pass->x;
    const int wide = hg_lane_vectors(lanes) * HG_LANES;
    const struct hg_batch_row numbers = hg_batch_numbers(batch, row, lanes);
    hg_real sum[HG_MAX_LANES], *dp = args->dp + (int64_t)batch->row[row] * heads;
    for (int v = 0; v < wide; v += HG_LANES)
        HG_AT(sum, v) = sum_of_lanes(x.s + numbers.begin + v, numbers.count - v, wide, lanes);
    if (lanes < HG_LANES) hg_lanes_sum(sum, heads, lanes, sum);
    HG_SIMD
    for (int h = 0; h < heads; h++) dp[h] = batch->opens ? sum[h] : dp[h] + sum[h];
}

/* dU_j += x_e ds_e */
HG_INLINE void row_edge_sums(const struct pass *pass, int row, int heads, int lanes)
{
    const struct hg_attention_backward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const struct scratch x = pass->x;
    const int cols = args->out.attr_cols;
    hg_real *restrict du = args->du + (int64_t)batch->row[row] * cols * heads;
    if (batch->opens) memset(du, 0, (size_t)(cols * heads) * sizeof *du);
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *attr = args->out.attr + hg_batch_edge(batch, row, k) * cols;
        for (int c = 0; c < cols; c++) {
            HG_SIMD
            for (int h = 0; h < heads; h++) du[c * heads + h] += attr[c] * x.s[k * lanes + h];
        }
    }
}

HG_INLINE void backward_batch(const struct pass *pass, int heads, int lanes)
{
    const struct hg_attention_backward *args = pass->args;
    const struct hg_batch *batch = pass->batch;
    const bool shared = args->g_cols == args->heads.width;
    batch_weights(pass, heads, lanes);
    zero_dots(batch, pass->x, (int)(hg_row_stride((int64_t)heads * args->heads.width) / HG_LANES), lanes);
    for (int r = 0; r < batch->rows; r++)
        if (shared && heads > 1)
            gather_row(pass, r, true, heads, lanes);
        else
            gather_row(pass, r, false, heads, lanes);
    if (heads != HG_LANES) {
        score_gradients(pass, heads, lanes);
        for (int r = 0; r < batch->rows; r++) row_sums(pass, r, heads, lanes);
    }
    for (int r = 0; r < batch->rows && args->out.attr != NULL; r++) row_edge_sums(pass, r, heads, lanes);
}

HG_INLINE void backward_rows(const struct hg_attention_backward *args, const hg_lid *rows, int64_t count,
                             hg_real *scratch, int heads, int lanes)
{
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct scratch x = {
        scratch,           scratch + part, scratch + 2 * part, scratch + 3 * part, scratch + 4 * part,
        scratch + 5 * part};
    struct hg_batches batches =
        HG_KERNEL(batches_begin)(&args->out, rows, count, lanes, args->dropout != NULL);
    struct hg_batch batch[2];
    HG_KERNEL(batches_next)(&batches, &batch[0], NULL);
    for (int now = 0; batch[now].rows > 0; now = 1 - now) {
        HG_KERNEL(batches_next)(&batches, &batch[1 - now], &batch[now]);
        const struct pass pass = {args, &batch[now], &batch[1 - now], x};
        backward_batch(&pass, heads, lanes);
    }
}

HG_COPIES(backward, struct hg_attention_backward, backward_rows)

void HG_ROW_KERNEL(attention_backward)(const struct hg_attention_backward *args, const hg_lid *rows,
                                       int64_t count, hg_real *scratch)
{
    HG_CALL_COPY(backward, args, rows, count, scratch);
}
