#include "io/matrix_market.h"

#include "base/mem.h"
#include "io/text.h"
#include <string.h>
#include <strings.h>

static hg_status bad_line(const struct hg_text *text, const char *why)
{
    return hg_fail(HG_FAILED, text->stream.what, "line %lld: %s", (long long)text->line, why);
}

/* The next line with something in it and no comment; NULL at the end. */
static hg_status next_line(struct hg_text *text, char **line)
{
    bool header = false;
    return hg_text_next_data(text, &header, line);
}

/* "%%MatrixMarket matrix coordinate real general" */
static hg_status parse_banner(struct hg_text *text, char *line, struct hg_matrix_market *matrix)
{
    char *word[5] = {0};
    for (int w = 0; w < 5; w++) {
        word[w] = hg_text_field(&line);
        if (word[w] == NULL) return bad_line(text, "not a MatrixMarket file");
    }
    if (strcasecmp(word[0], "%%MatrixMarket") != 0 || strcasecmp(word[1], "matrix") != 0)
        return bad_line(text, "not a MatrixMarket file");
    matrix->sparse = strcasecmp(word[2], "coordinate") == 0;
    matrix->pattern = strcasecmp(word[3], "pattern") == 0;
    const bool number = strcasecmp(word[3], "real") == 0 || strcasecmp(word[3], "integer") == 0 ||
                        strcasecmp(word[3], "double") == 0 || (matrix->pattern && matrix->sparse);
    if ((!matrix->sparse && strcasecmp(word[2], "array") != 0) || !number ||
        strcasecmp(word[4], "general") != 0)
        return bad_line(text, "only coordinate or array, real, integer or pattern, general is read");
    return HG_OK;
}

static hg_status parse_sizes(struct hg_text *text, char *line, struct hg_matrix_market *matrix)
{
    int64_t size[3] = {0};
    for (int k = 0; k < (matrix->sparse ? 3 : 2); k++) {
        const char *field = line != NULL ? hg_text_field(&line) : NULL;
        if (field == NULL || !hg_text_integer(field, &size[k]) || size[k] < 0)
            return bad_line(text, "sizes expected: rows, columns and, if sparse, entries");
    }
    *matrix = (struct hg_matrix_market){matrix->sparse, matrix->pattern, size[0], size[1], size[2]};
    if (matrix->cols > INT32_MAX) return bad_line(text, "more than 2^31 - 1 columns");
    if (!matrix->sparse && __builtin_mul_overflow(size[0], size[1], &matrix->entries))
        return bad_line(text, "absurd sizes");
    return HG_OK;
}

/* Opens and reads up to the first entry. */
static hg_status open_matrix(const char *path, struct hg_text *text, struct hg_matrix_market *matrix)
{
    char *line = NULL;
    HG_TRY(hg_text_open(path, text));
    HG_TRY(hg_text_next(text, &line));
    if (line == NULL) return hg_fail(HG_FAILED, path, "is empty");
    HG_TRY(parse_banner(text, line, matrix));
    HG_TRY(next_line(text, &line));
    return parse_sizes(text, line, matrix);
}

hg_status hg_matrix_market_describe(const char *path, struct hg_matrix_market *matrix)
{
    struct hg_text text = {0};
    const hg_status status = open_matrix(path, &text, matrix);
    hg_text_close(&text);
    return status;
}

struct entry {
    int64_t row, col;
    double value;
};

static hg_status parse_entry(const struct hg_text *text, const struct hg_matrix_market *matrix, char *line,
                             struct entry *entry)
{
    const char *row = hg_text_field(&line), *col = hg_text_field(&line);
    const char *value = matrix->pattern ? "1" : hg_text_field(&line);
    if (row == NULL || col == NULL || value == NULL || hg_text_field(&line) != NULL)
        return bad_line(text, matrix->pattern ? "row and column expected" : "row, column and value expected");
    if (!hg_text_integer(row, &entry->row) || entry->row < 1 || entry->row > matrix->rows)
        return bad_line(text, "row outside the matrix");
    if (!hg_text_integer(col, &entry->col) || entry->col < 1 || entry->col > matrix->cols)
        return bad_line(text, "column outside the matrix");
    if (!hg_text_number(value, &entry->value)) return bad_line(text, "value is no number");
    entry->row--;
    entry->col--;
    return HG_OK;
}

/* Entry k of a dense matrix: column by column. */
static hg_status parse_value(const struct hg_text *text, const struct hg_matrix_market *matrix, int64_t k,
                             char *line, struct entry *entry)
{
    const char *value = hg_text_field(&line);
    if (value == NULL || hg_text_field(&line) != NULL || !hg_text_number(value, &entry->value))
        return bad_line(text, "one number expected");
    entry->row = k % matrix->rows;
    entry->col = k / matrix->rows;
    return HG_OK;
}

/* Entries of a rank's rows: counted from the first of them. */
struct entries {
    struct entry *list;
    int64_t count, capacity;
};

static hg_status keep(const struct hg_matrix_market *matrix, struct entry entry, struct hg_features *x,
                      struct entries *entries)
{
    if (!matrix->sparse) {
        x->wide[entry.row * matrix->cols + entry.col] = entry.value;
        return HG_OK;
    }
    HG_TRY(HG_RESERVE(entries->list, &entries->capacity, entries->count + 1));
    entries->list[entries->count++] = entry;
    return HG_OK;
}

static hg_status next_entry(struct hg_text *text, const struct hg_matrix_market *matrix, int64_t k,
                            struct entry *entry)
{
    char *line = NULL;
    HG_TRY(next_line(text, &line));
    if (line == NULL)
        return hg_fail(HG_FAILED, text->stream.what, "ends after %lld of %lld entries", (long long)k,
                       (long long)matrix->entries);
    return matrix->sparse ? parse_entry(text, matrix, line, entry)
                          : parse_value(text, matrix, k, line, entry);
}

/* All entries, in one pass: a file may change between two. */
static hg_status read_entries(struct hg_text *text, const struct hg_matrix_market *matrix,
                              struct hg_range range, struct hg_features *x, struct entries *entries)
{
    char *line = NULL;
    for (int64_t k = 0; k < matrix->entries; k++) {
        struct entry entry;
        HG_TRY(next_entry(text, matrix, k, &entry));
        if (entry.row < range.first || entry.row >= range.end) continue;
        entry.row -= range.first;
        HG_TRY(keep(matrix, entry, x, entries));
    }
    HG_TRY(next_line(text, &line));
    return line == NULL ? HG_OK : bad_line(text, "more entries than the sizes say");
}

/* Entries by rows, in the order of the file. */
static hg_status fill_rows(const struct entries *entries, int64_t rows, struct hg_features *x)
{
    HG_TRY(HG_NEW(x->indptr, rows + 1));
    HG_TRY(HG_NEW(x->indices, entries->count));
    HG_TRY(HG_NEW(x->wide, entries->count));
    for (int64_t k = 0; k < entries->count; k++) x->indptr[entries->list[k].row + 1]++;
    for (int64_t i = 0; i < rows; i++) x->indptr[i + 1] += x->indptr[i];
    for (int64_t k = 0; k < entries->count; k++) {
        const hg_eid at = x->indptr[entries->list[k].row]++;
        x->indices[at] = (int32_t)entries->list[k].col;
        x->wide[at] = entries->list[k].value;
    }
    /* filling has moved each row's start to its end */
    memmove(x->indptr + 1, x->indptr, (size_t)rows * sizeof *x->indptr);
    x->indptr[0] = 0;
    return HG_OK;
}

static hg_status read_rows(struct hg_text *text, const struct hg_matrix_market *matrix, struct hg_range range,
                           struct hg_features *x)
{
    const int64_t rows = range.end - range.first;
    struct entries entries = {0};
    x->cols = matrix->cols;
    if (range.end > matrix->rows)
        return hg_fail(HG_FAILED, text->stream.what,
                       "has fewer rows than before: it changed while it was read");
    HG_TRY(hg_stream_check_size(text->stream.what, hg_min_i64(matrix->entries, INT64_MAX / 2) * 2));
    if (!matrix->sparse) {
        x->wide = hg_mem_alloc(rows, (size_t)matrix->cols * sizeof *x->wide);
        return x->wide == NULL ? HG_NOMEM : read_entries(text, matrix, range, x, NULL);
    }
    hg_status status = read_entries(text, matrix, range, x, &entries);
    if (status == HG_OK) status = fill_rows(&entries, rows, x);
    hg_mem_free(entries.list);
    return status;
}

hg_status hg_matrix_market_read(const char *path, struct hg_range range, struct hg_features *x)
{
    struct hg_text text = {0};
    struct hg_matrix_market matrix = {0};
    hg_status status = open_matrix(path, &text, &matrix);
    if (status == HG_OK) status = read_rows(&text, &matrix, range, x);
    hg_text_close(&text);
    return status;
}
