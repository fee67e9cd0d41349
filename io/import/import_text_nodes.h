/** Reads tables of nodes: one line per node in the order of ids, or in any order with a column of ids. */
#ifndef HG_IO_IMPORT_IMPORT_TEXT_NODES_H
#define HG_IO_IMPORT_IMPORT_TEXT_NODES_H

#include "io/import/import_text.h"
#include "io/text/table.h"

/** Roles of columns (hg_column_role); such tables have the role of ids first. */
enum { HG_NODE_ID, HG_NODE_VALUE };

/** Usual names of a column of ids, ended by NULL. */
extern const char *const hg_node_id_names[];

/** A table of nodes while it is read. */
struct hg_text_nodes {
    struct hg_table table;
    int64_t id;    /**< column of ids; -1: line k belongs to node k */
    int64_t index; /**< unnamed first column, which must count 0, 1, 2, ...; -1: none */
    int64_t lines; /**< number of lines read so far */
};

/** Opens the table and assigns roles to its columns (hg_table_assign). Call hg_table_close(&nodes->table) also after
 *  a failure. Local. */
hg_status hg_text_nodes_open(const char *path, bool keep_blank, const struct hg_column_role *roles,
                             const char *chosen, struct hg_text_nodes *nodes);

/** Reads the next line: *node is its id or, without a column of ids, its index; -1 at the end. The fields are in
 *  nodes->table.field. *blank: the line has no fields; in tables with ids blank lines are skipped. Local. */
hg_status hg_text_nodes_next(struct hg_text_nodes *nodes, hg_gid *node, bool *blank);

#endif
