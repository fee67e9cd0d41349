/** The gradients of one layer's parameters: exact sums over cells, threads and ranks.
 *
 *      hg_gradients_zero(g);                       at the start of a backward pass
 *      ... cells add their parts: hg_gradients_add, hg_gradients_add_f64 ...
 *      hg_gradients_begin(g);                      starts the sums over ranks, while the layers below work
 *      hg_gradients_wait(g);                       waits for the slowest rank
 *      hg_gradients_end(g);                        every `out` now holds its gradient, equal on every rank */
#ifndef HG_NN_GRADIENTS_H
#define HG_NN_GRADIENTS_H

#include "nn/workspace.h"

enum hg_gradient_kind {
    /** of weights, dW = X'^T dR: one part per cell, or, of sparse X', per cell and column */
    HG_GRADIENT_WEIGHTS,
    HG_GRADIENT_VECTORS, /**< of biases and attention vectors: one part per cell */
    HG_GRADIENT_KINDS
};

struct hg_gradients {
    struct hg_workspace *work;
    /** [threads] objects of each kind; the first becomes the total */
    struct hg_exact *sum[HG_GRADIENT_KINDS];
    int64_t count[HG_GRADIENT_KINDS]; /**< number of sums of each kind */
    struct hg_piece piece[HG_REDUCTION_PIECES];
    enum hg_gradient_kind kind[HG_REDUCTION_PIECES]; /**< kind of each piece */
    int pieces;
    struct hg_reduction *reduction;
    /** number of addends of the last pass that were not finite or out of range, over all ranks */
    int64_t nonfinite;
};

/** Registers `count` sums, whose rounded totals are written to out [count]; returns the index of the first among the
 *  sums of their kind. Before hg_gradients_create. Local. */
int64_t hg_gradients_register(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t count,
                              hg_real *out);

/** Allocates the registered sums. With `by_column` each sum of weights is added to by one thread at a time, so one
 *  object serves all threads. `tag` is different for each layer of a model. Local: the caller agrees. */
hg_status hg_gradients_create(struct hg_gradients *gradients, struct hg_workspace *work, bool by_column,
                              int tag);
void hg_gradients_destroy(struct hg_gradients *gradients);

/** Sets all sums to zero. Local. */
void hg_gradients_zero(struct hg_gradients *gradients);

/** Adds a cell's part [count] to sums [first, first + count), and counts the time as time in exact sums. Local. */
void hg_gradients_add(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t first,
                      const hg_real *part, int64_t count, struct hg_thread *thread);

/** hg_gradients_add for a part of HG_GRADIENT_VECTORS in float64. Local. */
void hg_gradients_add_f64(struct hg_gradients *gradients, int64_t first, const double *part, int64_t count,
                          struct hg_thread *thread);

/** Called when all cells have added their parts: adds the sums of this rank's threads, and starts sending them to the
 *  other ranks. Collective. */
void hg_gradients_begin(struct hg_gradients *gradients);

/** Waits until the sums of all ranks have arrived. Collective. */
void hg_gradients_wait(struct hg_gradients *gradients);

/** Waits until each `out` is complete, and sets `nonfinite`. Collective. */
void hg_gradients_end(struct hg_gradients *gradients);

#endif
