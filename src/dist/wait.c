#include "dist/wait.h"

#include "base/alive.h"

/* The rank of the first request that is not complete; -1: all are. */
static int first_pending(int count, const MPI_Request *request, hg_wait_rank_fn *rank_of, const void *context)
{
    for (int k = 0; k < count; k++) {
        int done = 0;
        MPI_Request_get_status(request[k], &done, MPI_STATUS_IGNORE);
        if (!done) return rank_of(context, k);
    }
    return -1;
}

void hg_wait_all(int count, MPI_Request *request, hg_wait_rank_fn *rank_of, const void *context)
{
    int done = 0;
    hg_alive_wait_begin();
    while (MPI_Testall(count, request, &done, MPI_STATUSES_IGNORE), !done)
        if (hg_alive_asked()) hg_alive_answer(first_pending(count, request, rank_of, context));
    hg_alive_wait_end();
}
