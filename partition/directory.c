#include "partition/directory.h"

#include "base/mem.h"

/* Send and receive counts, 2 * size numbers. */
static hg_status counts_create(const struct hg_comm *comm, int64_t **send, int64_t **recv)
{
    HG_TRY(HG_NEW(*send, 2 * (int64_t)comm->size));
    *recv = *send + comm->size;
    return HG_OK;
}

/* What is told to the directory. */
struct entry {
    hg_gid id;
    int64_t value;
};

static hg_status put_prepare(struct hg_directory *d, const hg_gid *id, const int64_t *value, int64_t count,
                             struct entry **entries)
{
    const struct hg_range block = hg_block_range(d->nodes, d->comm->rank, d->comm->size);
    HG_TRY(HG_NEW(d->value, block.end - block.first));
    HG_TRY(HG_NEW(*entries, count));
    for (int64_t k = 0; k < count; k++) (*entries)[k] = (struct entry){id[k], value[k]};
    return HG_OK;
}

hg_status hg_directory_create(const struct hg_comm *comm, hg_gid nodes, const hg_gid *id,
                              const int64_t *value, int64_t count, struct hg_directory *directory)
{
    const hg_gid first = hg_block_range(nodes, comm->rank, comm->size).first;
    struct entry *entries = NULL;
    int64_t *send = NULL, *recv = NULL, told = 0;
    void *received = NULL;
    *directory = (struct hg_directory){.comm = comm, .nodes = nodes};
    hg_status status = put_prepare(directory, id, value, count, &entries);
    if (status == HG_OK) status = counts_create(comm, &send, &recv);
    status = hg_agree(comm, status);
    if (status == HG_OK) {
        for (int64_t k = 0; k < count; k++) send[hg_block_owner(nodes, comm->size, id[k])]++;
        status = hg_comm_alltoall(comm, sizeof *entries, entries, send, &received, recv);
    }
    if (status == HG_OK) {
        for (int r = 0; r < comm->size; r++) told += recv[r];
        for (const struct entry *e = received, *end = e + told; e < end; e++)
            directory->value[e->id - first] = e->value;
    }
    hg_mem_free(received);
    hg_mem_free(entries);
    hg_mem_free(send);
    if (status != HG_OK) hg_directory_destroy(directory);
    return status;
}

/* Room for this rank's block, and what rank 0 sends to each block's rank. */
static hg_status scatter_prepare(struct hg_directory *d, int64_t **send, int64_t **recv)
{
    const struct hg_range block = hg_block_range(d->nodes, d->comm->rank, d->comm->size);
    HG_TRY(HG_NEW(d->value, block.end - block.first));
    HG_TRY(counts_create(d->comm, send, recv));
    for (int r = 0; d->comm->rank == 0 && r < d->comm->size; r++) {
        const struct hg_range range = hg_block_range(d->nodes, r, d->comm->size);
        (*send)[r] = range.end - range.first;
    }
    return HG_OK;
}

hg_status hg_directory_scatter(const struct hg_comm *comm, hg_gid nodes, const int32_t *value,
                               struct hg_directory *directory)
{
    int64_t *send = NULL, *recv = NULL;
    void *received = NULL;
    *directory = (struct hg_directory){.comm = comm, .nodes = nodes};
    hg_status status = hg_agree(comm, scatter_prepare(directory, &send, &recv));
    if (status == HG_OK) status = hg_comm_alltoall(comm, sizeof *value, value, send, &received, recv);
    if (status == HG_OK) {
        const int32_t *block = received;
        for (int64_t k = 0; k < recv[0]; k++) directory->value[k] = block[k];
    }
    hg_mem_free(received);
    hg_mem_free(send);
    if (status != HG_OK) hg_directory_destroy(directory);
    return status;
}

void hg_directory_destroy(struct hg_directory *directory)
{
    HG_FREE(directory->value);
}

/* The block's rank answers `asked` ids in place. */
static void answer(const struct hg_directory *d, int64_t *asked, const int64_t *counts)
{
    const hg_gid first = hg_block_range(d->nodes, d->comm->rank, d->comm->size).first;
    int64_t n = 0;
    for (int r = 0; r < d->comm->size; r++) n += counts[r];
    for (int64_t k = 0; k < n; k++) asked[k] = d->value[asked[k] - first];
}

hg_status hg_directory_read(const struct hg_directory *directory, const struct hg_keys *ids, int64_t **value)
{
    const struct hg_comm *comm = directory->comm;
    int64_t *send = NULL, *recv = NULL;
    void *asked = NULL, *answers = NULL;
    *value = NULL;
    hg_status status = hg_agree(comm, counts_create(comm, &send, &recv));
    if (status == HG_OK) {
        for (int64_t k = 0; k < ids->count; k++)
            send[hg_block_owner(directory->nodes, comm->size, (hg_gid)ids->key[k])]++;
        status = hg_comm_alltoall(comm, sizeof *ids->key, ids->key, send, &asked, recv);
    }
    if (status == HG_OK) {
        answer(directory, asked, recv);
        status = hg_comm_alltoall(comm, sizeof **value, asked, recv, &answers, send);
    }
    *value = answers;
    hg_mem_free(asked);
    hg_mem_free(send);
    return status;
}

/* Keys grouped by the block that holds their node. */
static hg_status group_by_block(const struct hg_comm *comm, hg_gid nodes, const struct hg_keys *keys,
                                uint64_t *grouped, int64_t *counts)
{
    int64_t *cursor = NULL;
    HG_TRY(HG_NEW(cursor, (int64_t)comm->size + 1));
    for (int64_t k = 0; k < keys->count; k++)
        counts[hg_block_owner(nodes, comm->size, hg_key_low(keys->key[k]))]++;
    for (int r = 0; r < comm->size; r++) cursor[r + 1] = cursor[r] + counts[r];
    for (int64_t k = 0; k < keys->count; k++)
        grouped[cursor[hg_block_owner(nodes, comm->size, hg_key_low(keys->key[k]))]++] = keys->key[k];
    hg_mem_free(cursor);
    return HG_OK;
}

hg_status hg_keys_share(const struct hg_comm *comm, hg_gid nodes, struct hg_keys *keys)
{
    int64_t *send = NULL, *recv = NULL;
    uint64_t *grouped = NULL;
    void *received = NULL;
    hg_status status = hg_keys_unique(keys, 0);
    if (status == HG_OK) status = counts_create(comm, &send, &recv);
    if (status == HG_OK) status = HG_NEW(grouped, keys->count);
    if (status == HG_OK) status = group_by_block(comm, nodes, keys, grouped, send);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_comm_alltoall(comm, sizeof *grouped, grouped, send, &received, recv);
    hg_keys_destroy(keys);
    if (status == HG_OK) {
        keys->key = received;
        for (int r = 0; r < comm->size; r++) keys->count += recv[r];
        keys->capacity = keys->count;
        status = hg_agree(comm, hg_keys_unique(keys, 0));
    }
    hg_mem_free(grouped);
    hg_mem_free(send);
    return status;
}
