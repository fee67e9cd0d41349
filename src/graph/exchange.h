/** The halo exchange: rows of a matrix from their owners to the ranks that hold copies.
 *
 *  One direction only, owner -> copy. Local rows are the owned rows, then the halo rows grouped by owner, so what arrives
 *  lands in place and nothing is unpacked. Forward passes send rows of Z to the copies of sources; backward passes send
 *  rows [q|M|S|D|G] to the copies of targets.
 *
 *      hg_exchange_open(x, plan, matrix, stride, width);
 *      ... make owned rows, hg_exchange_ready(x, rows) now and then: those before `rows` are made ...
 *      hg_exchange_ready(x, owned);
 *      ... work on rows without halo, hg_exchange_progress(x) now and then ...
 *      hg_exchange_end(x);                      now rows owned..owned+halo of matrix hold their owners' values
 *
 *  Rows travel in messages of about a chunk, each packed and sent as soon as its rows are ready. Messages are persistent requests,
 *  kept for as many plans and matrices as a model of HG_CLOCK_LAYERS layers has; beyond, they are made anew. MPI is entered only by the thread that calls these functions (MPI_THREAD_FUNNELED: the main
 *  one).
 */
#ifndef HG_GRAPH_EXCHANGE_H
#define HG_GRAPH_EXCHANGE_H

#include "base/types.h"
#include "dist/comm.h"

/** Who sends which rows to whom. Both lists are in CSR over neighbour ranks; a rank is never its own neighbour. */
struct hg_plan {
    hg_lid owned, halo;
    int send_ranks, recv_ranks;
    int *send_rank;       /**< [send_ranks] */
    int64_t *send_offset; /**< [send_ranks + 1] into send_row */
    hg_lid *send_row;     /**< owned rows to send, by neighbour, in the order of the neighbour's halo rows */
    int *recv_rank;       /**< [recv_ranks], ascending */
    int64_t *recv_offset; /**< [recv_ranks + 1]: rows owned + recv_offset[k] .. come from recv_rank[k] */
};

void hg_plan_destroy(struct hg_plan *plan);

/** Builds a plan from the halo rows' owners and their local row numbers there.
 *
 *  owned       this rank's owned rows
 *  halo        its halo rows
 *  halo_owner  [halo] ascending rank of the owner of each halo row
 *  halo_row    [halo] local row of each on its owner
 *  Collective. */
hg_status hg_plan_create(const struct hg_comm *comm, hg_lid owned, hg_lid halo, const int *halo_owner,
                         const hg_lid *halo_row, struct hg_plan *plan);

struct hg_exchange;

enum {
    /** Bytes of a message: long enough for a network's full speed, short enough that the first leaves while most rows are still
     *  being made, and for a host's ranks to copy it through their caches. */
    HG_EXCHANGE_CHUNK = 1 << 20
};

/** Buffers and requests for rows of up to max_width reals by `plan`, or by plans for some of its rows, in messages of up to `chunk`
 *  bytes (at least a row; the same on every rank). Destroy with hg_exchange_destroy. Local (allocation only): the caller agrees. */
hg_status hg_exchange_create(const struct hg_comm *comm, const struct hg_plan *plan, int max_width,
                             int64_t chunk, struct hg_exchange **exchange);
void hg_exchange_destroy(struct hg_exchange *exchange);

/** Forgets the plans and matrices seen: to be called before a plan goes or changes. NULL is allowed. Local. */
void hg_exchange_forget(struct hg_exchange *exchange);

/** Opens the way for the first `width` numbers of each row of matrix [owned + halo, stride] by the plan: halo rows belong to the exchange
 *  from now on. Several exchanges of a communicator may be under way at a time if all but the one opened last are ready; every rank opens
 *  them in the same order. Collective. */
void hg_exchange_open(struct hg_exchange *exchange, const struct hg_plan *plan, hg_real *matrix, int stride,
                      int width);

/** Owned rows [0, rows) are made, and not written again until the end: sends what consists of them. Main thread only. Local. */
void hg_exchange_ready(struct hg_exchange *exchange, hg_lid rows);

/** Lets messages move; does not wait. Main thread only. Local. */
void hg_exchange_progress(struct hg_exchange *exchange);

/** Waits until all rows are here and sent; all must be ready. Collective. */
void hg_exchange_end(struct hg_exchange *exchange);

/** Bytes this rank has sent since the exchange was created. */
int64_t hg_exchange_bytes(const struct hg_exchange *exchange);

/** A blocking exchange of int64 rows (width numbers each): ids of halo rows, at set-up. Collective. */
hg_status hg_exchange_ids(const struct hg_comm *comm, const struct hg_plan *plan, int64_t *matrix, int width);

#endif
