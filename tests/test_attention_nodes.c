/* What attention does per node against its definition, for heads of every kind: alone, several to a vector, a vector of them, several
 * vectors, and numbers that fit no vector. */
#include "kernel_sets.h"
#include "naive.h"

enum { ROWS = 37, FIRST = 2, END = 35, STEPS = 40 };

/* One layer's nodes, rows of K F numbers `stride` apart, and the numbers that were there before. */
struct problem {
    struct pool pool;
    struct hg_attention_nodes nodes;
    int K, F;
    int64_t out, stride, target;
    hg_real *before; /* what dz was */
    hg_real *dy, *rows, *residual;
};

/* `rows` rows of n random numbers, zeros up to the stride. */
static hg_real *random_rows(struct problem *x, int64_t rows, int64_t n, int64_t stride, uint64_t salt)
{
    hg_real *m = pool_random(&x->pool, rows * stride, 1, 0, salt);
    for (int64_t k = 0; k < rows * stride; k++) m[k] = k % stride < n ? m[k] : 0;
    return m;
}

static void problem_create(struct problem *x, int K, int F, bool concat, enum hg_activation activation,
                           int with)
{
    *x = (struct problem){.K = K, .F = F, .out = concat ? K * F : F, .stride = hg_row_stride(K * F)};
    x->target = hg_target_stride(K, F);
    hg_real **wide[] = {&x->nodes.z, &x->nodes.o_plus, &x->nodes.dz};
    hg_real **scalar[] = {&x->nodes.dp, &x->nodes.dq, &x->nodes.p};
    x->nodes.heads = (struct hg_heads){K, F, (hg_real)0.25};
    x->nodes.concat = concat;
    x->nodes.activation = activation;
    x->nodes.residual = with & 1 ? pool_random(&x->pool, ROWS * x->out, 1, 0, 30) : NULL;
    x->nodes.bias = with & 2 ? pool_random(&x->pool, x->out, 1, 0, 50) : NULL;
    x->nodes.a_src = random_rows(x, 1, K * F, x->stride, 51);
    x->nodes.a_dst = random_rows(x, 1, K * F, x->stride, 52);
    for (int k = 0; k < 3; k++) *wide[k] = random_rows(x, ROWS, K * F, x->stride, (uint64_t)k);
    for (int k = 0; k < 3; k++)
        *scalar[k] = pool_random(&x->pool, (int64_t)ROWS * K, 1, 0, (uint64_t)(10 + k));
    x->dy = pool_random(&x->pool, ROWS * x->out + HG_LANES, 1, 0, 31);
    const int64_t scalars = hg_target_scalars(K);
    x->nodes.targets = pool_random(&x->pool, ROWS * x->target, 1, 0, 32);
    for (int64_t k = 0; k < ROWS * x->target; k++)
        if (k % x->target >= scalars + K * F) x->nodes.targets[k] = 0;
    x->before = POOL_NAN(&x->pool, x->stride * ROWS);
}

/* Numbers of target i: 0 q, 1 M, 2 S, 3 A+ or D of each head; 4: O or G. */
static hg_real *part_of(const struct problem *x, const hg_real *targets, int64_t i, int k)
{
    return (hg_real *)(uintptr_t)targets + i * x->target + (k < 4 ? k * x->K : hg_target_scalars(x->K));
}

static hg_real *copy_of(struct problem *x, const hg_real *numbers, int64_t n)
{
    hg_real *copy = POOL_NAN(&x->pool, n);
    if (numbers != NULL) memcpy(copy, numbers, (size_t)n * sizeof *copy);
    return copy;
}

static struct naive dot(const struct problem *x, const hg_real *a, const hg_real *b, int h, bool shared)
{
    struct naive sum = {0, 0};
    for (int f = 0; f < x->F; f++)
        naive_add(&sum, (double)a[shared ? f : f * x->K + h] * (double)b[f * x->K + h]);
    return sum;
}

static void check_scores(struct problem *x)
{
    kernels->nodes_scores(&x->nodes, FIRST, END);
    for (int64_t k = FIRST * x->K; k < END * x->K; k++) {
        const hg_real *z = x->nodes.z + k / x->K * x->stride;
        const struct naive p = dot(x, x->nodes.a_src, z, (int)(k % x->K), false),
                           q = dot(x, x->nodes.a_dst, z, (int)(k % x->K), false);
        assert_near("p", x->nodes.p + k, &p, 1, STEPS);
        assert_near("q", part_of(x, x->nodes.targets, k / x->K, 0) + k % x->K, &q, 1, STEPS);
    }
}

static double activated(enum hg_activation activation, double y)
{
    if (y > 0 || activation == HG_IDENTITY) return y;
    return activation == HG_ELU ? expm1(y) : 0;
}

/* T of column c of row i, from a row with O. */
static struct naive before_activation(const struct problem *x, int64_t i, int64_t c)
{
    const hg_real *o = part_of(x, x->rows, i, 4);
    struct naive t = {0, 0};
    if (x->nodes.concat) naive_add(&t, (double)o[c]);
    for (int h = 0; h < x->K && !x->nodes.concat; h++) naive_add(&t, (double)o[c * x->K + h] / x->K);
    if (x->nodes.residual != NULL) naive_add(&t, (double)x->residual[i * x->out + c]);
    if (x->nodes.bias != NULL) naive_add(&t, (double)x->nodes.bias[c]);
    return t;
}

static void check_output(struct problem *x)
{
    hg_real *y = POOL_NAN(&x->pool, (END - FIRST) * x->out);
    kernels->nodes_output(&x->nodes, FIRST, END, y);
    for (int64_t k = 0; k < (END - FIRST) * x->out; k++) {
        struct naive t = before_activation(x, FIRST + k / x->out, k % x->out);
        t.value = activated(x->nodes.activation, t.value);
        assert_near("Y", y + k, &t, 1, STEPS);
    }
}

static double slope_at(enum hg_activation activation, double t)
{
    if (t > 0 || activation == HG_IDENTITY) return 1;
    return activation == HG_ELU ? exp(t) : 0;
}

static void check_target(const struct problem *x, int64_t i)
{
    const hg_real *got = x->nodes.targets, *g = part_of(x, got, i, 4), *o = part_of(x, x->rows, i, 4);
    const hg_real *dt = x->dy + (i - FIRST) * x->out;
    for (int64_t c = x->out; c < hg_row_stride(x->out); c++) assert_true(g[c] == 0);
    for (int64_t c = 0; c < x->out; c++) {
        const double want = (double)dt[c] / (x->nodes.concat ? 1 : x->K);
        assert_near("G", g + c, &(struct naive){want, fabs(want)}, 1, 2);
        if (x->nodes.residual != NULL) assert_true(x->nodes.residual[i * x->out + c] == dt[c]);
    }
    assert_memory_equal(part_of(x, got, i, 0), part_of(x, x->rows, i, 0), (size_t)(3 * x->K) * sizeof *g);
    for (int h = 0; h < x->K; h++) {
        const struct naive d = dot(x, g, o, h, !x->nodes.concat);
        struct naive dq = {0, 0};
        naive_add_sum(&dq, 0.75, dot(x, g, x->nodes.o_plus + i * x->stride, h, !x->nodes.concat));
        naive_add_sum(&dq, -0.75 * (double)part_of(x, x->rows, i, 3)[h], d);
        assert_near("D", part_of(x, got, i, 3) + h, &d, 1, STEPS);
        assert_near("dq", x->nodes.dq + i * x->K + h, &dq, 1, STEPS);
    }
}

static void check_open(struct problem *x)
{
    double *dbias = pool_new(&x->pool, x->out, sizeof *dbias, 0);
    struct naive *sum = POOL_SUMS(&x->pool, x->out);
    const hg_real *dy = copy_of(x, x->dy, ROWS * x->out);
    kernels->nodes_open(&x->nodes, FIRST, END, x->dy, dbias);
    for (int64_t k = 0; k < (END - FIRST) * x->out; k++) {
        const struct naive t = before_activation(x, FIRST + k / x->out, k % x->out);
        const double want = (double)dy[k] * slope_at(x->nodes.activation, t.value);
        const double scale = fabs((double)dy[k]) * (1 + t.scale);
        /* at T = 0 the derivative of ReLU jumps */
        if (x->nodes.activation != HG_RELU || fabs(t.value) > STEPS * NAIVE_EPSILON * t.scale)
            assert_near("dT", x->dy + k, &(struct naive){want, scale}, 1, 4);
        naive_add(&sum[k % x->out], (double)x->dy[k]);
    }
    for (int64_t c = 0; c < x->out; c++)
        assert_true(fabs(dbias[c] - sum[c].value) <= 4 * NAIVE_EPSILON * sum[c].scale);
    for (int64_t i = FIRST; i < END; i++) check_target(x, i);
}

static void check_close(struct problem *x)
{
    double *da[2];
    struct naive *want[2];
    for (int k = 0; k < 2; k++) {
        da[k] = pool_new(&x->pool, x->stride, sizeof *da[k], 0);
        want[k] = POOL_SUMS(&x->pool, x->stride);
    }
    memcpy(x->before, x->nodes.dz, (size_t)(ROWS * x->stride) * sizeof *x->before);
    kernels->nodes_close(&x->nodes, FIRST, END, da[0], da[1]);
    for (int64_t i = FIRST; i < END; i++)
        for (int64_t c = 0; c < x->K * x->F; c++) {
            const int64_t k = i * x->K + c % x->K, at = i * x->stride + c;
            const double dp = (double)x->nodes.dp[k], dq = (double)x->nodes.dq[k];
            struct naive dz = {0, 0};
            naive_add(&dz, (double)x->before[at]);
            naive_add(&dz, dp * (double)x->nodes.a_src[c]);
            naive_add(&dz, dq * (double)x->nodes.a_dst[c]);
            assert_near("dZ", x->nodes.dz + at, &dz, 1, 4);
            naive_add(&want[0][c], dp * (double)x->nodes.z[at]);
            naive_add(&want[1][c], dq * (double)x->nodes.z[at]);
        }
    for (int64_t c = 0; c < 2 * x->K * x->F; c++) {
        const struct naive *sum = &want[c % 2][c / 2];
        assert_true(fabs(da[c % 2][c / 2] - sum->value) <= STEPS * NAIVE_EPSILON * sum->scale);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    static const int heads[] = {1, 2, 3, 4, 5, 8, 16, 24, 255}, widths[] = {1, 3, 7, 8, 13, 64};
    for (int k = 0; k < (int)(sizeof heads / sizeof *heads * (sizeof widths / sizeof *widths)); k++) {
        for (int round = 0; round < 6; round++) {
            struct problem x;
            problem_create(&x, heads[k / 6], widths[k % 6], round % 2, (enum hg_activation)(round % 3),
                           (k + round) % 4);
            check_scores(&x);
            x.rows = copy_of(&x, x.nodes.targets, ROWS * x.target);
            x.residual = copy_of(&x, x.nodes.residual, ROWS * x.out);
            check_output(&x);
            check_open(&x);
            check_close(&x);
            pool_free(&x.pool);
        }
    }
}

/* Divergence must reach the loss; values near 0 keep their relative accuracy. */
static void test_activations(void **state)
{
    (void)state;
    static const double column[] = {0, 1e-8, -1e-8, -1e-4, -0.3, -1, -20, -1000, 2, 1e30, -1e30, NAN};
    enum { COLUMNS = sizeof column / sizeof *column };
    for (int a = HG_ELU; a <= HG_IDENTITY; a++) {
        hg_real row[HG_LANES + (COLUMNS + HG_LANES - 1) / HG_LANES * HG_LANES] = {0}, y[COLUMNS];
        hg_real *o = row + hg_target_scalars(1);
        for (int c = 0; c < COLUMNS; c++) o[c] = (hg_real)column[c];
        const struct hg_attention_nodes nodes = {
            .heads = {1, COLUMNS, 0}, .concat = true, .activation = (enum hg_activation)a, .targets = row};
        kernels->nodes_output(&nodes, 0, 1, y);
        for (int c = 0; c < COLUMNS - 1; c++) {
            const double want = activated((enum hg_activation)a, (double)o[c]);
            assert_near("activation", &y[c], &(struct naive){want, fabs(want)}, 1, 3);
        }
        assert_true(isnan(y[COLUMNS - 1]));
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_shapes),
    cmocka_unit_test(test_activations),
};

HG_KERNEL_TEST_MAIN(tests)
