#include "dist/comm_private.h"

#include "base/limits.h"
#include "base/unfinished.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void hg_mpi_begin(int *argc, char ***argv)
{
    int provided = 0;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    if (provided < MPI_THREAD_FUNNELED) hg_abort("MPI", "the library does not support MPI_THREAD_FUNNELED");
}

void hg_mpi_end(void)
{
    MPI_Finalize();
}

_Noreturn void hg_abort(const char *what, const char *why)
{
    hg_unfinished_remove();
    fprintf(stderr, "halogat: %s: %s\n", what, why);
    MPI_Abort(MPI_COMM_WORLD, 1);
    abort();
}

static void abort_on_error(MPI_Comm *mpi, int *code, ...)
{
    char why[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    (void)mpi;
    MPI_Error_string(*code, why, &length);
    hg_abort("MPI", why);
}

hg_status hg_comm_create(MPI_Comm parent, struct hg_comm *comm)
{
    MPI_Errhandler handler;
    *comm = (struct hg_comm){0};
    MPI_Comm_dup(parent, &comm->mpi);
    MPI_Comm_create_errhandler(abort_on_error, &handler);
    MPI_Comm_set_errhandler(comm->mpi, handler);
    MPI_Errhandler_free(&handler);
    MPI_Comm_rank(comm->mpi, &comm->rank);
    MPI_Comm_size(comm->mpi, &comm->size);
    return HG_OK;
}

hg_status hg_comm_alone(struct hg_comm *comm)
{
    return hg_comm_create(MPI_COMM_SELF, comm);
}

struct hg_comm hg_comm_imagined(const struct hg_comm *alone, int rank, int size)
{
    return (struct hg_comm){.mpi = alone->mpi, .rank = rank, .size = size, .imagined = true};
}

void hg_comm_destroy(struct hg_comm *comm)
{
    MPI_Comm_free(&comm->mpi);
}

void hg_comm_find_hosts(struct hg_comm *comm)
{
    MPI_Comm host;
    int size = 0;
    MPI_Comm_split_type(comm->mpi, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &host);
    MPI_Comm_size(host, &size);
    MPI_Comm_free(&host);
    int64_t smallest = size;
    hg_comm_min_i64(comm, &smallest, 1);
    comm->spread = smallest < comm->size;
}

/* Adds the rank and its host to the message of a failure that another host may not see. Ranks may agree on a failure
 * several times on its way up. */
static void add_place(const struct hg_comm *comm, char *message, size_t size)
{
    if (strstr(message, " on host ") != NULL) return;
    char host[64] = "unknown", place[128];
    gethostname(host, sizeof host - 1);
    const int length = snprintf(place, sizeof place, " (rank %d on host %s)", comm->rank, host);
    const size_t used = strlen(message), most = size - 1 - (size_t)length;
    snprintf(message + (used < most ? used : most), (size_t)length + 1, "%s", place);
}

hg_status hg_agree(const struct hg_comm *comm, hg_status mine)
{
    bool none = false;
    return hg_agree_any(comm, mine, &none);
}

hg_status hg_agree_any(const struct hg_comm *comm, hg_status mine, bool *any)
{
    if (comm->imagined) return mine;
    /* the minimum over ranks is the lowest rank that failed: ranks that did not fail offer INT_MAX */
    int offer[3] = {mine == HG_OK ? INT_MAX : comm->rank, -(int)mine, -(int)*any}, agreed[3];
    HG_WAITING(MPI_Allreduce(offer, agreed, 3, MPI_INT, MPI_MIN, comm->mpi));
    *any = agreed[2] != 0;
    if (agreed[1] == 0) return HG_OK;
    char message[1024];
    snprintf(message, sizeof message, "%s", hg_status_message());
    if (comm->spread && (mine == HG_FAILED || mine == HG_NOMEM)) add_place(comm, message, sizeof message);
    HG_WAITING(MPI_Bcast(message, (int)sizeof message, MPI_CHAR, agreed[0], comm->mpi));
    hg_status_set_message(message);
    int code = (int)mine;
    HG_WAITING(MPI_Bcast(&code, 1, MPI_INT, agreed[0], comm->mpi));
    return (hg_status)code;
}

/* A reduction in place, in pieces of at most hg_message_bytes; all types have 8 bytes. */
static void reduce(const struct hg_comm *comm, void *values, int64_t n, MPI_Datatype type, MPI_Op op)
{
    const int64_t most = hg_message_bytes / 8;
    for (int64_t k = 0; k < n; k += most) {
        const int count = (int)hg_min_i64(n - k, most);
        HG_WAITING(MPI_Allreduce(MPI_IN_PLACE, (char *)values + 8 * k, count, type, op, comm->mpi));
    }
}

void hg_comm_sum_i64(const struct hg_comm *comm, int64_t *values, int64_t n)
{
    reduce(comm, values, n, MPI_INT64_T, MPI_SUM);
}

void hg_comm_max_i64(const struct hg_comm *comm, int64_t *values, int64_t n)
{
    reduce(comm, values, n, MPI_INT64_T, MPI_MAX);
}

void hg_comm_min_i64(const struct hg_comm *comm, int64_t *values, int64_t n)
{
    reduce(comm, values, n, MPI_INT64_T, MPI_MIN);
}

void hg_comm_max_f64(const struct hg_comm *comm, double *values, int64_t n)
{
    reduce(comm, values, n, MPI_DOUBLE, MPI_MAX);
}

int64_t hg_comm_exscan_i64(const struct hg_comm *comm, int64_t value)
{
    int64_t before = 0;
    HG_WAITING(MPI_Exscan(&value, &before, 1, MPI_INT64_T, MPI_SUM, comm->mpi));
    return comm->rank == 0 ? 0 : before;
}

void hg_comm_bcast(const struct hg_comm *comm, void *data, int64_t bytes, int root)
{
    for (int64_t k = 0; k < bytes; k += hg_message_bytes)
        HG_WAITING(MPI_Bcast((char *)data + k, (int)hg_min_i64(bytes - k, hg_message_bytes), MPI_BYTE, root,
                             comm->mpi));
}

void hg_comm_allgather_i64(const struct hg_comm *comm, int64_t value, int64_t *all)
{
    HG_WAITING(MPI_Allgather(&value, 1, MPI_INT64_T, all, 1, MPI_INT64_T, comm->mpi));
}

void hg_comm_allgather_bytes(const struct hg_comm *comm, const void *mine, size_t bytes, void *all)
{
    HG_WAITING(MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, comm->mpi));
}

void hg_comm_barrier(const struct hg_comm *comm)
{
    HG_WAITING(MPI_Barrier(comm->mpi));
}
