#include "train/statistics.h"

#include "base/mem.h"
#include "dist/reduction.h"
#include "io/import/import_precision.h"
#include <math.h>
#include <string.h>

hg_status hg_statistics_create(const struct hg_data_options *options, const struct hg_graph_info *info,
                               struct hg_statistics *statistics)
{
    *statistics = (struct hg_statistics){.features = info->num_features, .targets = info->num_outputs};
    if (options->normalize_features == HG_NORMALIZE_STANDARD) {
        HG_TRY(HG_NEW(statistics->feature_shift, info->num_features));
        HG_TRY(HG_NEW(statistics->feature_scale, info->num_features));
    }
    if (info->task == HG_REGRESSION && options->standardize_targets) {
        HG_TRY(HG_NEW(statistics->target_shift, info->num_outputs));
        HG_TRY(HG_NEW(statistics->target_unit, info->num_outputs));
    }
    return HG_OK;
}

void hg_statistics_destroy(struct hg_statistics *statistics)
{
    HG_FREE(statistics->feature_shift);
    HG_FREE(statistics->feature_scale);
    HG_FREE(statistics->target_shift);
    HG_FREE(statistics->target_unit);
}

/* A pass over the columns of features or targets. It sums (value - from_c) / unit_c, or its square: with an origin
 * close to the values, what all values of a column have in common causes no rounding. */
struct column_sums {
    const struct hg_node_table *rows;
    const uint8_t *mask;
    const double *from;  /* [columns] origins */
    const double *unit;  /* [columns] units (hg_exact_unit) */
    double *sum, *count; /* [columns] result: sums, and numbers of entries */
    void (*add)(const struct column_sums *sums, int64_t c, double value);
};

/* sum: maximum of the values; count: maximum of the negated values */
static void take_extremes(const struct column_sums *sums, int64_t c, double value)
{
    sums->sum[c] = fmax(sums->sum[c], value);
    sums->count[c] = fmax(sums->count[c], -value);
}

static void add_distance(const struct column_sums *sums, int64_t c, double value)
{
    sums->sum[c] += (value - sums->from[c]) / sums->unit[c];
    sums->count[c] += 1;
}

static void add_square(const struct column_sums *sums, int64_t c, double value)
{
    const double distance = (value - sums->from[c]) / sums->unit[c];
    sums->sum[c] += distance * distance;
    sums->count[c] += 1;
}

static void feature_row(const struct column_sums *sums, int64_t i)
{
    const struct hg_features *x = &sums->rows->x;
    if (x->indptr == NULL)
        for (int64_t c = 0; c < x->cols; c++) sums->add(sums, c, hg_features_value(x, i * x->cols + c));
    else
        for (hg_eid e = x->indptr[i]; e < x->indptr[i + 1]; e++)
            sums->add(sums, x->indices[e], hg_features_value(x, e));
}

static void target_row(const struct column_sums *sums, int64_t i)
{
    const int64_t cols = sums->rows->info.num_outputs;
    for (int64_t c = 0; c < cols; c++) {
        const double value = (double)sums->rows->y_target[i * cols + c];
        if (!isnan(value)) sums->add(sums, c, value);
    }
}

typedef void row_fn(const struct column_sums *sums, int64_t i);

/* One pass: total [2 cols] = [sums | counts] over the training rows of the whole graph, summed exactly with one
 * partial per cell. Collective. */
static hg_status sum_columns(const struct hg_shard *shard, struct column_sums sums, int64_t cols, row_fn *row,
                             double *total)
{
    struct hg_exact exact = {0};
    double *partial = NULL;
    hg_status status = hg_exact_create(&exact, 2 * cols, HG_LIMBS_SCALAR);
    if (status == HG_OK) status = HG_NEW(partial, 2 * cols);
    status = hg_agree(shard->comm, status);
    if (status == HG_OK) {
        sums.sum = partial;
        sums.count = partial + cols;
        for (hg_lid cell = 0; cell < shard->cells; cell++) {
            memset(partial, 0, (size_t)(2 * cols) * sizeof *partial);
            for (int64_t i = shard->cell_offset[cell]; i < shard->cell_offset[cell + 1]; i++)
                if (sums.mask[i]) row(&sums, i);
            hg_exact_add_f64(&exact, 0, partial, 2 * cols);
        }
        hg_exact_allreduce(shard->comm, &exact);
        hg_exact_round_f64(&exact, 0, total, 2 * cols);
    }
    hg_exact_destroy(&exact);
    HG_FREE(partial);
    return status;
}

/* Chooses origin and unit of a column from its largest and smallest value. In sparse features (zeros) absent entries
 * count as 0, so the origin is 0. */
static void choose_unit(bool zeros, double largest, double smallest, double *origin, double *unit)
{
    const bool empty = isinf(largest);
    *origin = zeros || empty ? 0 : largest;
    *unit = hg_exact_unit(empty ? 0 : zeros ? fmax(fabs(largest), fabs(smallest)) : largest - smallest);
}

/* Mean and standard deviation of each column, and what they are computed from. */
struct moments {
    double *mean, *deviation; /* [columns] */
    double *sum;              /* [2 columns] sums and counts of a pass */
    double *origin, *unit;    /* [columns] */
};

static struct moments moments_in(double *memory, int64_t cols)
{
    return (struct moments){memory, memory + cols, memory + 2 * cols, memory + 4 * cols, memory + 5 * cols};
}

/* Finds origin and unit of each column; uses both arrays for the maxima first. Collective. */
static void find_units(const struct hg_shard *shard, struct column_sums sums, int64_t cols, row_fn *row,
                       bool zeros, const struct moments *to)
{
    double *origin = to->origin, *unit = to->unit;
    for (int64_t c = 0; c < cols; c++) origin[c] = unit[c] = -(double)INFINITY;
    sums.sum = origin;
    sums.count = unit;
    sums.add = take_extremes;
    for (hg_lid i = 0; i < shard->owned; i++)
        if (sums.mask[i]) row(&sums, i);
    hg_comm_max_f64(shard->comm, origin, cols);
    hg_comm_max_f64(shard->comm, unit, cols);
    for (int64_t c = 0; c < cols; c++) choose_unit(zeros, origin[c], -unit[c], &origin[c], &unit[c]);
}

/* Computes mean and deviation of each column: mean = sum x / N, deviation = sqrt(sum (x - mean)^2 / N). n > 0: N = n
 * for all columns, and absent entries are 0 (sparse features); n = 0: N is the number of entries of the column. A
 * constant column has deviation 0 exactly, which is replaced by 1. Collective. */
static hg_status measure(const struct hg_shard *shard, struct column_sums sums, int64_t cols, row_fn *row,
                         int64_t n, const struct moments *to)
{
    const double *count = to->sum + cols;
    find_units(shard, sums, cols, row, n > 0, to);
    sums.from = to->origin;
    sums.unit = to->unit;
    sums.add = add_distance;
    HG_TRY(sum_columns(shard, sums, cols, row, to->sum));
    for (int64_t c = 0; c < cols; c++) {
        const double rows = n > 0 ? (double)n : count[c];
        to->mean[c] = rows > 0 ? to->origin[c] + to->sum[c] / rows * to->unit[c] : 0;
    }
    sums.from = to->mean;
    sums.add = add_square;
    HG_TRY(sum_columns(shard, sums, cols, row, to->sum));
    for (int64_t c = 0; c < cols; c++) {
        const double rows = n > 0 ? (double)n : count[c], mean = to->mean[c] / to->unit[c];
        /* each entry that is not stored is 0 and adds mean^2 */
        const double zeros = (rows - count[c]) * mean * mean;
        const double deviation = rows > 0 ? sqrt((to->sum[c] + zeros) / rows) * to->unit[c] : 0;
        to->deviation[c] = deviation > 0 ? deviation : 1;
    }
    return HG_OK;
}

static int64_t count_rows(const struct hg_shard *shard, const uint8_t *mask)
{
    int64_t n = 0;
    for (hg_lid i = 0; i < shard->owned; i++) n += mask[i];
    hg_comm_sum_i64(shard->comm, &n, 1);
    return n;
}

static hg_status measure_features(const struct hg_shard *shard, struct column_sums sums, double *memory,
                                  struct hg_statistics *statistics)
{
    const int64_t cols = statistics->features;
    const bool sparse = sums.rows->x.indptr != NULL;
    const int64_t n = sparse ? count_rows(shard, sums.mask) : 0;
    const struct moments moments = moments_in(memory, cols);
    HG_TRY(measure(shard, sums, cols, feature_row, n, &moments));
    for (int64_t c = 0; c < cols; c++) {
        statistics->feature_shift[c] = sparse ? 0 : moments.mean[c];
        statistics->feature_scale[c] = 1 / moments.deviation[c];
    }
    return HG_OK;
}

static hg_status measure_targets(const struct hg_shard *shard, struct column_sums sums, double *memory,
                                 struct hg_statistics *statistics)
{
    const int64_t cols = statistics->targets;
    const struct moments moments = moments_in(memory, cols);
    HG_TRY(measure(shard, sums, cols, target_row, 0, &moments));
    for (int64_t c = 0; c < cols; c++) {
        statistics->target_shift[c] = moments.mean[c];
        statistics->target_unit[c] = moments.deviation[c];
    }
    return HG_OK;
}

hg_status hg_statistics_measure(const struct hg_shard *shard, const struct hg_node_table *rows,
                                const uint8_t *mask, struct hg_statistics *statistics)
{
    const struct column_sums sums = {.rows = rows, .mask = mask};
    double *memory = NULL;
    hg_status status = HG_NEW(memory, 6 * hg_max_i64(statistics->features, statistics->targets));
    status = hg_agree(shard->comm, status);
    if (status == HG_OK && statistics->feature_scale != NULL)
        status = measure_features(shard, sums, memory, statistics);
    if (status == HG_OK && statistics->target_unit != NULL)
        status = measure_targets(shard, sums, memory, statistics);
    HG_FREE(memory);
    return status;
}

/* Divides the features [first, end) of one row by the sum of their absolute values, unless that is 0. */
static void normalise_row(struct hg_features *x, int64_t first, int64_t end)
{
    double size = 0;
    for (int64_t k = first; k < end; k++) size += fabs(hg_features_value(x, k));
    for (int64_t k = first; k < end && size > 0; k++) hg_features_put(x, k, hg_features_value(x, k) / size);
}

static void normalise_rows(struct hg_features *x, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++)
        if (x->indptr == NULL)
            normalise_row(x, i * x->cols, (i + 1) * x->cols);
        else
            normalise_row(x, x->indptr[i], x->indptr[i + 1]);
}

static void standardise_features(const struct hg_statistics *statistics, struct hg_features *x,
                                 int64_t values)
{
    for (int64_t k = 0; k < values; k++) {
        const int64_t c = x->indptr != NULL ? x->indices[k] : k % x->cols;
        hg_features_put(
            x, k, (hg_features_value(x, k) - statistics->feature_shift[c]) * statistics->feature_scale[c]);
    }
}

static void standardise_targets(const struct hg_statistics *statistics, struct hg_node_table *rows)
{
    const int64_t cols = statistics->targets;
    for (int64_t k = 0; rows->y_target != NULL && k < rows->count * cols; k++)
        rows->y_target[k] = (hg_real)(((double)rows->y_target[k] - statistics->target_shift[k % cols]) /
                                      statistics->target_unit[k % cols]);
}

/* Fails when a feature is infinite: those of the file are finite, so it does not fit float32. */
static hg_status check_features(const char *path, const struct hg_node_table *rows)
{
    const struct hg_features *x = &rows->x;
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t first = x->indptr != NULL ? x->indptr[i] : i * x->cols;
        const int64_t end = x->indptr != NULL ? x->indptr[i + 1] : (i + 1) * x->cols;
        for (int64_t k = first; k < end; k++)
            if (!isfinite(hg_features_value(x, k)))
                return hg_fail(
                    HG_FAILED, path,
                    "feature %lld of node %lld is too large for float32; --normalize-features standard "
                    "or row may mend it",
                    (long long)(x->indptr != NULL ? x->indices[k] : k - first), (long long)rows->imported[i]);
    }
    return HG_OK;
}

/* Notes what is lost when float64 features are rounded to float32. Collective. */
static hg_status note_rounding(const struct hg_comm *comm, const struct hg_node_table *rows,
                               struct hg_notes *notes)
{
    return hg_import_note_precision(comm, notes,
                                    &(struct hg_import_table){
                                        .name = "x",
                                        .id = rows->stored,
                                        .rows = rows->count,
                                        .total = rows->info.num_nodes,
                                        .values = rows->x,
                                        .remedy = "--normalize-features standard keeps what it can",
                                    });
}

hg_status hg_statistics_apply(const struct hg_comm *comm, const struct hg_data_options *options,
                              const struct hg_statistics *statistics, struct hg_node_table *rows,
                              struct hg_notes *notes)
{
    const int64_t values = hg_node_table_features(rows);
    if (options->normalize_features == HG_NORMALIZE_ROW) normalise_rows(&rows->x, rows->count);
    if (statistics->feature_scale != NULL) standardise_features(statistics, &rows->x, values);
    if (statistics->target_unit != NULL) standardise_targets(statistics, rows);
    if (rows->info.wide) HG_TRY(note_rounding(comm, rows, notes));
    hg_status status = hg_features_narrow(&rows->x, values);
    rows->info.wide = false;
    if (status == HG_OK) status = check_features(options->graph, rows);
    return hg_agree(comm, status);
}
