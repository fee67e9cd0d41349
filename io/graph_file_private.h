/** What the graph_file_*.c files share. */
#ifndef HG_IO_GRAPH_FILE_PRIVATE_H
#define HG_IO_GRAPH_FILE_PRIVATE_H

#include "io/graph_content.h"
#include "io/graph_file.h"
#include "io/hdf5/h5.h"

#define HG_GRAPH_FORMAT "halogat-graph"
#define HG_GRAPH_CONTENT "content_sha256"
enum { HG_GRAPH_VERSION = 1 };

/** Reads and checks what describes the graph; on failure `info` is destroyed. Local. */
hg_status hg_graph_file_describe(const struct hg_h5 *file, struct hg_graph_info *info);

/** Fails on every rank unless all ranks opened the same graph: the sizes, content_sha256, the cells, and samples of every data set. Collective. */
hg_status hg_graph_file_compare(const struct hg_comm *comm, const struct hg_h5 *file,
                                const struct hg_graph_info *info, const struct hg_cells *cells);

/** Fails because a graph that says so is not symmetric. Local. */
hg_status hg_graph_file_not_symmetric(const char *path);

/** Checks of --check for what content_sha256 does not cover: no edge's id comes twice, numbers of graphs, names. Collective. */
hg_status hg_graph_file_check_uncovered(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows);

/** Whether the rows are in cell order. Local. */
static inline bool hg_graph_file_has_cells(const struct hg_h5 *file)
{
    return hg_h5_exists(file, "/cells/offsets");
}

/** Type in memory and on disk of an array of hg_node_table_arrays. */
enum hg_h5_type hg_graph_file_type(const char *path, const struct hg_graph_info *info);

#endif
