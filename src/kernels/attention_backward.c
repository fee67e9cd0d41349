#include "kernels/attention_chunk.h"
#include <string.h>

/* Scratch of a chunk: [chunk, K] each. */
struct weights {
    hg_real *alpha; /* m_e alpha_e */
    hg_real *ds;    /* lambda_e alpha_e, then ds_e */
    hg_real *dot;   /* <G_i, Z_j> */
};

/* Row [G | q | M | S | D] of target i */
HG_INLINE const hg_real *target(const struct hg_attention_backward *args, hg_lid i, int heads)
{
    return args->targets + (int64_t)i * (args->g_cols + 4 * heads);
}

/* alpha_e = exp(l_e - M_i) S_i, and lambda_e alpha_e */
HG_INLINE void weigh(const struct hg_attention_backward *args, const struct hg_chunk *chunk, struct weights w,
                     int heads)
{
    const hg_real *p = args->p + (int64_t)chunk->row * heads, slope = args->heads.slope;
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *q = target(args, args->out.indices[e], heads) + args->g_cols;
        const hg_real *max = q + heads, *inv = q + 2 * heads;
        hg_real *restrict alpha = w.alpha + (e - chunk->begin) * heads, *restrict ds =
                                                                            w.ds + (e - chunk->begin) * heads;
        HG_SIMD
        for (int h = 0; h < heads; h++) ds[h] = p[h] + q[h];
        if (args->out.attr != NULL) hg_chunk_edge_scores(&args->out, e, heads, ds);
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            alpha[h] = hg_exp(hg_leaky(ds[h], slope) - max[h]) * inv[h];
            ds[h] = (ds[h] > 0 ? 1 : slope) * alpha[h];
        }
    }
}

/* Sums of four vectors at once, in the order of hg_dot. */
HG_INLINE void sum_lanes(const hg_vec *v, hg_real *out)
{
    hg_vec4 half[4];
    for (int t = 0; t < 4; t++)
        half[t] =
            __builtin_shufflevector(v[t], v[t], 0, 1, 2, 3) + __builtin_shufflevector(v[t], v[t], 4, 5, 6, 7);
    const hg_vec4 ab = __builtin_shufflevector(half[0], half[1], 0, 1, 4, 5) +
                       __builtin_shufflevector(half[0], half[1], 2, 3, 6, 7);
    const hg_vec4 cd = __builtin_shufflevector(half[2], half[3], 0, 1, 4, 5) +
                       __builtin_shufflevector(half[2], half[3], 2, 3, 6, 7);
    *(hg_vec4 *)out =
        __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

/* dZ_j += m alpha G_i and <G_i, Z_j> for four heads of width 8 from `first` on: sums and Z_j stay in registers. step is the
 * distance of the heads' G: 0 when they share it. */
HG_INLINE void gather_tile(const struct hg_attention_backward *args, const struct hg_chunk *chunk,
                           struct weights w, int first, int heads, int step)
{
    const int64_t at = ((int64_t)chunk->row * heads + first) * HG_LANES;
    const bool started = chunk->begin > chunk->edges->indptr[chunk->row];
    hg_vec z[HG_TILE], dz[HG_TILE] = {{0}};
    for (int t = 0; t < HG_TILE; t++) {
        z[t] = *(const hg_vec *)(args->z + at + t * HG_LANES);
        if (started) dz[t] = *(hg_vec *)(args->dz + at + t * HG_LANES);
    }
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *g = target(args, args->out.indices[e], heads) + first * step;
        const int64_t k = (e - chunk->begin) * heads + first;
        hg_vec product[HG_TILE];
        for (int t = 0; t < HG_TILE; t++) {
            const hg_vec part = *(const hg_vec *)(g + t * step);
            dz[t] += w.alpha[k + t] * part;
            product[t] = part * z[t];
        }
        sum_lanes(product, w.dot + k);
    }
    for (int t = 0; t < HG_TILE; t++) *(hg_vec *)(args->dz + at + t * HG_LANES) = dz[t];
}

/* The same for heads of any width. */
HG_INLINE void gather_any(const struct hg_attention_backward *args, const struct hg_chunk *chunk,
                          struct weights w, int heads, int width, int step)
{
    const hg_real *z = args->z + (int64_t)chunk->row * heads * width;
    hg_real *dz = args->dz + (int64_t)chunk->row * heads * width;
    if (chunk->begin == chunk->edges->indptr[chunk->row]) memset(dz, 0, (size_t)(heads * width) * sizeof *dz);
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *g = target(args, args->out.indices[e], heads);
        for (int h = 0; h < heads; h++) {
            const int64_t k = (e - chunk->begin) * heads + h;
            w.dot[k] = hg_dot(g + h * step, z + h * width, width);
            hg_axpy(width, w.alpha[k], g + h * step, dz + h * width);
        }
    }
}

HG_INLINE void gather(const struct hg_attention_backward *args, const struct hg_chunk *chunk,
                      struct weights w, int heads, int width)
{
    const int step = args->g_cols == width ? 0 : width;
    if (width != HG_LANES || heads % HG_TILE != 0) {
        gather_any(args, chunk, w, heads, width, step);
        return;
    }
    for (int first = 0; first < heads; first += HG_TILE)
        if (step == 0)
            gather_tile(args, chunk, w, first, heads, 0);
        else
            gather_tile(args, chunk, w, first, heads, HG_LANES);
}

/* ds_e = lambda alpha (m <G_i, Z_j> - D_i), dp_j += ds_e. The mask is told from m alpha: where alpha itself is 0, so is ds. */
HG_INLINE void score_gradients(const struct hg_attention_backward *args, const struct hg_chunk *chunk,
                               struct weights w, int heads)
{
    const hg_real keep = args->dropout != NULL ? args->dropout->drop.scale : 1;
    hg_real *restrict dp = args->dp + (int64_t)chunk->row * heads;
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        const hg_real *d = target(args, args->out.indices[e], heads) + args->g_cols + 3 * heads;
        const int64_t k = (e - chunk->begin) * heads;
        HG_SIMD
        for (int h = 0; h < heads; h++) {
            w.ds[k + h] *= (w.alpha[k + h] > 0 ? keep * w.dot[k + h] : 0) - d[h];
            dp[h] += w.ds[k + h];
        }
    }
}

/* dU_j += x_e ds_e */
HG_INLINE void edge_gradients(const struct hg_attention_backward *args, const struct hg_chunk *chunk,
                              struct weights w, int heads)
{
    const int cols = args->out.attr_cols;
    hg_real *restrict du = args->du + (int64_t)chunk->row * cols * heads;
    for (hg_eid e = chunk->begin; e < chunk->end; e++) {
        for (int c = 0; c < cols; c++) {
            HG_SIMD
            for (int h = 0; h < heads; h++)
                du[c * heads + h] += args->out.attr[e * cols + c] * w.ds[(e - chunk->begin) * heads + h];
        }
    }
}

/* dZ starts at 0 where it is gathered, but for a row without edges. */
HG_INLINE void zero_row(const struct hg_attention_backward *args, hg_lid j, int heads, int width)
{
    if (args->out.indptr[j] == args->out.indptr[j + 1])
        memset(args->dz + (int64_t)j * heads * width, 0, (size_t)(heads * width) * sizeof *args->dz);
    HG_SIMD
    for (int h = 0; h < heads; h++) args->dp[(int64_t)j * heads + h] = 0;
    if (args->out.attr != NULL)
        memset(args->du + (int64_t)j * args->out.attr_cols * heads, 0,
               (size_t)(args->out.attr_cols * heads) * sizeof *args->du);
}

HG_INLINE void backward_row(const struct hg_attention_backward *args, hg_lid j, hg_real *scratch, int heads,
                            int width)
{
    const hg_eid last = args->out.indptr[j + 1];
    const int64_t part = (int64_t)HG_ATTENTION_CHUNK * heads;
    const struct weights w = {scratch, scratch + part, scratch + 2 * part};
    zero_row(args, j, heads, width);
    for (hg_eid begin = args->out.indptr[j]; begin < last; begin += HG_ATTENTION_CHUNK) {
        const struct hg_chunk chunk = {&args->out, j, begin, hg_min_i64(begin + HG_ATTENTION_CHUNK, last)};
        weigh(args, &chunk, w, heads);
        if (args->dropout != NULL) HG_KERNEL(chunk_drop)(&chunk, args->dropout, true, heads, w.alpha);
        gather(args, &chunk, w, heads, width);
        score_gradients(args, &chunk, w, heads);
        if (args->out.attr != NULL) edge_gradients(args, &chunk, w, heads);
    }
}

HG_INLINE void backward_rows(const struct hg_attention_backward *args, const hg_lid *rows, int64_t count,
                             hg_real *scratch, int heads, int width)
{
    for (int64_t k = 0; k < count; k++) backward_row(args, rows[k], scratch, heads, width);
}

void HG_KERNEL(attention_backward)(const struct hg_attention_backward *args, const hg_lid *rows,
                                   int64_t count, hg_real *scratch)
{
    HG_BY_SHAPE(backward_rows, args->heads, args, rows, count, scratch);
}
