#include "io/import_private.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

hg_status hg_import_check_finite(const char *file, const char *name, int64_t row, int64_t rows, int64_t cols,
                                 const hg_real *data)
{
    for (int64_t k = 0; k < rows * cols; k++)
        if (!isfinite(data[k]))
            return hg_fail(HG_FAILED, file, "%s: row %lld, column %lld is not finite", name,
                           (long long)(row + k / cols), (long long)(k % cols));
    return HG_OK;
}

struct entry {
    int32_t col;
    hg_real value;
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

static hg_status sort_row(int64_t n, int32_t *cols, hg_real *data)
{
    struct entry *entries = NULL;
    if (is_sorted(cols, n)) return HG_OK;
    HG_TRY(HG_NEW(entries, n));
    for (int64_t k = 0; k < n; k++) entries[k] = (struct entry){cols[k], data[k]};
    qsort(entries, (size_t)n, sizeof *entries, by_column);
    for (int64_t k = 0; k < n; k++) {
        cols[k] = entries[k].col;
        data[k] = entries[k].value;
    }
    hg_mem_free(entries);
    return HG_OK;
}

hg_status hg_import_check_sparse(const char *file, int64_t row, int64_t rows, struct hg_features *x)
{
    for (int64_t i = 0; i < rows; i++) {
        const hg_eid begin = x->indptr[i], end = x->indptr[i + 1];
        HG_TRY(sort_row(end - begin, x->indices + begin, x->data + begin));
        for (hg_eid k = begin; k < end; k++) {
            const int32_t col = x->indices[k];
            const char *why = NULL;
            if (col < 0 || col >= x->cols) why = "is outside the features";
            if (k > begin && x->indices[k - 1] == col) why = "occurs twice";
            if (!isfinite(x->data[k])) why = "is not finite";
            if (why != NULL)
                return hg_fail(HG_FAILED, file, "features: row %lld, column %lld %s", (long long)(row + i),
                               (long long)col, why);
        }
    }
    return HG_OK;
}
