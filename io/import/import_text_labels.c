/* Reads labels or targets: one line per node in the order of ids, or in any order with a column of ids. */
#include "base/mem.h"
#include "io/import/import_text_nodes.h"
#include <math.h>
#include <string.h>

static const char *const values[] = {"label",   "labels",   "class", "classes", "y", "target",
                                     "targets", "category", "value", "output",  NULL};
static const struct hg_column_role roles[] = {
    [HG_NODE_ID] = {"id", hg_node_id_names}, [HG_NODE_VALUE] = {"label", values}, {NULL, NULL}};

static const char *path_of(const struct hg_import_options *options)
{
    return options->labels != NULL ? options->labels : options->targets;
}

/* Chooses the columns of labels: the one with a usual name, or those named by --columns; if there is none, all
 * columns but the ids and the index. */
static hg_status choose_values(struct hg_table *table, const char *chosen)
{
    if (table->count[HG_NODE_VALUE] > 1 && !hg_columns_names(chosen, "label"))
        return hg_table_unclear(table, "which columns are the labels?", "label=NAME,label=NAME");
    for (int64_t k = 0; k < table->columns && table->count[HG_NODE_VALUE] == 0; k++)
        if (table->role[k] == HG_COLUMN_UNUSED) table->role[k] = HG_NODE_VALUE;
    for (int64_t k = table->count[HG_NODE_VALUE] = 0; k < table->columns; k++)
        table->count[HG_NODE_VALUE] += table->role[k] == HG_NODE_VALUE;
    if (table->columns > 0 && table->count[HG_NODE_VALUE] == 0)
        return hg_table_unclear(table, "no column of labels", "label=NAME");
    return HG_OK;
}

static hg_status open_labels(const struct hg_import_options *options, struct hg_text_nodes *nodes)
{
    HG_TRY(hg_text_nodes_open(path_of(options), true, roles, options->columns, nodes));
    HG_TRY(choose_values(&nodes->table, options->columns));
    hg_table_note(&nodes->table, roles, options->notes);
    return HG_OK;
}

/* Test whether a column holds 0, 1, 2, ..., n - 1 in any order, by comparing sums: both differences are then 0. */
struct numbering {
    bool whole;            /* all fields are integers >= 0 */
    uint64_t sum, squares; /* sum of the numbers, and of their squares, minus those of 0..n-1 */
};

static void add_number(struct numbering *numbering, const char *field, int64_t line)
{
    int64_t is = 0;
    numbering->whole = numbering->whole && hg_text_integer(field, &is) && is >= 0;
    numbering->sum += (uint64_t)is - (uint64_t)line;
    numbering->squares += (uint64_t)is * (uint64_t)is - (uint64_t)line * (uint64_t)line;
}

/* Fails when a table of two columns without a header seems to hold ids and labels, which would be read as two labels
 * per node. */
static hg_status check_ids(const struct hg_text_nodes *nodes, const struct numbering *first)
{
    const struct hg_table *table = &nodes->table;
    if (table->name != NULL || table->chosen || table->columns != 2 || nodes->lines < 3 || !first->whole ||
        first->sum != 0 || first->squares != 0)
        return HG_OK;
    return hg_fail(HG_FAILED, table->text.stream.what,
                   "the first of its two columns numbers the nodes: give it a header as id,label, or "
                   "--columns id=1,label=2");
}

static hg_status count(struct hg_text_nodes *nodes, struct hg_node_lines *lines)
{
    struct numbering first = {.whole = true}; /* of the first column */
    for (;;) {
        hg_gid node = -1;
        bool blank = false;
        HG_TRY(hg_text_nodes_next(nodes, &node, &blank));
        if (node < 0) break;
        lines->total++;
        add_number(&first, blank ? "" : nodes->table.field[0], nodes->lines - 1);
        if (!blank) lines->used = hg_max_i64(lines->used, node + 1);
    }
    if (nodes->id >= 0) lines->total = INT64_MAX; /* nodes whose id does not occur have no label */
    lines->header = nodes->table.name != NULL;
    return check_ids(nodes, &first);
}

hg_status hg_import_text_count(const struct hg_import_options *options, struct hg_node_lines *lines)
{
    struct hg_text_nodes nodes;
    *lines = (struct hg_node_lines){0};
    hg_status status = open_labels(options, &nodes);
    if (status == HG_OK) status = count(&nodes, lines);
    hg_table_close(&nodes.table);
    return status;
}

static hg_status check_lines(const char *path, const struct hg_node_lines *lines, int64_t nodes)
{
    if (lines->used == 0) return hg_fail(HG_FAILED, path, "has no labels");
    if (lines->used <= nodes && nodes <= lines->total) return HG_OK;
    return hg_fail(HG_FAILED, path, "%lld lines%s for %lld nodes", (long long)lines->total,
                   lines->header ? " below its header" : "", (long long)nodes);
}

/* Parses one field; an empty one is a missing label, NaN. */
static hg_status parse_value(const struct hg_text *text, const char *field, bool integers, double *value)
{
    *value = NAN;
    if (*field == '\0') return HG_OK;
    if (!hg_text_number(field, value)) return hg_text_fail(text, "not a number", field);
    if (integers && !isnan(*value) && *value != floor(*value))
        return hg_text_fail(text, "not an integer", field);
    return HG_OK;
}

/* Parses the labels of the present line into value [cols]. */
static hg_status parse_values(const struct hg_table *table, bool integers, double *value)
{
    for (int64_t k = 0; k < table->columns; k++)
        if (table->role[k] == HG_NODE_VALUE)
            HG_TRY(parse_value(&table->text, table->field[k], integers, value++));
    return HG_OK;
}

/* Reads the labels of the block's nodes into labels->value; seen [count]: nodes that have had a line. */
static hg_status fill(struct hg_text_nodes *nodes, struct hg_range block, struct hg_raw_labels *labels,
                      bool *seen)
{
    for (;;) {
        hg_gid node = -1;
        bool blank = false;
        HG_TRY(hg_text_nodes_next(nodes, &node, &blank));
        if (node < 0) return HG_OK;
        if (blank || node < block.first || node >= block.end) continue;
        const int64_t i = node - block.first;
        if (seen[i])
            return hg_text_fail(&nodes->table.text, "a second line for the node",
                                nodes->table.field[nodes->id]);
        seen[i] = true;
        HG_TRY(parse_values(&nodes->table, labels->integers, labels->value + i * labels->cols));
    }
}

static hg_status read_labels(struct hg_text_nodes *nodes, struct hg_range block, struct hg_raw_labels *labels)
{
    bool *seen = NULL;
    const int64_t count = block.end - block.first;
    labels->cols = nodes->table.count[HG_NODE_VALUE];
    HG_TRY(HG_NEW(labels->value, count * labels->cols));
    for (int64_t k = 0; k < count * labels->cols; k++) labels->value[k] = NAN;
    HG_TRY(HG_NEW(seen, count));
    const hg_status status = fill(nodes, block, labels, seen);
    hg_mem_free(seen);
    return status;
}

hg_status hg_import_text_labels(struct hg_import *import)
{
    const struct hg_import_options *options = import->options;
    struct hg_text_nodes nodes;
    struct hg_node_lines lines;
    if (path_of(options) == NULL) return HG_OK;
    HG_TRY(hg_import_text_count(options, &lines));
    HG_TRY(check_lines(path_of(options), &lines, import->rows->info.num_nodes));
    import->labels.what = import->labels.name = path_of(options);
    import->labels.integers = options->labels != NULL;
    hg_status status = open_labels(options, &nodes);
    if (status == HG_OK) status = read_labels(&nodes, hg_import_block(import), &import->labels);
    hg_table_close(&nodes.table);
    return status;
}
