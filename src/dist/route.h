/** Sends records to the ranks that own them, and answers back: count by owner, prefix sums, pack, all-to-all.
 *
 *      hg_route_create(comm, &route);
 *      for k:  hg_route_count(&route, owner(k), 1);                      now route.count is the number of records
 *      hg_route_pack(&route);
 *      for k:  records[hg_route_next(&route, owner(k), 1)] = record k;   by owner, ascending k within an owner
 *      hg_route_send(&route, sizeof *records, records, &arrived);        [route.arrived], by sender, in its order
 *      hg_route_answer(&route, sizeof *answers, answers, &back);         back[p] is the answer to records[p]
 *
 *  Records that are already grouped by owner need no packing. Every step may be repeated, so that several arrays take
 *  the same route. Nothing is stored per record, except by hg_route_to_blocks, which stores the position of each. */
#ifndef HG_DIST_ROUTE_H
#define HG_DIST_ROUTE_H

#include "dist/comm.h"

/** Numbers of records that go to each rank and come from each rank. */
struct hg_route {
    const struct hg_comm *comm;
    int64_t *sent;     /**< [size] records to each rank; owned, like the arrays below */
    int64_t *received; /**< [size] records from each rank, known after hg_route_send */
    int64_t *next;     /**< [size] while packing: position of the next record to each rank */
    /** [count] position of record k among those sent; NULL unless made by hg_route_to_blocks */
    int64_t *position;
    int64_t count;   /**< sum of sent */
    int64_t arrived; /**< sum of received */
};

/** A route without records. Destroy it also after a failure. Local. */
hg_status hg_route_create(const struct hg_comm *comm, struct hg_route *route);
void hg_route_destroy(struct hg_route *route);

/** Counts n more records to a rank. Local. */
static inline void hg_route_count(struct hg_route *route, int owner, int64_t n)
{
    route->sent[owner] += n;
    route->count += n;
}

/** Forgets the counts, so that other records take the route. Local. */
void hg_route_reset(struct hg_route *route);

/** Starts packing: prefix sums of the counts. Local. */
void hg_route_pack(struct hg_route *route);

/** Position of the first of the next n records to a rank, in an array grouped by owner. Local. */
static inline int64_t hg_route_next(struct hg_route *route, int owner, int64_t n)
{
    const int64_t position = route->next[owner];
    route->next[owner] = position + n;
    return position;
}

/** Sends `count` records of `bytes` bytes, grouped by owner; *arrived is newly allocated, and the caller frees it.
 *  In any number (records.c). Fails with HG_NOMEM. Collective. */
hg_status hg_route_send(struct hg_route *route, size_t bytes, const void *records, void **arrived);

/** hg_route_send into the array *arrived of *capacity records, which is replaced by a larger one when it is too small.
 *  *arrived may be NULL, with a capacity of 0. Collective. */
hg_status hg_route_send_into(struct hg_route *route, size_t bytes, const void *records, void **arrived,
                             int64_t *capacity);

/** Sends an answer of `bytes` bytes to each record that arrived, in the order of arrival; *back is newly allocated,
 *  and the caller frees it. Fails as hg_route_send. Collective. */
hg_status hg_route_answer(const struct hg_route *route, size_t bytes, const void *answers, void **back);

/** The route of n records, where record k goes to the rank whose block of 0..total-1 (hg_block_range) holds ids[k];
 *  it is to be packed at position[k]. Fails when an id is outside 0..total-1. Destroy it also after a failure. Local.
 */
hg_status hg_route_to_blocks(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                             struct hg_route *route);

/** hg_route_answer with int64s, for a route of hg_route_to_blocks: values[k] is the answer to record k. Fails as
 *  hg_route_send. Collective. */
hg_status hg_route_collect(const struct hg_route *route, const int64_t *answers, int64_t *values);

/** Looks up entries of a table of `total` numbers, of which each rank holds its block (hg_block_range): *values [n]
 *  is newly allocated, values[k] is entry ids[k], and the caller frees it. Fails when an id is outside 0..total-1.
 *  Collective. */
hg_status hg_route_look_up(const struct hg_comm *comm, int64_t total, const int64_t *block,
                           const int64_t *ids, int64_t n, int64_t **values);

#endif
