#include "kernels/attention_batch.h"
#include "kernels/row_number.h"

#include <math.h>
#include <string.h>

/* Arrays of a batch, [edges, lanes] in lane form. */
struct scratch {
    hg_real *s;      /* scores; then the weights of the edges with s_e > 0 */
    hg_real *w;      /* exp(l_e - M_i) m_e */
    hg_real *factor; /* m_e */
};

/* The row [q | M | S | A+ | O] of target i; M_i, S_i and A+_i begin K, 2 K and 3 K numbers later. */
HG_INLINE hg_real *target_of(const struct hg_attention_forward *args, hg_lid i, int heads)
{
    return args->targets + i * hg_target_stride(heads, args->heads.width);
}

/* s_e of the batch */
HG_INLINE void batch_scores(const struct hg_attention_forward *args, const struct hg_batch *batch, hg_real *s,
                            int heads, int lanes)
{
    for (int r = 0; r < batch->rows; r++) {
        const hg_real *q = target_of(args, batch->row[r], heads);
        if (lanes == 1)
            hg_score_one_head(args->p, batch->other, q[0], batch->start[r], batch->start[r + 1], s);
        for (int k = batch->start[r]; lanes > 1 && k < batch->start[r + 1]; k++)
            hg_score(args->p + (int64_t)batch->other[k] * heads, q, heads, lanes, s + k * lanes);
        if (args->in.attr != NULL) hg_add_edge_scores(&args->in, batch, r, heads, lanes, s);
    }
}

/* M_i of a row that has more edges than a batch: a pass of its own over its scores. */
HG_INLINE void max_of_long(const struct hg_attention_forward *args, hg_lid i, int heads)
{
    const hg_real *q = target_of(args, i, heads);
    hg_real s[HG_MAX_HEADS], *restrict max = target_of(args, i, heads) + heads;
    for (int h = 0; h < heads; h++) max[h] = -(hg_real)INFINITY;
    for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++) {
        hg_score(args->p + (int64_t)args->in.indices[e] * heads, q, heads, heads, s);
        if (args->in.attr != NULL) hg_add_edge_score(&args->in, e, heads, heads, s);
        HG_SIMD
        for (int h = 0; h < heads; h++) max[h] = s[h] > max[h] ? s[h] : max[h];
    }
    for (int h = 0; h < heads; h++) max[h] = hg_leaky(max[h], args->heads.slope);
}

/* M_i in every lane of its head, for vector v of the lanes: LeakyReLU is monotone for slopes >= 0, so the largest score gives the
 * largest l_e. The row's scores are `count` numbers at s. */
HG_INLINE hg_vec max_of_short(const hg_real *s, int count, int v, hg_real slope, int lanes)
{
    const hg_vec least = (hg_vec){0} - (hg_real)INFINITY;
    hg_vec max = least;
    for (int k = v * HG_LANES; k < count; k += hg_lane_vectors(lanes) * HG_LANES)
        max = hg_larger(max, hg_row_lanes(HG_AT(s, k), count - k, least, lanes));
    HG_FOLD(max, lanes, hg_larger);
    return hg_leaky_vector(max, slope);
}

/* M_i: made where the row begins, else as its first part left it */
HG_INLINE void row_max(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                       const hg_real *s, hg_vec *lane, int heads, int lanes)
{
    const struct hg_batch_row numbers = hg_batch_numbers(batch, row, lanes);
    hg_real *max = target_of(args, batch->row[row], heads) + heads;
    if (batch->opens && batch->closes) {
        for (int v = 0; v < hg_lane_vectors(lanes); v++)
            lane[v] = max_of_short(s + numbers.begin, numbers.count, v, args->heads.slope, lanes);
        hg_store_heads(lane, heads, max);
        return;
    }
    if (batch->opens) max_of_long(args, batch->row[row], heads);
    for (int v = 0; v < hg_lane_vectors(lanes); v++) lane[v] = hg_head_vector(max, v, heads, lanes);
}

/* w_e = exp(l_e - M_i) m_e, and w_e where s_e > 0 in place of s_e; sums of exp(l_e - M_i) over the row's edges here and over those with
 * s_e > 0, for vector v of the lanes. The first rows of the next batch are fetched meanwhile. */
HG_INLINE void weigh_lanes(const struct hg_attention_forward *args, struct scratch x,
                           struct hg_batch_row numbers, const struct hg_ahead *ahead, int v, hg_vec max,
                           hg_vec sum[2], int lanes)
{
    const hg_real slope = args->heads.slope;
    sum[0] = sum[1] = (hg_vec){0};
    for (int k = v * HG_LANES; k < numbers.count; k += hg_lane_vectors(lanes) * HG_LANES) {
        hg_vec *s = &HG_AT(x.s, numbers.begin + k), *w = &HG_AT(x.w, numbers.begin + k);
        const hg_vec old = *s;
        const hg_ivec positive = old > 0;
        if (v == 0 && lanes >= HG_LANES) hg_ahead_early(ahead, (numbers.begin + k) / lanes);
        const hg_vec weight = hg_row_lanes(hg_exp_vector(hg_leaky_vector(old, slope) - max),
                                           numbers.count - k, (hg_vec){0}, lanes);
        hg_vec kept = weight;
        if (args->dropout != NULL) kept *= HG_AT(x.factor, numbers.begin + k);
        sum[0] += weight;
        sum[1] += (hg_vec)(positive & (hg_ivec)weight);
        *w = kept;
        *s = hg_row_lanes((hg_vec)(positive & (hg_ivec)kept), numbers.count - k, old, lanes);
    }
    HG_FOLD(sum[0], lanes, hg_add);
    HG_FOLD(sum[1], lanes, hg_add);
}

/* Adds the sums to those of the row's earlier parts, which are kept in place of S and A+ until the row closes. */
HG_INLINE void row_sums(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                        const hg_vec *sum, const hg_vec *plus, int heads)
{
    hg_real all[HG_MAX_HEADS], some[HG_MAX_HEADS];
    hg_real *restrict inv_sum = target_of(args, batch->row[row], heads) + 2 * heads;
    hg_store_heads(sum, heads, all);
    hg_store_heads(plus, heads, some);
    for (int h = 0; !batch->opens && h < heads; h++) all[h] += inv_sum[h];
    HG_SIMD
    for (int h = 0; h < heads; h++) {
        const hg_real inv = all[h] > 0 ? 1 / all[h] : 0;
        inv_sum[h] = batch->closes ? inv : all[h];
    }
    if (args->o_plus == NULL) return;
    hg_real *restrict alpha_plus = inv_sum + heads;
    for (int h = 0; !batch->opens && h < heads; h++) some[h] += alpha_plus[h];
    HG_SIMD
    for (int h = 0; h < heads; h++) alpha_plus[h] = batch->closes ? some[h] * inv_sum[h] : some[h];
}

HG_INLINE void row_weights(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                           const struct hg_ahead *ahead, struct scratch x, int heads, int lanes)
{
    hg_vec max[HG_MAX_LANES / HG_LANES], sum[HG_MAX_LANES / HG_LANES], plus[HG_MAX_LANES / HG_LANES];
    row_max(args, batch, row, x.s, max, heads, lanes);
    for (int v = 0; v < hg_lane_vectors(lanes); v++) {
        hg_vec both[2];
        weigh_lanes(args, x, hg_batch_numbers(batch, row, lanes), ahead, v, max[v], both, lanes);
        sum[v] = both[0];
        plus[v] = both[1];
    }
    row_sums(args, batch, row, sum, plus, heads);
}

HG_INLINE void batch_weights(const struct hg_attention_forward *args, const struct hg_batch *batch,
                             const struct hg_ahead *ahead, struct scratch x, int heads, int lanes)
{
    batch_scores(args, batch, x.s, heads, lanes);
    if (args->dropout != NULL)
        HG_KERNEL(batch_drop)(batch, &args->in, args->dropout, false, heads, lanes, x.factor);
    for (int r = 0; r < batch->rows; r++) row_weights(args, batch, r, ahead, x, heads, lanes);
}

/* What the sums of one row need. */
struct row_sum {
    const hg_real *inv; /* S_i in lane form */
    hg_real *o, *plus;
    int begin, end;
    bool opens, closes;
};

/* O = sum w_e Z_j for vectors [first, first + tile) of the row, O+ likewise unless plus is NULL; scaled when the row closes. */
HG_INLINE void gather_tile(const struct hg_attention_forward *args, const struct hg_batch *batch,
                           const struct hg_ahead *ahead, struct scratch x, struct row_sum row, int first,
                           int tile, bool want_plus, int lanes)
{
    hg_vec sum[HG_TILE] = {{0}}, plus[HG_TILE] = {{0}};
    for (int t = 0; t < tile && !row.opens; t++) {
        sum[t] = *(hg_vec *)(row.o + (first + t) * HG_LANES);
        if (want_plus) plus[t] = *(hg_vec *)(row.plus + (first + t) * HG_LANES);
    }
    for (int k = row.begin; k < row.end; k++) {
        const hg_real *z = args->z + batch->other[k] * ahead->stride + hg_row_vectors_room(first);
        hg_ahead_late(ahead, k, hg_row_vectors_room(first), hg_row_vectors_room(tile));
        for (int t = 0; t < tile; t++) {
            const hg_vec part = hg_row_load(z, t);
            sum[t] += hg_lane_vector(x.w + k * lanes, first + t, lanes) * part;
            if (want_plus) plus[t] += hg_lane_vector(x.s + k * lanes, first + t, lanes) * part;
        }
    }
    for (int t = 0; t < tile; t++) {
        hg_vec scale = (hg_vec){0} + 1;
        if (row.closes) scale = hg_lane_vector(row.inv, first + t, lanes);
        *(hg_vec *)(row.o + (first + t) * HG_LANES) = sum[t] * scale;
        if (want_plus) *(hg_vec *)(row.plus + (first + t) * HG_LANES) = plus[t] * scale;
    }
}

/* The row tile by tile. */
HG_INLINE void gather_row(const struct hg_attention_forward *args, const struct hg_batch *batch,
                          const struct hg_ahead *ahead, struct scratch x, struct row_sum row, bool want_plus,
                          int lanes)
{
    const int vectors = (int)(hg_row_stride((int64_t)args->heads.count * args->heads.width) / HG_LANES);
    int first = 0;
#define GATHER(tile) gather_tile(args, batch, ahead, x, row, first, tile, want_plus, lanes)
    for (; first + HG_TILE <= vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef GATHER
}

HG_INLINE void gather_batch(const struct hg_attention_forward *args, const struct hg_batch *batch,
                            const struct hg_ahead *ahead, struct scratch x, int heads, int lanes)
{
    hg_real inv[HG_MAX_LANES];
    for (int r = 0; r < batch->rows; r++) {
        hg_real *target = target_of(args, batch->row[r], heads), *o = target + hg_target_scalars(heads);
        hg_lanes_repeat(target + 2 * heads, heads, lanes, inv);
        struct row_sum row = {inv,          o, NULL, batch->start[r], batch->start[r + 1], batch->opens,
                              batch->closes};
        if (args->o_plus != NULL) {
            row.plus = args->o_plus + batch->row[r] * hg_row_stride((int64_t)heads * args->heads.width);
            gather_row(args, batch, ahead, x, row, true, lanes);
        } else {
            gather_row(args, batch, ahead, x, row, false, lanes);
        }
    }
}

HG_INLINE void forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                            hg_real *scratch, int heads, int lanes)
{
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct scratch x = {scratch, scratch + part, scratch + 2 * part};
    const int64_t room = hg_row_room(HG_ROW_TYPE, hg_row_stride((int64_t)heads * args->heads.width));
    struct hg_batches batches = HG_KERNEL(batches_begin)(&args->in, rows, count, lanes, room);
    struct hg_batch batch[2];
    HG_KERNEL(batches_next)(&batches, &batch[0]);
    for (int now = 0; batch[now].rows > 0; now = 1 - now) {
        const struct hg_ahead ahead = {
            &batch[1 - now], args->z, room, args->p, heads, heads, lanes >= HG_LANES ? (int)(room / 2) : 0};
        HG_KERNEL(batches_next)(&batches, &batch[1 - now]);
        batch_weights(args, &batch[now], &ahead, x, heads, lanes);
        gather_batch(args, &batch[now], &ahead, x, heads, lanes);
    }
}

void HG_ROW_KERNEL(attention_forward)(const struct hg_attention_forward *args, const hg_lid *rows,
                                      int64_t count, hg_real *scratch)
{
    HG_BY_HEADS(forward_rows, args->heads.count, args, rows, count, scratch);
}

void HG_ROW_KERNEL(attention_alpha)(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                    hg_real *alpha)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const hg_real *q = target_of(args, i, heads), *max = q + heads, *inv_sum = max + heads;
        for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++, alpha += heads) {
            hg_score(args->p + (int64_t)args->in.indices[e] * heads, q, heads, heads, alpha);
            if (args->in.attr != NULL) hg_add_edge_score(&args->in, e, heads, heads, alpha);
            for (int h = 0; h < heads; h++)
                alpha[h] = hg_exp(hg_leaky(alpha[h], args->heads.slope) - max[h]) * inv_sum[h];
        }
    }
}
