/** Graph files (docs/formats.md): HDF5, read and written by hyperslabs, each rank its rows. */
#ifndef HG_IO_GRAPH_FILE_H
#define HG_IO_GRAPH_FILE_H

#include "graph/cells.h"
#include "graph/node_table.h"

/** Reads and checks what describes the graph: attributes, presence, shapes and types of the data sets; not
 * their contents. cells->count is 0 (and its arrays NULL) for a file in imported order; else offsets, edges
 * and the graph of cells are read. Fails when ranks find different graphs under that name (on different hosts). The caller frees with
 * hg_graph_info_destroy, hg_cells_destroy. Collective; the same on every rank. */
hg_status hg_graph_file_open(const struct hg_comm *comm, const char *path, struct hg_graph_info *info,
                             struct hg_cells *cells);
void hg_graph_info_destroy(struct hg_graph_info *info);

/** Reads the rows of `ranges` (ascending, disjoint, stored order) with all their data, and checks them:
 * indptr ascending, indices in range, features finite, labels in range. Edges' ids only when edge_ids is set: who needs none saves
 * 8 bytes an edge. Collective. */
hg_status hg_graph_file_read(const struct hg_comm *comm, const char *path, const struct hg_range *ranges,
                             int64_t num_ranges, bool edge_ids, struct hg_node_table *rows);

/** Fails unless the file that the rows were read from still was the one that `info` describes: between opening and reading it may be
 *  replaced, and what was sized for the one does not fit the other. The same on every rank. Local. */
hg_status hg_graph_file_unchanged(const char *path, const struct hg_graph_info *info,
                                  const struct hg_node_table *rows);

/** Writes a graph file atomically (temporary file, fsync, rename). The ranks' rows together are the whole
 * graph; in cell order when cells is not NULL (then with /cells and /node/original). Collective. */
hg_status hg_graph_file_write(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells);

/** Fails unless edges equal their reverses, features included, where rows->info says so; `rows` of all ranks are the whole graph, in any
 * order. It compares sums of 128 random bits an edge: nanoseconds each, no memory. Collective. */
hg_status hg_graph_file_check_symmetric(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows);

/** Checks of the whole file beyond those of reading: each row's sources ascending by imported id, symmetric
 * as said, original a permutation, cells cover the nodes, no edge's id twice, names UTF-8, the contents those of content_sha256.
 * Collective. */
hg_status hg_graph_file_check(const struct hg_comm *comm, const char *path);

#endif
