/** Estimates of what travels between ranks in other ways than today's, where each rank that needs a source's row gets
 *  a copy of it, for a partition and any number of ranks:
 *
 *  - one copy for all ranks of a host, which share their memory;
 *  - rows or partial sums, whichever is fewer: the owner of sources adds up what they contribute to a target of another
 *    rank, and sends the sum instead of the rows. For each ordered pair of ranks, the edges between them need an end
 *    of each: the row of its source or the sum of its target (a vertex cover, as in SuperGCN and SHIRO). */
#ifndef HG_PARTITION_ESTIMATE_H
#define HG_PARTITION_ESTIMATE_H

#include "partition/partitioner.h"
#include "partition/vertex_cover.h"

/** Numbers of rows and sums that travel for a layer, from the owners of sources to those of targets, of all ranks. */
struct hg_estimate {
    int64_t between_hosts; /**< halo rows whose owner is on another host */
    int64_t shared;        /**< the same with one copy per host */
    struct hg_cover cover; /**< rows, and partial sums, of the cheapest covers of all pairs of ranks */
};

/** The most ranks that are assumed: there is a count for every pair of them. */
enum { HG_ESTIMATE_RANKS = 4096 };

/** Assumed ranks: rank r is on host r / per_host; cost: bytes of a row, and of a partial sum. */
struct hg_estimate_options {
    int ranks, per_host;
    struct hg_cover_cost cost;
};

/** Counts exactly, for owner [C]; the number of ranks may differ from this communicator's, and the result does not
 *  depend on that. Takes memory for the edges of the largest pair of ranks, or of a sixteenth of all that are cut.
 *  Collective. */
hg_status hg_partition_estimate(const struct hg_divided *divided, const struct hg_cells *cells,
                                const int *owner, const struct hg_estimate_options *options,
                                struct hg_estimate *estimate);

#endif
