/* Reads masks: either flags (0/1 or true/false, one for each node), or ids of nodes, each at most once. Where no name
 * of a column says which, a line of 0 or 1 for every node means flags; other lines of 0 and 1 in which one occurs
 * twice are refused. */
#include "base/mem.h"
#include "io/import/import_text_nodes.h"
#include <strings.h>

static const char *const names[HG_SPLITS][8] = {
    {"train", "trainmask", "training", "istrain", "intrain", "mask", "flag", NULL},
    {"val", "valmask", "valid", "validmask", "validation", "isval", "mask", NULL},
    {"test", "testmask", "testing", "istest", "intest", "mask", "flag", NULL},
};

enum content { BY_CONTENT, FLAGS, IDS };

/* State of reading a mask. */
struct reader {
    struct hg_text_nodes nodes;
    enum content content;
    int64_t value;              /* column of flags or ids; -1: the table has a column of ids and no flags */
    int64_t lines, zeros, ones; /* lines; those with 0 or false; those with 1 or true */
    bool words;                 /* some line has true or false */
};

static bool parse_mark(const char *field, int64_t *value, bool *word)
{
    *word = strcasecmp(field, "true") == 0 || strcasecmp(field, "false") == 0;
    if (!*word) return hg_text_integer(field, value);
    *value = strcasecmp(field, "true") == 0;
    return true;
}

static hg_status choose_value(struct reader *reader)
{
    struct hg_table *table = &reader->nodes.table;
    int64_t unused = 0;
    for (int64_t k = 0; k < table->columns; k++) unused += table->role[k] == HG_COLUMN_UNUSED;
    reader->value = hg_table_column(table, HG_NODE_VALUE);
    if (table->count[HG_NODE_VALUE] > 1 || (reader->value < 0 && unused > 1))
        return hg_table_unclear(table, "which column is the mask?", "id=NAME,mask=NAME");
    if (reader->value >= 0 || reader->nodes.id >= 0) reader->content = FLAGS;
    if (reader->value >= 0) return HG_OK;
    if (unused == 0) {
        reader->content = IDS;
        return HG_OK;
    }
    reader->value = hg_table_column(table, HG_COLUMN_UNUSED);
    table->role[reader->value] = HG_NODE_VALUE;
    return HG_OK;
}

static hg_status open_mask(const struct hg_import_options *options, enum hg_split split,
                           struct reader *reader)
{
    const struct hg_column_role roles[] = {
        [HG_NODE_ID] = {"id", hg_node_id_names}, [HG_NODE_VALUE] = {"mask", names[split]}, {NULL, NULL}};
    HG_TRY(hg_text_nodes_open(options->mask[split], false, roles, options->columns, &reader->nodes));
    HG_TRY(choose_value(reader));
    hg_table_note(&reader->nodes.table, roles, options->notes);
    return HG_OK;
}

/* Reads the next line: *node, by its id or by the line's index, and *value, its flag or id. *node is -1 at the
 * end. */
static hg_status next_mark(struct reader *reader, hg_gid *node, int64_t *value, bool *word)
{
    struct hg_table *table = &reader->nodes.table;
    bool blank = false;
    HG_TRY(hg_text_nodes_next(&reader->nodes, node, &blank));
    *value = 1;
    *word = false;
    if (*node < 0 || reader->value < 0) return HG_OK;
    const char *field = table->field[reader->value];
    if (!parse_mark(field, value, word))
        return hg_text_fail(&table->text, "0, 1, true, false or a node id expected", field);
    if (reader->content == FLAGS && *value != 0 && *value != 1)
        return hg_text_fail(&table->text, "neither 0 nor 1", field);
    return HG_OK;
}

static hg_status count_marks(struct reader *reader)
{
    for (;;) {
        hg_gid node = -1;
        int64_t value = 0;
        bool word = false;
        HG_TRY(next_mark(reader, &node, &value, &word));
        if (node < 0) return HG_OK;
        reader->lines++;
        reader->zeros += value == 0;
        reader->ones += value == 1;
        reader->words = reader->words || word;
    }
}

/* Decides whether a column holds flags or ids when its name does not say so, and checks the number of lines. */
static hg_status decide(struct reader *reader, hg_gid nodes)
{
    const char *path = reader->nodes.table.text.stream.what;
    const bool binary = reader->zeros + reader->ones == reader->lines;
    if (reader->lines == 0) return hg_fail(HG_FAILED, path, "is empty: it marks no node");
    if (reader->content == BY_CONTENT) {
        reader->content = reader->words || (binary && reader->lines == nodes) ? FLAGS : IDS;
        if (reader->content == IDS && binary && (reader->zeros > 1 || reader->ones > 1))
            return hg_fail(
                HG_FAILED, path,
                "%lld lines of 0 and 1 for %lld nodes: neither one for every node, nor ids once each",
                (long long)reader->lines, (long long)nodes);
    }
    if (reader->content == FLAGS && reader->nodes.id < 0 && reader->lines != nodes)
        return hg_fail(HG_FAILED, path, "%lld lines for %lld nodes", (long long)reader->lines,
                       (long long)nodes);
    return HG_OK;
}

/* Sets the mask of the block's nodes; seen [block]: nodes that have had a line. */
static hg_status fill(struct reader *reader, hg_gid nodes, struct hg_range block, bool *seen, uint8_t *mask)
{
    const struct hg_text *text = &reader->nodes.table.text;
    for (;;) {
        hg_gid node = -1;
        int64_t value = 0;
        bool word = false;
        HG_TRY(next_mark(reader, &node, &value, &word));
        if (node < 0) return HG_OK;
        if (reader->content == IDS && reader->nodes.id < 0) node = word ? -1 : value;
        if (node < 0 || node >= nodes)
            return hg_fail(HG_FAILED, text->stream.what, "line %lld: node %lld outside 0..%lld",
                           (long long)text->line, (long long)node, (long long)nodes - 1);
        if (node < block.first || node >= block.end) continue;
        if (seen[node - block.first]) return hg_text_fail(text, "a second line for a node", NULL);
        seen[node - block.first] = true;
        mask[node - block.first] = reader->content == IDS ? 1 : (uint8_t)value;
    }
}

/* Reads the file twice: only after the first pass is it known whether it holds flags or ids. */
static hg_status read_mask(const struct hg_import *import, enum hg_split split, bool *seen)
{
    const hg_gid nodes = import->rows->info.num_nodes;
    enum content content = BY_CONTENT;
    for (int pass = 0; pass < 2; pass++) {
        struct reader reader = {0};
        hg_status status = open_mask(import->options, split, &reader);
        if (status == HG_OK && pass == 0) status = count_marks(&reader);
        if (status == HG_OK && pass == 0) status = decide(&reader, nodes);
        if (status == HG_OK && pass == 1) {
            reader.content = content;
            status = fill(&reader, nodes, hg_import_block(import), seen, import->rows->mask[split]);
        }
        content = reader.content;
        hg_table_close(&reader.nodes.table);
        if (status != HG_OK) return status;
    }
    return HG_OK;
}

hg_status hg_import_text_masks(struct hg_import *import)
{
    struct hg_node_table *rows = import->rows;
    const struct hg_range block = hg_import_block(import);
    for (int s = 0; s < HG_SPLITS; s++) {
        bool *seen = NULL;
        if (import->options->mask[s] == NULL) continue;
        rows->info.has_split[s] = true;
        rows->info.num_splits = 1;
        HG_TRY(HG_NEW(rows->mask[s], block.end - block.first));
        HG_TRY(HG_NEW(seen, block.end - block.first));
        const hg_status status = read_mask(import, (enum hg_split)s, seen);
        hg_mem_free(seen);
        HG_TRY(status);
    }
    return HG_OK;
}
