/** Finds at which offsets of a graph file each rank writes its rows, their edges and their sparse features. */
#ifndef HG_IO_FILE_LAYOUT_H
#define HG_IO_FILE_LAYOUT_H

#include "graph/node_table.h"

/** An interval of a rank's rows with consecutive stored ids: it is written in one piece. */
struct hg_file_interval {
    hg_gid first;  /**< stored id of its first row, which is that row's index in the file */
    int64_t count; /**< rows */
    int64_t row;   /**< its first row on this rank */
    int64_t edge;  /**< offset in the file of its first edge */
    int64_t value; /**< offset in the file of its first sparse feature */
};

/** How much of a file comes before something: rows, edges, sparse features. */
struct hg_file_position {
    int64_t rows, edges, values;
};

/** All intervals of a rank, ascending. */
struct hg_file_layout {
    struct hg_file_interval *interval;
    int64_t count;
};

/** Finds the intervals of the ranks' rows, which are one window of the file, and their offsets in the file. Each
 *  interval is sent to the rank whose block (hg_block_range) it starts in, and these ranks add up the sizes; no rank
 *  has the list of all intervals. Fails unless the ranks together have each row of the window once.
 *
 *  what      the file, for messages
 *  position  in: where the window begins; out: where it ends
 *  Destroy with hg_file_layout_destroy. Collective. */
hg_status hg_file_layout_create(const struct hg_comm *comm, const char *what,
                                const struct hg_node_table *rows, struct hg_file_position *position,
                                struct hg_file_layout *layout);
void hg_file_layout_destroy(struct hg_file_layout *layout);

/** Fails with the message for windows that are not the whole graph, each row once. Local. */
hg_status hg_file_not_whole(const char *what);

#endif
