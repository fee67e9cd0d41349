/** One line about a graph that was written. */
#ifndef HG_APPS_SUMMARY_H
#define HG_APPS_SUMMARY_H

#include "graph/rows.h"

/** Prints "graph.h5: 2708 nodes, 10556 edges (symmetric), ..." on rank 0. Local. */
void hg_print_summary(const struct hg_comm *comm, const char *path, const struct hg_graph_info *info);

#endif
