/** The ranks: a duplicated communicator, agreement on failures, small reductions.
 *
 *  MPI is called in dist/, graph/exchange.c and io/hdf5/ only. The library never calls MPI_Init or exit; programs
 *  call hg_mpi_begin and hg_mpi_end. MPI errors and broken invariants abort the job with one line on stderr. */
#ifndef HG_DIST_COMM_H
#define HG_DIST_COMM_H

#include "base/status.h"
#include "base/types.h"
#include <mpi.h>
#include <stdbool.h>

/** A communicator, and this rank's number and the number of ranks in it. */
struct hg_comm {
    MPI_Comm mpi;
    int rank, size;
    bool spread;   /**< the ranks are on several hosts: failures name theirs (hg_comm_find_hosts) */
    bool imagined; /**< hg_comm_imagined */
};

#ifdef HG_DOUBLE
#define HG_MPI_REAL MPI_DOUBLE
#else
#define HG_MPI_REAL MPI_FLOAT
#endif

/** Initialises MPI with MPI_THREAD_FUNNELED; aborts where the library does not support it. For programs and tests.
 *  Collective. */
void hg_mpi_begin(int *argc, char ***argv);

/** Finalises MPI. Collective. */
void hg_mpi_end(void);

/** Duplicates `parent` (the caller's communicator; MPI is initialised). MPI errors in the duplicate abort the job
 *  with one line. Destroy with hg_comm_destroy. Collective. */
hg_status hg_comm_create(MPI_Comm parent, struct hg_comm *comm);
void hg_comm_destroy(struct hg_comm *comm);

/** A communicator of this process alone. Destroy with hg_comm_destroy. Local. */
hg_status hg_comm_alone(struct hg_comm *comm);

/** Rank `rank` of `size` ranks that do not exist, on the communicator `alone` of one rank, which outlives it: for
 *  counting what the rank of a training would allocate. The other ranks have nothing to add: sums are its own values,
 *  and hg_agree returns its own status. Nothing to destroy. Local. */
struct hg_comm hg_comm_imagined(const struct hg_comm *alone, int rank, int size);

/** Sets comm->spread. Collective. */
void hg_comm_find_hosts(struct hg_comm *comm);

/** Returns HG_OK when no rank failed; else the status of the lowest rank that failed, whose message replaces the
 *  others, on every rank. Collective: every rank calls it, also after a local failure, so that no rank waits for one
 *  that gave up. */
hg_status hg_agree(const struct hg_comm *comm, hg_status mine);

/** Element-wise reductions of n numbers over ranks, in place. Collective. */
void hg_comm_sum_i64(const struct hg_comm *comm, int64_t *values, int64_t n);
void hg_comm_max_i64(const struct hg_comm *comm, int64_t *values, int64_t n);
void hg_comm_min_i64(const struct hg_comm *comm, int64_t *values, int64_t n);
void hg_comm_max_f64(const struct hg_comm *comm, double *values, int64_t n);

/** Sum of `value` over the ranks before this one (exclusive prefix sum; 0 on rank 0). Collective. */
int64_t hg_comm_exscan_i64(const struct hg_comm *comm, int64_t value);

/** Broadcasts `bytes` bytes from `root`, in messages of at most hg_message_bytes (base/limits.h). Collective. */
void hg_comm_bcast(const struct hg_comm *comm, void *data, int64_t bytes, int root);

/** Gathers one int64 from every rank, in rank order, into all [size] on every rank. Collective. */
void hg_comm_allgather_i64(const struct hg_comm *comm, int64_t value, int64_t *all);

/** Gathers `bytes` bytes (at most 2^31 - 1: a struct) from every rank, in rank order, into all [size * bytes] on every
 *  rank. Collective. */
void hg_comm_allgather_bytes(const struct hg_comm *comm, const void *mine, size_t bytes, void *all);

/** Waits for all ranks. Collective. */
void hg_comm_barrier(const struct hg_comm *comm);

/** Gathers every rank's `count` records of `record` bytes on `root`, in rank order, into newly allocated *all (NULL
 *  on the other ranks), which the caller frees, and the number of records per rank into counts [size], on every rank.
 *  In any number (records.c). Fails with HG_NOMEM. Collective. */
hg_status hg_comm_gather(const struct hg_comm *comm, size_t record, const void *mine, int64_t count, int root,
                         void **all, int64_t *counts);

/** Ends the job on all ranks, with "halogat: what: why" on stderr and after removing unfinished files: for broken
 *  invariants, never for user errors. Local. */
_Noreturn void hg_abort(const char *what, const char *why);

#endif
