/** What one rank of a training needs: memory by item, messages, and the work of an epoch.
 *
 *  Nothing is computed from formulas that could differ from the program: the rank's training is set up by the functions
 *  that set up every training, on an imagined communicator (hg_comm_imagined), with a shard of the rank's shape, in
 *  memory that is only counted (hg_mem_count_begin).
 */
#ifndef HG_FORECAST_NEED_H
#define HG_FORECAST_NEED_H

#include "forecast/outline.h"
#include "forecast/work.h"
#include "train/options.h"

/** Items of memory: X(NAME, name), with what they are. */
#define HG_NEED_LIST(X)                                                                                      \
    X(PROCESS, process) /* the program, MPI and libraries */                                                 \
    X(NODES, nodes)     /* features, labels, masks and ids of the owned nodes */                             \
    X(EDGES, edges)     /* the edges by target and by source, ids of their ends, exchange plans, cells */    \
    X(MODEL, model)     /* activations, buffers of messages, parameters and their sums, threads */           \
    X(SUBGRAPHS, subgraphs)   /* the parts of the graph that the layers need in training */                  \
    X(OPTIMIZER, optimizer)   /* its state, metrics, copies of the parameters */                             \
    X(CHECKPOINT, checkpoint) /* parameters and state, while a checkpoint is written */                      \
    X(SETUP, setup)           /* what the set-up needs at its peak beyond the sum of the others */

#define HG_NEED_NAMED(NAME, name) HG_NEED_##NAME,
enum hg_need_item { HG_NEED_LIST(HG_NEED_NAMED) HG_NEED_ITEMS };
#undef HG_NEED_NAMED
extern const char *const hg_need_name[HG_NEED_ITEMS];

struct hg_need {
    int64_t bytes[HG_NEED_ITEMS];
    struct hg_work work;
};

/** What every rank has in common. */
struct hg_need_of {
    const struct hg_outline *outline;
    const struct hg_train_options *options;
    int threads;        /**< per rank */
    int ranks_per_node; /**< on each host */
};

/** What rank `rank` of `ranks`, with part `part`, needs. Local. */
hg_status hg_need_of_rank(const struct hg_need_of *of, const struct hg_rank_shape *part, int rank, int ranks,
                          struct hg_need *need);

#endif
