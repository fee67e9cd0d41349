#include "train/statistics.h"

#include "base/exactsum.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

hg_status hg_statistics_create(const struct hg_config *config, const struct hg_graph_info *info,
                               struct hg_statistics *statistics)
{
    *statistics = (struct hg_statistics){.features = info->num_features, .targets = info->num_outputs};
    if (config->normalize_features == HG_NORMALIZE_STANDARD) {
        HG_TRY(HG_NEW(statistics->feature_shift, info->num_features));
        HG_TRY(HG_NEW(statistics->feature_scale, info->num_features));
    }
    if (info->task == HG_REGRESSION && config->standardize_targets) {
        HG_TRY(HG_NEW(statistics->target_shift, info->num_outputs));
        HG_TRY(HG_NEW(statistics->target_unit, info->num_outputs));
        HG_TRY(HG_NEW(statistics->unit, info->num_outputs));
    }
    return HG_OK;
}

void hg_statistics_destroy(struct hg_statistics *statistics)
{
    HG_FREE(statistics->feature_shift);
    HG_FREE(statistics->feature_scale);
    HG_FREE(statistics->target_shift);
    HG_FREE(statistics->target_unit);
    HG_FREE(statistics->unit);
}

/* A cell's sums of one pass over columns: of values and counts (mean NULL), or of squared distances from the mean. */
struct column_sums {
    const struct hg_rows *rows;
    const uint8_t *mask;
    const double *mean;
    double *sum, *count; /* [columns]; count only for targets, where entries may be missing */
};

static void add_value(const struct column_sums *sums, int64_t c, double value)
{
    if (isnan(value)) return;
    const double distance = sums->mean != NULL ? value - sums->mean[c] : 0;
    sums->sum[c] += sums->mean != NULL ? distance * distance : value;
    sums->count[c] += 1;
}

static void feature_row(const struct column_sums *sums, int64_t i)
{
    const struct hg_features *x = &sums->rows->x;
    if (x->indptr == NULL)
        for (int64_t c = 0; c < x->cols; c++) add_value(sums, c, (double)x->dense[i * x->cols + c]);
    else
        for (hg_eid e = x->indptr[i]; e < x->indptr[i + 1]; e++)
            add_value(sums, x->indices[e], (double)x->data[e]);
}

static void target_row(const struct column_sums *sums, int64_t i)
{
    const int64_t cols = sums->rows->info.num_outputs;
    for (int64_t c = 0; c < cols; c++) add_value(sums, c, (double)sums->rows->y_target[i * cols + c]);
}

typedef void row_fn(const struct column_sums *sums, int64_t i);

/* One pass: total[2 cols] = [sums | counts] over the training rows of the whole graph. */
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

/* Mean and standard deviation of columns. n: rows that count where absent entries are zeros (sparse features); 0: the
 * entries that are there. */
static hg_status measure(const struct hg_shard *shard, struct column_sums sums, int64_t cols, row_fn *row,
                         int64_t n, double *moments)
{
    double *mean = moments, *count = moments + cols;
    HG_TRY(sum_columns(shard, sums, cols, row, moments));
    for (int64_t c = 0; c < cols; c++) {
        const double rows = n > 0 ? (double)n : count[c];
        mean[c] = rows > 0 ? mean[c] / rows : 0;
    }
    double *square = moments + 2 * cols, *square_count = moments + 3 * cols;
    sums.mean = mean;
    HG_TRY(sum_columns(shard, sums, cols, row, square));
    for (int64_t c = 0; c < cols; c++) {
        const double rows = n > 0 ? (double)n : square_count[c];
        /* the entries that are not stored are 0, at distance mean */
        const double zeros = (rows - square_count[c]) * mean[c] * mean[c];
        const double deviation = rows > 0 ? sqrt((square[c] + zeros) / rows) : 0;
        square[c] = deviation > 0 ? deviation : 1;
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

static hg_status measure_features(const struct hg_shard *shard, struct column_sums sums, double *moments,
                                  struct hg_statistics *statistics)
{
    const int64_t cols = statistics->features;
    const bool sparse = sums.rows->x.indptr != NULL;
    const int64_t n = sparse ? count_rows(shard, sums.mask) : 0;
    HG_TRY(measure(shard, sums, cols, feature_row, n, moments));
    for (int64_t c = 0; c < cols; c++) {
        statistics->feature_shift[c] = sparse ? 0 : (hg_real)moments[c];
        statistics->feature_scale[c] = (hg_real)(1 / moments[2 * cols + c]);
    }
    return HG_OK;
}

static hg_status measure_targets(const struct hg_shard *shard, struct column_sums sums, double *moments,
                                 struct hg_statistics *statistics)
{
    const int64_t cols = statistics->targets;
    HG_TRY(measure(shard, sums, cols, target_row, 0, moments));
    for (int64_t c = 0; c < cols; c++) {
        statistics->target_shift[c] = (hg_real)moments[c];
        statistics->target_unit[c] = (hg_real)moments[2 * cols + c];
    }
    return HG_OK;
}

hg_status hg_statistics_measure(const struct hg_shard *shard, const struct hg_rows *rows, const uint8_t *mask,
                                struct hg_statistics *statistics)
{
    const struct column_sums sums = {.rows = rows, .mask = mask};
    double *moments = NULL;
    hg_status status = HG_NEW(moments, 4 * hg_max_i64(statistics->features, statistics->targets));
    status = hg_agree(shard->comm, status);
    if (status == HG_OK && statistics->feature_scale != NULL)
        status = measure_features(shard, sums, moments, statistics);
    if (status == HG_OK && statistics->target_unit != NULL)
        status = measure_targets(shard, sums, moments, statistics);
    HG_FREE(moments);
    return status;
}

static void normalise_row(hg_real *values, int64_t n)
{
    double size = 0;
    for (int64_t k = 0; k < n; k++) size += fabs((double)values[k]);
    if (size <= 1) return;
    for (int64_t k = 0; k < n; k++) values[k] = (hg_real)((double)values[k] / size);
}

static void normalise_rows(struct hg_rows *rows)
{
    for (int64_t i = 0; i < rows->count; i++) {
        const struct hg_features *x = &rows->x;
        if (x->indptr == NULL)
            normalise_row(x->dense + i * x->cols, x->cols);
        else
            normalise_row(x->data + x->indptr[i], x->indptr[i + 1] - x->indptr[i]);
    }
}

static void standardise_features(const struct hg_statistics *statistics, struct hg_features *x, int64_t rows)
{
    const hg_real *shift = statistics->feature_shift, *scale = statistics->feature_scale;
    if (x->indptr != NULL) {
        for (hg_eid e = 0; e < x->indptr[rows]; e++) x->data[e] *= scale[x->indices[e]];
        return;
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t c = 0; c < x->cols; c++)
            x->dense[i * x->cols + c] = (x->dense[i * x->cols + c] - shift[c]) * scale[c];
}

void hg_statistics_apply(const struct hg_config *config, const struct hg_statistics *statistics,
                         struct hg_rows *rows)
{
    if (config->normalize_features == HG_NORMALIZE_ROW) normalise_rows(rows);
    if (statistics->feature_scale != NULL) standardise_features(statistics, &rows->x, rows->count);
    if (statistics->target_unit == NULL) return;
    const int64_t cols = statistics->targets;
    for (int64_t c = 0; c < cols; c++) statistics->unit[c] = (double)statistics->target_unit[c];
    if (rows->y_target == NULL) return;
    for (int64_t k = 0; k < rows->count * cols; k++)
        rows->y_target[k] =
            (rows->y_target[k] - statistics->target_shift[k % cols]) / statistics->target_unit[k % cols];
}
