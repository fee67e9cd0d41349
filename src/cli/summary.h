/** Prints notes and a summary of a graph that was written. */
#ifndef HG_CLI_SUMMARY_H
#define HG_CLI_SUMMARY_H

#include "base/notes.h"
#include "graph/node_table.h"

/** Prints "graph.h5: 2708 nodes, 10556 edges (symmetric), ..." on rank 0. Local. */
void hg_print_summary(const struct hg_comm *comm, const char *path, const struct hg_graph_info *info);

/** Prints the notes on rank 0, one per line. Local. */
void hg_print_notes(const struct hg_comm *comm, const struct hg_notes *notes);

#endif
