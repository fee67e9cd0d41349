/** Shared by the files of dist/ that call MPI. */
#ifndef HG_DIST_COMM_PRIVATE_H
#define HG_DIST_COMM_PRIVATE_H

#include "base/alive.h"
#include "dist/comm.h"

/** Calls an MPI function that waits for other ranks, as the watchdog can see. */
#define HG_WAITING(call)                                                                                     \
    do {                                                                                                     \
        hg_alive_wait_begin();                                                                               \
        call;                                                                                                \
        hg_alive_wait_end();                                                                                 \
    } while (0)

/** hg_agree, and whether `any` is true on any rank. Collective. */
hg_status hg_agree_any(const struct hg_comm *comm, hg_status mine, bool *any);

/** Sum of n counts. Local. */
int64_t hg_counts_total(int n, const int64_t *counts);

/** Records to all ranks, or from them, grouped by rank. */
struct hg_parcels {
    void *records;
    const int64_t *counts; /**< [size] */
};

/** Sends out->counts[r] records of `record` bytes to each rank r, and receives in->counts[r] from it, in any
 *  number (records.c). in->records has room for *capacity records, or is NULL; it is replaced when that is too small.
 *  The caller frees it; NULL after a failure. Fails with HG_NOMEM. Collective. */
hg_status hg_comm_all_to_all(const struct hg_comm *comm, size_t record, const struct hg_parcels *out,
                             struct hg_parcels *in, int64_t *capacity);

#endif
