#include "dist/link.h"

#include "base/clock.h"
#include "base/mem.h"
#include <string.h>
#include <unistd.h>

enum { LINK_TAG = 70, ROUNDS = 50, HOST_BYTES = 64 };

hg_status hg_link_find(const struct hg_comm *comm, struct hg_link_ends *ends)
{
    char mine[HOST_BYTES] = "", *hosts = NULL;
    *ends = (struct hg_link_ends){-1, -1};
    HG_TRY(hg_agree(comm, HG_NEW(hosts, (int64_t)comm->size * HOST_BYTES)));
    gethostname(mine, sizeof mine - 1);
    hg_comm_allgather_bytes(comm, mine, sizeof mine, hosts);
    for (int r = comm->size - 1; r > 0; r--)
        *(memcmp(hosts + r * HOST_BYTES, hosts, HOST_BYTES) == 0 ? &ends->near : &ends->far) = r;
    hg_mem_free(hosts);
    return HG_OK;
}

static void send(const struct hg_comm *comm, char *block, int bytes, int to)
{
    MPI_Send(block, bytes, MPI_BYTE, to, LINK_TAG, comm->mpi);
}

static void receive(const struct hg_comm *comm, char *block, int bytes, int from)
{
    MPI_Recv(block, bytes, MPI_BYTE, from, LINK_TAG, comm->mpi, MPI_STATUS_IGNORE);
}

/* Seconds of the shortest round trip, on rank 0. */
static double round_trips(const struct hg_comm *comm, int other, char *block, int bytes)
{
    double shortest = 0;
    for (int k = 0; k < ROUNDS; k++) {
        const double start = hg_clock_seconds();
        if (comm->rank == 0) {
            send(comm, block, bytes, other);
            receive(comm, block, bytes, other);
        } else {
            receive(comm, block, bytes, 0);
            send(comm, block, bytes, 0);
        }
        const double seconds = hg_clock_seconds() - start;
        if (k == 0 || seconds < shortest) shortest = seconds;
    }
    return shortest;
}

hg_status hg_link_seconds(const struct hg_comm *comm, int other, int64_t bytes, double *seconds)
{
    char *block = NULL;
    HG_TRY(hg_agree(comm, HG_NEW(block, bytes)));
    *seconds = 0;
    if (comm->rank == 0 || comm->rank == other) *seconds = round_trips(comm, other, block, (int)bytes) / 2;
    hg_comm_bcast(comm, seconds, sizeof *seconds, 0);
    hg_mem_free(block);
    return HG_OK;
}
