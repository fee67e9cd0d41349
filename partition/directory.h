/** A value for every node, kept in blocks of ids by all ranks: who needs one asks the block's rank. */
#ifndef HG_PARTITION_DIRECTORY_H
#define HG_PARTITION_DIRECTORY_H

#include "dist/comm.h"
#include "dist/sort.h"

struct hg_directory {
    const struct hg_comm *comm;
    hg_gid nodes;
    int64_t *value; /**< [block of this rank] */
};

/** Every node's value from the rank that knows it: id [count] ascending, value [count]. Destroy with
 *  hg_directory_destroy. Collective. */
hg_status hg_directory_create(const struct hg_comm *comm, hg_gid nodes, const hg_gid *id,
                              const int64_t *value, int64_t count, struct hg_directory *directory);

/** The same from an array [nodes] that rank 0 holds (NULL elsewhere). Collective. */
hg_status hg_directory_scatter(const struct hg_comm *comm, hg_gid nodes, const int32_t *value,
                               struct hg_directory *directory);

void hg_directory_destroy(struct hg_directory *directory);

/** Values of a sorted set of ids: *value [ids->count] is newly allocated, the caller frees it. Collective. */
hg_status hg_directory_read(const struct hg_directory *directory, const struct hg_keys *ids, int64_t **value);

#endif
