/** Reads, writes and checks graph files (HDF5, docs/formats.md). Each rank reads and writes its own rows. */
#ifndef HG_IO_GRAPH_FILE_H
#define HG_IO_GRAPH_FILE_H

#include "graph/cells.h"
#include "graph/node_table.h"

/** Reads and checks what describes the graph: attributes, and presence, shapes and types of the data sets, but not
 *  their contents. Of a file in cell order also the cells are read: offsets, edges and the graph of cells; for a file
 *  in imported order cells->count is 0 and its arrays are NULL. Fails when ranks find different graphs under this
 *  path (on different hosts). Destroy with hg_graph_info_destroy and hg_cells_destroy. Collective; the result is the
 *  same on every rank. */
hg_status hg_graph_file_open(const struct hg_comm *comm, const char *path, struct hg_graph_info *info,
                             struct hg_cells *cells);
void hg_graph_info_destroy(struct hg_graph_info *info);

/** How much of the rows is read. */
enum hg_graph_contents {
    /** edges, labels and masks: rows->info then says that there are no features, edge features, names or numbers of
     *  graphs (hg_graph_info_structure) */
    HG_READ_STRUCTURE,
    HG_READ_OFFSETS,  /**< ids, indptr and x.indptr of sparse features: how much the rows have */
    HG_READ_EDGES,    /**< the same, and the sources of edges */
    HG_READ_ROWS,     /**< everything but ids of edges, which take 8 bytes an edge */
    HG_READ_EDGE_IDS, /**< everything */
};

/** Reads the rows of `ranges` (ascending, disjoint, in the stored order), and checks them: indptr ascending, then
 *  hg_node_table_check. Destroy rows with hg_node_table_destroy. Collective. */
hg_status hg_graph_file_read(const struct hg_comm *comm, const char *path, const struct hg_range *ranges,
                             int64_t num_ranges, enum hg_graph_contents contents, struct hg_node_table *rows);

/** *values: number of stored values of sparse features; 0 when they are dense. Local. */
hg_status hg_graph_file_values(const char *path, int64_t *values);

/** Fails unless the rows come from the graph that `info`, read earlier, describes. The file may have been replaced
 *  between the two reads, and arrays sized by `info` would not fit the rows. The result is the same on every rank.
 *  Local. */
hg_status hg_graph_file_unchanged(const char *path, const struct hg_graph_info *info,
                                  const struct hg_node_table *rows);

/** Writes a graph file atomically (io/atomic.h). The ranks' rows together are the whole graph. When cells is not NULL
 *  the rows are in cell order, and /cells and /node/original are written, too. Collective. */
hg_status hg_graph_file_write(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells);

/** The same where no moment has all rows in memory: the ranks' rows come window by window. */
struct hg_graph_writing {
    const char *path;
    const struct hg_graph_info *info; /**< of all rows */
    const struct hg_cells *cells;     /**< NULL: imported order */
    int64_t values;                   /**< sparse features of all rows */
    /** Gives this rank's rows of the next window, which stay until the next call; together the ranks give consecutive
     *  rows, from where those of the last window ended. *more: out: whether there are more windows, the same on every
     *  rank. Collective. */
    hg_status (*window)(void *context, const struct hg_node_table **rows, bool *more);
    void *context; /**< for `window` */
};
hg_status hg_graph_file_write_windows(const struct hg_comm *comm, const struct hg_graph_writing *writing);

/** Fails when rows->info says that the graph is symmetric but its edges, with their features, do not equal their
 *  reverses. The ranks' rows together are the whole graph. Compares sums of 128-bit hashes of the edges: fast, needs
 *  no memory, and misses an asymmetric graph only by a collision of hashes. Collective. */
hg_status hg_graph_file_check_symmetric(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows);

/** Checks the whole file, beyond what hg_graph_file_read checks: /node/original is a permutation, the sources of each
 *  row ascend by imported id, the graph is symmetric if the file says so, no edge id occurs twice, numbers of graphs
 *  are not negative, names are UTF-8, and content_sha256 is the hash of the contents. Collective. */
hg_status hg_graph_file_check(const struct hg_comm *comm, const char *path);

#endif
