/** Moves rows of a node table, with all their data, to the ranks that are to own them. */
#ifndef HG_PARTITION_MIGRATE_H
#define HG_PARTITION_MIGRATE_H

#include "graph/node_table.h"

/** Sends every row to its owner: edges, features (dense or sparse), labels, masks and names.
 *
 *  rows   in: this rank's rows; out: the rows that this rank owns, ascending by `stored`; destroyed on failure
 *  owner  [rows->count] rank that each row goes to
 *  Collective. */
hg_status hg_node_table_migrate(const struct hg_comm *comm, struct hg_node_table *rows, const int *owner);

#endif
