/** Exact sums over all ranks, rounded, and known to every rank, computed while other work goes on.
 *
 *  Every rank adds and rounds a share of the sums: it receives the other ranks' limbs of its share, and sends them
 *  the rounded numbers. With two limbs and 4-byte numbers this sends 5/8 of the bytes of an all-reduce of the limbs,
 *  and a rank rounds 1/P of the numbers; the bits are the same.
 *
 *      hg_reduction_begin(r, nonfinite);        the sums must not change until the end
 *      ... other work, with a call of hg_reduction_progress(r) now and then ...
 *      hg_reduction_wait(r);                    waits for the slowest rank
 *      nonfinite = hg_reduction_end(r);         `out` of each piece is complete
 *
 *  Several reductions may be under way at the same time, in any order, if their tags differ. Only the thread that
 *  calls these functions (the main one) calls MPI. */
#ifndef HG_DIST_REDUCTION_H
#define HG_DIST_REDUCTION_H

#include "base/exactsum.h"
#include "dist/comm.h"

enum { HG_REDUCTION_PIECES = 8 };

/** Consecutive sums of an object, and where their rounded values go. */
struct hg_piece {
    struct hg_exact *sum;
    int64_t first, count;
    hg_real *out; /**< [count] */
};

/** hg_exact_round_real, or a kernel that computes the same. */
typedef void hg_reduction_round_fn(const struct hg_exact *sum, int64_t first, hg_real *out, int64_t count);

struct hg_reduction_spec {
    const struct hg_piece *piece;
    int pieces; /**< at most HG_REDUCTION_PIECES; the same sizes on every rank */
    hg_reduction_round_fn *round;
    int tag; /**< number of this reduction among those of the communicator, from 0 */
};

struct hg_reduction;

/** Allocates buffers and requests for these pieces, whose memory must not move until hg_reduction_destroy. Fails with
 *  HG_NOMEM. Local: the caller agrees. */
hg_status hg_reduction_create(const struct hg_comm *comm, const struct hg_reduction_spec *spec,
                              struct hg_reduction **reduction);
void hg_reduction_destroy(struct hg_reduction *reduction);

/** Starts sending this rank's sums, and the number of its nonfinite addends (base/exactsum.h). Collective. */
void hg_reduction_begin(struct hg_reduction *reduction, int64_t nonfinite);

/** Lets MPI make progress; once this rank's share has arrived, adds, rounds and sends it. Does not wait. Local. */
void hg_reduction_progress(struct hg_reduction *reduction);

/** Waits until the limbs of all ranks have arrived: separates the wait for slower ranks from the rest. Collective. */
void hg_reduction_wait(struct hg_reduction *reduction);

/** Waits until `out` of all pieces is complete; returns the number of nonfinite addends of all ranks. Collective. */
int64_t hg_reduction_end(struct hg_reduction *reduction);

/** Bytes of the messages that this rank has sent so far. Local. */
int64_t hg_reduction_bytes(const struct hg_reduction *reduction);

/** Bytes and number of the messages that this rank sends from hg_reduction_begin to its end. Local. */
int64_t hg_reduction_pass_bytes(const struct hg_reduction *reduction);
int64_t hg_reduction_pass_messages(const struct hg_reduction *reduction);

/** Adds the sums and counts of nonfinite addends of all ranks, on every rank, by one blocking all-reduce: for small
 *  objects. Collective. */
void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum);

#endif
