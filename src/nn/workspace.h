/** What the layers of a model share during an epoch: threads with their scratch, the exchanges, the buffers of the
 *  backward pass, and the clock. Everything is allocated before the first epoch.
 */
#ifndef HG_NN_WORKSPACE_H
#define HG_NN_WORKSPACE_H

#include "base/clock.h"
#include "base/team.h"
#include "dist/reduction.h"
#include "graph/subgraph.h"
#include "nn/backend.h"

enum { HG_LINEARS = 2 /**< most Linears that read a layer's input: a convolution's and the residual's */ };

/** Largest sizes over the layers, counted in hg_real. Each layer enlarges them to what it needs (nn/layer.h). */
struct hg_extent {
    bool training;            /**< the backward pass, too */
    int64_t in;               /**< columns of a dense input */
    int64_t copy[HG_LINEARS]; /**< a row of the k-th Linear's result; [1]: of an output, too */
    bool kept;                /**< rows of the first Linear are kept in another type than they are made in */
    int64_t partial;          /**< a cell's part of the gradient of one weight */
    int64_t column;           /**< a cell's part of the gradients of vectors, in float64 */
    int64_t scratch;          /**< of a thread, for passes over edges */
    int64_t node;             /**< of an owned node, for one layer's backward pass */
    int64_t hub_in, hub_out;  /**< results of a part of a hub's in-edges, and of its out-edges */
    int64_t forward_row, backward_row; /**< what travels of a row, forward and backward */
};

/** One thread's scratch. Matrices have room for the rows of the largest cell. */
struct hg_thread {
    int index;   /**< 0: the main thread */
    hg_real *x;  /**< X of a cell's sources */
    hg_real *dx; /**< dL/dX */
    hg_real *copy
        [HG_LINEARS]; /**< rows of the k-th Linear's result or gradient, where only some of a cell are worked on;
                                    [1]: of an output's gradient, too */
    hg_real *partial;   /**< [extent.partial] */
    double *column;     /**< [extent.column] */
    hg_real *scratch;   /**< [extent.scratch] */
    double sum_seconds; /**< spent converting partials to exact sums */
};

struct hg_workspace {
    const struct hg_shard *shard;
    int threads;
    const struct hg_kernels *kernels;
    struct hg_blas blas;
    struct hg_team *team;         /**< the threads */
    struct hg_thread *thread;     /**< [threads] their scratch */
    struct hg_exchange *forward;  /**< rows to the copies of sources */
    struct hg_exchange *backward; /**< rows to the copies of targets */
    hg_real *node;      /**< [owned, extent.node] lives while one layer goes backward; training only */
    hg_real *hub_parts; /**< what parts of hubs give, until they are joined */
    struct hg_reduction *reduction; /**< of gradients, the one begun last; NULL: none yet */
    uint8_t *made;                  /**< [cells] of which the rows are made */
    double message_seconds;         /**< spent by the main thread on messages since the last booking */
    struct hg_clock clock;
};

/** Starts the threads of `machine` and allocates for them. Destroy also after a failure. Local: the caller agrees. */
hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_backend *backend, struct hg_workspace *work);
void hg_workspace_destroy(struct hg_workspace *work);

/** One thread's work on a cell or another piece; cell k is rows cell_offset[k]..cell_offset[k+1] of the shard. */
typedef void hg_cell_fn(void *context, hg_lid cell, struct hg_thread *thread);

/** Runs fn on pieces 0..count, dealt to threads in this order as they become free; the main thread lets the messages
 *  of `poll` (may be NULL), and of sums of gradients, move between its pieces. Local. */
void hg_workspace_pieces(struct hg_workspace *work, hg_lid count, hg_cell_fn *fn, void *context,
                         struct hg_exchange *poll);

/** The same for every cell of this rank, while no rows are under way. Local. */
void hg_workspace_cells(struct hg_workspace *work, hg_cell_fn *fn, void *context);

/** The same with rows that the cells make and that leave by `exchange`, which is open, as soon as they are made.
 *  Afterwards all have left. Local. */
void hg_workspace_cells_sent(struct hg_workspace *work, hg_cell_fn *fn, void *context,
                             struct hg_exchange *exchange);

/** Books the main thread's time since the last call: the threads' mean time in exact sums and its own on messages to
 *  their phases, the rest to `phase`. Local. */
void hg_workspace_book(struct hg_workspace *work, enum hg_phase phase);

#endif
