/* Losses against their definitions in extended precision: sums, gradients, masks, missing targets, large outputs. */
#include "kernel_sets.h"
#include "naive.h"

enum { ROWS = 40, COLS = 5 };

/* Outputs, with targets of every task. */
static struct data {
    hg_real out[ROWS * COLS], real[ROWS * COLS];
    int32_t class[ROWS];
    uint8_t label[ROWS * COLS], mask[ROWS];
    double unit[COLS];
} data;

/* Outputs are multiples of 1/64 below 4; those of the last rows are up to +-1e4. */
static int make_data(void **state)
{
    (void)state;
    const struct hg_rng rng = {{5, 6}};
    for (int k = 0; k < ROWS * COLS; k++) {
        const double u = hg_rng_uniform(rng, 0, (uint64_t)k), v = hg_rng_uniform(rng, 1, (uint64_t)k);
        const double range = k / COLS < ROWS - 6 ? 4 : 1e4;
        data.out[k] = (hg_real)(rint(range * (2 * u - 1) * 64) / 64);
        data.real[k] = v < 0.2 ? (hg_real)NAN : (hg_real)(8 * v - 4);
        data.label[k] = v < 0.2 ? 255 : v < 0.6;
        data.unit[k % COLS] = 1 + k % COLS;
        if (k % COLS > 0) continue;
        data.mask[k / COLS] = u < 0.7;
        data.class[k / COLS] = v < 0.2 ? -1 : (int32_t)(v * COLS);
    }
    for (int c = 0; c < COLS; c++) data.out[c] = 1; /* a tie, in which the first class is predicted */
    data.mask[0] = 1, data.class[0] = 0;
    return 0;
}

/* A naive twin: computes the loss of row i and its gradient, and adds to the sums. */
typedef void twin_fn(int i, long double *grad, double *sum);

static void twin_softmax(int i, long double *grad, double *sum)
{
    const hg_real *o = data.out + i * COLS;
    const int32_t y = data.class[i];
    long double max = -INFINITY, total = 0;
    int best = COLS;
    for (int c = 0; c < COLS; c++) max = fmaxl(max, (long double)o[c]);
    for (int c = COLS - 1; c >= 0; c--) best = (long double)o[c] == max ? c : best;
    for (int c = 0; c < COLS; c++) total += expl((long double)o[c] - max);
    if (y < 0) return;
    for (int c = 0; c < COLS; c++) grad[c] = expl((long double)o[c] - max) / total - (c == y);
    sum[HG_SUM_LOSS] += (double)(logl(total) + max - (long double)o[y]);
    sum[HG_SUM_COUNT] += 1;
    sum[HG_SUM_TP] += best == y;
    sum[HG_SUM_FP] += best != y;
    sum[HG_SUM_FN] += best != y;
}

static void twin_binary(int i, long double *grad, double *sum)
{
    for (int c = 0; c < COLS; c++) {
        const long double o = (long double)data.out[i * COLS + c];
        const int y = data.label[i * COLS + c];
        if (y == 255) continue;
        grad[c] = 1 / (1 + expl(-o)) - y;
        sum[HG_SUM_LOSS] += (double)(y ? log1pl(expl(-o)) : o + log1pl(expl(-o)));
        sum[HG_SUM_COUNT] += 1;
        sum[HG_SUM_TP] += y == 1 && o > 0;
        sum[HG_SUM_FP] += y == 0 && o > 0;
        sum[HG_SUM_FN] += y == 1 && o <= 0;
        sum[HG_SUM_TN] += y == 0 && o <= 0;
    }
}

static void twin_squared(int i, long double *grad, double *sum)
{
    for (int c = 0; c < COLS; c++) {
        const double error = (double)data.out[i * COLS + c] - (double)data.real[i * COLS + c];
        if (isnan(error)) continue;
        grad[c] = 2 * error;
        sum[HG_SUM_LOSS] += error * error;
        sum[HG_SUM_COUNT] += 1;
        sum[HG_SUM_ABS] += fabs(error) * data.unit[c];
        sum[HG_SUM_SQUARE] += error * error * data.unit[c] * data.unit[c];
    }
}

static const struct loss {
    const char *name;
    twin_fn *twin;
    const void *target;
    size_t target_row; /* bytes */
    const double *unit;
} losses[] = {
    {"softmax", twin_softmax, data.class, sizeof(int32_t), NULL},
    {"binary", twin_binary, data.label, COLS, NULL},
    {"squared", twin_squared, data.real, COLS * sizeof(hg_real), data.unit},
};
enum { LOSSES = sizeof losses / sizeof *losses };

static hg_loss_fn *fn_of(const struct loss *loss)
{
    hg_loss_fn *const fns[LOSSES] = {kernels->loss_softmax, kernels->loss_binary, kernels->loss_squared};
    return fns[loss - losses];
}

static struct hg_loss_rows rows_of(const struct loss *loss, int first, int count)
{
    return (struct hg_loss_rows){
        .out = hg_mat_packed(data.out + first * COLS, count, COLS),
        .target = (const char *)loss->target + (size_t)first * loss->target_row,
        .mask = data.mask + first,
        .unit = loss->unit,
    };
}

static void assert_sums(const char *name, const double *got, const double *want)
{
    for (int k = 0; k < HG_SUM_KINDS; k++)
        if (!(fabs(got[k] - want[k]) <= 1e-13 * fabs(want[k])))
            fail_msg("%s: sum %d is %.17g instead of %.17g", name, k, got[k], want[k]);
}

/* Sums are added to; gradients are scaled, and 0 for rows and entries that are left out. */
static void test_twins(void **state)
{
    (void)state;
    const double scale = 0.37;
    for (int l = 0; l < LOSSES; l++) {
        struct pool pool = {.count = 0};
        double want[HG_SUM_KINDS] = {100, 100, 100, 100, 100, 100, 100, 100}, got[HG_SUM_KINDS];
        memcpy(got, want, sizeof got);
        hg_real *grad = POOL_NAN(&pool, ROWS * COLS);
        struct naive *twin = POOL_SUMS(&pool, ROWS * COLS);
        for (int i = 0; i < ROWS; i++) {
            long double g[COLS] = {0};
            if (data.mask[i]) losses[l].twin(i, g, want);
            /* softmax - 1 and sigmoid - 1 are differences of numbers of about 1, computed in float64 */
            for (int c = 0; c < COLS; c++)
                twin[i * COLS + c] =
                    (struct naive){scale * (double)g[c], scale * (double)fabsl(g[c]) +
                                                             (g[c] != 0 ? DBL_EPSILON / NAIVE_EPSILON : 0)};
        }
        const struct hg_loss_rows rows = rows_of(&losses[l], 0, ROWS);
        fn_of (&losses[l])(&rows, scale, grad, got);
        assert_sums(losses[l].name, got, want);
        assert_near(losses[l].name, grad, twin, ROWS * COLS, 8);
        pool_free(&pool);
    }
}

/* Sums alone, gradients alone, and rows in two parts give the same results as all at once. */
static void test_parts(void **state)
{
    (void)state;
    for (int l = 0; l < LOSSES; l++) {
        double whole[HG_SUM_KINDS] = {0}, alone[HG_SUM_KINDS] = {0}, parts[HG_SUM_KINDS] = {0};
        hg_real grad[ROWS * COLS], other[ROWS * COLS];
        const struct hg_loss_rows rows = rows_of(&losses[l], 0, ROWS), head = rows_of(&losses[l], 0, 13);
        const struct hg_loss_rows tail = rows_of(&losses[l], 13, ROWS - 13), none = rows_of(&losses[l], 0, 0);
        fn_of (&losses[l])(&rows, 2, grad, whole);
        fn_of (&losses[l])(&rows, 2, NULL, alone);
        fn_of (&losses[l])(&rows, 2, other, NULL);
        assert_memory_equal(whole, alone, sizeof whole);
        assert_memory_equal(grad, other, sizeof grad);
        fn_of (&losses[l])(&head, 2, other, parts);
        fn_of (&losses[l])(&tail, 2, other + 13 * COLS, parts);
        fn_of (&losses[l])(&none, 2, other, parts);
        assert_memory_equal(whole, parts, sizeof whole);
        assert_memory_equal(grad, other, sizeof grad);
    }
}

static double loss_at(const struct loss *loss, int i)
{
    double sum[HG_SUM_KINDS] = {0};
    const struct hg_loss_rows row = rows_of(loss, i, 1);
    fn_of(loss)(&row, 1, NULL, sum);
    return sum[HG_SUM_LOSS];
}

/* Central differences of the loss: their error is h^2 / 6 of the third derivative, which is at most 1. */
static void test_finite_differences(void **state)
{
    (void)state;
    const double h = 1 / 128.0; /* out +- h is exact */
    for (int l = 0; l < LOSSES; l++)
        for (int k = 0; k < (ROWS - 6) * COLS; k++) {
            hg_real grad[COLS];
            const struct hg_loss_rows row = rows_of(&losses[l], k / COLS, 1);
            const hg_real o = data.out[k];
            fn_of (&losses[l])(&row, 1, grad, NULL);
            data.out[k] = o + (hg_real)h;
            const double above = loss_at(&losses[l], k / COLS);
            data.out[k] = o - (hg_real)h;
            const double below = loss_at(&losses[l], k / COLS);
            data.out[k] = o;
            const double slope = (above - below) / (2 * h), error = fabs(slope - (double)grad[k % COLS]);
            if (!(error < h * h / 6 + 1e-6))
                fail_msg("%s, number %d: %g, not %g", losses[l].name, k, (double)grad[k % COLS], slope);
        }
}

/* Rows are added to the counts of classes; a tie is the first class. */
static void test_counts(void **state)
{
    (void)state;
    struct hg_class_count got[COLS] = {{10, 10, 10}}, want[COLS] = {{10, 10, 10}};
    struct hg_loss_rows rows = rows_of(&losses[0], 0, ROWS);
    double sum[HG_SUM_KINDS] = {0};
    for (int i = 0; i < ROWS; i++) {
        const hg_real *o = data.out + i * COLS;
        int best = 0;
        for (int c = 1; c < COLS; c++) best = o[c] > o[best] ? c : best;
        if (!data.mask[i] || data.class[i] < 0) continue;
        want[data.class[i]].labelled++;
        want[best].predicted++;
        want[best].right += best == data.class[i];
    }
    rows.count = got;
    kernels->loss_softmax(&rows, 0, NULL, sum);
    assert_memory_equal(got, want, sizeof got);
}

/* Outputs of +-1e4, for the right and the wrong class: the loss is the distance, and nothing overflows. */
static void test_large(void **state)
{
    (void)state;
    static const uint8_t label[] = {0, 1, 0, 1}, mask[] = {1, 1};
    static const int32_t class[] = {0, 1};
    hg_real out[] = {1e4, -1e4, 1e4, -1e4}, grad[4];
    double softmax[HG_SUM_KINDS] = {0}, binary[HG_SUM_KINDS] = {0};
    kernels->loss_softmax(
        &(struct hg_loss_rows){.out = hg_mat_packed(out, 2, 2), .target = class, .mask = mask}, 1, grad,
        softmax);
    assert_true(softmax[HG_SUM_LOSS] == 2e4);
    assert_true(grad[0] == 0 && grad[1] == 0 && grad[2] == 1 && grad[3] == -1);
    kernels->loss_binary(
        &(struct hg_loss_rows){.out = hg_mat_packed(out, 2, 2), .target = label, .mask = mask}, 1, grad,
        binary);
    assert_true(binary[HG_SUM_LOSS] == 4e4);
    assert_true(grad[0] == 1 && grad[1] == -1 && grad[2] == 1 && grad[3] == -1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(test_twins, make_data),
    cmocka_unit_test_setup(test_parts, make_data),
    cmocka_unit_test_setup(test_finite_differences, make_data),
    cmocka_unit_test_setup(test_counts, make_data),
    cmocka_unit_test(test_large),
};

HG_KERNEL_TEST_MAIN(tests)
