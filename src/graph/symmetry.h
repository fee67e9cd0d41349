/** Whether the edges of a graph are those of its reverse. */
#ifndef HG_GRAPH_SYMMETRY_H
#define HG_GRAPH_SYMMETRY_H

#include "graph/node_table.h"

/** Whether for every edge the o-th copy of (j, i) and the o-th copy of (i, j) have the same features. Compares sums of
 *  hashes (Clarke et al., "Incremental multiset hash functions", ASIACRYPT 2003), which needs no memory and sends no
 *  edges; a wrong answer has probability 2^-128. `rows` has targets and sources by the same ids (stored). Collective.
 */
bool hg_rows_symmetric(const struct hg_comm *comm, const struct hg_node_table *rows);

#endif
