/* The steps of attention per node against their definitions, for every size of a group of heads; and outputs of layers
 * with several groups. */
#include "kernels/head_groups.h"
#include "row_types.h"

enum { ROWS = 37, FIRST = 2, END = 35, STEPS = 40 };

/* The nodes of one layer, with rows of K F numbers `stride` apart, and the earlier contents of arrays that are added
 * to. */
struct problem {
    struct pool pool;
    struct hg_attention_nodes nodes;
    struct hg_head_group group;
    struct hg_attention_outputs outputs;
    int K, F;
    int64_t out, stride, target;
    hg_real *before; /* contents of dz before the call */
    hg_real *z, *g, *dy, *rows, *residual;
};

/* `rows` rows of n random numbers, padded with zeros to `stride`. */
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
    x->nodes.layout = row_layout(K, F, F % 3 * HG_LANES);
    x->target = x->nodes.layout.target;
    hg_real **wide[] = {&x->z, &x->nodes.o_plus, &x->nodes.dz};
    hg_real **scalar[] = {&x->nodes.dp, &x->nodes.dq, &x->nodes.p};
    x->nodes.separated = with & 1;
    x->nodes.exp_p = with & 2 ? POOL_NAN(&x->pool, (int64_t)ROWS * 2 * K) : NULL;
    x->nodes.heads = (struct hg_heads){K, F, (hg_real)0.25, 0};
    x->nodes.shared_g = !concat;
    x->group = (struct hg_head_group){0, K, 0};
    x->outputs = (struct hg_attention_outputs){.group = &x->group,
                                               .groups = 1,
                                               .heads = K,
                                               .width = F,
                                               .concat = concat,
                                               .activation = activation,
                                               .stride = x->target};
    x->outputs.residual = with & 1 ? pool_random(&x->pool, ROWS * x->out, 1, 0, 30) : NULL;
    x->outputs.bias = with & 2 ? pool_random(&x->pool, x->out, 1, 0, 50) : NULL;
    x->nodes.a_src = random_rows(x, 1, K * F, x->stride, 51);
    x->nodes.a_dst = random_rows(x, 1, K * F, x->stride, 52);
    for (int k = 0; k < 3; k++) *wide[k] = random_rows(x, ROWS, K * F, x->stride, (uint64_t)k);
    for (int k = 0; k < 3; k++)
        *scalar[k] = pool_random(&x->pool, (int64_t)ROWS * K, 1, 0, (uint64_t)(10 + k));
    row_round(x->z, ROWS * x->stride);
    x->nodes.z = rows_stored(&x->pool, x->z, ROWS, x->stride, x->nodes.layout.z);
    x->dy = pool_random(&x->pool, ROWS * x->out, 1, 0, 31);
    const int64_t scalars = hg_target_scalars(K);
    x->nodes.targets = pool_random(&x->pool, ROWS * x->target, 1, 0, 32);
    for (int64_t k = 0; k < ROWS * x->target; k++)
        if (k % x->target >= scalars + K * F) x->nodes.targets[k] = 0;
    x->outputs.o = x->nodes.targets + scalars;
    x->before = POOL_NAN(&x->pool, x->stride * ROWS);
    x->g = POOL_NAN(&x->pool, hg_row_stride(x->out));
}

/* Numbers of target i: k = 0 q, 1 M, 2 S, 3 A+ or D of each head; 4: O or G. */
static hg_real *part_of(const struct problem *x, const hg_real *targets, int64_t i, int k)
{
    return (hg_real *)(uintptr_t)targets + i * x->target + (k < 4 ? k * x->K : hg_target_scalars(x->K));
}

/* Sets M as the forward pass leaves it with separated scores: LeakyReLU(q). */
static void shift_by_scores(struct problem *x)
{
    for (int64_t i = 0; i < ROWS; i++)
        for (int h = 0; h < x->K; h++) {
            hg_real *q = part_of(x, x->nodes.targets, i, 0) + h;
            q[x->K] = *q > 0 ? *q : *q / 4;
        }
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

/* Checks the exponentials of p, and whether scores are found separable. */
static void check_exponentials(const struct problem *x, bool separable)
{
    bool all = x->nodes.exp_p != NULL;
    for (int64_t k = FIRST * x->K; k < END * x->K && x->nodes.exp_p != NULL; k++) {
        const double p = (double)x->nodes.p[k], above = exp(0.75 * p), below = exp(0.25 * p);
        const hg_real *pair = x->nodes.exp_p + k / x->K * 2 * x->K + k % x->K;
        const double steps = 3 + fabs(p);
        all = all && fabs(p) <= HG_SEPARABLE_MAX_P;
        assert_near("exp((1 - lambda) p)", pair, &(struct naive){above, above}, 1, steps);
        assert_near("exp(lambda p)", pair + x->K, &(struct naive){below, below}, 1, steps);
    }
    assert_int_equal(separable, all);
}

static void check_scores(struct problem *x)
{
    check_exponentials(x, row_kernels(x->nodes.heads.count)->nodes_scores(&x->nodes, FIRST, END));
    for (int64_t k = FIRST * x->K; k < END * x->K; k++) {
        const hg_real *z = x->z + k / x->K * x->stride;
        const struct naive p = dot(x, x->nodes.a_src, z, (int)(k % x->K), false),
                           q = dot(x, x->nodes.a_dst, z, (int)(k % x->K), false);
        assert_near("p", x->nodes.p + k, &p, 1, STEPS);
        assert_near("q", part_of(x, x->nodes.targets, k / x->K, 0) + k % x->K, &q, 1, STEPS);
    }
}

static double activated(enum hg_activation activation, double y)
{
    if (activation == HG_SILU) return y / (1 + exp(-y));
    if (y > 0 || activation == HG_IDENTITY) return y;
    return activation == HG_ELU ? expm1(y) : 0;
}

/* T in column c of row i. */
static struct naive before_activation(const struct problem *x, int64_t i, int64_t c)
{
    const hg_real *o = part_of(x, x->rows, i, 4);
    struct naive t = {0, 0};
    if (x->outputs.concat) naive_add(&t, (double)o[c]);
    for (int h = 0; h < x->K && !x->outputs.concat; h++) naive_add(&t, (double)o[c * x->K + h] / x->K);
    if (x->outputs.residual != NULL) naive_add(&t, (double)x->residual[i * x->out + c]);
    if (x->outputs.bias != NULL) naive_add(&t, (double)x->outputs.bias[c]);
    return t;
}

static void check_output(struct problem *x)
{
    hg_real *y = POOL_NAN(&x->pool, (END - FIRST) * x->out);
    kernels->outputs(&x->outputs, FIRST, END, y);
    for (int64_t k = 0; k < (END - FIRST) * x->out; k++) {
        struct naive t = before_activation(x, FIRST + k / x->out, k % x->out);
        t.value = activated(x->outputs.activation, t.value);
        assert_near("Y", y + k, &t, 1, STEPS);
    }
}

static double slope_at(enum hg_activation activation, double t)
{
    const double s = 1 / (1 + exp(-t));
    if (activation == HG_SILU) return s + t * s * (1 - s);
    if (t > 0 || activation == HG_IDENTITY) return 1;
    return activation == HG_ELU ? exp(t) : 0;
}

/* dL/dT of a column of row i, from dy = dL/dY. */
static struct naive before_gradient(const struct problem *x, const hg_real *dy, int64_t i, int64_t c)
{
    const struct naive t = before_activation(x, i, c);
    const double dy_c = (double)dy[(i - FIRST) * x->out + c];
    return (struct naive){dy_c * slope_at(x->outputs.activation, t.value), fabs(dy_c) * (1 + t.scale)};
}

/* Whether T is 0, where the derivative of ReLU jumps. */
static bool at_jump(const struct problem *x, int64_t i, int64_t c)
{
    const struct naive t = before_activation(x, i, c);
    return x->outputs.activation == HG_RELU && fabs(t.value) <= STEPS * NAIVE_EPSILON * t.scale;
}

/* Compares G of row i, which replaces O, with dL/dT; returns G. */
static hg_real *check_gradient(struct problem *x, const hg_real *dy, int64_t i)
{
    hg_real *g = x->g;
    const double share = x->outputs.concat ? 1 : 1.0 / x->K;
    for (int64_t c = 0; c < hg_row_stride(x->out); c++)
        g[c] = row_number(part_of(x, x->nodes.targets, i, 4), c);
    for (int64_t c = x->out; c < hg_row_stride(x->out); c++) assert_true(g[c] == 0);
    for (int64_t c = 0; c < x->out; c++) {
        struct naive dt = before_gradient(x, dy, i, c);
        if (at_jump(x, i, c)) continue;
        if (x->outputs.residual != NULL)
            assert_near("residual", x->outputs.residual + i * x->out + c, &dt, 1, 4);
        dt.value *= share;
        dt.scale *= share;
        if (row_type == HG_HALO_REAL)
            assert_near("G", g + c, &dt, 1, 6);
        else
            assert_true(fabs((double)g[c] - dt.value) <= ldexp(fabs(dt.value), -8) + 1e-5 * dt.scale);
    }
    return g;
}

/* Checks u, v and q, which replace q, M and S. */
static void check_branches(const struct problem *x, int64_t i)
{
    const hg_real *got = part_of(x, x->nodes.targets, i, 0), *before = part_of(x, x->rows, i, 0);
    for (int h = 0; h < x->K; h++) {
        const double q = (double)before[h], max = (double)before[x->K + h],
                     inv_sum = (double)before[2 * x->K + h];
        const double u = exp(q - max) * inv_sum, v = exp(0.25 * q - max) * inv_sum;
        assert_near("u", got + h, &(struct naive){u, fabs(u)}, 1, STEPS);
        assert_near("v", got + x->K + h, &(struct naive){v, fabs(v)}, 1, STEPS);
        assert_true(got[2 * x->K + h] == before[h]);
    }
}

static void check_target(struct problem *x, const hg_real *dy, int64_t i)
{
    const hg_real *got = x->nodes.targets, *g = check_gradient(x, dy, i), *o = part_of(x, x->rows, i, 4);
    if (x->nodes.separated)
        check_branches(x, i);
    else
        assert_memory_equal(part_of(x, got, i, 0), part_of(x, x->rows, i, 0), (size_t)(3 * x->K) * sizeof *g);
    for (int h = 0; h < x->K; h++) {
        const struct naive d = dot(x, g, o, h, !x->outputs.concat);
        struct naive dq = {0, 0};
        naive_add_sum(&dq, 0.75, dot(x, g, x->nodes.o_plus + i * x->stride, h, !x->outputs.concat));
        naive_add_sum(&dq, -0.75 * (double)part_of(x, x->rows, i, 3)[h], d);
        assert_near("D", part_of(x, got, i, 3) + h, &d, 1, STEPS);
        assert_near("dq", x->nodes.dq + i * x->K + h, &dq, 1, STEPS);
    }
}

static void check_backward_begin(struct problem *x)
{
    double *dbias = pool_new(&x->pool, x->out, sizeof *dbias, 0);
    const hg_real *dy = copy_of(x, x->dy, ROWS * x->out);
    kernels->outputs_backward(&x->outputs, FIRST, END, x->dy, dbias);
    row_kernels(x->K)->nodes_backward_begin(&x->nodes, FIRST, END, x->dy, x->out);
    for (int64_t c = 0; c < x->out; c++) {
        struct naive sum = {0, 0};
        double jumps = 0;
        for (int64_t i = FIRST; i < END; i++) {
            naive_add_sum(&sum, 1, before_gradient(x, dy, i, c));
            if (at_jump(x, i, c)) jumps += fabs((double)dy[(i - FIRST) * x->out + c]);
        }
        assert_true(fabs(dbias[c] - sum.value) <= 4 * NAIVE_EPSILON * sum.scale + jumps);
    }
    for (int64_t i = FIRST; i < END; i++) check_target(x, dy, i);
}

static void check_backward_end(struct problem *x)
{
    double *da[2];
    struct naive *want[2];
    for (int k = 0; k < 2; k++) {
        da[k] = pool_new(&x->pool, x->stride, sizeof *da[k], 0);
        want[k] = POOL_SUMS(&x->pool, x->stride);
    }
    memcpy(x->before, x->nodes.dz, (size_t)(ROWS * x->stride) * sizeof *x->before);
    row_kernels(x->nodes.heads.count)->nodes_backward_end(&x->nodes, FIRST, END, da[0], da[1]);
    for (int64_t i = FIRST; i < END; i++)
        for (int64_t c = 0; c < x->K * x->F; c++) {
            const int64_t k = i * x->K + c % x->K, at = i * x->stride + c;
            const double dp = (double)x->nodes.dp[k], dq = (double)x->nodes.dq[k];
            struct naive dz = {0, 0};
            naive_add(&dz, (double)x->before[at]);
            naive_add(&dz, dp * (double)x->nodes.a_src[c]);
            naive_add(&dz, dq * (double)x->nodes.a_dst[c]);
            assert_near("dZ", x->nodes.dz + at, &dz, 1, 4);
            naive_add(&want[0][c], dp * (double)x->z[at]);
            naive_add(&want[1][c], dq * (double)x->z[at]);
        }
    for (int64_t c = 0; c < 2 * x->K * x->F; c++) {
        const struct naive *sum = &want[c % 2][c / 2];
        assert_true(fabs(da[c % 2][c / 2] - sum->value) <= STEPS * NAIVE_EPSILON * sum->scale);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    static const int heads[] = {1, 2, 4, 8}, widths[] = {1, 3, 7, 8, 13, 64};
    for (int k = 0; k < (int)(sizeof heads / sizeof *heads * (sizeof widths / sizeof *widths)); k++) {
        for (int round = 0; round < 2 * HG_ACTIVATIONS; round++) {
            struct problem x;
            problem_create(&x, heads[k / 6], widths[k % 6], round % 2, (enum hg_activation)(round / 2),
                           (k + round) % 4);
            check_scores(&x);
            if (x.nodes.separated) shift_by_scores(&x);
            x.rows = copy_of(&x, x.nodes.targets, ROWS * x.target);
            x.residual = copy_of(&x, x.outputs.residual, ROWS * x.out);
            check_output(&x);
            check_backward_begin(&x);
            check_backward_end(&x);
            pool_free(&x.pool);
        }
    }
}

/* The outputs of layers with several groups of heads. Number n of a row of O is n + 1. */
static void check_groups(int heads, int width, bool concat)
{
    struct hg_head_group group[HG_MAX_GROUPS];
    const int groups = hg_head_groups(heads, width, row_type, group);
    const int64_t stride = group[groups - 1].place + hg_row_stride((int64_t)group[groups - 1].count * width),
                  out = (int64_t)(concat ? heads : 1) * width;
    struct pool pool = {0};
    hg_real *o = POOL_NAN(&pool, stride), *y = POOL_NAN(&pool, out);
    struct naive *want = POOL_SUMS(&pool, out);
    for (int64_t n = 0; n < stride; n++) o[n] = (hg_real)(n + 1);
    for (int g = 0; g < groups; g++) {
        const int count = group[g].count;
        assert_int_equal(group[g].first, g == 0 ? 0 : group[g - 1].first + group[g - 1].count);
        assert_true(HG_LANES % count == 0 && group[g].place % (row_type == HG_HALO_BF16 ? 16 : 8) == 0);
        for (int n = 0; n < count * width; n++) {
            const double value = (double)o[group[g].place + n];
            const int h = group[g].first + n % count, f = n / count;
            assert_int_equal(hg_head_index(heads, width, h, f), group[g].first * width + n);
            naive_add(&want[concat ? group[g].first * width + n : f], concat ? value : value / heads);
        }
    }
    assert_int_equal(group[groups - 1].first + group[groups - 1].count, heads);
    kernels->outputs(&(struct hg_attention_outputs){group, groups, heads, width, concat, HG_IDENTITY, NULL, o,
                                                    stride, NULL},
                     0, 1, y);
    assert_near("Y", y, want, out, STEPS);
    pool_free(&pool);
}

static void test_groups(void **state)
{
    (void)state;
    static const int widths[] = {1, 5, 8, 70};
    for (int heads = 1; heads <= HG_MAX_HEADS; heads += heads < 20 ? 1 : 47)
        for (int k = 0; k < 8; k++) check_groups(heads, widths[k / 2], k % 2);
    check_groups(HG_MAX_HEADS - 1, 3, true);
}

/* NaN and infinity must reach the loss; values near 0 keep their relative accuracy. */
static void test_activations(void **state)
{
    (void)state;
    static const double column[] = {0, 1e-8, -1e-8, -1e-4, -0.3, -1, -20, -1000, 2, 1e30, -1e30, NAN};
    enum { COLUMNS = sizeof column / sizeof *column };
    for (int a = 0; a < HG_ACTIVATIONS; a++) {
        hg_real row[HG_LANES + (COLUMNS + HG_LANES - 1) / HG_LANES * HG_LANES] = {0}, y[COLUMNS];
        hg_real *o = row + hg_target_scalars(1);
        for (int c = 0; c < COLUMNS; c++) o[c] = (hg_real)column[c];
        const struct hg_head_group group = {0, 1, 0};
        const struct hg_attention_outputs outputs = {
            &group, 1, 1, COLUMNS, true, (enum hg_activation)a, NULL, o, sizeof row / sizeof *row, NULL};
        kernels->outputs(&outputs, 0, 1, y);
        for (int c = 0; c < COLUMNS - 1; c++) {
            const double want = activated((enum hg_activation)a, (double)o[c]);
            assert_near("activation", &y[c], &(struct naive){want, fabs(want)}, 1, a == HG_SILU ? 6 : 3);
        }
        assert_true(isnan(y[COLUMNS - 1]));
    }
}

/* Rows are rounded to nearest even; numbers that are not finite stay as they are; padding is zero. */
static void test_rows_store(void **state)
{
    (void)state;
    enum { COLUMNS = 29, PADDED = 32, KEPT_ROWS = 3 };
    static const double special[] = {
        1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-8 + 0x1p-20, -1 - 0x1p-8, 0x1p-133, 0x1.8p-133,
        0,          -0x1p127,   0x1.fep127,           3.3e38,      INFINITY, -INFINITY};
    struct pool pool = {0};
    hg_real *x = pool_random(&pool, KEPT_ROWS * (COLUMNS + 2), 1e3, 0, 60);
    for (size_t k = 0; k < sizeof special / sizeof *special; k++) x[k] = (hg_real)special[k];
    x[20] = (hg_real)NAN;
    const struct hg_mat m = {x, KEPT_ROWS, COLUMNS, COLUMNS + 2};
    const int64_t room = hg_halo_room(row_type, PADDED);
    hg_real *rows = POOL_NAN(&pool, KEPT_ROWS * room);
    kernels->rows_store[row_type](m, rows, room);
    for (int64_t k = 0; k < KEPT_ROWS * PADDED; k++) {
        const hg_real got = row_number(rows + k / PADDED * room, k % PADDED),
                      from = k % PADDED < COLUMNS ? x[k / PADDED * m.stride + k % PADDED] : 0;
        if (isnan(from))
            assert_true(isnan(got));
        else
            assert_true(got == row_rounded(from));
    }
    pool_free(&pool);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_rows_store),
    cmocka_unit_test(test_shapes),
    cmocka_unit_test(test_groups),
    cmocka_unit_test(test_activations),
};

HG_ROW_TEST_MAIN(tests)
