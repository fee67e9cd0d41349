/** Rows of a graph in imported order that are read chunk by chunk, so that no rank ever holds all of its block. */
#ifndef HG_PARTITION_ROW_SOURCE_H
#define HG_PARTITION_ROW_SOURCE_H

#include "graph/node_table.h"

/** Where rows come from. Each rank reads those of its block of imported ids, the same that hg_divided_of_blocks saw. */
struct hg_row_source {
    const struct hg_graph_info *info;
    /** [rows of this rank's block + 1] offsets of their sparse features; NULL: features are dense, or there are none */
    const hg_eid *values;
    bool edges_only;     /**< whether nothing but edges is wanted, without their ids and features */
    bool edge_ids;       /**< whether ids of edges are wanted */
    int64_t chunk_bytes; /**< most bytes read at once on a rank, but at least one row */
    /** Reads the rows `range` (imported ids; may be empty). Collective. */
    hg_status (*read)(const struct hg_row_source *source, const struct hg_range *range,
                      struct hg_node_table *rows);
    const void *context; /**< for `read` */
};

/** Fails: rows are not those that were read before. Local. */
static inline hg_status hg_rows_changed(void)
{
    return hg_fail(HG_FAILED, "graph", "it changed while it was read");
}

#endif
