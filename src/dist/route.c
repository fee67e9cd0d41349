#include "dist/route.h"

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

/* The ids, grouped by destination. */
static hg_status group(const struct hg_comm *comm, int64_t total, const int64_t *ids, int64_t n,
                       struct hg_route *route, int64_t **grouped)
{
    HG_TRY(hg_route_create(comm, total, ids, n, route));
    HG_TRY(HG_NEW(*grouped, n));
    for (int64_t k = 0; k < n; k++) (*grouped)[route->place[k]] = ids[k];
    return HG_OK;
}

/* Sends ids, and gets *answers in the order in which they were sent. Collective. */
static hg_status ask(struct hg_route *route, int64_t first, const int64_t *block, const int64_t *grouped,
                     void **answers)
{
    void *arrived = NULL;
    HG_TRY(hg_route_send(route, sizeof *grouped, grouped, &arrived));
    int64_t *asked = arrived;
    for (int64_t k = 0; k < route->arrived; k++) asked[k] = block[asked[k] - first];
    const hg_status status = hg_route_answer(route, sizeof *asked, asked, answers);
    hg_mem_free(arrived);
    return status;
}

hg_status hg_route_look_up(const struct hg_comm *comm, int64_t total, const int64_t *block,
                           const int64_t *ids, int64_t n, int64_t **values)
{
    struct hg_route route = {0};
    int64_t *grouped = NULL;
    void *answers = NULL;
    const int64_t first = hg_block_range(total, comm->rank, comm->size).first;
    *values = NULL;
    hg_status status = hg_agree(comm, group(comm, total, ids, n, &route, &grouped));
    if (status == HG_OK) status = ask(&route, first, block, grouped, &answers);
    if (status == HG_OK) {
        const int64_t *found = answers;
        *values = grouped; /* what was asked is done with */
        for (int64_t k = 0; k < n; k++) (*values)[k] = found[route.place[k]];
    } else {
        hg_mem_free(grouped);
    }
    hg_mem_free(answers);
    hg_route_destroy(&route);
    return status;
}
