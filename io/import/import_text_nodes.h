/** Tables with a line per node, or with a column of ids. */
#ifndef HG_IO_IMPORT_IMPORT_TEXT_NODES_H
#define HG_IO_IMPORT_IMPORT_TEXT_NODES_H

#include "io/import/import_text.h"
#include "io/text/table.h"

/** The first role of such a table is always the id. */
enum { HG_NODE_ID, HG_NODE_VALUE };

/** Usual names of a column of ids, for lists of roles. */
extern const char *const hg_node_id_names[];

/** A table of nodes on its way in. */
struct hg_text_nodes {
    struct hg_table table;
    int64_t id;    /**< column of ids; -1: a line stands for the node of its place */
    int64_t index; /**< unnamed first column, which must count 0, 1, 2, ...; -1: none */
    int64_t place; /**< lines so far */
};

/** Opens the table and gives its columns their roles (hg_table_assign). hg_table_close(&nodes->table) in any case. Local. */
hg_status hg_text_nodes_open(const char *path, bool keep_blank, const struct hg_column_role *roles,
                             const char *chosen, struct hg_text_nodes *nodes);

/** The next line's node: by its id (such tables' blank lines are skipped), or by place, where *blank tells a line without fields; fields
 *  are in nodes->table.field. *node is -1 at the end. Local. */
hg_status hg_text_nodes_next(struct hg_text_nodes *nodes, hg_gid *node, bool *blank);

#endif
