/** Counts and datatypes of records in the form that MPI wants; shared by the exchanges of dist/. */
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

/** Sum of n counts. Local. */
int64_t hg_counts_total(int n, const int64_t *counts);

/** Converts n counts to ints [n], and writes their exclusive prefix sums to offsets [n]. False when a count or the
 *  total exceeds 2^31 - 1. Local. */
bool hg_counts_as_ints(int n, const int64_t *counts, int *ints, int *offsets);

/** A committed MPI datatype of `record` bytes; the caller frees it by MPI_Type_free. Local. */
MPI_Datatype hg_record_type(size_t record);

#endif
