#include "kernels/attention.h"

#include "kernels/exp.h"
#include "kernels/simd.h"
#include <math.h>
#include <string.h>

/* Edges are taken in chunks: scores, weights and masks of a chunk are made in scratch [chunk, K], head by head in the inner
 * loop, where the compiler vectorises; then the rows of the other ends are gathered once. Head counts and widths that are
 * common get their own copy of the loops through `inline` functions called with constants. */
#define INLINE static inline __attribute__((always_inline))

int64_t hg_attention_scratch(struct hg_heads heads) { return 2 * (int64_t)HG_ATTENTION_CHUNK * heads.count; }

void hg_attention_dropout_init(struct hg_attention_dropout *dropout, double p, int heads, struct hg_rng stream)
{
    dropout->drop = hg_dropout_make(p, stream);
    for (int b = 0; b * HG_HEADS_PER_BLOCK < heads; b++)
        dropout->block_rng[b] = hg_rng_fold(stream, (uint64_t)b, 0);
}

/* r_e = x_e U, added to the K scores of an edge */
INLINE void add_edge_scores(const struct hg_edge_view *edges, hg_eid e, int heads, hg_real *s)
{
    const hg_real *x = edges->attr + e * edges->attr_cols;
    for (int c = 0; c < edges->attr_cols; c++)
        HG_SIMD
        for (int h = 0; h < heads; h++) s[h] += x[c] * edges->attr_vector[c * heads + h];
}

/* Which of its parallel copies edge e of a row starting at `begin` is: copies are neighbours in the row. */
INLINE uint64_t copy_ordinal(const struct hg_edge_view *edges, hg_eid begin, hg_eid e)
{
    uint64_t ordinal = 0;
    while (e > begin && edges->indices[e] == edges->indices[e - 1]) e--, ordinal++;
    return ordinal;
}

/* weight[h] *= m_e for the heads of one edge (source, target in imported ids) */
INLINE void drop_edge(const struct hg_attention_dropout *dropout, int heads, uint64_t source, uint64_t target,
                      uint64_t ordinal, hg_real *restrict weight)
{
    for (int first = 0, b = 0; first < heads; first += HG_HEADS_PER_BLOCK, b++) {
        const struct hg_rng rng =
            ordinal == 0 ? dropout->block_rng[b] : hg_rng_fold(dropout->drop.rng, (uint64_t)b, ordinal);
        const int n = heads - first < HG_HEADS_PER_BLOCK ? heads - first : HG_HEADS_PER_BLOCK;
        hg_real factor[HG_HEADS_PER_BLOCK];
        hg_dropout_factors(&dropout->drop, hg_rng_bits(rng, source, target), factor);
        for (int k = 0; k < n; k++) weight[first + k] *= factor[k];
    }
}

/* ---- forward ---- */

/* s_e = p_j + q_i (+ r_e) for edges [begin, end) */
INLINE void forward_scores(const struct hg_attention_forward *args, int heads, hg_lid i, hg_eid begin, hg_eid end,
                           hg_real *restrict s)
{
    const hg_real *q = args->q + (int64_t)i * heads;
    for (hg_eid e = begin; e < end; e++) {
        const hg_real *p = args->p + (int64_t)args->in.indices[e] * heads;
        hg_real *to = s + (e - begin) * heads;
        HG_SIMD
        for (int h = 0; h < heads; h++) to[h] = p[h] + q[h];
        if (args->in.attr != NULL) add_edge_scores(&args->in, e, heads, to);
    }
}

INLINE hg_real leaky(hg_real s, hg_real slope) { return s > 0 ? s : slope * s; }

/* M_i: LeakyReLU is monotone for slopes >= 0, so the largest score gives the largest l_e */
INLINE void forward_max(const struct hg_attention_forward *args, int heads, hg_lid i, hg_real *restrict s)
{
    const hg_eid first = args->in.indptr[i], last = args->in.indptr[i + 1];
    hg_real *max = args->max + (int64_t)i * heads;
    for (int h = 0; h < heads; h++) max[h] = -(hg_real)INFINITY;
    /* backwards, so that the first chunk's scores are in scratch when the sums start: most rows have one chunk */
    const hg_eid chunks = (last - first + HG_ATTENTION_CHUNK - 1) / HG_ATTENTION_CHUNK;
    for (hg_eid c = chunks - 1; c >= 0; c--) {
        const hg_eid begin = first + c * HG_ATTENTION_CHUNK, end = hg_min_i64(begin + HG_ATTENTION_CHUNK, last);
        forward_scores(args, heads, i, begin, end, s);
        for (hg_eid e = 0; e < end - begin; e++)
            HG_SIMD
            for (int h = 0; h < heads; h++) max[h] = s[e * heads + h] > max[h] ? s[e * heads + h] : max[h];
    }
    for (int h = 0; h < heads; h++) max[h] = leaky(max[h], args->heads.slope);
}

/* w_e = exp(l_e - M_i), summed over all edges and over those with s_e > 0 */
INLINE void forward_weights(int heads, hg_real slope, int64_t edges, const hg_real *restrict s,
                            const hg_real *restrict max, hg_real *restrict w, hg_real *restrict sum,
                            hg_real *restrict sum_plus)
{
    for (int64_t e = 0; e < edges; e++) {
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            const hg_real score = s[e * heads + h], weight = hg_exp(leaky(score, slope) - max[h]);
            w[e * heads + h] = weight;
            sum[h] += weight;
            sum_plus[h] += score > 0 ? weight : 0;
        }
    }
}

INLINE void forward_drop(const struct hg_attention_forward *args, int heads, hg_lid i, hg_eid begin, hg_eid end,
                         hg_real *w)
{
    for (hg_eid e = begin; e < end; e++)
        drop_edge(args->dropout, heads, (uint64_t)args->in.imported[args->in.indices[e]],
                  (uint64_t)args->in.imported[i], copy_ordinal(&args->in, args->in.indptr[i], e),
                  w + (e - begin) * heads);
}

/* plus += w_e Z_j where s_e > 0, minus += w_e Z_j elsewhere: one sum per element, O = plus + minus */
INLINE void forward_gather(const struct hg_attention_forward *args, int heads, int width, hg_eid begin, hg_eid end,
                           const hg_real *restrict s, const hg_real *restrict w, hg_real *plus, hg_real *minus)
{
    for (hg_eid e = begin; e < end; e++) {
        const hg_real *restrict z = args->z + (int64_t)args->in.indices[e] * heads * width;
        for (int h = 0; h < heads; h++) {
            const int64_t k = (e - begin) * heads + h;
            hg_axpy(width, w[k], z + h * width, (s[k] > 0 ? plus : minus) + h * width);
        }
    }
}

/* O = (plus + minus) S, O+ = plus S, A+ *= S */
INLINE void forward_finish(const struct hg_attention_forward *args, int heads, int width, hg_lid i)
{
    const int64_t row = (int64_t)i * heads * width, scalars = (int64_t)i * heads;
    for (int h = 0; h < heads; h++) {
        hg_real *inv = args->inv_sum + scalars + h;
        *inv = *inv > 0 ? 1 / *inv : 0;
        for (int f = 0; f < width; f++) args->out[row + h * width + f] *= *inv;
    }
    if (args->out_plus == NULL) return;
    for (int h = 0; h < heads; h++) {
        const hg_real inv = args->inv_sum[scalars + h];
        args->alpha_plus[scalars + h] *= inv;
        for (int f = 0; f < width; f++) {
            const int64_t k = row + h * width + f;
            args->out_plus[k] *= inv;
            args->out[k] += args->out_plus[k];
        }
    }
}

INLINE void forward_row(const struct hg_attention_forward *args, int heads, int width, hg_lid i, hg_real *scratch)
{
    const hg_eid first = args->in.indptr[i], last = args->in.indptr[i + 1];
    const int64_t row = (int64_t)i * heads * width, scalars = (int64_t)i * heads;
    const bool both = args->out_plus != NULL;
    hg_real *s = scratch, *w = scratch + (int64_t)HG_ATTENTION_CHUNK * heads;
    hg_real *minus = args->out + row, *plus = both ? args->out_plus + row : minus;
    hg_real unused[HG_MAX_HEADS], *sum = args->inv_sum + scalars, *sum_plus = both ? args->alpha_plus + scalars : unused;
    memset(minus, 0, (size_t)(heads * width) * sizeof *minus);
    memset(plus, 0, (size_t)(heads * width) * sizeof *plus);
    for (int h = 0; h < heads; h++) sum[h] = sum_plus[h] = 0;
    forward_max(args, heads, i, s);
    for (hg_eid begin = first; begin < last; begin += HG_ATTENTION_CHUNK) {
        const hg_eid end = hg_min_i64(begin + HG_ATTENTION_CHUNK, last);
        if (begin > first) forward_scores(args, heads, i, begin, end, s);
        forward_weights(heads, args->heads.slope, end - begin, s, args->max + scalars, w, sum, sum_plus);
        if (args->dropout != NULL) forward_drop(args, heads, i, begin, end, w);
        forward_gather(args, heads, width, begin, end, s, w, plus, minus);
    }
    forward_finish(args, heads, width, i);
}

INLINE void forward_rows(const struct hg_attention_forward *args, int heads, int width, const hg_lid *rows,
                         int64_t count, hg_real *scratch)
{
    for (int64_t k = 0; k < count; k++) forward_row(args, heads, width, rows[k], scratch);
}

void hg_attention_forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                               hg_real *scratch)
{
    const int heads = args->heads.count, width = args->heads.width;
    if (heads == 8 && width == 8) forward_rows(args, 8, 8, rows, count, scratch);
    else if (heads == 8) forward_rows(args, 8, width, rows, count, scratch);
    else if (heads == 4) forward_rows(args, 4, width, rows, count, scratch);
    else if (heads == 1) forward_rows(args, 1, width, rows, count, scratch);
    else forward_rows(args, heads, width, rows, count, scratch);
}

void hg_attention_alpha_rows(const struct hg_attention_forward *args, hg_lid first, hg_lid end, hg_real *alpha,
                             hg_real *scratch)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const hg_eid last = args->in.indptr[i + 1];
        for (hg_eid begin = args->in.indptr[i]; begin < last; begin += HG_ATTENTION_CHUNK) {
            const hg_eid stop = hg_min_i64(begin + HG_ATTENTION_CHUNK, last);
            forward_scores(args, heads, i, begin, stop, scratch);
            for (hg_eid e = begin; e < stop; e++)
                for (int h = 0; h < heads; h++, alpha++)
                    *alpha = hg_exp(leaky(scratch[(e - begin) * heads + h], args->heads.slope) -
                                    args->max[(int64_t)i * heads + h]) *
                             args->inv_sum[(int64_t)i * heads + h];
        }
    }
}

/* ---- backward ---- */

/* The K numbers q, M, S or D (which = 0..3) of a target's row [G | q | M | S | D] */
INLINE const hg_real *target_scalars(const struct hg_attention_backward *args, int heads, hg_lid i, int which)
{
    return args->targets + (int64_t)i * (args->g_cols + 4 * heads) + args->g_cols + which * heads;
}

/* alpha_e, and lambda_e alpha_e in `ds` until dalpha is known */
INLINE void backward_alpha(const struct hg_attention_backward *args, int heads, hg_lid j, hg_eid begin, hg_eid end,
                           hg_real *restrict alpha, hg_real *restrict ds)
{
    const hg_real *p = args->p + (int64_t)j * heads, slope = args->heads.slope;
    for (hg_eid e = begin; e < end; e++) {
        const hg_lid i = args->out.indices[e];
        const hg_real *q = target_scalars(args, heads, i, 0), *max = target_scalars(args, heads, i, 1);
        const hg_real *inv = target_scalars(args, heads, i, 2);
        hg_real *a = alpha + (e - begin) * heads, *d = ds + (e - begin) * heads;
        HG_SIMD
        for (int h = 0; h < heads; h++) d[h] = p[h] + q[h];
        if (args->out.attr != NULL) add_edge_scores(&args->out, e, heads, d);
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            a[h] = hg_exp(leaky(d[h], slope) - max[h]) * inv[h];
            d[h] = (d[h] > 0 ? 1 : slope) * a[h];
        }
    }
}

/* alpha becomes m_e alpha_e */
INLINE void backward_drop(const struct hg_attention_backward *args, int heads, hg_lid j, hg_eid begin, hg_eid end,
                          hg_real *alpha)
{
    for (hg_eid e = begin; e < end; e++)
        drop_edge(args->dropout, heads, (uint64_t)args->out.imported[j],
                  (uint64_t)args->out.imported[args->out.indices[e]],
                  copy_ordinal(&args->out, args->out.indptr[j], e), alpha + (e - begin) * heads);
}

/* dZ_j += m alpha G_i;  ds_e = lambda alpha (m <G_i, Z_j> - D_i) = lambda (<G_i, Z_j> m alpha - alpha D_i). With
 * m alpha = 0 the first term is 0; else m is the scale of dropout, the same for all. */
INLINE void backward_gather(const struct hg_attention_backward *args, int heads, int width, hg_lid j, hg_eid begin,
                            hg_eid end, const hg_real *restrict alpha, hg_real *restrict ds)
{
    const hg_real *restrict z = args->z + (int64_t)j * heads * width;
    hg_real *restrict dz = args->dz + (int64_t)j * heads * width;
    const hg_real keep = args->dropout != NULL ? args->dropout->drop.scale : 1;
    const int step = args->g_cols == width ? 0 : width;
    for (hg_eid e = begin; e < end; e++) {
        const hg_lid i = args->out.indices[e];
        const hg_real *restrict g = args->targets + (int64_t)i * (args->g_cols + 4 * heads);
        const hg_real *restrict d = target_scalars(args, heads, i, 3);
        for (int h = 0; h < heads; h++) {
            const int64_t k = (e - begin) * heads + h;
            const hg_real dot = hg_dot(g + h * step, z + h * width, width);
            hg_axpy(width, alpha[k], g + h * step, dz + h * width);
            ds[k] *= (alpha[k] > 0 ? keep * dot : 0) - d[h];
        }
    }
}

/* dp_j += ds_e,  dU_j += x_e ds_e */
INLINE void backward_scores(const struct hg_attention_backward *args, int heads, hg_lid j, hg_eid begin, hg_eid end,
                            const hg_real *restrict ds)
{
    hg_real *restrict dp = args->dp + (int64_t)j * heads;
    for (hg_eid e = 0; e < end - begin; e++)
        HG_SIMD
        for (int h = 0; h < heads; h++) dp[h] += ds[e * heads + h];
    if (args->out.attr == NULL) return;
    const int cols = args->out.attr_cols;
    hg_real *restrict du = args->du + (int64_t)j * cols * heads;
    for (hg_eid e = begin; e < end; e++)
        for (int c = 0; c < cols; c++)
            HG_SIMD
            for (int h = 0; h < heads; h++)
                du[c * heads + h] += args->out.attr[e * cols + c] * ds[(e - begin) * heads + h];
}

INLINE void backward_row(const struct hg_attention_backward *args, int heads, int width, hg_lid j, hg_real *scratch)
{
    const hg_eid first = args->out.indptr[j], last = args->out.indptr[j + 1];
    hg_real *alpha = scratch, *ds = scratch + (int64_t)HG_ATTENTION_CHUNK * heads;
    memset(args->dz + (int64_t)j * heads * width, 0, (size_t)(heads * width) * sizeof *args->dz);
    memset(args->dp + (int64_t)j * heads, 0, (size_t)heads * sizeof *args->dp);
    if (args->out.attr != NULL)
        memset(args->du + (int64_t)j * args->out.attr_cols * heads, 0,
               (size_t)(args->out.attr_cols * heads) * sizeof *args->du);
    for (hg_eid begin = first; begin < last; begin += HG_ATTENTION_CHUNK) {
        const hg_eid end = hg_min_i64(begin + HG_ATTENTION_CHUNK, last);
        backward_alpha(args, heads, j, begin, end, alpha, ds);
        if (args->dropout != NULL) backward_drop(args, heads, j, begin, end, alpha);
        backward_gather(args, heads, width, j, begin, end, alpha, ds);
        backward_scores(args, heads, j, begin, end, ds);
    }
}

INLINE void backward_rows(const struct hg_attention_backward *args, int heads, int width, const hg_lid *rows,
                          int64_t count, hg_real *scratch)
{
    for (int64_t k = 0; k < count; k++) backward_row(args, heads, width, rows[k], scratch);
}

void hg_attention_backward_rows(const struct hg_attention_backward *args, const hg_lid *rows, int64_t count,
                                hg_real *scratch)
{
    const int heads = args->heads.count, width = args->heads.width;
    if (heads == 8 && width == 8) backward_rows(args, 8, 8, rows, count, scratch);
    else if (heads == 8) backward_rows(args, 8, width, rows, count, scratch);
    else if (heads == 4) backward_rows(args, 4, width, rows, count, scratch);
    else if (heads == 1) backward_rows(args, 1, width, rows, count, scratch);
    else backward_rows(args, heads, width, rows, count, scratch);
}
