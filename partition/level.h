/** A level of the multilevel partitioner: an undirected graph with weights, distributed by blocks of its nodes' ids.
 *  Level 0 is the graph itself; a node of a coarser level is a cluster of the level below (partition/cluster/).
 */
#ifndef HG_PARTITION_LEVEL_H
#define HG_PARTITION_LEVEL_H

#include "dist/blocks.h"
#include "dist/route.h"
#include "dist/sort.h"
#include "graph/node_table.h"
#include "partition/row_source.h"

/** One rank's nodes, numbered 0..owned-1 in the order of ids, and the edges at them. The ghosts, nodes of other ranks
 *  that are adjacent to these, are numbered owned..owned+ghosts-1, in the order of ids. */
struct hg_level {
    struct hg_blocks blocks;
    int64_t owned, ghosts;
    int64_t *indptr;       /**< [owned + 1] */
    uint32_t *neighbour;   /**< [indptr[owned]] local numbers; no self-loops; may repeat on level 0 */
    uint32_t *edge_weight; /**< [indptr[owned]]; NULL: all 1 */
    uint32_t *weight;      /**< [owned] weight of each node; the sum over all ranks is below 2^32 */
    /** [owned] nodes of different groups must not share a cell, and no edges are between them; NULL: no groups */
    uint32_t *group;
    /** [owned] level 0 only: in-edges of each node, self-loops included, and how many of its neighbours are sources:
     *  these come first, in the order of the node table; in a directed graph the targets of its out-edges follow,
     *  ascending by id */
    uint32_t *in_degree, *sources;
    bool symmetric;              /**< level 0: sources and targets are the same; each is listed once */
    struct hg_route from_owners; /**< ghosts come from their owners as answers on this route */
    uint32_t *requested;         /**< [from_owners.arrived] owned nodes that are ghosts of other ranks */
};

void hg_level_destroy(struct hg_level *level);

/** Level 0 from the node table: ranks have consecutive blocks of ids, in the order of ranks. Where rows->indices is
 *  NULL, the edges are read from `source` chunk by chunk, so that their ids are never in memory together; otherwise
 *  `source` may be NULL. In a directed graph each edge
 *  is stored at both of its ends; parallel edges and pairs of opposite edges count as often as they occur.
 *  A node weighs its in-edges plus twice their mean number, divided so that the sum stays near 2^30. Fails when there
 *  are more than 2^32 - 1 nodes.
 *  Destroy it also after a failure. Collective. */
hg_status hg_level_from_rows(const struct hg_comm *comm, const struct hg_node_table *rows,
                             const struct hg_row_source *source, struct hg_level *level);

/** A copy of level 0 with groups, without the edges between different groups. group [owned]. Destroy it also after a
 *  failure. Collective. */
hg_status hg_level_of_groups(const struct hg_level *graph, const uint32_t *group, struct hg_level *level);

/** Replaces level->neighbour, which holds ids, by local numbers: finds the ghosts, and connects them with their
 *  owners. In: blocks, owned, indptr. Collective. */
hg_status hg_level_connect(struct hg_level *level);

/** values [owned + ghosts]: fetches those of the ghosts from their owners. Collective. */
hg_status hg_level_refresh(const struct hg_level *level, uint64_t *values);

/** The id of an owned node. Local. */
static inline uint32_t hg_level_id(const struct hg_level *level, int64_t v)
{
    return (uint32_t)(hg_blocks_first(&level->blocks) + v);
}

#endif
