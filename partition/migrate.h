/** Rows and all their data to the ranks that own them. */
#ifndef HG_PARTITION_MIGRATE_H
#define HG_PARTITION_MIGRATE_H

#include "graph/node_table.h"

/** Moves rows to other ranks.
 *
 *  rows   in: this rank's rows; out: the rows sent here, ascending by `stored`; destroyed on failure
 *  owner  [count] destination of each row
 *  Everything of a row travels: edges, features (dense or sparse), labels, masks, names. Collective. */
hg_status hg_node_table_migrate(const struct hg_comm *comm, struct hg_node_table *rows, const int *owner);

#endif
