/** The gradients of one layer's parameters: exact sums over cells, threads and ranks.
 *
 *      hg_gradients_zero(g);                       a backward pass begins
 *      ... cells add their parts: hg_gradients_add, hg_gradients_add_column ...
 *      hg_gradients_begin(g);                      the sums start over the ranks, while layers below work
 *      hg_gradients_meet(g);                       waits for the slowest rank
 *      hg_gradients_end(g);                        now every `out` holds its gradient, equal on every rank
 */
#ifndef HG_NN_GRADIENTS_H
#define HG_NN_GRADIENTS_H

#include "nn/workspace.h"

enum hg_gradient_kind {
    HG_GRADIENT_WEIGHTS, /**< dW = X^T D: a part per cell, or, of sparse X, per cell and column */
    HG_GRADIENT_VECTORS, /**< of biases and attention vectors: a part per cell */
    HG_GRADIENT_KINDS
};

struct hg_gradients {
    struct hg_workspace *work;
    struct hg_exact *sum[HG_GRADIENT_KINDS]; /**< [threads] of each kind; the first is the total */
    int64_t count[HG_GRADIENT_KINDS];        /**< numbers of each kind */
    struct hg_piece piece[HG_REDUCTION_PIECES];
    enum hg_gradient_kind kind[HG_REDUCTION_PIECES]; /**< of each piece */
    int pieces;
    struct hg_reduction *reduction;
    int64_t nonfinite; /**< addends of the last pass that were not finite or out of range, over all ranks */
};

/** Adds `count` numbers, whose sums end in out [count]; returns their place among those of their kind. Before create.
 *  Local. */
int64_t hg_gradients_place(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t count,
                           hg_real *out);

/** Allocates for the numbers placed. With `by_column` each number of the weights is added to by one thread at a time,
 *  and one object serves all threads. `tag` differs among the layers of a model. Local: the caller agrees. */
hg_status hg_gradients_create(struct hg_gradients *gradients, struct hg_workspace *work, bool by_column,
                              int tag);
void hg_gradients_destroy(struct hg_gradients *gradients);

/** Sums start anew. Local. */
void hg_gradients_zero(struct hg_gradients *gradients);

/** Adds a cell's part to numbers [first, first + count), and books the time. Local. */
void hg_gradients_add(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t first,
                      const hg_real *part, int64_t count, struct hg_thread *thread);

/** The same for a part of vectors in float64. Local. */
void hg_gradients_add_column(struct hg_gradients *gradients, int64_t first, const double *part, int64_t count,
                             struct hg_thread *thread);

/** All cells have added: the sums of this rank's threads go to the other ranks. Collective. */
void hg_gradients_begin(struct hg_gradients *gradients);

/** Waits until the sums of all ranks are here. Collective. */
void hg_gradients_meet(struct hg_gradients *gradients);

/** Waits until each `out` is complete, and counts in nonfinite what could not be added. Collective. */
void hg_gradients_end(struct hg_gradients *gradients);

#endif
