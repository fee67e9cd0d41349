#include "io/route.h"

#include "base/mem.h"

/* Counts by destination, then each record's place behind those before it. next [size]. */
static hg_status fill(struct hg_route *route, int64_t total, const int64_t *ids, int64_t n, int64_t *next)
{
    const int size = route->comm->size;
    for (int64_t k = 0; k < n; k++) {
        if (ids[k] < 0 || ids[k] >= total)
            return hg_fail(HG_FAILED, "routing", "%lld is outside 0..%lld", (long long)ids[k],
                           (long long)(total - 1));
        route->sent[hg_block_owner(total, size, ids[k])]++;
    }
    for (int r = 1; r < size; r++) next[r] = next[r - 1] + route->sent[r - 1];
    for (int64_t k = 0; k < n; k++) route->place[k] = next[hg_block_owner(total, size, ids[k])]++;
    return HG_OK;
}

hg_status hg_route_create(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                          struct hg_route *route)
{
    int64_t *next = NULL;
    *route = (struct hg_route){.comm = comm};
    HG_TRY(HG_NEW(route->sent, comm->size));
    HG_TRY(HG_NEW(route->received, comm->size));
    HG_TRY(HG_NEW(route->place, n));
    HG_TRY(HG_NEW(next, comm->size));
    const hg_status status = fill(route, total, ids, n, next);
    hg_mem_free(next);
    return status;
}

void hg_route_destroy(struct hg_route *route)
{
    HG_FREE(route->sent);
    HG_FREE(route->received);
    HG_FREE(route->place);
}

hg_status hg_route_send(struct hg_route *route, size_t bytes, const void *records, void **arrived)
{
    HG_TRY(hg_comm_alltoall(route->comm, bytes, records, route->sent, arrived, route->received));
    route->arrived = 0;
    for (int r = 0; r < route->comm->size; r++) route->arrived += route->received[r];
    return HG_OK;
}

hg_status hg_route_answer(struct hg_route *route, size_t bytes, const void *records, void **answers)
{
    return hg_comm_alltoall(route->comm, bytes, records, route->received, answers, route->sent);
}
