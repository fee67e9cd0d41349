#include "io/import/import_precision.h"

#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAMPLE = 256, /* rows sampled */
    CHUNK = 4096, /* columns sampled at a time */
    RARE = 32     /* a column loses values when more than one in RARE becomes equal to another */
};

/* Verdict on a column, from good to bad. */
enum { SOUND, ROUNDED, EQUAL };

/* Whether a whole number changes in float32, or may have changed when it was read as float64. */
static bool changes(double value)
{
    const bool whole = fabs(value) > 0x1p24 && value == floor(value);
    return whole && (fabs(value) >= 0x1p53 || (double)(hg_real)value != value);
}

/* Whether two float64 numbers, low <= high, differ by more than rounding noise: by more than 2^-40 relative to the
 * larger. */
static bool distinguishable(double low, double high)
{
    return high - low > ldexp(fmax(fabs(low), fabs(high)), -40);
}

/* Whether two such numbers become the same float32. */
static bool becomes_equal(double low, double high)
{
    return distinguishable(low, high) && (hg_real)low == (hg_real)high;
}

static int64_t column_of(const struct hg_features *x, int64_t k)
{
    return x->indptr != NULL ? x->indices[k] : k % x->cols;
}

/* Marks the columns in which a whole number changes in float32. Local. */
static void find_rounded(const struct hg_import_table *table, int64_t *verdict)
{
    for (int64_t k = 0; k < hg_features_count(&table->values, table->rows); k++)
        if (changes(table->values.wide[k])) verdict[column_of(&table->values, k)] = ROUNDED;
}

/* For sparse tables: marks the columns in which the smallest and the largest value become equal. Collective. */
static hg_status compare_ends(const struct hg_comm *comm, const struct hg_import_table *table,
                              int64_t *verdict)
{
    const struct hg_features *x = &table->values;
    double *largest = NULL, *negated = NULL; /* [cols] maximum of the values; maximum of the negated values */
    hg_status status = HG_NEW(largest, x->cols);
    if (status == HG_OK) status = HG_NEW(negated, x->cols);
    status = hg_agree(comm, status);
    if (status == HG_OK) {
        for (int64_t c = 0; c < x->cols; c++) largest[c] = negated[c] = -(double)INFINITY;
        for (int64_t k = 0; k < hg_features_count(&table->values, table->rows); k++) {
            const int64_t c = x->indices[k];
            largest[c] = fmax(largest[c], x->wide[k]);
            negated[c] = fmax(negated[c], -x->wide[k]);
        }
        hg_comm_max_f64(comm, largest, x->cols);
        hg_comm_max_f64(comm, negated, x->cols);
        for (int64_t c = 0; c < x->cols; c++)
            if (becomes_equal(-negated[c], largest[c]) ||
                becomes_equal(fmin(-negated[c], 0), fmax(largest[c], 0)))
                verdict[c] = EQUAL;
    }
    hg_mem_free(negated);
    hg_mem_free(largest);
    return status;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Whether too many of a column's n sampled values become equal to another one. Sorts the values. */
static bool loses_values(double *value, int64_t n)
{
    int64_t distinct = 1, lost = 0;
    qsort(value, (size_t)n, sizeof *value, by_value);
    for (int64_t k = 1; k < n; k++) {
        distinct += distinguishable(value[k - 1], value[k]);
        lost += becomes_equal(value[k - 1], value[k]);
    }
    return lost > 0 && lost * RARE >= distinct;
}

static int64_t sample_row(const struct hg_import_table *table, int64_t k)
{
    const int64_t n = hg_min_i64(SAMPLE, table->total);
    return table->total / n * k + table->total % n * k / n;
}

/* The index of a row among all ranks' rows. */
static int64_t index_of(const struct hg_import_table *table, int64_t row)
{
    if (table->edges != NULL) return hg_edges_id(table->edges, row);
    return table->id != NULL ? table->id[row] : table->first + row;
}

/* Packs columns [first, first + cols) of the sampled rows that this rank has; returns the number of these rows. */
static int64_t take_sample(const struct hg_import_table *table, int64_t first, int64_t cols, double *sample)
{
    const int64_t wanted = hg_min_i64(SAMPLE, table->total);
    int64_t taken = 0, k = 0;
    for (int64_t row = 0; row < table->rows && k < wanted; row++) {
        const int64_t id = index_of(table, row);
        while (k < wanted && sample_row(table, k) < id) k++;
        if (k == wanted || sample_row(table, k) != id) continue;
        memcpy(sample + taken++ * cols, table->values.wide + row * table->values.cols + first,
               (size_t)cols * sizeof *sample);
    }
    return taken;
}

/* Sets the verdict on columns [first, first + cols) from all n sampled rows. On rank 0. */
static void judge_columns(const double *rows, int64_t n, int64_t first, int64_t cols, int64_t *verdict)
{
    double column[SAMPLE];
    for (int64_t c = 0; c < cols; c++) {
        int64_t present = 0; /* values that are not missing */
        for (int64_t k = 0; k < n; k++)
            if (!isnan(rows[k * cols + c])) column[present++] = rows[k * cols + c];
        if (loses_values(column, present)) verdict[first + c] = EQUAL;
    }
}

/* For dense tables: marks the columns in which too many values of a sample of rows become equal. Collective. */
static hg_status compare_sample(const struct hg_comm *comm, const struct hg_import_table *table,
                                int64_t *verdict)
{
    double *sample = NULL;
    int64_t *counts = NULL;
    hg_status status = HG_NEW(sample, SAMPLE * hg_min_i64(CHUNK, table->values.cols));
    if (status == HG_OK) status = HG_NEW(counts, comm->size);
    status = hg_agree(comm, status);
    for (int64_t first = 0; status == HG_OK && first < table->values.cols; first += CHUNK) {
        const int64_t cols = hg_min_i64(CHUNK, table->values.cols - first);
        const int64_t mine = take_sample(table, first, cols, sample);
        void *all = NULL;
        status = hg_comm_gather(comm, (size_t)cols * sizeof *sample, sample, mine, 0, &all, counts);
        if (status == HG_OK && comm->rank == 0)
            judge_columns(all, hg_min_i64(SAMPLE, table->total), first, cols, verdict);
        hg_mem_free(all);
    }
    hg_mem_free(counts);
    hg_mem_free(sample);
    return status;
}

static void note(struct hg_notes *notes, const struct hg_import_table *table, const int64_t *verdict)
{
    static const char *const what[] = {[ROUNDED] = "whole numbers above 2^24 change in float32",
                                       [EQUAL] = "values differ only beyond float32"};
    int64_t column = -1, more = -1;
    char others[64] = "", name[64];
    for (int64_t c = 0; c < table->values.cols; c++) {
        if (verdict[c] == SOUND) continue;
        if (column < 0 || (verdict[column] == ROUNDED && verdict[c] == EQUAL)) column = c;
        more++;
    }
    if (column < 0) return;
    if (more > 0) snprintf(others, sizeof others, ", as in %lld more columns", (long long)more);
    snprintf(name, sizeof name, "%s column %lld", table->name, (long long)column);
    hg_note(notes, name, "%s%s; %s", what[verdict[column]], others, table->remedy);
}

hg_status hg_import_note_precision(const struct hg_comm *comm, struct hg_notes *notes,
                                   const struct hg_import_table *table)
{
    int64_t *verdict = NULL;
    if (notes == NULL || sizeof(hg_real) == sizeof(double) || table->values.cols == 0 || table->total == 0)
        return HG_OK;
    hg_status status = hg_agree(comm, HG_NEW(verdict, table->values.cols));
    if (status == HG_OK) {
        find_rounded(table, verdict);
        status = table->values.indptr != NULL ? compare_ends(comm, table, verdict)
                                              : compare_sample(comm, table, verdict);
    }
    if (status == HG_OK) {
        hg_comm_max_i64(comm, verdict, table->values.cols);
        note(notes, table, verdict);
    }
    hg_mem_free(verdict);
    return status;
}

static hg_status check_rounded(const struct hg_import_table *table)
{
    const struct hg_features *x = &table->values;
    for (int64_t k = 0; k < hg_features_count(&table->values, table->rows); k++)
        if (isfinite(x->wide[k]) && isinf((hg_real)x->wide[k]))
            return hg_fail(HG_FAILED, table->file, "%s column %lld: %g is beyond float32; %s", table->name,
                           (long long)column_of(x, k), x->wide[k], table->remedy);
    return HG_OK;
}

/* Notes when 64-bit integers were too large for float64, as which they are read. Collective. */
static void note_integers(const struct hg_import *import, const struct hg_import_table *table)
{
    const struct hg_features *x = &table->values;
    int64_t column = -1;
    char name[64];
    for (int64_t k = 0; import->x_integers && x->wide != NULL && k < hg_features_count(x, table->rows); k++)
        if (fabs(x->wide[k]) >= 0x1p53) column = hg_max_i64(column, column_of(x, k));
    hg_comm_max_i64(import->comm, &column, 1);
    if (column < 0) return;
    snprintf(name, sizeof name, "%s column %lld", table->name, (long long)column);
    hg_note(import->options->notes, name,
            "whole numbers of 2^53 and more change in float64: take their origin away");
}

hg_status hg_import_settle_features(struct hg_import *import)
{
    struct hg_node_table *rows = import->rows;
    const struct hg_range block = hg_import_block(import);
    const char *features = import->options->features;
    const struct hg_import_table table = {.name = "x",
                                          .file = features != NULL ? features : import->options->source,
                                          .first = block.first,
                                          .rows = block.end - block.first,
                                          .total = rows->info.num_nodes,
                                          .values = rows->x,
                                          .remedy = "--keep-double keeps them"};
    int64_t wide = rows->x.wide != NULL;
    hg_comm_max_i64(import->comm, &wide, 1);
    rows->info.wide = wide != 0 && import->options->keep_double && sizeof(hg_real) != sizeof(double);
    if (wide == 0) return HG_OK;
    note_integers(import, &table);
    if (rows->info.wide) return HG_OK;
    HG_TRY(hg_agree(import->comm, check_rounded(&table)));
    HG_TRY(hg_import_note_precision(import->comm, import->options->notes, &table));
    return hg_agree(import->comm, hg_features_narrow(&rows->x, hg_features_count(&table.values, table.rows)));
}

hg_status hg_import_settle_edges(struct hg_import *import)
{
    struct hg_edges *edges = &import->edges;
    int64_t wide = import->edge_wide != NULL, total = edges->count;
    hg_comm_max_i64(import->comm, &wide, 1);
    if (wide == 0) return HG_OK;
    hg_comm_sum_i64(import->comm, &total, 1);
    struct hg_import_table table = {.name = "edge features",
                                    .file = import->options->source,
                                    .edges = edges,
                                    .rows = edges->count,
                                    .total = total,
                                    .values = {.cols = edges->attr_cols, .wide = import->edge_wide},
                                    .remedy =
                                        "edge features are float32: take their origin or their scale away"};
    HG_TRY(hg_agree(import->comm, check_rounded(&table)));
    HG_TRY(hg_import_note_precision(import->comm, import->options->notes, &table));
    const hg_status status = hg_features_narrow(&table.values, edges->count * edges->attr_cols);
    import->edge_wide = table.values.wide;
    edges->attr = table.values.dense;
    return hg_agree(import->comm, status);
}
