/** A distributed table with one int64 per node: each rank holds the values of one block of ids (hg_block_range), and
 *  a rank that needs a value asks the rank that holds its block. */
#ifndef HG_PARTITION_DIRECTORY_H
#define HG_PARTITION_DIRECTORY_H

#include "dist/comm.h"
#include "dist/sort.h"

struct hg_directory {
    const struct hg_comm *comm;
    hg_gid nodes;
    int64_t *value; /**< [nodes in this rank's block]; owned */
};

/** Fills the table: each rank gives the values [count] of the nodes with ids id [count], ascending; together the
 *  ranks give every node once. Refers to comm. Destroy with hg_directory_destroy. Collective. */
hg_status hg_directory_create(const struct hg_comm *comm, hg_gid nodes, const hg_gid *id,
                              const int64_t *value, int64_t count, struct hg_directory *directory);

/** The same from an array [nodes] that rank 0 holds (NULL elsewhere). Collective. */
hg_status hg_directory_scatter(const struct hg_comm *comm, hg_gid nodes, const int32_t *value,
                               struct hg_directory *directory);

void hg_directory_destroy(struct hg_directory *directory);

/** Values of a sorted set of ids: *value [ids->count] is newly allocated; the caller frees it. Each rank may ask for
 *  other ids. Collective. */
hg_status hg_directory_read(const struct hg_directory *directory, const struct hg_keys *ids, int64_t **value);

#endif
