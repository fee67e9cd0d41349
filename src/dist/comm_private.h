/** Counts and types of records as MPI wants them: shared by the exchanges of dist/. */
#ifndef HG_DIST_COMM_PRIVATE_H
#define HG_DIST_COMM_PRIVATE_H

#include "dist/comm.h"

/** Sum of n counts. Local. */
int64_t hg_counts_total(int n, const int64_t *counts);

/** n counts as ints, and where each begins: ints [n], offsets [n]. False when they, or their sum, exceed 2^31 - 1.
 *  Local. */
bool hg_counts_as_ints(int n, const int64_t *counts, int *ints, int *offsets);

/** The type of a record of so many bytes; the caller frees it by MPI_Type_free. Local. */
MPI_Datatype hg_record_type(size_t record);

#endif
