#include "base/mem.h"
#include "io/import_text.h"
#include "io/text.h"
#include <math.h>

/* The next line of a file with a line per node; a header, a first line with text that begins with no number, is skipped. */
static hg_status next_node(struct hg_text *text, char **line)
{
    double number = 0;
    HG_TRY(hg_text_next(text, line));
    if (*line == NULL || text->line != 1 || hg_text_blank(*line)) return HG_OK;
    char start[64] = {0}, *at = start;
    for (int k = 0; k < 63 && (*line)[k] != '\0'; k++) start[k] = (*line)[k];
    const char *field = hg_text_field(&at);
    if (field != NULL && hg_text_number(field, &number)) return HG_OK;
    return hg_text_next(text, line);
}

hg_status hg_import_text_count(const char *path, struct hg_node_lines *lines)
{
    struct hg_text text;
    char *line = NULL;
    hg_status status = hg_text_open(path, &text);
    *lines = (struct hg_node_lines){0};
    while (status == HG_OK) {
        status = next_node(&text, &line);
        if (status != HG_OK || line == NULL) break;
        lines->total++;
        if (!hg_text_blank(line)) lines->used = lines->total;
    }
    hg_text_close(&text);
    return status;
}

static hg_status check_lines(const char *path, const struct hg_node_lines *lines, int64_t nodes)
{
    if (lines->used <= nodes && nodes <= lines->total) return HG_OK;
    return hg_fail(HG_FAILED, path, "%lld lines for %lld nodes", (long long)lines->total, (long long)nodes);
}

/* One node's fields, `cols` of them or none. */
static hg_status parse_label(const struct hg_text *text, char *line, const struct hg_raw_labels *labels,
                             double *value)
{
    const char *what = text->stream.what;
    for (int64_t t = 0; t < labels->cols; t++) value[t] = NAN;
    if (hg_text_blank(line)) return HG_OK;
    for (int64_t t = 0; t < labels->cols; t++) {
        const char *field = hg_text_field(&line);
        if (field == NULL)
            return hg_fail(HG_FAILED, what, "line %lld: fewer than %lld columns", (long long)text->line,
                           (long long)labels->cols);
        if (!hg_text_number(field, &value[t]))
            return hg_fail(HG_FAILED, what, "line %lld: not a number: %s", (long long)text->line, field);
        if (labels->integers && !isnan(value[t]) && value[t] != floor(value[t]))
            return hg_fail(HG_FAILED, what, "line %lld: not an integer: %s", (long long)text->line, field);
    }
    if (hg_text_field(&line) == NULL) return HG_OK;
    return hg_fail(HG_FAILED, what, "line %lld: more than %lld columns", (long long)text->line,
                   (long long)labels->cols);
}

/* Lines of the block into labels->value; the first line that is not blank tells the columns. */
static hg_status parse_labels(struct hg_text *text, struct hg_range block, struct hg_raw_labels *labels)
{
    char *line = NULL;
    for (int64_t i = 0; i < block.end || labels->value == NULL; i++) {
        HG_TRY(next_node(text, &line));
        if (line == NULL) return HG_OK;
        if (labels->value == NULL && !hg_text_blank(line)) {
            labels->cols = hg_text_count_fields(line);
            HG_TRY(HG_NEW(labels->value, (block.end - block.first) * labels->cols));
            for (int64_t k = 0; k < (block.end - block.first) * labels->cols; k++) labels->value[k] = NAN;
        }
        if (labels->value != NULL && i >= block.first && i < block.end)
            HG_TRY(parse_label(text, line, labels, labels->value + (i - block.first) * labels->cols));
    }
    return HG_OK;
}

hg_status hg_import_text_labels(struct hg_import *import)
{
    const struct hg_import_options *options = import->options;
    const char *path = options->labels != NULL ? options->labels : options->targets;
    struct hg_text text;
    struct hg_node_lines lines;
    if (path == NULL) return HG_OK;
    HG_TRY(hg_import_text_count(path, &lines));
    if (lines.used == 0) return hg_fail(HG_FAILED, path, "has no labels");
    HG_TRY(check_lines(path, &lines, import->rows->info.num_nodes));
    import->labels.what = import->labels.name = path;
    import->labels.integers = options->labels != NULL;
    hg_status status = hg_text_open(path, &text);
    if (status == HG_OK) status = parse_labels(&text, hg_import_block(import), &import->labels);
    hg_text_close(&text);
    return status;
}

/* What a file of a mask says. */
struct mask_file {
    int64_t lines;
    bool flags; /* all are 0 or 1 */
};

/* One pass: counts (mask NULL), or marks the block's nodes, by line (flags) or by id. */
static hg_status mask_pass(struct hg_text *text, hg_gid nodes, struct hg_range block, struct mask_file *file,
                           uint8_t *mask)
{
    bool first = true;
    char *line = NULL;
    for (int64_t k = 0;; k++) {
        int64_t value = 0;
        HG_TRY(hg_text_next_data(text, &first, &line));
        if (line == NULL) return HG_OK;
        const char *field = hg_text_field(&line);
        if (field == NULL || !hg_text_integer(field, &value) || hg_text_field(&line) != NULL)
            return hg_fail(HG_FAILED, text->stream.what, "line %lld: one integer expected",
                           (long long)text->line);
        if (mask == NULL) {
            file->flags = file->flags && (value == 0 || value == 1);
            file->lines++;
            continue;
        }
        const hg_gid node = file->flags ? k : value;
        if (node < 0 || node >= nodes)
            return hg_fail(HG_FAILED, text->stream.what, "line %lld: node %lld outside 0..%lld",
                           (long long)text->line, (long long)node, (long long)nodes - 1);
        if (node >= block.first && node < block.end)
            mask[node - block.first] = file->flags ? (uint8_t)value : 1;
    }
}

/* Lines of 0 and 1, as many as nodes, are a mask; anything else is a list of ids. */
static hg_status read_mask(const char *path, hg_gid nodes, struct hg_range block, uint8_t *mask)
{
    struct mask_file file = {.flags = true};
    for (int pass = 0; pass < 2; pass++) {
        struct hg_text text;
        hg_status status = hg_text_open(path, &text);
        if (status == HG_OK) status = mask_pass(&text, nodes, block, &file, pass == 0 ? NULL : mask);
        hg_text_close(&text);
        if (status != HG_OK) return status;
        if (pass == 0) file.flags = file.flags && file.lines == nodes;
    }
    return HG_OK;
}

hg_status hg_import_text_masks(struct hg_import *import)
{
    struct hg_rows *rows = import->rows;
    const struct hg_range block = hg_import_block(import);
    for (int s = 0; s < HG_SPLITS; s++) {
        const char *path = import->options->mask[s];
        if (path == NULL) continue;
        rows->info.has_split[s] = true;
        rows->info.num_splits = 1;
        HG_TRY(HG_NEW(rows->mask[s], block.end - block.first));
        HG_TRY(read_mask(path, rows->info.num_nodes, block, rows->mask[s]));
    }
    return HG_OK;
}
