/** The workspace: what the layers of a model share during an epoch. It consists of threads with their scratch memory,
 *  the exchanges, the buffers of the backward pass, and the clock. Everything is allocated before the first epoch. */
#ifndef HG_NN_WORKSPACE_H
#define HG_NN_WORKSPACE_H

#include "base/clock.h"
#include "base/team.h"
#include "dist/reduction.h"
#include "graph/subgraph.h"
#include "nn/backend.h"

enum { HG_LINEARS = 2 /**< most Linears of a layer: its convolution's and the residual's */ };

/** The largest sizes that any layer needs, in numbers of hg_real. Each layer raises them to what it needs
 *  (nn/layer.h). */
struct hg_extent {
    bool training;            /**< there is a backward pass */
    int64_t in;               /**< columns of a dense input X */
    int64_t copy[HG_LINEARS]; /**< [k] a row of the k-th Linear's result; [1]: also a row of an output */
    bool converted;           /**< results of the first Linear are converted to another type */
    int64_t partial;          /**< a cell's part of one gradient, in hg_real */
    int64_t vectors;          /**< a cell's part of the gradients of vectors, in numbers of float64 */
    int64_t scratch;          /**< scratch of a thread, for passes over edges */
    int64_t node_scratch;     /**< per owned node, during one layer's backward pass */
    int64_t hub_in, hub_out;  /**< results of a part of a hub, for in-edges and for out-edges */
    int64_t forward_row, backward_row; /**< numbers per row that are sent, forward and backward */
};

/** Scratch memory of one thread. Matrices have room for the rows of the largest cell. */
struct hg_thread {
    int index;   /**< 0: the main thread */
    hg_real *x;  /**< X' of a cell's sources */
    hg_real *dx; /**< dL/dX of a cell's sources */
    /** [k] packed rows of the k-th Linear's result or gradient, where a subgraph has only a part of a cell; [1]: also
     *  rows of an output's gradient */
    hg_real *copy[HG_LINEARS];
    hg_real *partial;   /**< [extent.partial] */
    double *vectors;    /**< [extent.vectors] */
    hg_real *scratch;   /**< [extent.scratch] */
    double sum_seconds; /**< time spent in adding parts to exact sums */
};

struct hg_workspace {
    const struct hg_shard *shard;
    int threads;
    const struct hg_kernels *kernels;
    struct hg_blas blas;
    struct hg_team *team;         /**< the threads of this rank */
    struct hg_thread *thread;     /**< [threads] their scratch memory */
    struct hg_exchange *forward;  /**< sends rows to the copies of sources */
    struct hg_exchange *backward; /**< sends rows to the copies of targets; training only */
    /** [owned, extent.node_scratch] used during one layer's backward pass; training only */
    hg_real *node_scratch;
    hg_real *hub_parts;             /**< results of the parts of hubs, until they are combined */
    struct hg_reduction *reduction; /**< sums of gradients that were begun last; NULL: none yet */
    uint8_t *completed;             /**< [cells] 1 where the cell's rows are complete */
    /** time that the main thread has spent on messages since the last hg_workspace_add_time */
    double message_seconds;
    struct hg_clock clock;
};

/** Starts the threads of `backend` and allocates their memory. Destroy also after a failure. Local: the caller
 *  agrees. */
hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_backend *backend, struct hg_workspace *work);
void hg_workspace_destroy(struct hg_workspace *work);

/** The work of one thread on a cell or another piece. Cell k has rows cell_offset[k]..cell_offset[k+1] of the shard.
 */
typedef void hg_cell_fn(void *context, hg_lid cell, struct hg_thread *thread);

/** Calls fn for pieces 0..count, which threads take in ascending order as they become free. Between its pieces the
 *  main thread lets the messages of `poll` (may be NULL), and of sums of gradients, make progress. Local. */
void hg_workspace_pieces(struct hg_workspace *work, hg_lid count, hg_cell_fn *fn, void *context,
                         struct hg_exchange *poll);

/** hg_workspace_pieces for every cell of this rank, while no rows are being sent. Local. */
void hg_workspace_cells(struct hg_workspace *work, hg_cell_fn *fn, void *context);

/** hg_workspace_pieces for every cell of this rank, where `fn` completes rows of the cell that are sent by
 *  `exchange`: the exchange has begun, and rows are sent as soon as they are complete. Afterwards all have been sent.
 *  Local. */
void hg_workspace_cells_sent(struct hg_workspace *work, hg_cell_fn *fn, void *context,
                             struct hg_exchange *exchange);

/** Adds the main thread's time since the last call to the clock: the threads' mean time in exact sums to
 *  HG_PHASE_SUMS, the main thread's time on messages to HG_PHASE_EXCHANGE, the rest to `phase`. Local. */
void hg_workspace_add_time(struct hg_workspace *work, enum hg_phase phase);

#endif
