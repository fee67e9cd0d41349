#include "io/import/edge_lines.h"

#include "base/mem.h"
#include "io/text/fields.h"
#include "io/text/text.h"
#include <math.h>
#include <string.h>

hg_status hg_edge_block_create(const struct hg_edge_columns *columns, int64_t bytes,
                               struct hg_edge_block *block)
{
    const int64_t lines = bytes / hg_edge_shortest(columns) + 2;
    *block = (struct hg_edge_block){0};
    HG_TRY(HG_NEW_UNSET(block->ends, lines));
    HG_TRY(HG_NEW_UNSET(block->value, lines * columns->features));
    return HG_NEW(block->field, columns->columns);
}

void hg_edge_block_destroy(struct hg_edge_block *block)
{
    HG_FREE(block->ends);
    HG_FREE(block->value);
    HG_FREE(block->field);
}

static struct hg_edge_fault parse_node(const char *field, hg_gid *node)
{
    if (!hg_text_integer(field, node)) return (struct hg_edge_fault){"not a node id", field};
    if (*node < 0 || *node == INT64_MAX) return (struct hg_edge_fault){"node id out of range", field};
    return (struct hg_edge_fault){NULL, NULL};
}

/* Updates counts_from by the present edge: lines may begin with their own number, like an index written by pandas. */
static void note_count(const struct hg_edge_columns *columns, char *const *field, hg_gid source,
                       struct hg_edge_block *block)
{
    int64_t third = 0;
    if (block->edges == 0) block->counts_from = source;
    if (columns->columns < 3 || columns->source != 0 || source != block->counts_from + block->edges ||
        !hg_text_integer(field[2], &third))
        block->counts_from = -1;
}

struct hg_edge_fault hg_edge_parse(const struct hg_edge_columns *columns, char *const *field,
                                   struct hg_edge_block *block)
{
    struct hg_ends *ends = &block->ends[block->edges];
    double *value = block->value + block->edges * columns->features;
    struct hg_edge_fault fault = parse_node(field[columns->source], &ends->source);
    if (fault.why == NULL) fault = parse_node(field[columns->target], &ends->target);
    for (int64_t f = 0; f < columns->features && fault.why == NULL; f++) {
        const char *number = field[columns->feature[f]];
        if (!hg_text_number(number, &value[f]))
            fault = (struct hg_edge_fault){"not a number", number};
        else if (!isfinite(value[f]))
            fault = (struct hg_edge_fault){"not finite", number};
    }
    if (fault.why != NULL) return fault;
    note_count(columns, field, ends->source, block);
    block->edges++;
    return fault;
}

/* Parses a line of any form; false: something is wrong with it. */
static bool parse_line(const struct hg_edge_columns *columns, char *line, char *end,
                       struct hg_edge_block *block)
{
    if (hg_text_end_line(line, end) != NULL) return false;
    if (hg_text_blank(line) || hg_text_comment(line)) return true;
    return hg_fields_split(line, columns->separator, block->field, columns->columns) == columns->columns &&
           hg_edge_parse(columns, block->field, block).why == NULL;
}

enum { MOST_DIGITS = 18 /* so many always fit 64 bits */ };

/* Reads digits; returns the position behind them, NULL when there are none or too many. */
static const char *read_digits(const char *at, hg_gid *value)
{
    const char *first = at;
    uint64_t number = 0;
    for (unsigned digit; (digit = (unsigned)(unsigned char)*at - '0') < 10; at++)
        number = 10 * number + digit;
    *value = (hg_gid)number;
    return at > first && at - first <= MOST_DIGITS ? at : NULL;
}

/* Parses a line of two integers with one separator between them; returns the position behind its end, NULL when it
 * has another form. */
static char *parse_plain(const struct hg_edge_columns *columns, char *line, struct hg_edge_block *block)
{
    const char separator = columns->separator;
    hg_gid end[2];
    const char *at = read_digits(line, &end[0]);
    if (at == NULL || (*at != separator && (separator != ' ' || *at != '\t'))) return NULL;
    at = read_digits(at + 1, &end[1]);
    if (at != NULL && *at == '\r') at++;
    if (at == NULL || *at != '\n') return NULL;
    block->ends[block->edges++] = (struct hg_ends){end[columns->source], end[columns->target]};
    return line + (at + 1 - line);
}

void hg_edge_block_parse(const struct hg_edge_columns *columns, const struct hg_line_block *lines,
                         struct hg_edge_block *block)
{
    const bool pairs = columns->columns == 2;
    char *line = lines->text, *const end = lines->text + lines->bytes;
    block->edges = block->lines = 0;
    block->counts_from = -1;
    for (block->parsed = lines->whole; block->parsed && line < end; block->lines++) {
        char *next = pairs ? parse_plain(columns, line, block) : NULL;
        if (next == NULL) {
            char *line_end = memchr(line, '\n', (size_t)(end - line));
            block->parsed = parse_line(columns, line, line_end, block);
            next = line_end + 1;
        }
        line = next;
    }
}
