/* Reads rows of a MatrixMarket file as features. Reads the file once, since it may change between two passes. */
#include "base/mem.h"
#include "io/import/matrix_market.h"
#include <string.h>

/* State of reading the rows. */
struct gather {
    const char *path;
    struct hg_range range;
    struct hg_features *x;
    struct hg_matrix_entry *entry; /* [count] entries of a sparse matrix; rows relative to range.first */
    int64_t count, capacity;
    bool sparse;
};

static hg_status begin(struct gather *gather, const struct hg_matrix_market *matrix)
{
    const int64_t rows = gather->range.end - gather->range.first;
    gather->sparse = matrix->sparse;
    gather->x->cols = matrix->cols;
    if (gather->range.end > matrix->rows)
        return hg_fail(HG_FAILED, gather->path, "has fewer rows than before: it changed while it was read");
    if (matrix->sparse) return HG_OK;
    gather->x->wide = hg_mem_alloc(rows, (size_t)matrix->cols * sizeof *gather->x->wide);
    return gather->x->wide != NULL ? HG_OK : HG_NOMEM;
}

static hg_status keep(void *context, const struct hg_matrix_market *matrix,
                      const struct hg_matrix_entry *entry)
{
    struct gather *gather = context;
    if (entry == NULL) return begin(gather, matrix);
    if (entry->row < gather->range.first || entry->row >= gather->range.end) return HG_OK;
    const int64_t row = entry->row - gather->range.first;
    if (!matrix->sparse) {
        gather->x->wide[row * matrix->cols + entry->col] = entry->value;
        return HG_OK;
    }
    HG_TRY(HG_RESERVE(gather->entry, &gather->capacity, gather->count + 1));
    gather->entry[gather->count++] = (struct hg_matrix_entry){row, entry->col, entry->value};
    return HG_OK;
}

/* Makes CSR of the entries; each row in the order of the file. */
static hg_status fill_rows(const struct gather *gather)
{
    const int64_t rows = gather->range.end - gather->range.first;
    struct hg_features *x = gather->x;
    HG_TRY(HG_NEW(x->indptr, rows + 1));
    HG_TRY(HG_NEW(x->indices, gather->count));
    HG_TRY(HG_NEW(x->wide, gather->count));
    for (int64_t k = 0; k < gather->count; k++) x->indptr[gather->entry[k].row + 1]++;
    for (int64_t i = 0; i < rows; i++) x->indptr[i + 1] += x->indptr[i];
    for (int64_t k = 0; k < gather->count; k++) {
        const hg_eid at = x->indptr[gather->entry[k].row]++;
        x->indices[at] = (int32_t)gather->entry[k].col;
        x->wide[at] = gather->entry[k].value;
    }
    /* the loop above has advanced indptr[i] from the start to the end of row i: shift all by one */
    memmove(x->indptr + 1, x->indptr, (size_t)rows * sizeof *x->indptr);
    x->indptr[0] = 0;
    return HG_OK;
}

hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x)
{
    struct gather gather = {.path = path, .range = range, .x = x};
    hg_status status = hg_matrix_market_each(path, keep, &gather);
    if (status == HG_OK && gather.sparse) status = fill_rows(&gather);
    hg_mem_free(gather.entry);
    return status;
}
