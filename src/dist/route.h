/** Records to the ranks that own them, and answers back: count by owner, prefix sums, pack, all-to-all.
 *
 *      hg_route_create(comm, &route);
 *      for k:  hg_route_count(&route, owner(k), 1);                         then route.count is how many there are
 *      hg_route_pack(&route);
 *      for k:  records[hg_route_next(&route, owner(k), 1)] = record k;      grouped by owner, in order k for each
 *      hg_route_send(&route, sizeof *records, records, &arrived);           [route.arrived] by sender, in its order
 *      hg_route_answer(&route, sizeof *answers, answers, &back);            back[p] answers what was sent in
 * records[p]
 *
 *  Records that lie grouped by owner already are counted and sent as they are. Every step may be repeated: several
 * arrays may go the same way. Nothing is kept per record, except by hg_route_to_blocks, which keeps the place of
 * each.
 */
#ifndef HG_DIST_ROUTE_H
#define HG_DIST_ROUTE_H

#include "dist/comm.h"

/** How many records go to each rank, and come from each. */
struct hg_route {
    const struct hg_comm *comm;
    int64_t *sent;     /**< [size] records to each rank; owned, as are the arrays below */
    int64_t *received; /**< [size] records from each rank, once they were sent */
    int64_t *next;     /**< [size] while records are packed: the place of the next one to each rank */
    int64_t *place; /**< [count] place of record k among those sent; NULL unless made by hg_route_to_blocks */
    int64_t count;  /**< sum of sent */
    int64_t arrived; /**< sum of received */
};

/** A route without records. Destroy in any case. Local. */
hg_status hg_route_create(const struct hg_comm *comm, struct hg_route *route);
void hg_route_destroy(struct hg_route *route);

/** Counts n more records to a rank. Local. */
static inline void hg_route_count(struct hg_route *route, int owner, int64_t n)
{
    route->sent[owner] += n;
    route->count += n;
}

/** Begins to give places to the records that were counted. Local. */
void hg_route_pack(struct hg_route *route);

/** The place of the next n records to a rank. Local. */
static inline int64_t hg_route_next(struct hg_route *route, int owner, int64_t n)
{
    const int64_t place = route->next[owner];
    route->next[owner] = place + n;
    return place;
}

/** Sends `count` records of `bytes` bytes, grouped by owner; *arrived is newly allocated, the caller frees it. Fails
 *  with HG_NOMEM, or HG_FAILED when a rank would send or get more than 2^31 - 1 records. Collective. */
hg_status hg_route_send(struct hg_route *route, size_t bytes, const void *records, void **arrived);

/** Sends an answer of `bytes` bytes to each record that arrived, in their order; *back is newly allocated, the
 *  caller frees it. Fails as hg_route_send. Collective. */
hg_status hg_route_answer(const struct hg_route *route, size_t bytes, const void *answers, void **back);

/** The route of n records, record k to the rank whose block of 0..total-1 (hg_block_range) holds ids[k]; to be
 *  packed at place[k]. Fails when an id is outside 0..total-1. Destroy in any case. Local. */
hg_status hg_route_to_blocks(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                             struct hg_route *route);

/** hg_route_answer with numbers, for a route with places: values[k] is the answer to record k. Collective. */
hg_status hg_route_collect(const struct hg_route *route, const int64_t *answers, int64_t *values);

/** Entries of a table of `total` numbers, of which each rank holds its block: *values [n] is newly allocated, value
 *  k that of ids[k]; the caller frees it. Fails when an id is outside 0..total-1. Collective. */
hg_status hg_route_look_up(const struct hg_comm *comm, int64_t total, const int64_t *block,
                           const int64_t *ids, int64_t n, int64_t **values);

#endif
