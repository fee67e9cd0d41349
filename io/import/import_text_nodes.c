#include "io/import/import_text_nodes.h"

const char *const hg_node_id_names[] = {"id", "node", "nid", "vid", "index", "idx", "vertex", NULL};

hg_status hg_text_nodes_open(const char *path, bool keep_blank, const struct hg_column_role *roles,
                             const char *chosen, struct hg_text_nodes *nodes)
{
    struct hg_table *table = &nodes->table;
    *nodes = (struct hg_text_nodes){.id = -1, .index = -1};
    HG_TRY(hg_table_open(path, keep_blank, table));
    HG_TRY(hg_table_assign(table, roles, chosen));
    if (table->count[HG_NODE_ID] > 1)
        return hg_table_unclear(table, "which column holds the ids of nodes?", "id=NAME");
    nodes->id = hg_table_column(table, HG_NODE_ID);
    nodes->index = hg_table_column(table, HG_COLUMN_INDEX);
    return HG_OK;
}

/* Checks that an unnamed first column counts 0, 1, 2, ...: otherwise it may hold ids, and the user must name it. */
static hg_status check_index(const struct hg_text_nodes *nodes)
{
    const char *field = nodes->table.field[nodes->index];
    int64_t value = 0;
    if (hg_text_integer(field, &value) && value == nodes->lines - 1) return HG_OK;
    return hg_text_fail(
        &nodes->table.text,
        "the first column has no name and does not count 0, 1, 2, ...: name it id, or leave it out", field);
}

static hg_status parse_id(const struct hg_text_nodes *nodes, hg_gid *node)
{
    const char *field = nodes->table.field[nodes->id];
    if (!hg_text_integer(field, node)) return hg_text_fail(&nodes->table.text, "not a node id", field);
    if (*node < 0 || *node == INT64_MAX)
        return hg_text_fail(&nodes->table.text, "node id out of range", field);
    return HG_OK;
}

hg_status hg_text_nodes_next(struct hg_text_nodes *nodes, hg_gid *node, bool *blank)
{
    char *line = NULL;
    *node = -1;
    do HG_TRY(hg_table_next(&nodes->table, &line));
    while (line != NULL && nodes->id >= 0 && hg_text_blank(line));
    if (line == NULL) return HG_OK;
    *node = nodes->lines++;
    *blank = hg_text_blank(line);
    if (*blank) return HG_OK;
    HG_TRY(hg_table_split(&nodes->table, line));
    if (nodes->index >= 0) HG_TRY(check_index(nodes));
    return nodes->id >= 0 ? parse_id(nodes, node) : HG_OK;
}
