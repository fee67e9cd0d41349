/** What the layers of a model share during an epoch: threads with their scratch, the exchanges, the buffers of the backward
 *  pass, and the clock. Everything is allocated before the first epoch.
 */
#ifndef HG_NN_WORKSPACE_H
#define HG_NN_WORKSPACE_H

#include "base/clock.h"
#include "base/team.h"
#include "dist/reduction.h"
#include "graph/scope.h"
#include "nn/machine.h"

/** Largest sizes over the layers. */
struct hg_extent {
    int64_t in;            /**< columns of a dense input */
    int64_t out;           /**< columns of an output */
    int64_t z;             /**< K F padded */
    bool kept;             /**< rows of Z are kept in another type than they are made in */
    int64_t heads;         /**< K */
    int64_t target_cols;   /**< row [q|M|S|D|G] as it travels */
    int64_t target_stride; /**< row [q|M|S|A+|O] */
    int64_t weight;        /**< numbers in one dense weight gradient */
};

/** What the parts of hubs give, until it is joined. */
struct hg_hub_results {
    hg_real *targets; /**< rows [q|M|S|A+|O] [parts of in-edges] */
    hg_real
        *rows; /**< O+ [parts of in-edges, z], then dZ [parts of out-edges, z]; from here on training only */
    hg_real *dp; /**< [parts of out-edges, heads] */
    hg_real *du; /**< [parts of out-edges, Fe heads] */
};

/** One thread's scratch. */
struct hg_thread {
    int index;          /**< 0: the main thread */
    hg_real *x;         /**< [max_cell, in] inputs of a cell's rows */
    hg_real *dx;        /**< [max_cell, in] their gradient */
    hg_real *z, *y;     /**< [max_cell, z], [max_cell, out] rows of a cell of which only some are worked on */
    hg_real *partial;   /**< [weight] a cell's part of a weight gradient */
    hg_real *scores;    /**< [HG_ATTENTION_SCRATCH] */
    double *column;     /**< [2 z + out] a cell's parts of vectors' gradients */
    bool unseparable;   /**< it met scores that are not separable (kernels/attention.h) */
    double sum_seconds; /**< spent converting partials to exact sums */
};

struct hg_workspace {
    const struct hg_shard *shard;
    int threads;
    const struct hg_kernels *kernels;
    struct hg_blas blas;
    struct hg_team *team;           /**< the threads */
    struct hg_thread *thread;       /**< [threads] their scratch */
    struct hg_exchange *forward;    /**< rows of Z to the copies of sources */
    struct hg_exchange *backward;   /**< rows [q|M|S|D|G] to the copies of targets */
    hg_real *dp;                    /**< [owned, heads] */
    struct hg_reduction *reduction; /**< of gradients, the one begun last; NULL: none yet */
    uint8_t *made;                  /**< [cells] of which the rows are made */
    double message_seconds;         /**< spent by the main thread on messages since the last booking */
    struct hg_hub_results hubs;
    struct hg_clock clock;
};

/** Starts the threads of `machine` and allocates for them; without `training` the buffers of the backward pass are left out.
 *  Destroy also after a failure. Local: the caller agrees. */
hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_machine *machine, bool training, struct hg_workspace *work);
void hg_workspace_destroy(struct hg_workspace *work);

/** One thread's work on a cell or another piece; cell k is rows cell_offset[k]..cell_offset[k+1] of the shard. */
typedef void hg_cell_fn(void *context, hg_lid cell, struct hg_thread *thread);

/** Runs fn on pieces 0..count, dealt to threads in this order as they become free; the main thread lets the messages of `poll` (may be
 *  NULL), and of sums of gradients, move between its pieces. Local. */
void hg_workspace_pieces(struct hg_workspace *work, hg_lid count, hg_cell_fn *fn, void *context,
                         struct hg_exchange *poll);

/** The same for every cell of this rank, while no rows are under way. Local. */
void hg_workspace_cells(struct hg_workspace *work, hg_cell_fn *fn, void *context);

/** The same with rows that the cells make and that leave by `exchange`, which is open, as soon as they are made. Afterwards all have
 *  left. Local. */
void hg_workspace_cells_sent(struct hg_workspace *work, hg_cell_fn *fn, void *context,
                             struct hg_exchange *exchange);

/** Books the main thread's time since the last call: the threads' mean time in exact sums and its own on messages to their
 *  phases, the rest to `phase`. Local. */
void hg_workspace_book(struct hg_workspace *work, enum hg_phase phase);

#endif
