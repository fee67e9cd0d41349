/* Records between all ranks, in any number: at once where they fit one message of a rank, else in several messages of
 * at most hg_message_bytes. */
#include "dist/comm_private.h"

#include "base/limits.h"
#include "base/mem.h"

enum { RECORDS_TAG = 72 };

/* Bytes to or from a rank. */
struct part {
    char *data;
    int64_t bytes;
    int rank;
};

int64_t hg_counts_total(int n, const int64_t *counts)
{
    int64_t sum = 0;
    for (int r = 0; r < n; r++) sum += counts[r];
    return sum;
}

/* Whether `count` records are more than one message holds. */
static bool is_large(size_t record, int64_t count)
{
    return record > 0 && count > hg_message_bytes / (int64_t)record;
}

/* The part of rank r in records that are grouped by rank. */
static struct part part_of(const void *records, size_t record, const int64_t *counts, int r)
{
    const int64_t bytes = (int64_t)record;
    return (struct part){(char *)(uintptr_t)records + bytes * hg_counts_total(r, counts), bytes * counts[r],
                         r};
}

/* Bytes of the records of each rank, and where they begin: ints [size], offsets [size]. */
static void sizes_as_ints(int size, size_t record, const int64_t *counts, int *ints)
{
    int offset = 0;
    for (int r = 0; r < size; r++) {
        ints[r] = (int)(counts[r] * (int64_t)record);
        ints[size + r] = offset;
        offset += ints[r];
    }
}

/* The next message of a part, of which `done` bytes have travelled: one to nobody when there is none. */
static struct part next_piece(const struct part *part, int64_t done)
{
    const int64_t left = part->bytes - done;
    if (left <= 0) return (struct part){NULL, 0, MPI_PROC_NULL};
    return (struct part){part->data + done, hg_min_i64(left, hg_message_bytes), part->rank};
}

/* Sends one part and receives the other, which may have another number of pieces. */
static void trade(const struct hg_comm *comm, const struct part *out, const struct part *in)
{
    for (int64_t done = 0; done < hg_max_i64(out->bytes, in->bytes); done += hg_message_bytes) {
        const struct part to = next_piece(out, done), from = next_piece(in, done);
        HG_WAITING(MPI_Sendrecv(to.data, (int)to.bytes, MPI_BYTE, to.rank, RECORDS_TAG, from.data,
                                (int)from.bytes, MPI_BYTE, from.rank, RECORDS_TAG, comm->mpi,
                                MPI_STATUS_IGNORE));
    }
}

/* The k-th rank after this one and the k-th before it, for every k. All ranks take the steps in the same order, and in
 * each step post their message before they wait: none waits for ever. */
static void trade_with_all(const struct hg_comm *comm, size_t record, const struct hg_parcels *out,
                           const struct hg_parcels *in)
{
    for (int k = 0; k < comm->size; k++) {
        const int to = (comm->rank + k) % comm->size, from = (comm->rank + comm->size - k) % comm->size;
        const struct part sent = part_of(out->records, record, out->counts, to),
                          received = part_of(in->records, record, in->counts, from);
        trade(comm, &sent, &received);
    }
}

/* ints [4 size]: scratch. */
static void trade_at_once(const struct hg_comm *comm, size_t record, const struct hg_parcels *out,
                          const struct hg_parcels *in, int *ints)
{
    const int size = comm->size;
    int *theirs = ints + 2 * size;
    sizes_as_ints(size, record, out->counts, ints);
    sizes_as_ints(size, record, in->counts, theirs);
    HG_WAITING(MPI_Alltoallv(out->records, ints, ints + size, MPI_BYTE, in->records, theirs, theirs + size,
                             MPI_BYTE, comm->mpi));
}

/* Makes room for what arrives. */
static hg_status reserve(size_t record, int64_t count, struct hg_parcels *in, int64_t *capacity)
{
    if (in->records != NULL && count <= *capacity) return HG_OK;
    HG_FREE(in->records);
    *capacity = count;
    in->records = hg_mem_alloc_unset(count, record);
    return in->records != NULL ? HG_OK : HG_NOMEM;
}

hg_status hg_comm_all_to_all(const struct hg_comm *comm, size_t record, const struct hg_parcels *out,
                             struct hg_parcels *in, int64_t *capacity)
{
    const int size = comm->size;
    const int64_t sent = hg_counts_total(size, out->counts), received = hg_counts_total(size, in->counts);
    bool large = is_large(record, hg_max_i64(sent, received));
    int *ints = NULL;
    hg_status status = HG_NEW(ints, 4 * (int64_t)size);
    if (status == HG_OK) status = reserve(record, received, in, capacity);
    status = hg_agree_any(comm, status, &large);
    if (status != HG_OK)
        HG_FREE(in->records);
    else if (large)
        trade_with_all(comm, record, out, in);
    else
        trade_at_once(comm, record, out, in, ints);
    hg_mem_free(ints);
    return status;
}

/* Gathers on the root from one rank after the other, in pieces. */
static void gather_pieces(const struct hg_comm *comm, size_t record, struct part mine, int root,
                          const struct hg_parcels *all)
{
    const struct part none = {NULL, 0, MPI_PROC_NULL};
    mine.rank = root;
    for (int r = 0; comm->rank == root && r < comm->size; r++) {
        const struct part theirs = part_of(all->records, record, all->counts, r);
        trade(comm, r == root ? &mine : &none, &theirs);
    }
    if (comm->rank != root) trade(comm, &mine, &none);
}

hg_status hg_comm_gather(const struct hg_comm *comm, size_t record, const void *mine, int64_t count, int root,
                         void **all, int64_t *counts)
{
    const int size = comm->size;
    const struct part part = {(char *)(uintptr_t)mine, count * (int64_t)record, root};
    int *ints = NULL;
    *all = NULL;
    hg_comm_allgather_i64(comm, count, counts);
    const int64_t total = hg_counts_total(size, counts);
    hg_status status = HG_NEW(ints, 2 * (int64_t)size);
    if (status == HG_OK && comm->rank == root) {
        *all = hg_mem_alloc(total, record);
        if (*all == NULL) status = HG_NOMEM;
    }
    status = hg_agree(comm, status);
    if (status != HG_OK) {
        HG_FREE(*all);
    } else if (is_large(record, total)) {
        gather_pieces(comm, record, part, root, &(struct hg_parcels){*all, counts});
    } else {
        sizes_as_ints(size, record, counts, ints);
        HG_WAITING(
            MPI_Gatherv(mine, (int)part.bytes, MPI_BYTE, *all, ints, ints + size, MPI_BYTE, root, comm->mpi));
    }
    hg_mem_free(ints);
    return status;
}
