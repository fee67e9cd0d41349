#include "partition/directory.h"

#include "base/mem.h"
#include "dist/route.h"

/* A node's value, as it is sent to the rank that holds the node's block. */
struct entry {
    hg_gid id;
    int64_t value;
};

/* Allocates this rank's block, and packs the entries that this rank sends to the holders of all blocks. */
static hg_status prepare(struct hg_directory *d, const hg_gid *id, const int64_t *value, int64_t count,
                         struct hg_route *route, struct entry **entries)
{
    const struct hg_range block = hg_block_range(d->nodes, d->comm->rank, d->comm->size);
    HG_TRY(hg_route_create(d->comm, route));
    HG_TRY(HG_NEW(d->value, block.end - block.first));
    HG_TRY(HG_NEW(*entries, count));
    for (int64_t k = 0; k < count; k++) {
        hg_route_count(route, hg_block_owner(d->nodes, d->comm->size, id[k]), 1);
        (*entries)[k] = (struct entry){id[k], value[k]}; /* ids ascend, so entries are grouped by block */
    }
    return HG_OK;
}

hg_status hg_directory_create(const struct hg_comm *comm, hg_gid nodes, const hg_gid *id,
                              const int64_t *value, int64_t count, struct hg_directory *directory)
{
    const hg_gid first = hg_block_range(nodes, comm->rank, comm->size).first;
    struct entry *entries = NULL;
    struct hg_route route;
    void *arrived = NULL;
    *directory = (struct hg_directory){.comm = comm, .nodes = nodes};
    hg_status status = hg_agree(comm, prepare(directory, id, value, count, &route, &entries));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *entries, entries, &arrived);
    for (int64_t k = 0; status == HG_OK && k < route.arrived; k++) {
        const struct entry *entry = (const struct entry *)arrived + k;
        directory->value[entry->id - first] = entry->value;
    }
    hg_mem_free(arrived);
    hg_mem_free(entries);
    hg_route_destroy(&route);
    if (status != HG_OK) hg_directory_destroy(directory);
    return status;
}

/* Allocates this rank's block, and counts what rank 0 sends to each rank. */
static hg_status prepare_scatter(struct hg_directory *d, struct hg_route *route)
{
    const struct hg_range block = hg_block_range(d->nodes, d->comm->rank, d->comm->size);
    HG_TRY(hg_route_create(d->comm, route));
    for (int r = 0; d->comm->rank == 0 && r < d->comm->size; r++) {
        const struct hg_range range = hg_block_range(d->nodes, r, d->comm->size);
        hg_route_count(route, r, range.end - range.first);
    }
    return HG_NEW(d->value, block.end - block.first);
}

hg_status hg_directory_scatter(const struct hg_comm *comm, hg_gid nodes, const int32_t *value,
                               struct hg_directory *directory)
{
    struct hg_route route;
    void *block = NULL;
    *directory = (struct hg_directory){.comm = comm, .nodes = nodes};
    hg_status status = hg_agree(comm, prepare_scatter(directory, &route));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *value, value, &block);
    for (int64_t k = 0; status == HG_OK && k < route.arrived; k++)
        directory->value[k] = ((const int32_t *)block)[k];
    hg_mem_free(block);
    hg_route_destroy(&route);
    if (status != HG_OK) hg_directory_destroy(directory);
    return status;
}

void hg_directory_destroy(struct hg_directory *directory)
{
    HG_FREE(directory->value);
}

hg_status hg_directory_read(const struct hg_directory *directory, const struct hg_keys *ids, int64_t **value)
{
    const struct hg_comm *comm = directory->comm;
    const hg_gid first = hg_block_range(directory->nodes, comm->rank, comm->size).first;
    struct hg_route route;
    void *arrived = NULL, *answers = NULL;
    hg_status status = hg_agree(comm, hg_route_create(comm, &route));
    if (status == HG_OK) {
        /* ids ascend, so they are grouped by block */
        for (int64_t k = 0; k < ids->count; k++)
            hg_route_count(&route, hg_block_owner(directory->nodes, comm->size, (hg_gid)ids->key[k]), 1);
        status = hg_route_send(&route, sizeof *ids->key, ids->key, &arrived);
    }
    if (status == HG_OK) {
        int64_t *requested = arrived;
        for (int64_t k = 0; k < route.arrived; k++) requested[k] = directory->value[requested[k] - first];
        status = hg_route_answer(&route, sizeof *requested, requested, &answers);
    }
    *value = answers;
    hg_mem_free(arrived);
    hg_route_destroy(&route);
    return status;
}
