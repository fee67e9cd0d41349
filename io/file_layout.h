/** Where each rank's rows, and their edges and sparse features, lie in a file of the whole graph. */
#ifndef HG_IO_FILE_LAYOUT_H
#define HG_IO_FILE_LAYOUT_H

#include "graph/node_table.h"

/** An interval of rows with consecutive places in the stored order. */
struct hg_run {
    hg_gid first;  /**< place of its first row */
    int64_t count; /**< rows */
    int64_t row;   /**< its first row on this rank */
    int64_t edge;  /**< place in the file of its first edge */
    int64_t value; /**< place in the file of its first sparse feature */
};

/** A rank's runs, ascending, and how many sparse features there are. */
struct hg_runs {
    struct hg_run *run;
    int64_t count;
    int64_t values; /**< sparse features of all ranks */
};

/** Finds the runs of the rows and their places. Runs meet on the ranks that own the blocks (hg_block_range)
 * they start in, so no rank sees them all. Fails unless the ranks' rows are each of 0..N-1 once and their
 * edges number info.num_edges. Destroy with hg_runs_destroy. Collective. */
hg_status hg_runs_create(const struct hg_comm *comm, const char *what, const struct hg_node_table *rows,
                         struct hg_runs *runs);
void hg_runs_destroy(struct hg_runs *runs);

#endif
