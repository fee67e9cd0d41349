#include "graph/exchange.h"

#include "base/mem.h"
#include "dist/route.h"
#include <string.h>

void hg_plan_destroy(struct hg_plan *plan)
{
    HG_FREE(plan->send_rank);
    HG_FREE(plan->send_offset);
    HG_FREE(plan->send_row);
    HG_FREE(plan->recv_rank);
    HG_FREE(plan->recv_offset);
    *plan = (struct hg_plan){0};
}

/* Converts rows per rank, counts [size], to CSR over the ranks with at least one row. */
static hg_status list_neighbours(int size, const int64_t *counts, int *neighbours, int **rank,
                                 int64_t **offset)
{
    int n = 0;
    for (int r = 0; r < size; r++) n += counts[r] > 0;
    HG_TRY(HG_NEW(*rank, n));
    HG_TRY(HG_NEW(*offset, (int64_t)n + 1));
    *neighbours = 0;
    for (int r = 0; r < size; r++) {
        if (counts[r] == 0) continue;
        const int k = (*neighbours)++;
        (*rank)[k] = r;
        (*offset)[k + 1] = (*offset)[k] + counts[r];
    }
    return HG_OK;
}

/* Lists the ranks that halo rows come from, and the ranks that owned rows go to. */
static hg_status list_both(const struct hg_route *asked, struct hg_plan *plan)
{
    const int size = asked->comm->size;
    HG_TRY(list_neighbours(size, asked->sent, &plan->recv_ranks, &plan->recv_rank, &plan->recv_offset));
    return list_neighbours(size, asked->received, &plan->send_ranks, &plan->send_rank, &plan->send_offset);
}

hg_status hg_plan_create(const struct hg_comm *comm, hg_lid owned, hg_lid halo, const int *halo_owner,
                         const hg_lid *halo_row, struct hg_plan *plan)
{
    struct hg_route route;
    void *wanted = NULL;
    *plan = (struct hg_plan){.owned = owned, .halo = halo};
    hg_status status = hg_agree(comm, hg_route_create(comm, &route));
    if (status == HG_OK) {
        /* each rank asks the owners for its halo rows; the rows that it is asked for are those that it will send */
        for (hg_lid k = 0; k < halo; k++) hg_route_count(&route, halo_owner[k], 1);
        status = hg_route_send(&route, sizeof *halo_row, halo_row, &wanted);
    }
    if (status == HG_OK) {
        plan->send_row = wanted;
        status = hg_agree(comm, list_both(&route, plan));
    }
    if (status != HG_OK) hg_plan_destroy(plan);
    hg_route_destroy(&route);
    return status;
}

/* *packed [route->count, width]: the rows to send, and the counts of the route. */
static hg_status pack_ids(const struct hg_plan *plan, const int64_t *matrix, int width,
                          struct hg_route *route, int64_t **packed)
{
    for (int k = 0; k < plan->send_ranks; k++)
        hg_route_count(route, plan->send_rank[k], plan->send_offset[k + 1] - plan->send_offset[k]);
    HG_TRY(HG_NEW(*packed, route->count * width));
    for (int64_t k = 0; k < route->count; k++)
        memcpy(*packed + k * width, matrix + (int64_t)plan->send_row[k] * width,
               (size_t)width * sizeof *matrix);
    return HG_OK;
}

hg_status hg_exchange_ids(const struct hg_comm *comm, const struct hg_plan *plan, int64_t *matrix, int width)
{
    struct hg_route route;
    int64_t *packed = NULL;
    void *received = NULL;
    const size_t record = (size_t)width * sizeof *packed;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = pack_ids(plan, matrix, width, &route, &packed);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, record, packed, &received);
    if (status == HG_OK) memcpy(matrix + (int64_t)plan->owned * width, received, (size_t)plan->halo * record);
    hg_mem_free(received);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}
