#include "io/import/matrix_market.h"

#include "io/text/fields.h"
#include "io/text/text.h"
#include <string.h>
#include <strings.h>

enum { BANNER_WORDS = 5, FIELDS = 5 };

static const char banner[] = "%%MatrixMarket";

/* State of reading a matrix. */
struct reader {
    struct hg_text text;
    struct hg_matrix_market matrix;
    int64_t row, col;  /* of the next entry of a dense matrix, whose entries are stored column by column */
    bool below, above; /* a symmetric matrix has had entries below, above the diagonal */
};

static hg_status bad_line(const struct reader *reader, const char *why)
{
    return hg_text_fail(&reader->text, why, NULL);
}

static int find_word(const char *word, const char *const *words, int count)
{
    int k = 0;
    while (k < count && strcasecmp(word, words[k]) != 0) k++;
    return k;
}

/* Parses the first line, such as "%%MatrixMarket matrix coordinate real general". */
static hg_status parse_banner(struct reader *reader, char *line)
{
    static const char *const fields[] = {"pattern", "real", "integer", "double", "unsigned-integer"};
    static const char *const symmetries[HG_MATRIX_SYMMETRIES] = {[HG_MATRIX_GENERAL] = "general",
                                                                 [HG_MATRIX_SYMMETRIC] = "symmetric",
                                                                 [HG_MATRIX_SKEW] = "skew-symmetric"};
    struct hg_matrix_market *matrix = &reader->matrix;
    char *word[BANNER_WORDS];
    if (hg_fields_split(line, ' ', word, BANNER_WORDS) != BANNER_WORDS || strcasecmp(word[0], banner) != 0 ||
        strcasecmp(word[1], "matrix") != 0)
        return bad_line(reader, "not a MatrixMarket file");
    matrix->sparse = strcasecmp(word[2], "coordinate") == 0;
    const int field = find_word(word[3], fields, FIELDS),
              symmetry = find_word(word[4], symmetries, HG_MATRIX_SYMMETRIES);
    matrix->pattern = field == 0;
    matrix->symmetry = (enum hg_matrix_symmetry)symmetry;
    if ((matrix->sparse || (strcasecmp(word[2], "array") == 0 && !matrix->pattern)) && field < FIELDS &&
        symmetry < HG_MATRIX_SYMMETRIES)
        return HG_OK;
    return bad_line(reader, "only coordinate or array, real, integer or pattern, general, symmetric or "
                            "skew-symmetric is read");
}

/* Computes how many entries the file of a dense matrix stores: all; of a symmetric one those on and below the
 * diagonal; of a skew-symmetric one those below it. False on overflow. */
static bool count_dense(struct hg_matrix_market *matrix)
{
    const bool skew = matrix->symmetry == HG_MATRIX_SKEW;
    if (__builtin_mul_overflow(matrix->rows, matrix->cols, &matrix->entries)) return false;
    if (matrix->symmetry != HG_MATRIX_GENERAL)
        matrix->entries = (matrix->entries + (skew ? -matrix->rows : matrix->rows)) / 2;
    return true;
}

static hg_status parse_sizes(struct reader *reader, char *line)
{
    struct hg_matrix_market *matrix = &reader->matrix;
    int64_t size[3] = {0};
    char *word[3];
    const int64_t sizes = matrix->sparse ? 3 : 2;
    bool sound = line != NULL && hg_fields_split(line, ' ', word, sizes) == sizes;
    for (int64_t k = 0; k < sizes && sound; k++) sound = hg_text_integer(word[k], &size[k]) && size[k] >= 0;
    if (!sound) return bad_line(reader, "sizes expected: rows, columns and, if sparse, entries");
    matrix->rows = size[0];
    matrix->cols = size[1];
    matrix->entries = size[2];
    if (matrix->cols > INT32_MAX) return bad_line(reader, "more than 2^31 - 1 columns");
    if (matrix->symmetry != HG_MATRIX_GENERAL && matrix->rows != matrix->cols)
        return bad_line(reader, "a symmetric matrix has as many rows as columns");
    reader->row = matrix->symmetry == HG_MATRIX_SKEW;
    return matrix->sparse || count_dense(matrix) ? HG_OK : bad_line(reader, "absurd sizes");
}

/* Opens the file and reads the header. */
static hg_status open_matrix(const char *path, struct reader *reader)
{
    char *line = NULL;
    HG_TRY(hg_text_open(path, &reader->text));
    HG_TRY(hg_text_next(&reader->text, &line));
    if (line == NULL) return hg_fail(HG_FAILED, path, "is empty");
    HG_TRY(parse_banner(reader, line));
    HG_TRY(hg_text_next_data(&reader->text, &line));
    return parse_sizes(reader, line);
}

/* Whether a line is a misspelt first line of a MatrixMarket file: indented, not the first one, or with other %
 * signs. */
static bool is_misspelt_banner(const char *line)
{
    line += strspn(line, " \t%#");
    return strncasecmp(line, banner + 2, sizeof banner - 3) == 0;
}

static bool is_named_mtx(const char *path)
{
    const char *end = strrchr(path, '.');
    if (end != NULL && strcmp(end, ".gz") == 0)
        while (end > path && *--end != '.') {
        }
    return end != NULL && strncasecmp(end, ".mtx", 4) == 0 && (end[4] == '\0' || end[4] == '.');
}

/* Fails when the file seems to be a MatrixMarket file without a correct first line: read as an edge list, its sizes
 * would be an edge, and its ids would begin at 1. */
static hg_status check_banner(struct hg_text *text, const char *path, char *line)
{
    static const char why[] = "a MatrixMarket file begins with %%MatrixMarket in its first line";
    hg_status status = HG_OK;
    while (status == HG_OK && line != NULL) {
        if (is_misspelt_banner(line)) return hg_text_fail(text, why, NULL);
        if (!hg_text_comment(line) && !hg_text_blank(line)) break;
        status = hg_text_next(text, &line);
    }
    if (status == HG_OK && is_named_mtx(path)) return hg_fail(HG_FAILED, path, "%s", why);
    return status;
}

hg_status hg_matrix_market_is(const char *path, bool *is)
{
    struct hg_text text;
    char *line = NULL;
    hg_status status = hg_text_open(path, &text);
    if (status == HG_OK) status = hg_text_next(&text, &line);
    *is = status == HG_OK && line != NULL && strncasecmp(line, banner, sizeof banner - 1) == 0;
    if (status == HG_OK && !*is) status = check_banner(&text, path, line);
    hg_text_close(&text);
    return status;
}

hg_status hg_matrix_market_describe(const char *path, struct hg_matrix_market *matrix)
{
    struct reader reader = {0};
    const hg_status status = open_matrix(path, &reader);
    *matrix = reader.matrix;
    hg_text_close(&reader.text);
    return status;
}

static hg_status parse_entry(struct reader *reader, char *line, struct hg_matrix_entry *entry)
{
    const struct hg_matrix_market *matrix = &reader->matrix;
    const int64_t wanted = matrix->pattern ? 2 : 3;
    char *word[3];
    if (hg_fields_split(line, ' ', word, wanted) != wanted)
        return bad_line(reader,
                        matrix->pattern ? "row and column expected" : "row, column and value expected");
    if (!hg_text_integer(word[0], &entry->row) || !hg_text_integer(word[1], &entry->col))
        return bad_line(reader, "row or column is no whole number");
    if (entry->row < 1 || entry->row > matrix->rows) return bad_line(reader, "row outside the matrix");
    if (entry->col < 1 || entry->col > matrix->cols) return bad_line(reader, "column outside the matrix");
    entry->value = 1;
    if (!matrix->pattern && !hg_text_number(word[2], &entry->value))
        return bad_line(reader, "value is no number");
    entry->row--;
    entry->col--;
    return HG_OK;
}

/* Parses the next entry of a dense matrix; a symmetric one stores each column from the diagonal on. */
static hg_status parse_value(struct reader *reader, char *line, struct hg_matrix_entry *entry)
{
    const struct hg_matrix_market *matrix = &reader->matrix;
    char *word[1];
    if (hg_fields_split(line, ' ', word, 1) != 1 || !hg_text_number(word[0], &entry->value))
        return bad_line(reader, "one number expected");
    entry->row = reader->row++;
    entry->col = reader->col;
    if (reader->row < matrix->rows) return HG_OK;
    reader->col++;
    reader->row =
        matrix->symmetry == HG_MATRIX_GENERAL ? 0 : reader->col + (matrix->symmetry == HG_MATRIX_SKEW);
    return HG_OK;
}

/* Checks that the file of a symmetric matrix stores one triangle only. */
static hg_status check_triangle(struct reader *reader, const struct hg_matrix_entry *entry)
{
    reader->below = reader->below || entry->row > entry->col;
    reader->above = reader->above || entry->row < entry->col;
    if (reader->below && reader->above)
        return bad_line(reader, "entries on both sides of the diagonal of a symmetric matrix");
    if (reader->matrix.symmetry == HG_MATRIX_SKEW && entry->row == entry->col)
        return bad_line(reader, "an entry on the diagonal of a skew-symmetric matrix");
    return HG_OK;
}

static hg_status next_entry(struct reader *reader, int64_t k, struct hg_matrix_entry *entry)
{
    char *line = NULL;
    HG_TRY(hg_text_next_data(&reader->text, &line));
    if (line == NULL)
        return hg_fail(HG_FAILED, reader->text.stream.what, "ends after %lld of %lld entries", (long long)k,
                       (long long)reader->matrix.entries);
    HG_TRY(reader->matrix.sparse ? parse_entry(reader, line, entry) : parse_value(reader, line, entry));
    return reader->matrix.symmetry == HG_MATRIX_GENERAL ? HG_OK : check_triangle(reader, entry);
}

typedef hg_status visitor(void *, const struct hg_matrix_market *, const struct hg_matrix_entry *);

static hg_status visit_all(struct reader *reader, visitor *visit, void *context)
{
    const struct hg_matrix_market *matrix = &reader->matrix;
    char *line = NULL;
    HG_TRY(hg_stream_check_size(reader->text.stream.what, hg_min_i64(matrix->entries, INT64_MAX / 2) * 2));
    HG_TRY(visit(context, matrix, NULL));
    for (int64_t k = 0; k < matrix->entries; k++) {
        struct hg_matrix_entry entry;
        HG_TRY(next_entry(reader, k, &entry));
        HG_TRY(visit(context, matrix, &entry));
        if (matrix->symmetry == HG_MATRIX_GENERAL || entry.row == entry.col) continue;
        const double mirrored = matrix->symmetry == HG_MATRIX_SKEW ? -entry.value : entry.value;
        HG_TRY(visit(context, matrix, &(struct hg_matrix_entry){entry.col, entry.row, mirrored}));
    }
    HG_TRY(hg_text_next_data(&reader->text, &line));
    return line == NULL ? HG_OK : bad_line(reader, "more entries than the sizes say");
}

hg_status hg_matrix_market_each(const char *path, visitor *visit, void *context)
{
    struct reader reader = {0};
    hg_status status = open_matrix(path, &reader);
    if (status == HG_OK) status = visit_all(&reader, visit, context);
    hg_text_close(&reader.text);
    return status;
}
