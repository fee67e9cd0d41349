#include "dist/handshake.h"

#include "base/clock.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAG_IDENTITY = 30001, TAG_VERDICT = 30002, SECONDS = 30 };

/** What each rank sends to rank 0. */
struct identity {
    char version[32], build[64], host[64];
};

/** The answer of rank 0: an empty message, or why the ranks do not fit together. */
struct verdict {
    char message[512];
};

/* Waits until a send or receive is complete; false when it is not by the deadline. Sleeps between tests, to leave the
 * core to ranks that have not started yet. */
static bool wait_for(MPI_Request *request, double deadline)
{
    int done = 0;
    for (;;) {
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done || hg_clock_seconds() > deadline) return done != 0;
        usleep(100);
    }
}

static void give_up(int rank)
{
    char why[128];
    snprintf(why, sizeof why,
             "rank %d did not answer within %d s: does it run another program, or another build of this one?",
             rank, SECONDS);
    hg_abort("program", why);
}

static void compare(const struct identity *first, const struct identity *other, int rank,
                    struct verdict *verdict)
{
    const bool version = strcmp(first->version, other->version) != 0;
    if (verdict->message[0] != '\0' || (!version && strcmp(first->build, other->build) == 0)) return;
    snprintf(verdict->message, sizeof verdict->message,
             "program: host %s (rank %d) has %s %s, host %s (rank 0) %s", other->host, rank,
             version ? "version" : "build", version ? other->version : other->build, first->host,
             version ? first->version : first->build);
}

/* Rank 0: receives the identities of all other ranks, then sends all of them the verdict. */
static void check_others(const struct hg_comm *comm, const struct identity *mine, struct verdict *verdict)
{
    MPI_Request request;
    const double deadline = hg_clock_seconds() + SECONDS;
    for (int rank = 1; rank < comm->size; rank++) {
        struct identity other;
        MPI_Irecv(&other, sizeof other, MPI_BYTE, rank, TAG_IDENTITY, comm->mpi, &request);
        if (!wait_for(&request, deadline)) give_up(rank);
        other.version[sizeof other.version - 1] = other.build[sizeof other.build - 1] = '\0';
        other.host[sizeof other.host - 1] = '\0';
        compare(mine, &other, rank, verdict);
    }
    for (int rank = 1; rank < comm->size; rank++) {
        MPI_Isend(verdict, sizeof *verdict, MPI_BYTE, rank, TAG_VERDICT, comm->mpi, &request);
        if (!wait_for(&request, deadline + SECONDS)) give_up(rank);
    }
}

/* The other ranks: sends this rank's identity to rank 0 and waits for the verdict. The deadline is later than rank
 * 0's, because rank 0 knows which rank is missing, and different for each rank, so that only one of them prints the
 * message. */
static void wait_for_verdict(const struct hg_comm *comm, const struct identity *mine, struct verdict *verdict)
{
    MPI_Request request;
    const double deadline = hg_clock_seconds() + SECONDS + 1 + 0.2 * (comm->rank < 50 ? comm->rank : 50);
    MPI_Isend(mine, sizeof *mine, MPI_BYTE, 0, TAG_IDENTITY, comm->mpi, &request);
    if (!wait_for(&request, deadline)) give_up(0);
    MPI_Irecv(verdict, sizeof *verdict, MPI_BYTE, 0, TAG_VERDICT, comm->mpi, &request);
    if (!wait_for(&request, deadline)) give_up(0);
}

hg_status hg_handshake(const struct hg_comm *comm, const char *version, const char *build)
{
    struct identity mine = {{0}, {0}, {0}};
    struct verdict verdict = {{0}};
    snprintf(mine.version, sizeof mine.version, "%s", version);
    snprintf(mine.build, sizeof mine.build, "%s", build);
    if (gethostname(mine.host, sizeof mine.host - 1) != 0) snprintf(mine.host, sizeof mine.host, "unknown");
    if (comm->rank == 0)
        check_others(comm, &mine, &verdict);
    else
        wait_for_verdict(comm, &mine, &verdict);
    if (verdict.message[0] == '\0') return HG_OK;
    hg_status_set_message(verdict.message);
    return HG_FAILED;
}
