/** Exact sums of all ranks, added, rounded and known everywhere, while other work goes on.
 *
 *  Every rank adds and rounds a share of the sums: it gets the others' limbs of its share, and they get its rounded numbers. That
 *  is five eighths of the bytes of limbs added everywhere, for two ranks, and a P-th of the rounding; the bits are the same.
 *
 *      hg_reduction_begin(r, bad);              sums must stay as they are until the end
 *      ... other work, hg_reduction_progress(r) now and then ...
 *      hg_reduction_meet(r);                    waits for the slowest rank
 *      bad = hg_reduction_end(r);               now the pieces' out are complete
 *
 *  Several reductions may be under way at a time, in any order, if their tags differ. MPI is entered only by the thread that
 *  calls these functions (the main one).
 */
#ifndef HG_DIST_REDUCTION_H
#define HG_DIST_REDUCTION_H

#include "base/exactsum.h"
#include "dist/comm.h"

enum { HG_REDUCTION_PIECES = 8 };

/** Some of an object's sums, and the place for their rounded values. */
struct hg_piece {
    struct hg_exact *sum;
    int64_t first, count;
    hg_real *out; /**< [count] */
};

/** hg_exact_round_real, or a kernel that does the same. */
typedef void hg_reduction_round_fn(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count);

struct hg_reduction_spec {
    const struct hg_piece *piece;
    int pieces; /**< at most HG_REDUCTION_PIECES; the same sizes on every rank */
    hg_reduction_round_fn *round;
    int tag; /**< its number among the reductions of a communicator, from 0 */
};

struct hg_reduction;

/** Buffers and requests for these pieces, whose memory must stay where it is until hg_reduction_destroy. Fails with HG_NOMEM, or
 *  HG_FAILED when a share exceeds 2^31 - 1 numbers. Local: the caller agrees. */
hg_status hg_reduction_create(const struct hg_comm *comm, const struct hg_reduction_spec *spec,
                              struct hg_reduction **reduction);
void hg_reduction_destroy(struct hg_reduction *reduction);

/** Sends this rank's sums on their way, and how many of its addends were bad. Collective. */
void hg_reduction_begin(struct hg_reduction *reduction, int64_t bad);

/** Lets messages move; rounds and passes on this rank's share once it is complete. Does not wait. Local. */
void hg_reduction_progress(struct hg_reduction *reduction);

/** Waits until the sums of all ranks are here. Collective. */
void hg_reduction_meet(struct hg_reduction *reduction);

/** Waits until all pieces are complete; returns the bad addends of all ranks. Collective. */
int64_t hg_reduction_end(struct hg_reduction *reduction);

/** Adds the ranks' sums (and bad counts), on every rank, at once: for few of them. Collective. */
void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum);

#endif
