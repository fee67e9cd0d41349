#include "base/mem.h"
#include "io/import/import_text.h"
#include "io/text/table.h"
#include <math.h>

enum { BLOCK_LINES = 65536 };

enum { SOURCE, TARGET, FEATURE, NUMBER };

static const char *const sources[] = {"source", "src",   "from", "u",     "head", "start",
                                      "sender", "node1", "id1",  "nodea", NULL};
static const char *const targets[] = {"target", "dst",      "dest",  "destination", "to",    "v", "tail",
                                      "end",    "receiver", "node2", "id2",         "nodeb", NULL};
/* names of columns that number the edges; such columns are not read */
static const char *const numbers[] = {"id", "index", "idx", "edge", "eid", "unnamed0", NULL};

static const struct hg_column_role roles[] = {[SOURCE] = {"source", sources},
                                              [TARGET] = {"target", targets},
                                              [FEATURE] = {"feature", NULL},
                                              [NUMBER] = {"", numbers},
                                              {NULL, NULL}};

/* State of reading an edge list. */
struct reader {
    struct hg_table table;
    struct hg_import *import;
    struct hg_text_edge_features features;
    int64_t source, target; /* columns of the ends */
    int64_t *feature;       /* [Fe] columns of the features */
    double *value;          /* [Fe] features of the present line */
    struct hg_edge_lines *lines;
};

static hg_status parse_node(struct reader *reader, const char *field, hg_gid *node)
{
    const struct hg_text *text = &reader->table.text;
    if (!hg_text_integer(field, node)) return hg_text_fail(text, "not a node id", field);
    if (*node < 0 || *node == INT64_MAX) return hg_text_fail(text, "node id out of range", field);
    reader->lines->nodes = hg_max_i64(reader->lines->nodes, *node + 1);
    reader->lines->least = hg_min_i64(reader->lines->least, *node);
    return HG_OK;
}

/* Whether the line may begin with its own number, like an index written by pandas. */
static bool is_numbered(const struct reader *reader, hg_gid source, hg_gid id)
{
    int64_t third = 0;
    return reader->source == 0 && source == id && hg_text_integer(reader->table.field[2], &third);
}

static hg_status parse_edge(struct reader *reader, char *line, hg_gid id)
{
    const struct hg_text *text = &reader->table.text;
    char **field = reader->table.field;
    hg_gid source = 0, target = 0;
    HG_TRY(hg_table_split(&reader->table, line));
    HG_TRY(parse_node(reader, field[reader->source], &source));
    HG_TRY(parse_node(reader, field[reader->target], &target));
    reader->lines->numbered = reader->lines->numbered && is_numbered(reader, source, id);
    for (int64_t f = 0; f < reader->features.cols; f++) {
        const char *number = field[reader->feature[f]];
        if (!hg_text_number(number, &reader->value[f])) return hg_text_fail(text, "not a number", number);
        if (!isfinite(reader->value[f])) return hg_text_fail(text, "not finite", number);
    }
    return hg_import_text_edge(reader->import, &reader->features, source, target, id, reader->value);
}

/* Chooses the columns of edge features: without --columns, all columns that have no other role. */
static hg_status choose_features(struct reader *reader)
{
    const struct hg_table *table = &reader->table;
    HG_TRY(HG_NEW(reader->feature, table->columns));
    for (int64_t k = 0; k < table->columns; k++) {
        if (!table->chosen && table->role[k] == HG_COLUMN_UNUSED) table->role[k] = FEATURE;
        if (table->role[k] == FEATURE) reader->feature[reader->features.cols++] = k;
    }
    return HG_NEW(reader->value, reader->features.cols);
}

/* Takes the first two columns that have no role as source and target. */
static void choose_first_two(struct reader *reader)
{
    struct hg_table *table = &reader->table;
    int role = SOURCE;
    for (int64_t k = 0; k < table->columns && role <= TARGET; k++)
        if (table->role[k] == HG_COLUMN_UNUSED) table->role[k] = (int8_t)role++;
}

/* Chooses the columns of source and target: by name; else the first two columns of a table without a header, or the
 * only two of a table with one. */
static hg_status choose_ends(struct reader *reader)
{
    struct hg_table *table = &reader->table;
    const int64_t *count = table->count;
    int64_t unused = 0;
    for (int64_t k = 0; k < table->columns; k++) unused += table->role[k] == HG_COLUMN_UNUSED;
    if (count[SOURCE] == 0 && count[TARGET] == 0 && (table->name == NULL ? unused >= 2 : unused == 2))
        choose_first_two(reader);
    else if (count[SOURCE] != 1 || count[TARGET] != 1)
        return table->columns < 2 ? hg_text_fail(&table->text, "source and target expected", NULL)
                                  : hg_table_unclear(table, "which columns are source and target?",
                                                     "source=NAME,target=NAME");
    reader->source = hg_table_column(table, SOURCE);
    reader->target = hg_table_column(table, TARGET);
    return HG_OK;
}

static hg_status begin_edges(struct reader *reader, const struct hg_import *import)
{
    struct hg_table *table = &reader->table;
    HG_TRY(hg_table_assign(table, roles, import->options->columns));
    HG_TRY(choose_ends(reader));
    HG_TRY(choose_features(reader));
    hg_table_note(table, roles, import->options->notes);
    reader->lines->numbered = table->name == NULL && !table->chosen && table->columns > 2;
    return HG_OK;
}

static hg_status read_edges(struct reader *reader, const struct hg_import *import)
{
    const int rank = import->comm->rank, size = import->comm->size;
    char *line = NULL;
    if (reader->table.columns == 0) return HG_OK;
    HG_TRY(begin_edges(reader, import));
    for (int64_t id = 0;; id++) {
        HG_TRY(hg_table_next(&reader->table, &line));
        if (line == NULL) return HG_OK;
        if (id / BLOCK_LINES % size == rank) HG_TRY(parse_edge(reader, line, id));
    }
}

hg_status hg_import_text_edges(struct hg_import *import, struct hg_edge_lines *lines)
{
    struct reader reader = {.import = import, .lines = lines};
    *lines = (struct hg_edge_lines){.least = INT64_MAX};
    hg_status status = hg_table_open(import->options->source, false, &reader.table);
    if (status == HG_OK) status = read_edges(&reader, import);
    hg_table_close(&reader.table);
    hg_mem_free(reader.feature);
    hg_mem_free(reader.value);
    import->edges.attr_cols = reader.features.cols;
    return status;
}
