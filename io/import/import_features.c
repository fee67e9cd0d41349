#include "io/import/import_private.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

hg_status hg_import_check_dense(const char *file, const char *name, int64_t row, int64_t rows,
                                const struct hg_features *x)
{
    for (int64_t k = 0; k < rows * x->cols; k++)
        if (!isfinite(hg_features_value(x, k)))
            return hg_fail(HG_FAILED, file, "%s: row %lld, column %lld is not finite", name,
                           (long long)(row + k / x->cols), (long long)(k % x->cols));
    return HG_OK;
}

struct entry {
    int32_t col;
    double value;
};

static int by_column(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return (x->col > y->col) - (x->col < y->col);
}

static bool is_sorted(const int32_t *cols, int64_t n)
{
    for (int64_t k = 1; k < n; k++)
        if (cols[k - 1] > cols[k]) return false;
    return true;
}

static hg_status sort_row(struct hg_features *x, hg_eid first, hg_eid end)
{
    struct entry *entries = NULL;
    const int64_t n = end - first;
    if (is_sorted(x->indices + first, n)) return HG_OK;
    HG_TRY(HG_NEW(entries, n));
    for (int64_t k = 0; k < n; k++)
        entries[k] = (struct entry){x->indices[first + k], hg_features_value(x, first + k)};
    qsort(entries, (size_t)n, sizeof *entries, by_column);
    for (int64_t k = 0; k < n; k++) {
        x->indices[first + k] = entries[k].col;
        hg_features_put(x, first + k, entries[k].value);
    }
    hg_mem_free(entries);
    return HG_OK;
}

hg_status hg_import_check_sparse(const char *file, int64_t row, int64_t rows, struct hg_features *x)
{
    for (int64_t i = 0; i < rows; i++) {
        const hg_eid begin = x->indptr[i], end = x->indptr[i + 1];
        HG_TRY(sort_row(x, begin, end));
        for (hg_eid k = begin; k < end; k++) {
            const int32_t col = x->indices[k];
            const char *why = NULL;
            if (col < 0 || col >= x->cols) why = "is outside the features";
            if (k > begin && x->indices[k - 1] == col) why = "occurs twice";
            if (!isfinite(hg_features_value(x, k))) why = "is not finite";
            if (why != NULL)
                return hg_fail(HG_FAILED, file, "features: row %lld, column %lld %s", (long long)(row + i),
                               (long long)col, why);
        }
    }
    return HG_OK;
}
