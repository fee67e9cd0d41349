/* Kernels on rows against their naive twins in float64, for every instruction set: exp, dense and sparse products,
 * dropout, activations, random blocks, exact sums, optimizer steps. */
#include "base/simd.h"
#include "kernel_sets.h"
#include "kernels/dense.h"
#include "kernels/exp.h"
#include "naive.h"

/* ---- exp and expm1 ---- */

/* Error of `got` in units of the last place of `want`, a normal number. */
static double ulps(hg_real got, long double want)
{
    return (double)(fabsl((long double)got - want) / ldexpl(NAIVE_EPSILON, ilogbl(want)));
}

static void check_exp(hg_real x)
{
    const long double e = expl((long double)x), m = expm1l((long double)x);
    if (!(ulps(hg_exp(x), e) <= 2)) fail_msg("exp(%a): %g ulp", (double)x, ulps(hg_exp(x), e));
    const hg_vec eight = hg_exp_vector((hg_vec){x, 0, -1, x, -2, -3, x / 2, x});
    if (!(ulps(eight[0], e) <= 2)) fail_msg("exp(%a) in a vector: %g ulp", (double)x, ulps(eight[0], e));
    assert_true(eight[0] == eight[3] && eight[0] == eight[7] && eight[1] == 1);
    if (x != 0 && !(ulps(hg_expm1(x), m) <= 3))
        fail_msg("expm1(%a): %g ulp", (double)x, ulps(hg_expm1(x), m));
}

static void test_exp(void **state)
{
    (void)state;
    enum { SWEEP = 1 << 20 };
    for (int k = 0; k <= SWEEP; k++) check_exp((hg_real)(-87 * (double)k / SWEEP));
    for (double x = -1; x < -1e-30; x /= 1.001) {
        check_exp((hg_real)x);
        check_exp((hg_real)(-x / 1000)); /* results slightly above 0 are allowed */
    }
    const hg_real far[] = {-1000, -1e30f, -(hg_real)INFINITY};
    for (int k = 0; k < 3; k++) {
        assert_true(hg_exp(far[k]) == 0 && hg_expm1(far[k]) == -1);
        assert_true(hg_exp_vector((hg_vec){0} + far[k])[2] == 0);
    }
    assert_true(hg_exp((hg_real)-87.5) < (hg_real)1e-37);
    assert_true(hg_exp(0) == 1 && hg_expm1(0) == 0);
    assert_true(isnan(hg_exp((hg_real)NAN)) && isnan(hg_expm1((hg_real)NAN)));
    assert_true(isnan(hg_exp_vector((hg_vec){0} + (hg_real)NAN)[5]));
}

/* exp and log1p of the losses, in float64 */
static void test_exp_f64(void **state)
{
    (void)state;
    enum { SWEEP = 1 << 18 };
    for (int k = 0; k <= SWEEP; k++) {
        const double x = 708 * (double)k / SWEEP, near = ldexp(1 + (double)k / SWEEP, -k % 60);
        const double exp_x = hg_exp_f64(-x), exp_near = hg_exp_f64(-near), log_x = hg_log1p_f64(x),
                     log_near = hg_log1p_f64(near);
        const double step = DBL_EPSILON;
        assert_true(fabs(exp_x - exp(-x)) <= 2 * step * exp_x);
        assert_true(fabs(exp_near - exp(-near)) <= 2 * step * exp_near);
        assert_true(fabs(log_x - log1p(x)) <= 2 * step * log_x);
        assert_true(fabs(log_near - log1p(near)) <= 2 * step * log_near);
    }
    assert_true(hg_exp_f64(0) == 1 && hg_log1p_f64(0) == 0);
    assert_true(hg_exp_f64(-1e300) < 1e-300 && hg_exp_f64(-(double)INFINITY) < 1e-300);
    assert_true(isnan(hg_exp_f64((double)NAN)) && isnan(hg_log1p_f64((double)NAN)));
}

/* ---- dots and dense products ---- */

/* A matrix with `gap` unused numbers between rows; they stay NaN. */
static struct hg_mat with_gap(struct pool *pool, int64_t rows, int64_t cols, int gap, const hg_real *values)
{
    const struct hg_mat m = {POOL_NAN(pool, rows * (cols + gap)), rows, cols, cols + gap};
    for (int64_t k = 0; values != NULL && k < rows * cols; k++)
        m.data[k / cols * m.stride + k % cols] = values[k];
    return m;
}

/* Checks op(A) [m, inner] op(B) [inner, n]. C starts as numbers with `accumulate`, else as NaN. Without a BLAS the
 * kernel itself is tested. */
static void check_product(const struct hg_blas *blas, enum hg_transpose which, const int shape[3],
                          bool accumulate, int gap)
{
    struct pool pool = {.count = 0};
    const int64_t m = shape[0], n = shape[1], inner = shape[2];
    const bool ta = which == HG_TRANSPOSE_A, tb = which == HG_TRANSPOSE_B;
    const struct hg_mat a =
        with_gap(&pool, ta ? inner : m, ta ? m : inner, gap, pool_random(&pool, m * inner, 1, 0, 1));
    const struct hg_mat b =
        with_gap(&pool, tb ? n : inner, tb ? inner : n, gap, pool_random(&pool, inner * n, 1, 0, 2));
    const hg_real *c0 = accumulate ? pool_random(&pool, m * n, 1, 0, 3) : NULL;
    const struct hg_mat c = with_gap(&pool, m, n, gap, c0);
    struct naive *want = POOL_SUMS(&pool, m * n);
    naive_product(ta, tb, a, b, c0, want, m, n, inner);
    if (blas != NULL)
        hg_dense_product(blas, which, a, b, accumulate, c);
    else
        kernels->gemm(which, a, b, accumulate, c);
    for (int64_t r = 0; r < m; r++) {
        assert_near("product", c.data + r * c.stride, want + r * n, n, 16);
        for (int64_t k = n; k < c.stride; k++) assert_true(isnan(c.data[r * c.stride + k]));
    }
    pool_free(&pool);
}

static void test_dense(void **state)
{
    (void)state;
    static const int shapes[][3] = {{1, 1, 1},   {3, 5, 7},   {64, 33, 17}, {130, 1, 65},
                                    {1, 200, 3}, {7, 9, 500}, {65, 64, 63}, {131, 140, 129},
                                    {0, 4, 5},   {4, 0, 5},   {4, 5, 0}};
    struct hg_blas blas;
    assert_ok(hg_blas_open(kernels, 1, &blas));
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int which = HG_PLAIN; which <= HG_TRANSPOSE_B; which++)
            for (int k = 0; k < 4; k++)
                check_product(&blas, (enum hg_transpose)which, shapes[s], k % 2, k / 2 * 5);
}

/* The kernel itself, also for shapes that would go to the BLAS. */
static void test_product(void **state)
{
    (void)state;
    static const int sizes[] = {0, 1, 3, 7, 13, 64, 130};
    enum { SIZES = sizeof sizes / sizeof *sizes, CASES = SIZES * SIZES * SIZES };
    static const int deep[][3] = {{13, 40, 257}, {70, 47, 600}, {9, 200, 513}};
    if (kernels->gemm == NULL) skip();
    for (int s = 0; s < CASES + 3; s++) {
        const int combination[] = {sizes[s % SIZES], sizes[s / SIZES % SIZES],
                                   sizes[s / SIZES / SIZES % SIZES]};
        const int *shape = s < CASES ? combination : deep[s - CASES];
        if (shape[2] == 0) continue; /* neither the kernel nor the BLAS gets empty shapes */
        for (int which = HG_PLAIN; which <= HG_TRANSPOSE_B; which++)
            for (int k = 0; k < 4; k++)
                check_product(NULL, (enum hg_transpose)which, shape, k % 2, k / 2 * 5);
    }
}

/* A row has the same bits alone and among others, wherever tiles of rows begin. */
static void test_product_rows(void **state)
{
    (void)state;
    enum { M = 23, N = 43, INNER = 300 };
    if (kernels->gemm == NULL) skip();
    struct pool pool = {.count = 0};
    const struct hg_mat a = hg_mat_packed(pool_random(&pool, M * INNER, 1, 0, 1), M, INNER),
                        b = hg_mat_packed(pool_random(&pool, INNER * N, 1, 0, 2), INNER, N),
                        all = hg_mat_packed(POOL_NAN(&pool, M * N), M, N),
                        in_blocks = hg_mat_packed(POOL_NAN(&pool, M * N), M, N);
    kernels->gemm(HG_PLAIN, a, b, false, all);
    for (int64_t r = 0; r < M; r += 5) {
        const int64_t end = hg_min_i64(M, r + 5);
        kernels->gemm(HG_PLAIN, hg_mat_rows(a, r, end), b, false, hg_mat_rows(in_blocks, r, end));
    }
    assert_memory_equal(all.data, in_blocks.data, M * N * sizeof *all.data);
    pool_free(&pool);
}

/* ---- sparse features and dropout ---- */

enum { ROWS = 23, COLS = 37, FIRST = 4, END = 19 };

/* One matrix in dense and sparse form: about a third of its elements are stored, some rows are empty, one is full,
 * some stored values are zero. */
static struct sparse {
    hg_real dense[ROWS * COLS], data[ROWS * COLS];
    hg_eid indptr[ROWS + 1];
    int32_t column[ROWS * COLS];
    hg_gid imported[ROWS];
} matrix;

static int make_matrix(void **state)
{
    (void)state;
    struct sparse *x = &matrix;
    for (int i = 0; i < ROWS; i++) {
        x->imported[i] = ((hg_gid)1 << 35) + i * 5 % ROWS;
        x->indptr[i + 1] = x->indptr[i];
        for (int f = 0; f < COLS; f++) {
            const double u = hg_rng_uniform((struct hg_rng){{8, 9}}, (uint64_t)i, (uint64_t)f);
            if (i % 6 == 5 || (i != 8 && u > 0.35)) continue;
            x->dense[i * COLS + f] = u < 0.05 ? 0 : (hg_real)(u - 0.2);
            x->column[x->indptr[i + 1]] = f;
            x->data[x->indptr[i + 1]++] = x->dense[i * COLS + f];
        }
    }
    return 0;
}

static struct hg_csr_view matrix_view(void)
{
    return (struct hg_csr_view){matrix.indptr, matrix.column, matrix.data};
}

static void check_spmm(int64_t n)
{
    struct pool pool = {.count = 0};
    const struct hg_mat x = hg_mat_packed(matrix.dense, ROWS, COLS),
                        w = hg_mat_packed(pool_random(&pool, COLS * n, 1, 0, 1), COLS, n);
    const struct hg_mat z = hg_mat_packed(POOL_NAN(&pool, ROWS * n), ROWS, n);
    struct naive *want = POOL_SUMS(&pool, ROWS * n);
    naive_product(false, false, x, w, NULL, want, ROWS, n, COLS);
    kernels->spmm(matrix_view(), FIRST, END, w, z);
    assert_near("X W", z.data + FIRST * n, want + FIRST * n, (END - FIRST) * n, 16);
    for (int64_t k = 0; k < ROWS * n; k++) assert_true((k / n >= FIRST && k / n < END) != isnan(z.data[k]));
    pool_free(&pool);
}

/* X^T D column by column, with cells of three rows; columns without entries add nothing. */
static void check_spmm_column(int64_t n)
{
    struct pool pool = {.count = 0};
    const struct hg_mat x = hg_mat_packed(matrix.dense, ROWS, COLS),
                        d = hg_mat_packed(pool_random(&pool, ROWS * n, 1, 0, 1), ROWS, n);
    struct naive *want = POOL_SUMS(&pool, COLS * n);
    struct hg_exact sum;
    hg_real *out = POOL_NAN(&pool, COLS * n);
    assert_ok(hg_exact_create(&sum, COLS * n, HG_LIMBS_GRADIENT));
    naive_product(true, false, x, d, NULL, want, COLS, n, ROWS);
    for (int32_t f = 0; f < COLS; f++) {
        hg_lid row[ROWS], cell[ROWS];
        hg_eid data_index[ROWS];
        struct hg_column_entries entries = {row, cell, data_index, 0};
        for (hg_lid i = 0; i < ROWS; i++)
            for (hg_eid e = matrix.indptr[i]; e < matrix.indptr[i + 1]; e++)
                if (matrix.column[e] == f) {
                    row[entries.count] = i;
                    cell[entries.count] = i / 3;
                    data_index[entries.count++] = e;
                }
        kernels->spmm_column(entries, matrix.data, d, POOL_NAN(&pool, n), &sum, f * n);
    }
    hg_exact_round_real(&sum, 0, out, COLS * n);
    assert_near("X^T D", out, want, COLS * n, 16);
    hg_exact_destroy(&sum);
    pool_free(&pool);
}

static void test_sparse(void **state)
{
    (void)state;
    for (int64_t n = 1; n <= 20; n++) {
        check_spmm(n);
        check_spmm_column(n);
    }
}

/* The dropout factor of value k of node i: half k mod 8 of the block (imported id of i, k / 8). */
static double keep(struct hg_dropout drop, hg_lid i, int64_t k)
{
    const struct hg_rng_block block = hg_rng_bits(drop.rng, (uint64_t)matrix.imported[i], (uint64_t)k / 8);
    return naive_keep(block, (int)(k % 8), drop.threshold);
}

/* k counts the columns of a dense row, and the stored values of a sparse one. */
static void check_dropped(const struct sparse *x, struct hg_dropout drop, const hg_real *dense,
                          const hg_real *sparse)
{
    for (hg_lid i = FIRST; i < END; i++) {
        const hg_real *row = dense + (i - FIRST) * COLS;
        for (int64_t f = 0; f < COLS; f++)
            assert_true(row[f] == x->dense[i * COLS + f] * (hg_real)keep(drop, i, f));
        for (hg_eid e = x->indptr[i]; e < x->indptr[i + 1]; e++)
            assert_true(sparse[e] == x->data[e] * (hg_real)keep(drop, i, e - x->indptr[i]));
    }
}

/* Dense and sparse rows, in place, and a second matrix under the same mask. */
static void test_feature_dropout(void **state)
{
    (void)state;
    static const double p[] = {0, 0.25, 0.6, 0.999};
    for (size_t k = 0; k < sizeof p / sizeof *p; k++) {
        struct pool pool = {.count = 0};
        const struct hg_dropout drop = hg_dropout_make(p[k], hg_rng_stream(1, HG_RNG_FEATURE_DROPOUT, 2, 3));
        hg_real *sparse = POOL_NAN(&pool, matrix.indptr[ROWS]),
                *dense = POOL_NAN(&pool, (END - FIRST) * COLS);
        hg_real *copy = POOL_NAN(&pool, ROWS * COLS), *also = POOL_NAN(&pool, ROWS * COLS);
        memcpy(copy, matrix.dense, sizeof matrix.dense);
        const struct hg_mat x = hg_mat_packed(matrix.dense + FIRST * COLS, END - FIRST, COLS),
                            own = hg_mat_packed(copy + FIRST * COLS, END - FIRST, COLS);
        const size_t bytes = (END - FIRST) * COLS * sizeof *dense;
        memcpy(also, own.data, bytes);
        kernels->drop_rows(x, matrix.imported + FIRST, &drop, dense, also);
        kernels->drop_rows(own, matrix.imported + FIRST, &drop, own.data, NULL);
        kernels->spmm_drop(matrix_view(), FIRST, END, matrix.imported, drop, sparse);
        check_dropped(&matrix, drop, dense, sparse);
        assert_memory_equal(own.data, dense, bytes);
        assert_memory_equal(also, dense, bytes);
        pool_free(&pool);
    }
}

/* ---- random blocks, exact sums, steps ---- */

static void test_random_blocks(void **state)
{
    (void)state;
    enum { MOST = 37 };
    uint64_t a[MOST], b[MOST];
    struct hg_rng_block got[MOST];
    const struct hg_rng rng = {{0xa4093822, 0x299f31d0}};
    for (uint64_t k = 0; k < MOST; k++) {
        a[k] = ~k * 0x9E3779B97F4A7C15u;
        b[k] = k << 33 | k;
    }
    for (int n = 0; n <= MOST; n++) {
        memset(got, 0xFF, sizeof got);
        kernels->rng_bits_many(rng, n, a, b, got);
        for (int k = 0; k < MOST; k++) {
            const struct hg_rng_block untouched = {{~0u, ~0u, ~0u, ~0u}};
            const struct hg_rng_block want = k < n ? hg_rng_bits(rng, a[k], b[k]) : untouched;
            assert_memory_equal(&got[k], &want, sizeof want);
        }
    }
}

/* The kernels give the same limbs as base/exactsum.h (which tests/test_exactsum.c tests), also with sums that are out
 * of range. */
static void test_exact_sums(void **state)
{
    (void)state;
    enum { N = 45, FIRST_SUM = 3 };
    struct pool pool = {.count = 0};
    struct hg_exact got, want, part;
    double wide[N];
    hg_real *v = pool_random(&pool, N, 1e-3, 0, 4), rounded[N + FIRST_SUM], expected[N + FIRST_SUM];
    v[7] = (hg_real)NAN;
    v[9] = (hg_real)1e30;
    for (int k = 0; k < N; k++) wide[k] = (double)v[k] * 1.2345678901234;
    assert_ok(hg_exact_create(&got, N + FIRST_SUM, HG_LIMBS_GRADIENT));
    assert_ok(hg_exact_create(&want, N + FIRST_SUM, HG_LIMBS_GRADIENT));
    assert_ok(hg_exact_create(&part, N + FIRST_SUM, HG_LIMBS_GRADIENT));
    kernels->exact_add_real(&part, FIRST_SUM, v, N);
    kernels->exact_add_f64(&part, FIRST_SUM, wide, N);
    kernels->exact_merge(&got, &part, 0, N + FIRST_SUM);
    hg_exact_merge_nonfinite(&got, &part);
    hg_exact_add_real(&want, FIRST_SUM, v, N);
    hg_exact_add_f64(&want, FIRST_SUM, wide, N);
    assert_memory_equal(got.limb, want.limb, (size_t)(2 * want.n + 1) * sizeof *want.limb);
    assert_int_equal(hg_exact_nonfinite(&got), 4);
    kernels->exact_round_real(&got, 0, rounded, N + FIRST_SUM);
    hg_exact_round_real(&want, 0, expected, N + FIRST_SUM);
    assert_memory_equal(rounded, expected, sizeof rounded);
    hg_exact_destroy(&got);
    hg_exact_destroy(&want);
    hg_exact_destroy(&part);
    pool_free(&pool);
}

/* One step from the same numbers, against float64. */
static void test_steps(void **state)
{
    (void)state;
    enum { N = 29 };
    struct pool pool = {.count = 0};
    const hg_real *grad = pool_random(&pool, N, 1, 0, 1), *start = pool_random(&pool, N, 1, 0, 2);
    hg_real *m = pool_random(&pool, N, 1, 0, 3), *v = POOL_NAN(&pool, N), *value = POOL_NAN(&pool, N);
    const struct hg_adam_step s = {(hg_real)0.9,  (hg_real)0.999, (hg_real)0.1, (hg_real)0.001, (hg_real)0.02,
                                   (hg_real)0.03, (hg_real)1e-8,  (hg_real)0.3, (hg_real)0.99};
    struct naive adam[N], sgd[N];
    for (int k = 0; k < N; k++) {
        const double x = (double)start[k], g = (double)grad[k] + (double)s.l2 * x;
        v[k] = m[k] * m[k] + (hg_real)0.1;
        value[k] = start[k];
        const double moment = (double)s.beta1 * (double)m[k] + (double)s.rest1 * g;
        const double square = (double)s.beta2 * (double)v[k] + (double)s.rest2 * g * g;
        const double step = (double)s.rate * moment / (sqrt(square) / (double)s.root + (double)s.epsilon);
        adam[k] = (struct naive){(double)s.shrink * x - step, fabs(x) + fabs(step) + (double)s.rate};
        sgd[k] = (struct naive){x - 0.5 * ((double)grad[k] + 0.25 * x), 2 * fabs(x) + fabs((double)grad[k])};
    }
    kernels->adam(&s, N, grad, m, v, value);
    assert_near("adam", value, adam, N, 8);
    memcpy(value, start, N * sizeof *value);
    kernels->sgd((hg_real)0.5, (hg_real)0.25, N, grad, value);
    assert_near("sgd", value, sgd, N, 4);
    pool_free(&pool);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_exp),
    cmocka_unit_test(test_exp_f64),
    cmocka_unit_test(test_dense),
    cmocka_unit_test(test_product),
    cmocka_unit_test(test_product_rows),
    cmocka_unit_test_setup(test_sparse, make_matrix),
    cmocka_unit_test_setup(test_feature_dropout, make_matrix),
    cmocka_unit_test(test_random_blocks),
    cmocka_unit_test(test_exact_sums),
    cmocka_unit_test(test_steps),
};

HG_KERNEL_TEST_MAIN(tests)
