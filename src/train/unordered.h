/** A graph file in imported order, on its way to cell order: only edges are read at first; rows with all their data
 *  follow chunk by chunk when their cells are known. So a rank holds its share of the edges, and what it gets. */
#ifndef HG_TRAIN_UNORDERED_H
#define HG_TRAIN_UNORDERED_H

#include "partition/partitioner.h"
#include "train/options.h"

struct hg_unordered {
    const struct hg_comm *comm;
    const char *path;
    const struct hg_graph_info *info;
    bool structure; /**< rows are edges, labels and masks only (HG_READ_STRUCTURE) */
    struct hg_divided divided;
    hg_eid *values; /**< [rows of this rank's block + 1] offsets of sparse features; NULL: dense, or none */
    /** bytes that a rank reads at once; 0: an eighth of its rows, 2 to 32 MiB. Bytes of a window on a rank; 0: a
     *  quarter of its rows, 8 to 64 MiB, but at least 4 for each of its edges */
    int64_t chunk_bytes, window_bytes;
};

/** The most bytes that a rank reads at once. */
enum { HG_CHUNK_BYTES = 1 << 25 };

/** Reads the edges of this rank's block of rows. graph: in: {0}, but for chunk_bytes and window_bytes. Refers to comm,
 *  path and info, the description of the file; with `structure`, by hg_graph_info_structure. Fails when the file has
 *  changed since. Destroy it also after a failure. Collective. */
hg_status hg_unordered_read(const struct hg_comm *comm, const char *path, const struct hg_graph_info *info,
                            bool structure, struct hg_unordered *graph);
void hg_unordered_destroy(struct hg_unordered *graph);

/** Makes cells by the options' partitioner, number of cells and file of parts (hg_partition). Collective. */
hg_status hg_unordered_cells(struct hg_unordered *graph, const struct hg_data_options *options, uint64_t seed,
                             struct hg_cells *cells);

/** Reads the rows of the cells that this rank owns, in cell order. Collective. */
hg_status hg_unordered_rows(const struct hg_unordered *graph, const struct hg_cells *cells, bool edge_ids,
                            struct hg_node_table *rows);

/** Writes the graph in cell order to a file, in windows of whole cells. Collective. */
hg_status hg_unordered_write(const struct hg_unordered *graph, const struct hg_cells *cells,
                             const char *path);

#endif
