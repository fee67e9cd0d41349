/** Shared by the graph_file_*.c files. */
#ifndef HG_IO_GRAPH_FILE_PRIVATE_H
#define HG_IO_GRAPH_FILE_PRIVATE_H

#include "io/graph_content.h"
#include "io/graph_file.h"
#include "io/hdf5/h5.h"
#include "io/names.h"

#define HG_GRAPH_FORMAT "halogat-graph"
#define HG_GRAPH_CONTENT "content_sha256"
enum { HG_GRAPH_VERSION = 1 };

/** Reads and checks what describes the graph, without the cells (hg_graph_file_open). On failure `info` is destroyed.
 *  Local. */
hg_status hg_graph_file_describe(const struct hg_h5 *file, struct hg_graph_info *info);

/** Fails on every rank unless all ranks have opened the same graph: compares sizes, content_sha256, a hash of the
 *  cells, and samples of every data set. Collective. */
hg_status hg_graph_file_compare(const struct hg_comm *comm, const struct hg_h5 *file,
                                const struct hg_graph_info *info, const struct hg_cells *cells);

/** Always fails: the file says that the graph is symmetric, but it is not. Local. */
hg_status hg_graph_file_not_symmetric(const char *path);

/** Checks what content_sha256 does not cover: no edge id occurs twice, numbers of graphs are not negative, names are
 *  UTF-8. Collective. */
hg_status hg_graph_file_check_uncovered(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows);

/** Whether the rows are in cell order. Local. */
static inline bool hg_graph_file_has_cells(const struct hg_h5 *file)
{
    return hg_h5_exists(file, "/cells/offsets");
}

/** Type, in memory and on disk, of the array of hg_node_table_arrays with this path. Local. */
enum hg_h5_type hg_graph_file_type(const char *path, const struct hg_graph_info *info);

#endif
