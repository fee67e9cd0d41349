#include "base/mem.h"
#include "io/import_private.h"
#include "io/text.h"
#include <string.h>

enum { LONGEST_NAME = 4096 };

/* What a file of names holds: lines, the longest in bytes, and whether all are integers. */
struct names {
    int64_t lines, bytes;
    bool integers;
};

static hg_status scan(const char *path, struct names *names)
{
    struct hg_text text;
    char *line = NULL;
    hg_status status = hg_text_open(path, &text);
    *names = (struct names){.bytes = 1, .integers = true};
    while (status == HG_OK) {
        int64_t number = 0;
        status = hg_text_next(&text, &line);
        if (status != HG_OK || line == NULL) break;
        names->lines++;
        names->bytes = hg_max_i64(names->bytes, (int64_t)strlen(line));
        names->integers = names->integers && hg_text_integer(line, &number);
        if (names->bytes > LONGEST_NAME)
            status = hg_fail(HG_FAILED, path, "line %lld: longer than %d bytes", (long long)text.line,
                             LONGEST_NAME);
    }
    hg_text_close(&text);
    return status;
}

/* Lines [range.first, range.end) into text [n, bytes], or number [n] when that is not NULL. */
static hg_status read_lines(const char *path, struct hg_range range, int64_t bytes, char *names,
                            int64_t *number)
{
    struct hg_text text;
    char *line = NULL;
    hg_status status = hg_text_open(path, &text);
    for (int64_t k = 0; status == HG_OK && k < range.end; k++) {
        status = hg_text_next(&text, &line);
        if (status != HG_OK || k < range.first) continue;
        if (line == NULL)
            status = hg_fail(HG_FAILED, path, "changed while it was read");
        else if (number != NULL)
            hg_text_integer(line, &number[k - range.first]);
        else
            memcpy(names + (k - range.first) * bytes, line, (size_t)hg_min_i64((int64_t)strlen(line), bytes));
    }
    hg_text_close(&text);
    return status;
}

static hg_status node_names(const struct hg_import *import, const char *path)
{
    struct hg_rows *rows = import->rows;
    struct names names;
    HG_TRY(scan(path, &names));
    if (names.lines != rows->info.num_nodes)
        return hg_fail(HG_FAILED, path, "%lld names for %lld nodes", (long long)names.lines,
                       (long long)rows->info.num_nodes);
    rows->info.name_bytes = names.integers ? -1 : names.bytes;
    if (names.integers)
        HG_TRY(HG_NEW(rows->name_id, rows->count));
    else
        HG_TRY(HG_NEW(rows->name_text, rows->count * names.bytes));
    return read_lines(path, hg_import_block(import), names.bytes, rows->name_text, rows->name_id);
}

static hg_status class_names(const struct hg_import *import, const char *path)
{
    struct hg_graph_info *info = &import->rows->info;
    struct names names;
    HG_TRY(scan(path, &names));
    const bool may_exceed = info->task == HG_SINGLE_LABEL;
    if (names.lines < info->num_outputs || (names.lines > info->num_outputs && !may_exceed))
        return hg_fail(HG_FAILED, path, "%lld names for %lld classes, labels or targets",
                       (long long)names.lines, (long long)info->num_outputs);
    HG_TRY(HG_NEW(info->class_name, names.lines * names.bytes));
    info->num_outputs = names.lines;
    info->class_bytes = names.bytes;
    return read_lines(path, (struct hg_range){0, names.lines}, names.bytes, info->class_name, NULL);
}

hg_status hg_import_names(struct hg_import *import)
{
    const struct hg_import_options *options = import->options;
    hg_status status = HG_OK;
    if (options->names != NULL) status = node_names(import, options->names);
    if (status == HG_OK && options->class_names != NULL) status = class_names(import, options->class_names);
    return hg_agree(import->comm, status);
}
