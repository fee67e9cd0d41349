/** Slow, obvious twins of the kernels in float64: one loop over edges per sum, everything stored per edge.
 *
 *  Each result has the sum of the absolute values of its terms beside it, because rounding errors are proportional to
 *  that sum. A kernel passes when its error is within `steps` roundings of that sum, however much of the sum itself
 *  cancels. */
#ifndef HG_TESTS_NAIVE_H
#define HG_TESTS_NAIVE_H

#include "base/rng.h"
#include "testing.h"

#include <float.h>
#include <math.h>

#ifdef HG_DOUBLE
#define NAIVE_EPSILON DBL_EPSILON
#else
#define NAIVE_EPSILON ((double)FLT_EPSILON)
#endif

/** Differences below this are ignored: exp gives 0 where float has only subnormal numbers. */
#define NAIVE_FLOOR 1e-33

/** A sum and the sum of the absolute values of its terms. */
struct naive {
    double value, scale;
};

static inline void naive_add(struct naive *sum, double term)
{
    sum->value += term;
    sum->scale += fabs(term);
}

/** sum += factor * term */
static inline void naive_add_sum(struct naive *sum, double factor, struct naive term)
{
    sum->value += factor * term.value;
    sum->scale += fabs(factor) * term.scale;
}

/** Asserts |got - want| <= steps * epsilon * scale for n numbers. */
static inline void assert_near(const char *what, const hg_real *got, const struct naive *want, int64_t n,
                               double steps)
{
    for (int64_t k = 0; k < n; k++) {
        const double error = fabs((double)got[k] - want[k].value);
        if (!(error <= steps * NAIVE_EPSILON * want[k].scale + NAIVE_FLOOR))
            fail_msg("%s[%lld]: %.9g instead of %.9g, %.3g roundings of %.3g", what, (long long)k,
                     (double)got[k], want[k].value, error / NAIVE_EPSILON / want[k].scale, want[k].scale);
    }
}

/** Blocks of one test, freed together. */
struct pool {
    void *block[64];
    int count;
};

/** n elements filled with `byte`: 0, or 0xFF, which is NaN in every floating-point type. */
static inline void *pool_new(struct pool *pool, int64_t n, size_t size, int byte)
{
    void *block = malloc((size_t)n * size + 1);
    assert_true(block != NULL && pool->count < (int)(sizeof pool->block / sizeof *pool->block));
    pool->block[pool->count++] = block;
    return memset(block, byte, (size_t)n * size);
}
#define POOL_NAN(pool, n) pool_new((pool), (n), sizeof(hg_real), 0xFF)
#define POOL_SUMS(pool, n) pool_new((pool), (n), sizeof(struct naive), 0)

static inline void pool_free(struct pool *pool)
{
    while (pool->count > 0) free(pool->block[--pool->count]);
}

/** n random numbers in [-range, range], a function of `salt`; multiples of `grain` unless that is 0. */
static inline hg_real *pool_random(struct pool *pool, int64_t n, double range, double grain, uint64_t salt)
{
    hg_real *x = POOL_NAN(pool, n);
    for (int64_t k = 0; k < n; k++) {
        const double v = range * (2 * hg_rng_uniform((struct hg_rng){{1, 2}}, salt, (uint64_t)k) - 1);
        x[k] = (hg_real)(grain > 0 ? rint(v / grain) * grain : v);
    }
    return x;
}

/** The dropout factor of half k of a block: 0 or 1 / (1 - p), with p rounded to a multiple of 2^-16. */
static inline double naive_keep(struct hg_rng_block block, int k, uint32_t threshold)
{
    const uint32_t draw = k % 2 ? block.word[k / 2] >> 16 : block.word[k / 2] % 65536;
    return draw < threshold ? 0 : 65536 / (65536.0 - threshold);
}

/** A graph's edges, ascending by (target, source), with attention over them. Arrays per edge and head are [edges, K];
 *  rows of K F numbers are [F, K], with rows `stride` numbers apart. */
struct naive_attention {
    int heads, width, stride, attr_cols;
    int first_head; /**< index of the group's first head among those of the layer */
    double slope;
    int64_t rows, edges;
    const hg_lid *source, *target;
    const hg_real *z, *p, *q, *attr, *attr_vector;
    const hg_real *g;                                   /**< [rows, g_cols]: [F, K], or [F] */
    int g_cols;                                         /**< K F, or F: all heads share it */
    double *score, *alpha, *keep;                       /**< s_e, alpha_e, m_e */
    struct naive *max, *inv_sum, *d, *a_plus, *dp, *dq; /**< [rows, K] */
    struct naive *o, *o_plus, *dz;                      /**< [rows, stride] */
    struct naive *du;                                   /**< [rows, attr_cols K] */
};

/** m_e: random bits of (source, target), from the stream folded with (block of 8 heads, ordinal among parallel
 *  copies). */
static inline void naive_masks(struct naive_attention *a, const hg_gid *imported, double p,
                               struct hg_rng stream)
{
    const uint32_t threshold = (uint32_t)rint(p * 65536);
    uint64_t ordinal = 0;
    for (int64_t e = 0; e < a->edges; e++) {
        const hg_lid j = a->source[e], i = a->target[e];
        ordinal = e > 0 && a->source[e - 1] == j && a->target[e - 1] == i ? ordinal + 1 : 0;
        for (int h = 0; h < a->heads; h++) {
            const struct hg_rng rng = hg_rng_fold(stream, (uint64_t)(a->first_head + h) / 8, ordinal);
            const struct hg_rng_block block = hg_rng_bits(rng, (uint64_t)imported[j], (uint64_t)imported[i]);
            a->keep[e * a->heads + h] = naive_keep(block, (a->first_head + h) % 8, threshold);
        }
    }
}

/** alpha of head h: softmax over the edges of each target. */
static inline void naive_softmax(struct naive_attention *a, int h)
{
    const int K = a->heads;
    for (int64_t e = 0; e < a->edges; e++) {
        double *s = &a->score[e * K + h], *l = &a->alpha[e * K + h];
        *s = (double)a->p[a->source[e] * K + h] + (double)a->q[a->target[e] * K + h];
        for (int c = 0; c < a->attr_cols; c++)
            *s += (double)a->attr[e * a->attr_cols + c] * (double)a->attr_vector[c * K + h];
        *l = *s > 0 ? *s : a->slope * *s;
        struct naive *max = &a->max[a->target[e] * K + h];
        if (max->scale == 0 || *l > max->value) *max = (struct naive){*l, fmax(fabs(*l), 1)};
    }
    for (int64_t e = 0; e < a->edges; e++) {
        const int64_t i = a->target[e] * K + h;
        naive_add(&a->inv_sum[i], exp(a->alpha[e * K + h] - a->max[i].value));
    }
    for (int64_t e = 0; e < a->edges; e++) {
        const int64_t i = a->target[e] * K + h;
        a->alpha[e * K + h] = exp(a->alpha[e * K + h] - a->max[i].value) / a->inv_sum[i].value;
    }
    for (int64_t i = h; i < a->rows * K; i += K)
        if (a->inv_sum[i].value > 0) a->inv_sum[i].value = a->inv_sum[i].scale = 1 / a->inv_sum[i].value;
}

/** O, O+ and A+. */
static inline void naive_forward(struct naive_attention *a)
{
    const int K = a->heads, F = a->width;
    for (int h = 0; h < K; h++) naive_softmax(a, h);
    for (int64_t k = 0; k < a->edges * K; k++) {
        const int h = (int)(k % K);
        const int64_t j = a->source[k / K], i = a->target[k / K];
        if (a->score[k] > 0) naive_add(&a->a_plus[i * K + h], a->alpha[k]);
        for (int c = h; c < F * K; c += K) {
            const double term = a->keep[k] * a->alpha[k] * (double)a->z[j * a->stride + c];
            naive_add(&a->o[i * a->stride + c], term);
            if (a->score[k] > 0) naive_add(&a->o_plus[i * a->stride + c], term);
        }
    }
}

/** dalpha_e = m_e <G_i, Z_j> */
static inline struct naive naive_dalpha(const struct naive_attention *a, int64_t e, int h)
{
    struct naive sum = {0, 0};
    for (int f = 0; f < a->width; f++) {
        const int64_t of_z = f * a->heads + h, of_g = a->g_cols == a->width ? f : of_z;
        naive_add(&sum, a->keep[e * a->heads + h] * (double)a->g[a->target[e] * a->g_cols + of_g] *
                            (double)a->z[(int64_t)a->source[e] * a->stride + of_z]);
    }
    return sum;
}

/** Computes D, then dp, dq, dZ and dU, from the stored alpha. */
static inline void naive_backward(struct naive_attention *a)
{
    const int K = a->heads, F = a->width, C = a->attr_cols;
    for (int64_t k = 0; k < a->edges * K; k++)
        naive_add_sum(&a->d[a->target[k / K] * K + k % K], a->alpha[k], naive_dalpha(a, k / K, (int)(k % K)));
    for (int64_t k = 0; k < a->edges * K; k++) {
        const int h = (int)(k % K);
        const int64_t e = k / K, j = a->source[e] * K + h, i = a->target[e] * K + h;
        struct naive ds = {0, 0};
        const double factor = (a->score[k] > 0 ? 1 : a->slope) * a->alpha[k];
        naive_add_sum(&ds, factor, naive_dalpha(a, e, h));
        naive_add_sum(&ds, -factor, a->d[i]);
        naive_add_sum(&a->dp[j], 1, ds);
        naive_add_sum(&a->dq[i], 1, ds);
        for (int f = 0; f < F; f++) {
            const int64_t of_z = f * K + h, of_g = a->g_cols == F ? f : of_z;
            naive_add(&a->dz[(int64_t)a->source[e] * a->stride + of_z],
                      a->keep[k] * a->alpha[k] * (double)a->g[a->target[e] * a->g_cols + of_g]);
        }
        for (int c = 0; c < C; c++)
            naive_add_sum(&a->du[(a->source[e] * C + c) * K + h], (double)a->attr[e * C + c], ds);
    }
}

/** C (+)= op(A) op(B), where C is [m, n] and the inner dimension is `inner`; c0 is what the product is added to, or
 *  NULL. */
static inline void naive_product(bool transpose_a, bool transpose_b, struct hg_mat a, struct hg_mat b,
                                 const hg_real *c0, struct naive *c, int64_t m, int64_t n, int64_t inner)
{
    for (int64_t r = 0; r < m; r++)
        for (int64_t k = 0; k < n; k++) {
            struct naive *sum = &c[r * n + k];
            *sum = (struct naive){0, 0};
            if (c0 != NULL) naive_add(sum, (double)c0[r * n + k]);
            for (int64_t i = 0; i < inner; i++)
                naive_add(sum, (double)a.data[transpose_a ? i * a.stride + r : r * a.stride + i] *
                                   (double)b.data[transpose_b ? k * b.stride + i : i * b.stride + k]);
        }
}

#endif
