#include "io/text/table.h"

#include "base/mem.h"
#include "io/text/fields.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Whether a field is a number or a word that stands for a value; then it is not a column's name. */
static bool is_value(const char *field)
{
    static const char *const words[] = {"true", "false", "na", "n/a", "null", "none"};
    double number = 0;
    if (hg_text_number(field, &number)) return true;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        if (strcasecmp(field, words[w]) == 0) return true;
    return false;
}

bool hg_column_name(const char *field)
{
    const unsigned char first = (unsigned char)*field;
    return (isalpha(first) || first == '_' || first >= 0x80) && !is_value(field);
}

/* Whether the fields of the first line, table->name, are column names. */
static bool is_header(const struct hg_table *table)
{
    bool any = false;
    for (int64_t k = 0; k < table->columns; k++) {
        const bool index = k == 0 && table->columns > 1 && table->name[k][0] == '\0';
        if (!index && !hg_column_name(table->name[k])) return false;
        any = any || !index;
    }
    return any;
}

static bool has_semicolon(const char *line)
{
    bool quoted = false;
    for (; *line != '\0'; line++) {
        quoted = quoted != (*line == '"');
        if (*line == ';' && !quoted) return true;
    }
    return false;
}

static hg_status count_columns(struct hg_table *table, const char *line)
{
    table->separator = hg_fields_separator(line);
    table->columns = hg_fields_count(line, table->separator);
    if (has_semicolon(line))
        return hg_text_fail(&table->text, "semicolons between fields: commas, tabs or spaces are read", NULL);
    if (table->columns < 0) return hg_text_fail(&table->text, "a quote does not end within its line", NULL);
    HG_TRY(HG_NEW(table->field, table->columns));
    HG_TRY(HG_NEW(table->role, table->columns));
    return HG_NEW(table->name, table->columns);
}

/* Fails when a field of the first line contains spaces and the line is not a header, as in "0 1 0,5". */
static hg_status check_mixed(const struct hg_table *table)
{
    for (int64_t k = 0; k < table->columns; k++)
        if (table->name[k][strcspn(table->name[k], " \t")] != '\0')
            return hg_text_fail(&table->text, "several kinds of separators, or a decimal comma",
                                table->name[k]);
    return HG_OK;
}

/* Looks at the first line: sets separator and columns, and keeps the line as the header if it is one. */
static hg_status read_header(struct hg_table *table, const char *line)
{
    const int64_t bytes = (int64_t)strlen(line) + 1;
    HG_TRY(count_columns(table, line));
    HG_TRY(HG_NEW(table->header, bytes));
    memcpy(table->header, line, (size_t)bytes);
    hg_fields_split(table->header, table->separator, table->name, table->columns);
    if (is_header(table)) return HG_OK;
    const hg_status status = check_mixed(table);
    HG_FREE(table->header);
    HG_FREE(table->name);
    return status;
}

/* Reads the next line that is not a comment and, unless blank lines are kept, not blank. */
static hg_status next_line(struct hg_table *table, char **line)
{
    do HG_TRY(hg_text_next(&table->text, line));
    while (*line != NULL && (hg_text_comment(*line) || (!table->keep_blank && hg_text_blank(*line))));
    return HG_OK;
}

/* Blank lines before the first line with fields are counted, not kept: hg_table_next returns them unless a header
 * follows. */
hg_status hg_table_open(const char *path, bool keep_blank, struct hg_table *table)
{
    *table = (struct hg_table){.keep_blank = keep_blank};
    HG_TRY(hg_text_open(path, &table->text));
    for (;; table->blank++) {
        HG_TRY(next_line(table, &table->first_line));
        if (table->first_line == NULL) return HG_OK;
        if (!hg_text_blank(table->first_line)) break;
    }
    HG_TRY(read_header(table, table->first_line));
    if (table->header == NULL) return HG_OK;
    table->first_line = NULL;
    table->blank = 0;
    return HG_OK;
}

void hg_table_close(struct hg_table *table)
{
    hg_text_close(&table->text);
    HG_FREE(table->header);
    HG_FREE(table->name);
    HG_FREE(table->field);
    HG_FREE(table->role);
}

hg_status hg_table_next(struct hg_table *table, char **line)
{
    if (table->blank > 0) {
        table->blank--;
        *line = table->empty;
        return HG_OK;
    }
    if (table->first_line == NULL) return next_line(table, line);
    *line = table->first_line;
    table->first_line = NULL;
    return HG_OK;
}

int64_t hg_table_position(const struct hg_table *table, int64_t *lines)
{
    const struct hg_text *text = &table->text;
    *lines = text->line - (table->first_line != NULL);
    if (table->first_line == NULL) return hg_text_position(text);
    return text->before + (table->first_line - text->buffer);
}

hg_status hg_table_split(struct hg_table *table, char *line)
{
    const int64_t fields = hg_fields_split(line, table->separator, table->field, table->columns);
    if (fields == table->columns) return HG_OK;
    if (fields < 0) return hg_text_fail(&table->text, "a quote does not end within its line", NULL);
    return hg_fail(HG_FAILED, table->text.stream.what,
                   "line %lld: %s columns than the first line: %lld, not %lld", (long long)table->text.line,
                   fields < table->columns ? "fewer" : "more", (long long)fields, (long long)table->columns);
}
