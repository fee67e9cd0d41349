#include "dist/blocks.h"

#include "base/mem.h"
#include "dist/route.h"

hg_status hg_blocks_create(const struct hg_comm *comm, int64_t count, struct hg_blocks *blocks)
{
    *blocks = (struct hg_blocks){.comm = comm};
    HG_TRY(hg_agree(comm, HG_NEW(blocks->first, comm->size + 1)));
    hg_comm_allgather_i64(comm, count, blocks->first + 1);
    for (int r = 0; r < comm->size; r++) blocks->first[r + 1] += blocks->first[r];
    return HG_OK;
}

void hg_blocks_destroy(struct hg_blocks *blocks)
{
    HG_FREE(blocks->first);
}

int hg_blocks_owner(const struct hg_blocks *blocks, int64_t id)
{
    int low = 0, high = blocks->comm->size;
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (blocks->first[middle] <= id)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The ids that other ranks hold, grouped by rank, in *asked. */
static hg_status pack_ids(const struct hg_blocks *blocks, const uint32_t *ids, int64_t n,
                          struct hg_route *route, uint32_t **asked)
{
    HG_TRY(hg_route_create(blocks->comm, route));
    for (int64_t k = 0; k < n; k++)
        if (!hg_blocks_own(blocks, ids[k])) hg_route_count(route, hg_blocks_owner(blocks, ids[k]), 1);
    HG_TRY(HG_NEW_UNSET(*asked, route->count));
    hg_route_pack(route);
    for (int64_t k = 0; k < n; k++)
        if (!hg_blocks_own(blocks, ids[k]))
            (*asked)[hg_route_next(route, hg_blocks_owner(blocks, ids[k]), 1)] = ids[k];
    return HG_OK;
}

/* Takes the entries of this rank's block from the table, and those of others from `back`, in the order in which
 * pack_ids has packed their ids. */
static void collect(const struct hg_blocks *blocks, const uint32_t *table, const uint32_t *ids, int64_t n,
                    struct hg_route *route, const uint32_t *back, uint32_t *values)
{
    const int64_t first = hg_blocks_first(blocks);
    hg_route_pack(route);
    for (int64_t k = 0; k < n; k++)
        values[k] = hg_blocks_own(blocks, ids[k])
                        ? table[ids[k] - first]
                        : back[hg_route_next(route, hg_blocks_owner(blocks, ids[k]), 1)];
}

hg_status hg_blocks_read(const struct hg_blocks *blocks, const uint32_t *table, const uint32_t *ids,
                         int64_t n, uint32_t *values)
{
    struct hg_route route;
    uint32_t *asked = NULL;
    void *arrived = NULL, *back = NULL;
    hg_status status = hg_agree(blocks->comm, pack_ids(blocks, ids, n, &route, &asked));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *asked, asked, &arrived);
    if (status == HG_OK) {
        uint32_t *answer = arrived;
        for (int64_t k = 0; k < route.arrived; k++) answer[k] = table[answer[k] - hg_blocks_first(blocks)];
        status = hg_route_answer(&route, sizeof *answer, answer, &back);
    }
    if (status == HG_OK) collect(blocks, table, ids, n, &route, back, values);
    hg_mem_free(back);
    hg_mem_free(arrived);
    hg_mem_free(asked);
    hg_route_destroy(&route);
    return status;
}

static hg_status pack_entries(const struct hg_blocks *blocks, const struct hg_entry *entries, int64_t n,
                              struct hg_route *route, struct hg_entry **packed)
{
    HG_TRY(hg_route_create(blocks->comm, route));
    for (int64_t k = 0; k < n; k++) hg_route_count(route, hg_blocks_owner(blocks, entries[k].id), 1);
    HG_TRY(HG_NEW_UNSET(*packed, n));
    hg_route_pack(route);
    for (int64_t k = 0; k < n; k++)
        (*packed)[hg_route_next(route, hg_blocks_owner(blocks, entries[k].id), 1)] = entries[k];
    return HG_OK;
}

/* keep: 1 adds to the old value, 0 replaces it. Collective. */
static hg_status enter(const struct hg_blocks *blocks, uint32_t *table, const struct hg_entry *entries,
                       int64_t n, uint32_t keep)
{
    struct hg_route route;
    struct hg_entry *packed = NULL;
    void *arrived = NULL;
    hg_status status = hg_agree(blocks->comm, pack_entries(blocks, entries, n, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *packed, packed, &arrived);
    for (int64_t k = 0; status == HG_OK && k < route.arrived; k++) {
        const struct hg_entry *entry = (const struct hg_entry *)arrived + k;
        uint32_t *value = &table[entry->id - hg_blocks_first(blocks)];
        *value = keep * *value + entry->value;
    }
    hg_mem_free(arrived);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}

hg_status hg_blocks_add(const struct hg_blocks *blocks, uint32_t *table, const struct hg_entry *entries,
                        int64_t n)
{
    return enter(blocks, table, entries, n, 1);
}

hg_status hg_blocks_set(const struct hg_blocks *blocks, uint32_t *table, const struct hg_entry *entries,
                        int64_t n)
{
    return enter(blocks, table, entries, n, 0);
}
