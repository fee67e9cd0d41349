/* Reads names of nodes and of classes: one per line, or a column of a table; names of nodes also as integers in an
 * .npy. */
#include "base/mem.h"
#include "base/printable.h"
#include "io/import/import_private.h"
#include "io/npy/npy.h"
#include "io/text/fields.h"
#include "io/text/table.h"
#include <string.h>

enum { LONGEST_NAME = 4096, HEADER_BYTES = 1024, HEADER_FIELDS = 32 };

enum { ID, NAME };

static const char *const node_ids[] = {"id", "node", "nid", "vid", "index", "idx", "vertex", NULL};
static const char *const node_names[] = {"name", "names", "title", "label", "nodename", "username", NULL};
static const char *const class_ids[] = {"id", "label", "class", "index", "idx", NULL};
static const char *const class_names[] = {"name",      "names",    "title", "classname",
                                          "labelname", "category", NULL};

/* A file of names. */
struct names {
    const char *path, *chosen; /* the file; the text of --columns */
    const struct hg_column_role *roles;
    int64_t expected;     /* number of nodes or classes */
    bool table;           /* the file has a header; else each line is a name */
    int64_t count, bytes; /* names in the file; bytes of the longest */
    struct hg_text text;  /* the open file when it is not a table */
    struct hg_table rows; /* the open file when it is a table */
    int64_t id, name;     /* columns of the table; id -1: names are in the order of ids */
};

static hg_status open_names(struct names *names)
{
    if (!names->table) return hg_text_open(names->path, &names->text);
    struct hg_table *rows = &names->rows;
    HG_TRY(hg_table_open(names->path, false, rows));
    HG_TRY(hg_table_assign(rows, names->roles, names->chosen));
    names->id = hg_table_column(rows, ID);
    names->name = hg_table_column(rows, NAME);
    if (names->name < 0 && names->id >= 0 && rows->columns == 2) names->name = 1 - names->id;
    if (names->name >= 0) rows->role[names->name] = NAME;
    if (names->name >= 0 && rows->count[NAME] <= 1 && rows->count[ID] <= 1) return HG_OK;
    return hg_table_unclear(rows, "which column holds the names?", "id=NAME,name=NAME");
}

static void close_names(struct names *names)
{
    hg_text_close(&names->text);
    hg_table_close(&names->rows);
}

/* Reads the next name, and the id that it belongs to: from the column of ids or, without one, `read`, the number of
 * names read so far. *name is NULL at the end of the file. */
static hg_status next_name(struct names *names, int64_t read, int64_t *id, char **name)
{
    struct hg_table *rows = &names->rows;
    *id = read;
    HG_TRY(names->table ? hg_table_next(rows, name) : hg_text_next(&names->text, name));
    if (!names->table || *name == NULL) return HG_OK;
    HG_TRY(hg_table_split(rows, *name));
    *name = rows->field[names->name];
    if (names->id < 0 || (hg_text_integer(rows->field[names->id], id) && *id >= 0)) return HG_OK;
    return hg_text_fail(&rows->text, "not an id", rows->field[names->id]);
}

static hg_status check_name(const struct names *names, const char *name)
{
    const struct hg_text *text = names->table ? &names->rows.text : &names->text;
    const size_t length = strlen(name);
    if (length > LONGEST_NAME)
        return hg_fail(HG_FAILED, names->path, "line %lld: longer than %d bytes", (long long)text->line,
                       LONGEST_NAME);
    if (hg_is_utf8(name, length)) return HG_OK;
    return hg_text_fail(text, "not UTF-8 (iconv -f LATIN1 -t UTF-8 converts Latin-1)", NULL);
}

/* Whether a first line is a header: all fields look like column names, and one is the column of names, or the only
 * one beside the ids. *ids: there is a column of ids. */
static bool is_header(const struct names *names, const char *line, bool *ids)
{
    char copy[HEADER_BYTES], *field[HEADER_FIELDS];
    const char separator = hg_fields_separator(line);
    int found[] = {[ID] = 0, [NAME] = 0};
    if (strlen(line) >= sizeof copy) return false;
    memcpy(copy, line, strlen(line) + 1);
    const int64_t fields = hg_fields_split(copy, separator, field, HEADER_FIELDS);
    for (int64_t k = 0; k < fields && k < HEADER_FIELDS; k++) {
        if (!hg_column_name(field[k]) && (k > 0 || field[k][0] != '\0')) return false;
        for (int r = ID; r <= NAME; r++) found[r] += hg_column_is(&names->roles[r], names->chosen, field[k]);
    }
    *ids = found[ID] == 1 && separator != ' ';
    return fields <= HEADER_FIELDS && (found[NAME] == 1 || (*ids && fields == 2));
}

/* Decides whether the file has a header. Without a column of ids, a first line that looks like a header may be a name
 * ("name" can be one). Then it is a header only if the file has one line more than there are names to read. */
static hg_status find_header(struct names *names)
{
    struct hg_text text;
    char *line = NULL;
    bool header = false, ids = false;
    int64_t lines = 0;
    hg_status status = hg_text_open(names->path, &text);
    if (status == HG_OK) status = hg_text_next(&text, &line);
    header = status == HG_OK && line != NULL && is_header(names, line, &ids);
    for (; header && status == HG_OK && line != NULL; lines++) status = hg_text_next(&text, &line);
    names->table = header && (ids || lines == names->expected + 1);
    hg_text_close(&text);
    return status;
}

/* Reads all names: sets count and bytes, and checks each name. */
static hg_status scan(struct names *names)
{
    hg_status status = open_names(names);
    names->count = 0;
    names->bytes = 1;
    while (status == HG_OK) {
        char *name = NULL;
        int64_t id = 0;
        status = next_name(names, names->count, &id, &name);
        if (status != HG_OK || name == NULL) break;
        names->count++;
        names->bytes = hg_max_i64(names->bytes, (int64_t)strlen(name));
        status = check_name(names, name);
    }
    close_names(names);
    return status;
}

/* Writes the names of the ids in `range` to out [n, bytes], null-padded. */
static hg_status fill(struct names *names, struct hg_range range, char *out)
{
    for (int64_t k = 0;; k++) {
        char *name = NULL;
        int64_t id = 0;
        HG_TRY(next_name(names, k, &id, &name));
        if (name == NULL) return HG_OK;
        if (id >= names->count)
            return hg_fail(HG_FAILED, names->path, "line %lld: %lld is outside 0..%lld",
                           (long long)names->rows.text.line, (long long)id, (long long)names->count - 1);
        if (id < range.first || id >= range.end) continue;
        char *to = out + (id - range.first) * names->bytes;
        if (*to != '\0') return hg_text_fail(&names->rows.text, "a second name for one id", NULL);
        memcpy(to, name, (size_t)hg_min_i64((int64_t)strlen(name), names->bytes));
    }
}

static hg_status read_range(struct names *names, struct hg_range range, char *out)
{
    hg_status status = open_names(names);
    if (status == HG_OK) status = fill(names, range, out);
    close_names(names);
    return status;
}

/* Finds the header and notes it, then counts the names. */
static hg_status describe(struct names *names, struct hg_notes *notes)
{
    HG_TRY(find_header(names));
    if (names->table) {
        const hg_status status = open_names(names);
        if (status == HG_OK) hg_table_note(&names->rows, names->roles, notes);
        close_names(names);
        HG_TRY(status);
    }
    return scan(names);
}

static hg_status is_npy(const char *path, bool *is)
{
    struct hg_stream stream;
    char start[6] = {0};
    int64_t got = 0;
    HG_TRY(hg_stream_open(path, &stream));
    const hg_status status = hg_stream_read(&stream, start, sizeof start, &got);
    hg_stream_close(&stream);
    *is = memcmp(start, "\x93NUMPY", sizeof start) == 0;
    return status;
}

static hg_status wrong_number(const char *path, int64_t names, int64_t nodes)
{
    return hg_fail(HG_FAILED, path, "%lld names for %lld nodes", (long long)names, (long long)nodes);
}

static hg_status read_numbers(const struct hg_stream *stream, const struct hg_import *import)
{
    struct hg_node_table *rows = import->rows;
    const struct hg_range block = hg_import_block(import);
    const int64_t nodes = rows->info.num_nodes;
    struct hg_npy npy;
    HG_TRY(hg_npy_read_header(stream, &npy));
    if (npy.shape.dims < 1 || npy.shape.dims > 2 || (npy.shape.dims == 2 && npy.shape.size[1] != 1) ||
        npy.shape.classes != HG_H5_INTEGER)
        return hg_fail(HG_FAILED, stream->what,
                       "names in an .npy are one integer a node: others come as text, a line each");
    if (npy.shape.size[0] != nodes) return wrong_number(stream->what, npy.shape.size[0], nodes);
    rows->info.name_bytes = -1;
    HG_TRY(HG_NEW(rows->name_id, rows->count));
    const struct hg_h5_block part = {npy.shape.dims, {block.first, 0}, {rows->count, 1}};
    return hg_npy_read(stream, &npy, HG_H5_INT64, &part, rows->name_id);
}

static hg_status node_numbers(const struct hg_import *import, const char *path)
{
    struct hg_stream stream;
    HG_TRY(hg_stream_open(path, &stream));
    const hg_status status = read_numbers(&stream, import);
    hg_stream_close(&stream);
    return status;
}

static hg_status read_node_names(const struct hg_import *import, const char *path)
{
    static const struct hg_column_role roles[] = {
        [ID] = {"id", node_ids}, [NAME] = {"name", node_names}, {NULL, NULL}};
    struct hg_node_table *rows = import->rows;
    struct names names = {
        .path = path, .chosen = import->options->columns, .roles = roles, .expected = rows->info.num_nodes};
    bool numbers = false;
    HG_TRY(is_npy(path, &numbers));
    if (numbers) return node_numbers(import, path);
    HG_TRY(describe(&names, import->options->notes));
    if (names.count != rows->info.num_nodes) return wrong_number(path, names.count, rows->info.num_nodes);
    rows->info.name_bytes = names.bytes;
    HG_TRY(HG_NEW(rows->name_text, rows->count * names.bytes));
    return read_range(&names, hg_import_block(import), rows->name_text);
}

static hg_status read_class_names(const struct hg_import *import, const char *path)
{
    static const struct hg_column_role roles[] = {
        [ID] = {"id", class_ids}, [NAME] = {"name", class_names}, {NULL, NULL}};
    struct hg_graph_info *info = &import->rows->info;
    struct names names = {
        .path = path, .chosen = import->options->columns, .roles = roles, .expected = info->num_outputs};
    HG_TRY(describe(&names, import->options->notes));
    const bool may_exceed = info->task == HG_SINGLE_LABEL;
    if (names.count < info->num_outputs || (names.count > info->num_outputs && !may_exceed))
        return hg_fail(HG_FAILED, path, "%lld names for %lld classes, labels or targets",
                       (long long)names.count, (long long)info->num_outputs);
    HG_TRY(HG_NEW(info->class_name, names.count * names.bytes));
    info->num_outputs = names.count;
    info->class_bytes = names.bytes;
    return read_range(&names, (struct hg_range){0, names.count}, info->class_name);
}

hg_status hg_import_names(struct hg_import *import)
{
    const struct hg_import_options *options = import->options;
    hg_status status = HG_OK;
    if (options->names != NULL) status = read_node_names(import, options->names);
    if (status == HG_OK && options->class_names != NULL)
        status = read_class_names(import, options->class_names);
    return hg_agree(import->comm, status);
}
