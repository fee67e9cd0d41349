/** A rank's share of a graph, ready for training: shard, and features, targets and masks of the owned nodes.
 */
#ifndef HG_TRAIN_DATASET_H
#define HG_TRAIN_DATASET_H

#include "graph/node_table.h"
#include "graph/shard.h"
#include "train/options.h"
#include "train/setup_clock.h"
#include "train/statistics.h"

struct hg_dataset {
    struct hg_graph_info info;
    struct hg_cells cells;     /**< with owners, without nets */
    struct hg_node_table rows; /**< owned nodes in cell order; edges are freed (they are in the shard) */
    struct hg_shard shard;
    const uint8_t *mask[HG_SPLITS];  /**< [owned] of the chosen split; NULL: there is no such mask */
    uint8_t *mask_column[HG_SPLITS]; /**< owns the memory of mask */
    int64_t entries[HG_SPLITS]; /**< labelled entries of the whole graph: nodes, or (node, column) pairs */
    struct hg_statistics statistics;
    int64_t split_seed;          /**< of the random split; -1: the masks are those of the file */
    bool replaces_masks;         /**< a random split is used although the file has masks */
    struct hg_setup_clock setup; /**< its steps so far */
    int64_t edge_cut;            /**< directed edges whose ends have different owners */
    bool structure; /**< hg_dataset_open_structure: `rows` has no features, `info` says the file's */
};

/** Reads a graph file: puts rows into cell order in memory when the file is not in cell order, chooses owners, builds
 *  the shard (with edge ids if edge_ids is set), and selects the masks of options->split, or draws a random split,
 *  which does not depend on ranks or on the order of the file. options->split_seed must not be -1 for a random split
 *  (hg_train_options_data). Features and targets are as in the file until hg_statistics_apply. Destroy with
 *  hg_dataset_destroy. Collective. */
hg_status hg_dataset_open(const struct hg_comm *comm, const struct hg_data_options *options, bool edge_ids,
                          struct hg_dataset *data);

/** The same without features, edge features and names (hg_graph_info_structure), which a plan of a training does not
 *  need, but with the nets of the cells. Collective. */
hg_status hg_dataset_open_structure(const struct hg_comm *comm, const struct hg_data_options *options,
                                    struct hg_dataset *data);
void hg_dataset_destroy(struct hg_dataset *data);

/** Spreads the arrays of edges and features, which every epoch reads, over the NUMA nodes of the team's threads
 *  (hg_mem_spread). Contents do not change. Local. */
void hg_dataset_spread(const struct hg_dataset *data, struct hg_team *team);

/** marks [owned]: 1 for the owned nodes that are in the split's mask and have a label or a target, else 0. Local. */
void hg_dataset_mark(const struct hg_dataset *data, enum hg_split split, uint8_t *marks);

/** *split: the first column of the training mask without labelled nodes; -1: there is none. Collective. */
hg_status hg_dataset_unlabelled_split(const struct hg_comm *comm, const struct hg_dataset *data,
                                      int64_t *split);

/** The targets of the task: int32 [owned] (single-label), uint8 [owned, C] (multi-label) or hg_real [owned, C]
 *  (regression); NULL without labels. Local. */
const void *hg_dataset_target(const struct hg_dataset *data);

#endif
