/** Records to the ranks whose blocks of 0..total-1 (hg_block_range) they concern, and answers back. */
#ifndef HG_DIST_ROUTE_H
#define HG_DIST_ROUTE_H

#include "dist/comm.h"

/** Where each of a rank's records goes. */
struct hg_route {
    const struct hg_comm *comm;
    int64_t *sent;     /**< [size] records to each rank */
    int64_t *received; /**< [size] records from each rank, once they were sent */
    int64_t *place;    /**< [n] place of record k among those sent, which are grouped by destination */
    int64_t arrived;   /**< sum of received */
};

/** The route of n records, record k to the rank whose block holds ids[k]; fails when an id is outside 0..total-1.
 *  Destroy in any case. Local. */
hg_status hg_route_create(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                          struct hg_route *route);
void hg_route_destroy(struct hg_route *route);

/** Sends records of `bytes` bytes, record k at place[k]; *arrived is newly allocated, the caller frees it. Collective. */
hg_status hg_route_send(struct hg_route *route, size_t bytes, const void *records, void **arrived);

/** Sends an answer to each record that arrived, in their order; *answers is newly allocated, that to record k at
 *  place[k]. Collective. */
hg_status hg_route_answer(struct hg_route *route, size_t bytes, const void *records, void **answers);

/** Entries of a table of `total` numbers, of which each rank holds its block: *values [n] is newly allocated, value k that of ids[k]; the
 *  caller frees it. Fails when an id is outside 0..total-1. Collective. */
hg_status hg_route_look_up(const struct hg_comm *comm, int64_t total, const int64_t *block,
                           const int64_t *ids, int64_t n, int64_t **values);

#endif
