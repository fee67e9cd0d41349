/** The halo exchange: sends rows of a matrix from their owners to the ranks that hold copies.
 *
 *  Data flows in one direction only, owner -> copy. Local rows are the owned rows, then the halo rows grouped by
 *  owner, so received rows land where they belong and nothing is unpacked. Forward passes send rows of Z to the
 *  copies of sources; backward passes send rows [q|M|S|D|G] to the copies of targets.
 *
 *      hg_exchange_begin(x, plan, matrix, stride, width);
 *      ... compute owned rows; hg_exchange_ready(x, rows) now and then, when rows [0, rows) are final ...
 *      hg_exchange_ready(x, owned);
 *      ... work on rows without halo; hg_exchange_progress(x) now and then ...
 *      hg_exchange_end(x);                      rows owned..owned+halo of matrix now hold their owners' values
 *
 *  Rows travel in messages of about a chunk; each is packed and sent as soon as its rows are ready. Messages are
 *  persistent requests, kept for as many pairs of a plan and a matrix as a model of HG_CLOCK_LAYERS layers has; with
 *  more pairs, requests are freed and made again. Only the thread that calls these functions calls MPI
 *  (MPI_THREAD_FUNNELED: the main thread). */
#ifndef HG_GRAPH_EXCHANGE_H
#define HG_GRAPH_EXCHANGE_H

#include "base/types.h"
#include "dist/comm.h"

/** Which rows each rank sends to which rank. Both lists are in CSR over neighbour ranks; a rank is never its own
 *  neighbour. */
struct hg_plan {
    hg_lid owned, halo;
    int send_ranks, recv_ranks;
    int *send_rank;       /**< [send_ranks] ranks that get rows */
    int64_t *send_offset; /**< [send_ranks + 1] into send_row */
    /** [send_offset[send_ranks]] local rows to send, in the order of the receiver's halo rows */
    hg_lid *send_row;
    int *recv_rank; /**< [recv_ranks] ranks that send rows, ascending */
    /** [recv_ranks + 1] local rows from owned + recv_offset[k] on come from recv_rank[k] */
    int64_t *recv_offset;
};

void hg_plan_destroy(struct hg_plan *plan);

/** Builds a plan from the owners of the halo rows and their local row numbers there.
 *
 *    owned       number of rows that this rank owns
 *    halo        number of its halo rows
 *    halo_owner  [halo] rank that owns each halo row, ascending
 *    halo_row    [halo] local row number of each halo row on its owner
 *
 *  Destroy with hg_plan_destroy. Collective. */
hg_status hg_plan_create(const struct hg_comm *comm, hg_lid owned, hg_lid halo, const int *halo_owner,
                         const hg_lid *halo_row, struct hg_plan *plan);

struct hg_exchange;

enum {
    /** Bytes of a message: long enough for the full speed of a network; short enough that the first message leaves
     *  while most rows are still being computed, and that ranks of one host copy it through their caches. */
    HG_EXCHANGE_CHUNK = 1 << 20
};

/** Allocates buffers and requests for rows of up to max_width reals by `plan`, or by plans for a subset of its rows,
 *  in messages of up to `chunk` bytes (at least one row; the same on every rank). Destroy with hg_exchange_destroy.
 *  Local (allocation only): the caller agrees. */
hg_status hg_exchange_create(const struct hg_comm *comm, const struct hg_plan *plan, int max_width,
                             int64_t chunk, struct hg_exchange **exchange);
void hg_exchange_destroy(struct hg_exchange *exchange);

/** Frees the requests of all plans and matrices used so far: to be called before a plan is freed or changed. NULL is
 *  allowed. Local. */
void hg_exchange_clear(struct hg_exchange *exchange);

/** Begins an exchange of the first `width` numbers of each row of matrix [owned + halo, stride] by the plan. Halo
 *  rows belong to the exchange until its end. Several exchanges of one communicator may be under way at a time if all
 *  rows of all but the last begun are ready; every rank begins them in the same order. Collective. */
void hg_exchange_begin(struct hg_exchange *exchange, const struct hg_plan *plan, hg_real *matrix, int stride,
                       int width);

/** Says that owned rows [0, rows) are final and will not be written until the end: sends the messages that consist of
 *  them. Main thread only. Local. */
void hg_exchange_ready(struct hg_exchange *exchange, hg_lid rows);

/** Lets MPI make progress; does not wait. Main thread only. Local. */
void hg_exchange_progress(struct hg_exchange *exchange);

/** Waits until all rows have been received and sent; all owned rows must be ready. Collective. */
void hg_exchange_end(struct hg_exchange *exchange);

/** Number of the messages in which an exchange created with `chunk` sends this rank's rows by `plan`, `width` numbers
 *  of each. Local. */
int64_t hg_plan_messages(const struct hg_plan *plan, int width, int64_t chunk);

/** Bytes that this rank has sent since the exchange was created. Local. */
int64_t hg_exchange_bytes(const struct hg_exchange *exchange);

/** A blocking exchange of rows of int64 [owned + halo, width], for the set-up: ids of halo rows. Collective. */
hg_status hg_exchange_ids(const struct hg_comm *comm, const struct hg_plan *plan, int64_t *matrix, int width);

#endif
