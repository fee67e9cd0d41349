#include "kernels/attention_chunk.h"
#include <math.h>
#include <string.h>

/* s_e = p_j + q_i (+ r_e) */
HG_INLINE void scores(const struct hg_attention_forward *args, const struct hg_chunk *chunk, int heads,
                      hg_real *restrict s)
{
    const hg_real *q = args->q + (int64_t)chunk->row * heads;
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *p = args->p + (int64_t)args->in.indices[e] * heads;
        hg_real *to = s + (e - chunk->begin) * heads;
        HG_SIMD
        for (int h = 0; h < heads; h++) to[h] = p[h] + q[h];
        if (args->in.attr != NULL) hg_chunk_edge_scores(&args->in, e, heads, to);
    }
}

/* Edges of a row from `begin` on, as many as a chunk takes. */
HG_INLINE struct hg_chunk chunk_at(const struct hg_edge_view *edges, hg_lid row, hg_eid begin)
{
    return (struct hg_chunk){edges, row, begin,
                             hg_min_i64(begin + HG_ATTENTION_CHUNK, edges->indptr[row + 1])};
}

/* M_i: LeakyReLU is monotone for slopes >= 0, so the largest score gives the largest l_e */
HG_INLINE void largest(const struct hg_attention_forward *args, hg_lid i, int heads, hg_real *restrict s)
{
    const hg_eid first = args->in.indptr[i], last = args->in.indptr[i + 1];
    hg_real *max = args->max + (int64_t)i * heads;
    HG_SIMD
    for (int h = 0; h < heads; h++) max[h] = -(hg_real)INFINITY;
    /* backwards, so that the first chunk's scores are in scratch when the sums start: most rows have one chunk */
    for (hg_eid c = (last - first + HG_ATTENTION_CHUNK - 1) / HG_ATTENTION_CHUNK - 1; c >= 0; c--) {
        const struct hg_chunk chunk = chunk_at(&args->in, i, first + c * HG_ATTENTION_CHUNK);
        scores(args, &chunk, heads, s);
        for (hg_eid e = 0; e < chunk.end - chunk.begin; e++) {
            HG_SIMD
            for (int h = 0; h < heads; h++) max[h] = s[e * heads + h] > max[h] ? s[e * heads + h] : max[h];
        }
    }
    HG_SIMD
    for (int h = 0; h < heads; h++) max[h] = hg_leaky(max[h], args->heads.slope);
}

/* w_e = exp(l_e - M_i), summed over all edges and over those with s_e > 0 */
HG_INLINE void weigh(hg_real slope, int64_t edges, int heads, const hg_real *restrict s,
                     const hg_real *restrict max, hg_real *restrict w, hg_real *restrict sum,
                     hg_real *restrict sum_plus)
{
    for (int64_t e = 0; e < edges; e++) {
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            const hg_real score = s[e * heads + h], weight = hg_exp(hg_leaky(score, slope) - max[h]);
            w[e * heads + h] = weight;
            sum[h] += weight;
            sum_plus[h] += score > 0 ? weight : 0;
        }
    }
}

/* The weights of edges with s_e > 0 replace the scores. */
HG_INLINE void keep_plus(int64_t n, hg_real *restrict s, const hg_real *restrict w)
{
    HG_SIMD
    for (int64_t k = 0; k < n; k++) s[k] = s[k] > 0 ? w[k] : 0;
}

/* out += w_e Z_j for HG_TILE vectors of the row from `first` on; plus likewise with w_plus unless NULL. The sums stay in
 * registers over the chunk, and start at 0 in the row's first. */
HG_INLINE void gather_tile(const struct hg_attention_forward *args, const struct hg_chunk *chunk, int first,
                           const hg_real *restrict w, const hg_real *restrict w_plus, hg_real *out,
                           hg_real *plus, int heads, int width)
{
    const int64_t row = (int64_t)heads * width;
    hg_vec sum[HG_TILE] = {{0}}, sum_plus[HG_TILE] = {{0}};
    for (int t = 0; t < HG_TILE && chunk->begin > chunk->edges->indptr[chunk->row]; t++) {
        sum[t] = *(hg_vec *)(out + (first + t) * HG_LANES);
        if (plus != NULL) sum_plus[t] = *(hg_vec *)(plus + (first + t) * HG_LANES);
    }
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *z = args->z + args->in.indices[e] * row + first * HG_LANES;
        const int64_t at = (e - chunk->begin) * heads;
        for (int t = 0; t < HG_TILE; t++) {
            const hg_vec part = *(const hg_vec *)(z + t * HG_LANES);
            const int64_t k = at + (first + t) * HG_LANES / width;
            sum[t] += w[k] * part;
            if (plus != NULL) sum_plus[t] += w_plus[k] * part;
        }
    }
    for (int t = 0; t < HG_TILE; t++) {
        *(hg_vec *)(out + (first + t) * HG_LANES) = sum[t];
        if (plus != NULL) *(hg_vec *)(plus + (first + t) * HG_LANES) = sum_plus[t];
    }
}

HG_INLINE void zero_sums(hg_real *out, hg_real *plus, int64_t n)
{
    memset(out, 0, (size_t)n * sizeof *out);
    if (plus != NULL) memset(plus, 0, (size_t)n * sizeof *plus);
}

/* The same for rows of any width. */
HG_INLINE void gather_any(const struct hg_attention_forward *args, const struct hg_chunk *chunk,
                          const hg_real *restrict w, const hg_real *restrict w_plus, hg_real *out,
                          hg_real *plus, int heads, int width)
{
    if (chunk->begin == chunk->edges->indptr[chunk->row]) zero_sums(out, plus, heads * width);
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *z = args->z + (int64_t)args->in.indices[e] * heads * width;
        for (int h = 0; h < heads; h++) {
            const int64_t k = (e - chunk->begin) * heads + h;
            hg_axpy(width, w[k], z + h * width, out + h * width);
            if (plus != NULL && w_plus[k] != 0) hg_axpy(width, w_plus[k], z + h * width, plus + h * width);
        }
    }
}

HG_INLINE void gather(const struct hg_attention_forward *args, const struct hg_chunk *chunk,
                      const hg_real *restrict w, const hg_real *restrict w_plus, hg_real *out, hg_real *plus,
                      int heads, int width)
{
    const int vectors = heads * width / HG_LANES;
    if (width % HG_LANES != 0 || vectors % HG_TILE != 0) {
        gather_any(args, chunk, w, w_plus, out, plus, heads, width);
        return;
    }
    for (int first = 0; first < vectors; first += HG_TILE)
        if (plus != NULL)
            gather_tile(args, chunk, first, w, w_plus, out, plus, heads, width);
        else
            gather_tile(args, chunk, first, w, w_plus, out, NULL, heads, width);
}

/* S = 1 / sum; O, O+ and A+ are multiplied by it */
HG_INLINE void normalise(const struct hg_attention_forward *args, hg_lid i, int heads, int width)
{
    const int64_t scalars = (int64_t)i * heads, row = scalars * width;
    hg_real *restrict inv = args->inv_sum + scalars;
    HG_SIMD
    for (int h = 0; h < heads; h++) inv[h] = inv[h] > 0 ? 1 / inv[h] : 0;
    for (int h = 0; h < heads; h++) hg_scale(width, inv[h], args->out + row + h * width);
    if (args->out_plus == NULL) return;
    hg_real *restrict alpha_plus = args->alpha_plus + scalars;
    HG_SIMD
    for (int h = 0; h < heads; h++) alpha_plus[h] *= inv[h];
    for (int h = 0; h < heads; h++) hg_scale(width, inv[h], args->out_plus + row + h * width);
}

HG_INLINE void forward_row(const struct hg_attention_forward *args, hg_lid i, hg_real *scratch, int heads,
                           int width)
{
    const int64_t scalars = (int64_t)i * heads, row = scalars * width;
    hg_real *s = scratch, *w = scratch + (int64_t)HG_ATTENTION_CHUNK * heads, unused[HG_MAX_HEADS];
    hg_real *out = args->out + row, *plus = args->out_plus != NULL ? args->out_plus + row : NULL;
    hg_real *sum = args->inv_sum + scalars, *sum_plus = plus != NULL ? args->alpha_plus + scalars : unused;
    HG_SIMD
    for (int h = 0; h < heads; h++) sum[h] = sum_plus[h] = 0;
    largest(args, i, heads, s);
    if (args->in.indptr[i] == args->in.indptr[i + 1]) zero_sums(out, plus, heads * width);
    for (hg_eid begin = args->in.indptr[i]; begin < args->in.indptr[i + 1]; begin += HG_ATTENTION_CHUNK) {
        const struct hg_chunk chunk = chunk_at(&args->in, i, begin);
        if (begin > args->in.indptr[i]) scores(args, &chunk, heads, s);
        weigh(args->heads.slope, chunk.end - begin, heads, s, args->max + scalars, w, sum, sum_plus);
        if (args->dropout != NULL) HG_KERNEL(chunk_drop)(&chunk, args->dropout, false, heads, w);
        if (plus != NULL) keep_plus((chunk.end - begin) * heads, s, w);
        gather(args, &chunk, w, s, out, plus, heads, width);
    }
    normalise(args, i, heads, width);
}

HG_INLINE void forward_rows(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                            hg_real *scratch, int heads, int width)
{
    for (int64_t k = 0; k < count; k++) forward_row(args, rows[k], scratch, heads, width);
}

void HG_KERNEL(attention_forward)(const struct hg_attention_forward *args, const hg_lid *rows, int64_t count,
                                  hg_real *scratch)
{
    HG_BY_SHAPE(forward_rows, args->heads, args, rows, count, scratch);
}

void HG_KERNEL(attention_alpha)(const struct hg_attention_forward *args, hg_lid first, hg_lid end,
                                hg_real *alpha, hg_real *scratch)
{
    const int heads = args->heads.count;
    for (hg_lid i = first; i < end; i++) {
        const hg_real *max = args->max + (int64_t)i * heads, *inv = args->inv_sum + (int64_t)i * heads;
        for (hg_eid begin = args->in.indptr[i]; begin < args->in.indptr[i + 1]; begin += HG_ATTENTION_CHUNK) {
            const struct hg_chunk chunk = chunk_at(&args->in, i, begin);
            scores(args, &chunk, heads, scratch);
            for (int64_t k = 0; k < (chunk.end - begin) * heads; k++)
                *alpha++ = hg_exp(hg_leaky(scratch[k], args->heads.slope) - max[k % heads]) * inv[k % heads];
        }
    }
}
