/** A graph ready for training on this rank: shard, features, targets and masks of the owned nodes.
 */
#ifndef HG_TRAIN_DATASET_H
#define HG_TRAIN_DATASET_H

#include "graph/node_table.h"
#include "graph/shard.h"
#include "train/options.h"
#include "train/statistics.h"

struct hg_dataset {
    struct hg_graph_info info; /**< class names belong to rows */
    struct hg_cells cells;     /**< with owners */
    struct hg_node_table
        rows; /**< of the owned nodes in cell order; features and targets are replaced by normalised ones */
    struct hg_shard shard;
    const uint8_t *mask[HG_SPLITS];  /**< [owned] of the chosen split; NULL: the file has none */
    uint8_t *mask_column[HG_SPLITS]; /**< owner of the masks */
    int64_t entries[HG_SPLITS];      /**< labelled entries of the whole graph: rows, or (row, column) pairs */
    struct hg_statistics statistics;
    int64_t split_seed; /**< of the random split; -1: the masks are the file's */
    bool other_masks;   /**< the file has masks, and a random split took their place */
    int64_t edge_cut;   /**< directed edges between owners */
};

/** Reads a graph file and makes this rank's part of it: orders it into cells in memory when the file is not in cell
 *  order, chooses owners, builds the shard (with edge ids if asked for), selects the masks of the split (a file without
 *  masks has none) or draws those of a random split, which do not depend on ranks or on the order of the file;
 *  options->split_seed is settled. Features and targets are as in the file until hg_statistics_apply. Destroy with
 *  hg_dataset_destroy. Collective. */
hg_status hg_dataset_open(const struct hg_comm *comm, const struct hg_data_options *options, bool edge_ids,
                          struct hg_dataset *data);
void hg_dataset_destroy(struct hg_dataset *data);

/** Marks the owned nodes that take part in a split: in its mask, with a label or a target. marks [owned]. Local. */
void hg_dataset_mark(const struct hg_dataset *data, enum hg_split split, uint8_t *marks);

/** The first split (column of the masks) without labelled training nodes; -1: none. Collective. */
hg_status hg_dataset_untrained(const struct hg_comm *comm, const struct hg_dataset *data, int64_t *split);

/** The targets of the task: int32 [owned], uint8 or hg_real [owned, C]; NULL without labels. */
const void *hg_dataset_target(const struct hg_dataset *data);

#endif
