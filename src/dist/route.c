#include "dist/route.h"

#include "base/mem.h"
#include "dist/comm_private.h"

hg_status hg_route_create(const struct hg_comm *comm, struct hg_route *route)
{
    *route = (struct hg_route){.comm = comm};
    HG_TRY(HG_NEW(route->sent, comm->size));
    HG_TRY(HG_NEW(route->received, comm->size));
    return HG_NEW(route->next, comm->size);
}

void hg_route_destroy(struct hg_route *route)
{
    HG_FREE(route->sent);
    HG_FREE(route->received);
    HG_FREE(route->next);
    HG_FREE(route->position);
}

void hg_route_pack(struct hg_route *route)
{
    route->next[0] = 0;
    for (int r = 1; r < route->comm->size; r++) route->next[r] = route->next[r - 1] + route->sent[r - 1];
}

void hg_route_reset(struct hg_route *route)
{
    for (int r = 0; r < route->comm->size; r++) route->sent[r] = 0;
    route->count = 0;
}

/* Sends going[r] records to each rank r, and receives coming[r] from it. Collective. */
static hg_status exchange(const struct hg_route *route, size_t bytes, const void *records,
                          const int64_t *going, const int64_t *coming, void **arrived, int64_t *capacity)
{
    const struct hg_parcels out = {(void *)(uintptr_t)records, going};
    struct hg_parcels in = {*arrived, coming};
    const hg_status status = hg_comm_all_to_all(route->comm, bytes, &out, &in, capacity);
    *arrived = in.records;
    return status;
}

hg_status hg_route_send_into(struct hg_route *route, size_t bytes, const void *records, void **arrived,
                             int64_t *capacity)
{
    const struct hg_comm *comm = route->comm;
    HG_WAITING(MPI_Alltoall(route->sent, 1, MPI_INT64_T, route->received, 1, MPI_INT64_T, comm->mpi));
    route->arrived = hg_counts_total(comm->size, route->received);
    return exchange(route, bytes, records, route->sent, route->received, arrived, capacity);
}

hg_status hg_route_send(struct hg_route *route, size_t bytes, const void *records, void **arrived)
{
    int64_t capacity = 0;
    *arrived = NULL;
    return hg_route_send_into(route, bytes, records, arrived, &capacity);
}

hg_status hg_route_answer(const struct hg_route *route, size_t bytes, const void *answers, void **back)
{
    int64_t capacity = 0;
    *back = NULL;
    return exchange(route, bytes, answers, route->received, route->sent, back, &capacity);
}

hg_status hg_route_to_blocks(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                             struct hg_route *route)
{
    HG_TRY(hg_route_create(comm, route));
    HG_TRY(HG_NEW(route->position, n));
    for (int64_t k = 0; k < n; k++) {
        if (ids[k] < 0 || ids[k] >= total)
            return hg_fail(HG_FAILED, "routing", "%lld is outside 0..%lld", (long long)ids[k],
                           (long long)(total - 1));
        hg_route_count(route, hg_block_owner(total, comm->size, ids[k]), 1);
    }
    hg_route_pack(route);
    for (int64_t k = 0; k < n; k++)
        route->position[k] = hg_route_next(route, hg_block_owner(total, comm->size, ids[k]), 1);
    return HG_OK;
}

hg_status hg_route_collect(const struct hg_route *route, const int64_t *answers, int64_t *values)
{
    void *back = NULL;
    HG_TRY(hg_route_answer(route, sizeof *answers, answers, &back));
    for (int64_t k = 0; k < route->count; k++) values[k] = ((const int64_t *)back)[route->position[k]];
    hg_mem_free(back);
    return HG_OK;
}

/* Makes the route of the ids, and *grouped [n], the ids grouped by destination. */
static hg_status group(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                       struct hg_route *route, int64_t **grouped)
{
    HG_TRY(hg_route_to_blocks(comm, total, ids, n, route));
    HG_TRY(HG_NEW(*grouped, n));
    for (int64_t k = 0; k < n; k++) (*grouped)[route->position[k]] = ids[k];
    return HG_OK;
}

/* Sends the ids in `values`, which are grouped by owner, and replaces values[k] by the answer to record k.
 * Collective. */
static hg_status ask(struct hg_route *route, int64_t total, const int64_t *block, int64_t *values)
{
    const int64_t first = hg_block_range(total, route->comm->rank, route->comm->size).first;
    void *arrived = NULL;
    HG_TRY(hg_route_send(route, sizeof *values, values, &arrived));
    int64_t *asked = arrived;
    for (int64_t k = 0; k < route->arrived; k++) asked[k] = block[asked[k] - first];
    const hg_status status = hg_route_collect(route, asked, values);
    hg_mem_free(arrived);
    return status;
}

hg_status hg_route_look_up(const struct hg_comm *comm, int64_t total, const int64_t *block,
                           const int64_t *ids, int64_t n, int64_t **values)
{
    struct hg_route route;
    *values = NULL;
    hg_status status = hg_agree(comm, group(comm, total, ids, n, &route, values));
    if (status == HG_OK) status = ask(&route, total, block, *values);
    if (status != HG_OK) HG_FREE(*values);
    hg_route_destroy(&route);
    return status;
}
