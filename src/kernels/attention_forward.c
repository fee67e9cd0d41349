#include "kernels/attention_batch.h"

#include <math.h>
#include <string.h>

/* Arrays of a batch, [edges, lanes] in lane form. */
struct scratch {
    hg_real *s;      /* scores; then the weights of the edges with s_e > 0 */
    hg_real *w;      /* exp(l_e - M_i), then times m_e */
    hg_real *factor; /* m_e */
};

/* M_i of a row that has more edges than a batch: a pass of its own over the scores. */
HG_INLINE void largest_of_long(const struct hg_attention_forward *args, hg_lid i, int heads,
                               hg_real *restrict max)
{
    hg_real s[HG_MAX_HEADS];
    for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++) {
        hg_edge_score(&args->in, e, args->p + (int64_t)args->in.indices[e] * heads,
                      args->q + (int64_t)i * heads, heads, heads, s);
        HG_SIMD
        for (int h = 0; h < heads; h++) max[h] = s[h] > max[h] ? s[h] : max[h];
    }
}

/* s_e of the edges of a row in the batch */
HG_INLINE void row_scores(const struct hg_attention_forward *args, const struct hg_batch *batch,
                          const struct hg_batch *next, int row, hg_real *s, int heads, int lanes)
{
    const hg_real *q = args->q + (int64_t)batch->row[row] * heads;
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        __builtin_prefetch(args->p + (int64_t)next->other[k] * heads);
        hg_edge_score(&args->in, batch->place[row] + k - batch->start[row],
                      args->p + (int64_t)batch->other[k] * heads, q, heads, lanes, s + k * lanes);
    }
}

/* M_i: LeakyReLU is monotone for slopes >= 0, so the largest score gives the largest l_e */
HG_INLINE void row_max(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                       const hg_real *s, int heads, int lanes)
{
    hg_real *restrict max = args->max + (int64_t)batch->row[row] * heads;
    if (!batch->opens) return;
    HG_SIMD
    for (int h = 0; h < heads; h++) max[h] = -(hg_real)INFINITY;
    if (!batch->closes) largest_of_long(args, batch->row[row], heads, max);
    for (int k = batch->start[row]; batch->closes && k < batch->start[row + 1]; k++) {
        HG_SIMD
        for (int h = 0; h < heads; h++) max[h] = s[k * lanes + h] > max[h] ? s[k * lanes + h] : max[h];
    }
    HG_SIMD
    for (int h = 0; h < heads; h++) max[h] = hg_leaky(max[h], args->heads.slope);
}

/* w_e = l_e - M_i */
HG_INLINE void row_exponents(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                             struct scratch x, int heads, int lanes)
{
    const hg_real *max = args->max + (int64_t)batch->row[row] * heads;
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        for (int r = k * lanes; r < (k + 1) * lanes; r += heads) {
            HG_SIMD
            for (int h = 0; h < heads; h++) x.w[r + h] = hg_leaky(x.s[r + h], args->heads.slope) - max[h];
        }
    }
}

/* Sums of w_e over all edges of the row and over those with s_e > 0, kept in place of S and A+ until the row closes. */
HG_INLINE void row_sums(const struct hg_attention_forward *args, const struct hg_batch *batch, int row,
                        struct scratch x, int heads, int lanes)
{
    hg_real unused[HG_MAX_HEADS], *restrict sum = args->inv_sum + (int64_t)batch->row[row] * heads;
    hg_real *restrict plus =
        args->out_plus != NULL ? args->alpha_plus + (int64_t)batch->row[row] * heads : unused;
    HG_SIMD
    for (int h = 0; h < heads; h++) {
        sum[h] = batch->opens ? 0 : sum[h];
        plus[h] = batch->opens || args->out_plus == NULL ? 0 : plus[h];
    }
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            const hg_real w = x.w[k * lanes + h];
            sum[h] += w;
            plus[h] += x.s[k * lanes + h] > 0 ? w : 0;
        }
    }
    if (!batch->closes) return;
    HG_SIMD
    for (int h = 0; h < heads; h++) {
        sum[h] = sum[h] > 0 ? 1 / sum[h] : 0;
        plus[h] *= sum[h];
    }
}

/* Weights of all edges of the batch. */
HG_INLINE void batch_weights(const struct hg_attention_forward *args, const struct hg_batch *batch,
                             const struct hg_batch *next, struct scratch x, int heads, int lanes)
{
    const int n = batch->edges * lanes;
    for (int r = 0; r < batch->rows; r++) {
        row_scores(args, batch, next, r, x.s, heads, lanes);
        row_max(args, batch, r, x.s, heads, lanes);
        row_exponents(args, batch, r, x, heads, lanes);
    }
    HG_BY_VECTORS(k, n) x.w[k] = hg_exp(x.w[k]);
    for (int r = 0; r < batch->rows; r++) row_sums(args, batch, r, x, heads, lanes);
    if (args->dropout != NULL) {
        hg_batch_drop(batch, &args->in, args->dropout, false, heads, lanes, x.factor);
        HG_BY_VECTORS(k, n) x.w[k] *= x.factor[k];
    }
    HG_BY_VECTORS(k, n) x.s[k] = x.s[k] > 0 ? x.w[k] : 0;
}

/* What the sums of one row need. */
struct row_sum {
    const hg_real *inv; /* S_i in lane form */
    hg_real *out, *plus;
    int begin, end;
    bool opens, closes;
};

/* O = sum w_e Z_j for vectors [first, first + tile) of the row, O+ likewise unless plus is NULL; scaled when the row closes. */
HG_INLINE void gather_tile(const struct hg_attention_forward *args, const struct hg_batch *batch,
                           const struct hg_batch *next, struct scratch x, struct row_sum row, int64_t stride,
                           int first, int tile, bool want_plus, int lanes)
{
    hg_vec sum[HG_TILE] = {{0}}, plus[HG_TILE] = {{0}};
    for (int t = 0; t < tile && !row.opens; t++) {
        sum[t] = *(hg_vec *)(row.out + (first + t) * HG_LANES);
        if (want_plus) plus[t] = *(hg_vec *)(row.plus + (first + t) * HG_LANES);
    }
    for (int k = row.begin; k < row.end; k++) {
        const hg_real *z = args->z + batch->other[k] * stride + first * HG_LANES;
        hg_prefetch(args->z + next->other[k] * stride + first * HG_LANES, tile * HG_LANES);
        for (int t = 0; t < tile; t++) {
            const hg_vec part = *(const hg_vec *)(z + t * HG_LANES);
            sum[t] += hg_lane_vector(x.w + k * lanes, first + t, lanes) * part;
            if (want_plus) plus[t] += hg_lane_vector(x.s + k * lanes, first + t, lanes) * part;
        }
    }
    for (int t = 0; t < tile; t++) {
        hg_vec scale = (hg_vec){0} + 1;
        if (row.closes) scale = hg_lane_vector(row.inv, first + t, lanes);
        *(hg_vec *)(row.out + (first + t) * HG_LANES) = sum[t] * scale;
        if (want_plus) *(hg_vec *)(row.plus + (first + t) * HG_LANES) = plus[t] * scale;
    }
}

/* The row tile by tile. */
HG_INLINE void gather_row(const struct hg_attention_forward *args, const struct hg_batch *batch,
                          const struct hg_batch *next, struct scratch x, struct row_sum row, int vectors,
                          bool want_plus, int lanes)
{
    const int64_t stride = (int64_t)vectors * HG_LANES;
    int first = 0;
#define GATHER(tile) gather_tile(args, batch, next, x, row, stride, first, tile, want_plus, lanes)
    for (; first + HG_TILE <= vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef GATHER
}

HG_INLINE void gather_batch(const struct hg_attention_forward *args, const struct hg_batch *batch,
                            const struct hg_batch *next, struct scratch x, int heads, int lanes)
{
    const int64_t stride = hg_row_stride((int64_t)args->heads.count * args->heads.width);
    hg_real inv[HG_MAX_LANES];
    for (int r = 0; r < batch->rows; r++) {
        const int64_t at = batch->row[r] * stride;
        hg_lanes_repeat(args->inv_sum + (int64_t)batch->row[r] * heads, heads, lanes, inv);
        struct row_sum row = {inv,          args->out + at, NULL, batch->start[r], batch->start[r + 1],
                              batch->opens, batch->closes};
        if (args->out_plus != NULL) {
            row.plus = args->out_plus + at;
            gather_row(args, batch, next, x, row, (int)(stride / HG_LANES), true, lanes);
        } else {
            gather_row(args, batch, next, x, row, (int)(stride / HG_LANES), false, lanes);
        }
    }
}

HG_INLINE void forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                            hg_real *scratch, int heads, int lanes)
{
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct scratch x = {scratch, scratch + part, scratch + 2 * part};
    struct hg_batches batches = hg_batches_begin(
        &args->in, rows, count, lanes, hg_row_stride((int64_t)args->heads.count * args->heads.width));
    struct hg_batch batch[2];
    hg_batches_next(&batches, &batch[0]);
    for (int now = 0; batch[now].rows > 0; now = 1 - now) {
        hg_batches_next(&batches, &batch[1 - now]);
        batch_weights(args, &batch[now], &batch[1 - now], x, heads, lanes);
        gather_batch(args, &batch[now], &batch[1 - now], x, heads, lanes);
    }
}

void hg_attention_forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                               hg_real *scratch)
{
    HG_BY_HEADS(forward_rows, args->heads.count, args, rows, count, scratch);
}

void hg_attention_alpha_rows(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                             hg_real *alpha)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const int64_t row = (int64_t)i * heads;
        for (hg_eid e = args->in.indptr[i]; e < args->in.indptr[i + 1]; e++, alpha += heads) {
            hg_edge_score(&args->in, e, args->p + (int64_t)args->in.indices[e] * heads, args->q + row, heads,
                          heads, alpha);
            for (int h = 0; h < heads; h++)
                alpha[h] = hg_exp(hg_leaky(alpha[h], args->heads.slope) - args->max[row + h]) *
                           args->inv_sum[row + h];
        }
    }
}
