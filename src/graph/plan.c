#include "graph/exchange.h"

#include "base/mem.h"
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

/* Rows per rank as a CSR over the ranks that have any. */
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

/* Halo rows per owner. */
static void count_owners(hg_lid halo, const int *halo_owner, int64_t *counts)
{
    for (hg_lid k = 0; k < halo; k++) counts[halo_owner[k]]++;
}

hg_status hg_plan_create(const struct hg_comm *comm, hg_lid owned, hg_lid halo, const int *halo_owner,
                         const hg_lid *halo_row, struct hg_plan *plan)
{
    const int size = comm->size;
    int64_t *counts = NULL;
    void *wanted = NULL;
    *plan = (struct hg_plan){.owned = owned, .halo = halo};
    hg_status status = hg_agree(comm, HG_NEW(counts, 2 * (int64_t)size));
    if (status == HG_OK) {
        /* each rank asks the owners of its halo; what is asked of it is what it will send */
        count_owners(halo, halo_owner, counts);
        status = hg_comm_alltoall(comm, sizeof(hg_lid), halo_row, counts, &wanted, counts + size);
    }
    if (status == HG_OK) {
        plan->send_row = wanted;
        status = list_neighbours(size, counts, &plan->recv_ranks, &plan->recv_rank, &plan->recv_offset);
        if (status == HG_OK)
            status =
                list_neighbours(size, counts + size, &plan->send_ranks, &plan->send_rank, &plan->send_offset);
        status = hg_agree(comm, status);
    }
    if (status != HG_OK) hg_plan_destroy(plan);
    hg_mem_free(counts);
    return status;
}

/* Rows to send, and rows per rank both ways, for hg_comm_alltoall. */
static void pack_ids(const struct hg_plan *plan, const int64_t *matrix, int width, int64_t *packed,
                     int64_t *counts)
{
    const int64_t rows = plan->send_offset[plan->send_ranks];
    for (int64_t k = 0; k < rows; k++)
        memcpy(packed + k * width, matrix + (int64_t)plan->send_row[k] * width,
               (size_t)width * sizeof *packed);
    for (int k = 0; k < plan->send_ranks; k++)
        counts[plan->send_rank[k]] = plan->send_offset[k + 1] - plan->send_offset[k];
}

hg_status hg_exchange_ids(const struct hg_comm *comm, const struct hg_plan *plan, int64_t *matrix, int width)
{
    int64_t *counts = NULL, *packed = NULL;
    void *received = NULL;
    const size_t record = (size_t)width * sizeof *packed;
    hg_status status = HG_NEW(counts, 2 * (int64_t)comm->size);
    if (status == HG_OK) status = HG_NEW(packed, plan->send_offset[plan->send_ranks] * width);
    status = hg_agree(comm, status);
    if (status == HG_OK) {
        pack_ids(plan, matrix, width, packed, counts);
        status = hg_comm_alltoall(comm, record, packed, counts, &received, counts + comm->size);
    }
    if (status == HG_OK) memcpy(matrix + (int64_t)plan->owned * width, received, (size_t)plan->halo * record);
    hg_mem_free(received);
    hg_mem_free(packed);
    hg_mem_free(counts);
    return status;
}
