/* Reads rows of a MatrixMarket file as features. Reads the file once, since it may change between two passes. */
#include "base/mem.h"
#include "io/import/matrix_market.h"
#include <string.h>

/* State of reading the rows. */
struct reader {
    const char *path;
    struct hg_range range;
    struct hg_features *x;
    struct hg_matrix_entry *entry; /* [count] entries of a sparse matrix; rows relative to range.first */
    int64_t count, capacity;
    bool sparse;
};

static hg_status begin(struct reader *reader, const struct hg_matrix_market *matrix)
{
    const int64_t rows = reader->range.end - reader->range.first;
    reader->sparse = matrix->sparse;
    reader->x->cols = matrix->cols;
    if (reader->range.end > matrix->rows)
        return hg_fail(HG_FAILED, reader->path, "has fewer rows than before: it changed while it was read");
    if (matrix->sparse) return HG_OK;
    reader->x->wide = hg_mem_alloc(rows, (size_t)matrix->cols * sizeof *reader->x->wide);
    return reader->x->wide != NULL ? HG_OK : HG_NOMEM;
}

static hg_status on_entry(void *context, const struct hg_matrix_market *matrix,
                          const struct hg_matrix_entry *entry)
{
    struct reader *reader = context;
    if (entry == NULL) return begin(reader, matrix);
    if (entry->row < reader->range.first || entry->row >= reader->range.end) return HG_OK;
    const int64_t row = entry->row - reader->range.first;
    if (!matrix->sparse) {
        reader->x->wide[row * matrix->cols + entry->col] = entry->value;
        return HG_OK;
    }
    HG_TRY(HG_RESERVE(reader->entry, &reader->capacity, reader->count + 1));
    reader->entry[reader->count++] = (struct hg_matrix_entry){row, entry->col, entry->value};
    return HG_OK;
}

/* Makes CSR of the entries; each row in the order of the file. */
static hg_status fill_rows(const struct reader *reader)
{
    const int64_t rows = reader->range.end - reader->range.first;
    struct hg_features *x = reader->x;
    HG_TRY(HG_NEW(x->indptr, rows + 1));
    HG_TRY(HG_NEW(x->indices, reader->count));
    HG_TRY(HG_NEW(x->wide, reader->count));
    for (int64_t k = 0; k < reader->count; k++) x->indptr[reader->entry[k].row + 1]++;
    for (int64_t i = 0; i < rows; i++) x->indptr[i + 1] += x->indptr[i];
    for (int64_t k = 0; k < reader->count; k++) {
        const hg_eid at = x->indptr[reader->entry[k].row]++;
        x->indices[at] = (int32_t)reader->entry[k].col;
        x->wide[at] = reader->entry[k].value;
    }
    /* the loop above has advanced indptr[i] from the start to the end of row i: shift all by one */
    memmove(x->indptr + 1, x->indptr, (size_t)rows * sizeof *x->indptr);
    x->indptr[0] = 0;
    return HG_OK;
}

hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x)
{
    struct reader reader = {.path = path, .range = range, .x = x};
    hg_status status = hg_matrix_market_each(path, on_entry, &reader);
    if (status == HG_OK && reader.sparse) status = fill_rows(&reader);
    hg_mem_free(reader.entry);
    return status;
}
