/** Measures how fast messages travel between two ranks. */
#ifndef HG_DIST_LINK_H
#define HG_DIST_LINK_H

#include "dist/comm.h"

/** Two ranks to measure between, with rank 0: the lowest other one on its host, and the lowest one elsewhere; -1: there
 *  is none. */
struct hg_link_ends {
    int near, far;
};

/** Finds the ends, from the names of the ranks' hosts. Collective. */
hg_status hg_link_find(const struct hg_comm *comm, struct hg_link_ends *ends);

/** Seconds that one message of `bytes` bytes takes from rank 0 to rank `other`: half of the shortest of several round
 *  trips. The same on every rank. Fails with HG_NOMEM. Collective. */
hg_status hg_link_seconds(const struct hg_comm *comm, int other, int64_t bytes, double *seconds);

#endif
