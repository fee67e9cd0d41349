/** The outline of a graph: what a forecast needs to know of it, to give the sizes of each rank's part for any number of
 *  ranks.
 *
 *  Sizes are exact where the edges are at hand: they are counted for the owners that a training would choose. Else they
 *  are estimated, from the graph of cells of a file in cell order, or from numbers of nodes and edges and a model of
 *  their degrees (docs/mathematics.md).
 */
#ifndef HG_FORECAST_OUTLINE_H
#define HG_FORECAST_OUTLINE_H

#include "graph/shape.h"
#include "nn/model.h"
#include "train/dataset.h"

/** How the degrees of nodes are distributed. The other end of an edge may be any node, except in a grid. */
enum hg_degree_model {
    HG_DEGREES_POWER, /**< a power law: few nodes have most edges */
    HG_DEGREES_EQUAL, /**< all nodes have about as many */
    HG_DEGREES_GRID,  /**< edges lead to neighbours in the plane: a rank's halo is the rim of its part */
    HG_DEGREE_MODELS
};
extern const char *const hg_degree_model_name[HG_DEGREE_MODELS]; /**< "power-law", "uniform", "grid" */

/** Where the sizes of the ranks' parts come from. */
enum hg_outline_source {
    HG_OUTLINE_EDGES, /**< counted: exact */
    HG_OUTLINE_CELLS, /**< estimated from the graph of cells */
    HG_OUTLINE_MODEL  /**< estimated from a model of degrees */
};

/** Assumptions of estimates. */
struct hg_outline_assumed {
    enum hg_degree_model degrees;
    double cut;      /**< share of the edges that lead to other ranks; 0: as without a partition, 1 - 1/P */
    double labelled; /**< share of the nodes that are training nodes, (0, 1] */
};

struct hg_outline {
    enum hg_outline_source source;
    struct hg_graph_info info;
    int64_t values;             /**< stored values of sparse features; 0: dense */
    bool ordered;               /**< the file is in cell order */
    enum hg_partitioner method; /**< by which it is put into cell order when it is not */
    bool self_loops;            /**< of the model: one per node */
    bool edge_features;
    int64_t num_edges; /**< with the self-loops of the model */
    int64_t num_cells, max_cell;
    struct hg_outline_assumed assumed;
    struct hg_dataset data; /**< HG_OUTLINE_EDGES: on one rank, without features */
    struct hg_cells cells;  /**< HG_OUTLINE_CELLS */
    const struct hg_comm *alone;
};

/** The part of one rank, or of each of several equal ones: its shard, and the subgraphs of its layers in training. */
struct hg_rank_shape {
    struct hg_shard_shape shard;
    struct hg_subgraph_shape layer[HG_MODEL_LAYERS];
    int64_t file_edges; /**< edges of its rows in the file */
    int64_t values;     /**< stored values of its sparse features */
};

/** The parts of all ranks. */
struct hg_rank_shapes {
    int ranks;
    int count; /**< parts below: `ranks`, or 1 where all ranks are taken to be equal */
    struct hg_rank_shape *part;
};

/** Reads the outline of the graph file options->graph: its edges, which are put into cell order in memory as train does
 *  when they are not; or with `estimate` only what describes it. `alone` (hg_comm_alone) outlives the outline. Destroy
 *  with hg_outline_destroy, also after a failure. Local. */
hg_status hg_outline_read(const struct hg_comm *alone, const struct hg_data_options *options, bool estimate,
                          const struct hg_outline_assumed *assumed, struct hg_outline *outline);

/** The outline of a graph that does not exist yet: `info` has its numbers. Local. */
hg_status hg_outline_imagine(const struct hg_comm *alone, const struct hg_graph_info *info,
                             const struct hg_data_options *options, const struct hg_outline_assumed *assumed,
                             struct hg_outline *outline);

/** The outline of cells that are at hand, which outlive it. Nothing to destroy. Local. */
void hg_outline_of_cells(const struct hg_comm *alone, const struct hg_graph_info *info,
                         const struct hg_cells *cells, const struct hg_data_options *options,
                         const struct hg_outline_assumed *assumed, struct hg_outline *outline);
void hg_outline_destroy(struct hg_outline *outline);

/** The parts of `ranks` ranks, for a model of `layers` layers. Destroy with hg_rank_shapes_destroy, also after a
 *  failure. Local. */
hg_status hg_outline_shapes(const struct hg_outline *outline, int ranks, int layers,
                            struct hg_rank_shapes *shapes);
void hg_rank_shapes_destroy(struct hg_rank_shapes *shapes);

#endif
