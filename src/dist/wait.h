/** Waiting for messages, in a way that can tell a watchdog (base/alive.h) which rank does not send. */
#ifndef HG_DIST_WAIT_H
#define HG_DIST_WAIT_H

#include "dist/comm.h"

/** The rank that request k belongs to. */
typedef int hg_wait_rank_fn(const void *context, int k);

/** As MPI_Waitall: returns when all `count` requests are complete. Collective. */
void hg_wait_all(int count, MPI_Request *request, hg_wait_rank_fn *rank_of, const void *context);

#endif
