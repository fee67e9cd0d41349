#include "kernels/attention_batch.h"
#include "kernels/row_number.h"

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

/* The row [q | M | S | D | G] of target i. */
HG_INLINE const hg_real *target_of(const struct hg_attention_backward *args, hg_lid i, int heads)
{
    return args->targets + i * hg_target_stride(heads, args->heads.width);
}

/* s_e, l_e - M_i (without r_e), S_i and D_i of the batch */
HG_INLINE void batch_scores(const struct hg_attention_backward *args, const struct hg_batch *batch,
                            struct scratch x, int heads, int lanes)
{
    for (int r = 0; r < batch->rows; r++) {
        const hg_real *p = args->p + (int64_t)batch->row[r] * heads;
        for (int k = batch->start[r]; k < batch->start[r + 1]; k++) {
            const hg_real *q = target_of(args, batch->other[k], heads);
            hg_score(p, q, heads, lanes, x.s + k * lanes);
            hg_lanes_repeat(q + heads, heads, lanes, x.w + k * lanes);
            hg_lanes_repeat(q + 2 * heads, heads, lanes, x.inv + k * lanes);
            hg_lanes_repeat(q + 3 * heads, heads, lanes, x.d + k * lanes);
        }
        if (args->out.attr != NULL) hg_add_edge_scores(&args->out, batch, r, heads, lanes, x.s);
    }
}

/* alpha_e = exp(l_e - M_i) S_i, times m_e, and lambda_e alpha_e */
HG_INLINE void batch_weights(const struct hg_attention_backward *args, const struct hg_batch *batch,
                             struct scratch x, int heads, int lanes)
{
    const hg_real slope = args->heads.slope;
    batch_scores(args, batch, x, heads, lanes);
    if (args->dropout != NULL)
        HG_KERNEL(batch_drop)(batch, &args->out, args->dropout, true, heads, lanes, x.factor);
    HG_BY_VECTORS(k, batch->edges * lanes)
    {
        const hg_vec s = HG_AT(x.s, k);
        const hg_vec alpha = hg_exp_vector(hg_leaky_vector(s, slope) - HG_AT(x.w, k)) * HG_AT(x.inv, k);
        HG_AT(x.s, k) = hg_select(s > 0, alpha, slope * alpha);
        HG_AT(x.w, k) = alpha;
        if (args->dropout != NULL) HG_AT(x.w, k) *= HG_AT(x.factor, k);
    }
}

/* dZ_j += w_e G_i for vectors [first, first + tile) of row j, and their part of <G_i, Z_j>. */
HG_INLINE void gather_tile(const struct hg_attention_backward *args, const struct hg_batch *batch,
                           const struct hg_batch *next, struct scratch x, int row, int first, int tile,
                           bool shared, int heads, int lanes)
{
    const int64_t scalars = hg_target_scalars(heads);
    const int dots = hg_lane_vectors(lanes), from = hg_row_vectors_room(first),
              ahead = shared ? from / heads : from;
    const int64_t stride = hg_row_stride((int64_t)heads * args->heads.width);
    const int64_t at = batch->row[row] * stride + first * HG_LANES;
    const hg_real *own = args->z + batch->row[row] * hg_row_room(HG_ROW_TYPE, stride) + from;
    hg_vec z[HG_TILE], dz[HG_TILE] = {{0}};
    for (int t = 0; t < tile; t++) {
        z[t] = hg_row_load(own, t);
        if (!batch->opens) dz[t] = *(hg_vec *)(args->dz + at + t * HG_LANES);
    }
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *g = target_of(args, batch->other[k], heads) + scalars;
        hg_prefetch(target_of(args, next->other[k], heads) + scalars + ahead, hg_row_vectors_room(tile));
        if (first == 0) hg_prefetch(target_of(args, next->other[k], heads), 4 * heads);
        hg_vec *dot = (hg_vec *)(x.dot + (int64_t)k * dots * HG_LANES);
        hg_vec sum = first == 0 ? (hg_vec){0} : dot[0];
        for (int t = 0; t < tile; t++) {
            const hg_vec part = hg_shared_vector(g, first, t, shared, heads);
            dz[t] += hg_lane_vector(x.w + k * lanes, first + t, lanes) * part;
            if (dots == 1)
                sum += part * z[t];
            else if (first + t < dots)
                dot[first + t] = part * z[t];
            else
                dot[(first + t) % dots] += part * z[t];
        }
        if (dots == 1) dot[0] = sum;
    }
    for (int t = 0; t < tile; t++) *(hg_vec *)(args->dz + at + t * HG_LANES) = dz[t];
}

/* A row with more lanes than numbers leaves dots without a term. */
HG_INLINE void zero_dots(const struct hg_batch *batch, struct scratch x, int vectors, int lanes)
{
    const int dots = hg_lane_vectors(lanes);
    if (vectors < dots) memset(x.dot, 0, (size_t)(batch->edges * dots * HG_LANES) * sizeof *x.dot);
}

HG_INLINE void gather_row(const struct hg_attention_backward *args, const struct hg_batch *batch,
                          const struct hg_batch *next, struct scratch x, int row, bool shared, int heads,
                          int lanes)
{
    const int vectors = (int)(hg_row_stride((int64_t)heads * args->heads.width) / HG_LANES);
    int first = 0;
#define GATHER(tile) gather_tile(args, batch, next, x, row, first, tile, shared, heads, lanes)
    for (; first + HG_TILE <= vectors; first += HG_TILE) GATHER(HG_TILE);
    HG_LAST_TILE(GATHER, vectors - first);
#undef GATHER
}

/* ds_e = lambda_e alpha_e (m_e <G_i, Z_j> - D_i) */
HG_INLINE void score_gradients(const struct hg_attention_backward *args, const struct hg_batch *batch,
                               struct scratch x, int heads, int lanes)
{
    const int n = batch->edges * lanes, wide = hg_lane_vectors(lanes) * HG_LANES;
    if (lanes < HG_LANES || heads != lanes)
        for (int k = 0; k < batch->edges; k++)
            hg_lanes_sum(x.dot + k * wide, heads, lanes, x.dot + k * lanes);
    if (args->dropout != NULL) HG_BY_VECTORS(k, n) HG_AT(x.dot, k) *= HG_AT(x.factor, k);
    HG_BY_VECTORS(k, n) HG_AT(x.s, k) *= HG_AT(x.dot, k) - HG_AT(x.d, k);
}

/* dp_j += ds_e: lanes of vector v of the row's numbers, `step` apart */
HG_INLINE hg_vec sum_of_lanes(const hg_real *ds, int count, int step, int lanes)
{
    hg_vec sum = {0};
    for (int k = 0; k < count; k += step) sum += hg_row_lanes(HG_AT(ds, k), count - k, (hg_vec){0}, lanes);
    return sum;
}

HG_INLINE void row_sums(const struct hg_attention_backward *args, const struct hg_batch *batch, int row,
                        struct scratch x, int heads, int lanes)
{
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
HG_INLINE void row_edge_sums(const struct hg_attention_backward *args, const struct hg_batch *batch, int row,
                             struct scratch x, int heads, int lanes)
{
    const int cols = args->out.attr_cols;
    hg_real *restrict du = args->du + (int64_t)batch->row[row] * cols * heads;
    if (batch->opens) memset(du, 0, (size_t)(cols * heads) * sizeof *du);
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++) {
        const hg_real *attr = args->out.attr + (batch->place[row] + k - batch->start[row]) * cols;
        for (int c = 0; c < cols; c++) {
            HG_SIMD
            for (int h = 0; h < heads; h++) du[c * heads + h] += attr[c] * x.s[k * lanes + h];
        }
    }
}

HG_INLINE void backward_batch(const struct hg_attention_backward *args, const struct hg_batch *batch,
                              const struct hg_batch *next, struct scratch x, int heads, int lanes)
{
    const bool shared = args->g_cols == args->heads.width;
    batch_weights(args, batch, x, heads, lanes);
    zero_dots(batch, x, (int)(hg_row_stride((int64_t)heads * args->heads.width) / HG_LANES), lanes);
    for (int r = 0; r < batch->rows; r++)
        if (shared && heads > 1)
            gather_row(args, batch, next, x, r, true, heads, lanes);
        else
            gather_row(args, batch, next, x, r, false, heads, lanes);
    score_gradients(args, batch, x, heads, lanes);
    for (int r = 0; r < batch->rows; r++) row_sums(args, batch, r, x, heads, lanes);
    for (int r = 0; r < batch->rows && args->out.attr != NULL; r++)
        row_edge_sums(args, batch, r, x, heads, lanes);
}

HG_INLINE void backward_rows(const struct hg_attention_backward *args, const hg_lid *rows, int64_t count,
                             hg_real *scratch, int heads, int lanes)
{
    const int part = HG_ATTENTION_SCRATCH / 6;
    const struct scratch x = {
        scratch,           scratch + part, scratch + 2 * part, scratch + 3 * part, scratch + 4 * part,
        scratch + 5 * part};
    struct hg_batches batches = HG_KERNEL(batches_begin)(&args->out, rows, count, lanes,
                                                         hg_target_room(HG_ROW_TYPE, heads, args->g_cols));
    struct hg_batch batch[2];
    HG_KERNEL(batches_next)(&batches, &batch[0]);
    for (int now = 0; batch[now].rows > 0; now = 1 - now) {
        HG_KERNEL(batches_next)(&batches, &batch[1 - now]);
        backward_batch(args, &batch[now], &batch[1 - now], x, heads, lanes);
    }
}

void HG_ROW_KERNEL(attention_backward)(const struct hg_attention_backward *args, const hg_lid *rows,
                                       int64_t count, hg_real *scratch)
{
    HG_BY_HEADS(backward_rows, args->heads.count, args, rows, count, scratch);
}
