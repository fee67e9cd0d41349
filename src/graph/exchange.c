#include "graph/exchange.h"

#include "base/mem.h"
#include <string.h>

enum {
    EXCHANGE_TAG = 71,
    ROW_TYPES = 8,          /* widths of which the MPI type is kept */
    PACK_PARALLEL = 1 << 15 /* numbers from which on packing is worth a parallel loop */
};

/* The MPI type of a row of `width` numbers; counts in messages are rows. */
struct row_type {
    int width; /* 0: free */
    MPI_Datatype mpi;
};

struct hg_exchange {
    MPI_Comm mpi;
    int64_t max_rows; /* to send */
    int max_requests, max_width;
    hg_real *buffer;       /* [rows to send, max_width] */
    MPI_Request *requests; /* [recv_ranks + send_ranks] */
    int active;            /* of them under way */
    struct row_type types[ROW_TYPES];
    int next_type; /* the one to replace next */
    int64_t bytes;
};

hg_status hg_exchange_create(const struct hg_comm *comm, const struct hg_plan *plan, int max_width,
                             struct hg_exchange **exchange)
{
    struct hg_exchange *x = NULL;
    *exchange = NULL;
    HG_TRY(HG_NEW(x, 1));
    x->mpi = comm->mpi;
    x->max_rows = plan->send_offset[plan->send_ranks];
    x->max_requests = plan->recv_ranks + plan->send_ranks;
    x->max_width = max_width;
    hg_status status = HG_NEW(x->buffer, x->max_rows * max_width);
    if (status == HG_OK) status = HG_NEW(x->requests, x->max_requests);
    if (status == HG_OK)
        *exchange = x;
    else
        hg_exchange_destroy(x);
    return status;
}

void hg_exchange_destroy(struct hg_exchange *exchange)
{
    if (exchange == NULL) return;
    for (int k = 0; k < ROW_TYPES; k++)
        if (exchange->types[k].width > 0) MPI_Type_free(&exchange->types[k].mpi);
    hg_mem_free(exchange->requests);
    hg_mem_free(exchange->buffer);
    hg_mem_free(exchange);
}

/* The row type of `width`, made at its first use. */
static MPI_Datatype row_type(struct hg_exchange *x, int width)
{
    for (int k = 0; k < ROW_TYPES; k++)
        if (x->types[k].width == width) return x->types[k].mpi;
    struct row_type *type = &x->types[x->next_type];
    x->next_type = (x->next_type + 1) % ROW_TYPES;
    if (type->width > 0) MPI_Type_free(&type->mpi);
    type->width = width;
    MPI_Type_contiguous(width, HG_MPI_REAL, &type->mpi);
    MPI_Type_commit(&type->mpi);
    return type->mpi;
}

static void post_receives(struct hg_exchange *x, const struct hg_plan *plan, hg_real *matrix, int width,
                          MPI_Datatype type)
{
    for (int k = 0; k < plan->recv_ranks; k++) {
        const int64_t first = plan->owned + plan->recv_offset[k];
        const int rows = (int)(plan->recv_offset[k + 1] - plan->recv_offset[k]);
        MPI_Irecv(matrix + first * width, rows, type, plan->recv_rank[k], EXCHANGE_TAG, x->mpi,
                  &x->requests[x->active++]);
    }
}

/* buffer_k = matrix_{row(k)} for rows k in first..end */
static void pack(hg_real *buffer, const hg_lid *row, const hg_real *matrix, int width, struct hg_range rows)
{
    const int64_t first = rows.first, end = rows.end;
#pragma omp parallel for schedule(static) if ((end - first) * width >= PACK_PARALLEL)
    for (int64_t k = first; k < end; k++)
        memcpy(buffer + k * width, matrix + (int64_t)row[k] * width, (size_t)width * sizeof *buffer);
}

/* Packs and sends neighbour by neighbour, so that the first message leaves early. */
static void post_sends(struct hg_exchange *x, const struct hg_plan *plan, const hg_real *matrix, int width,
                       MPI_Datatype type)
{
    for (int k = 0; k < plan->send_ranks; k++) {
        const int64_t first = plan->send_offset[k], end = plan->send_offset[k + 1];
        pack(x->buffer, plan->send_row, matrix, width, (struct hg_range){first, end});
        MPI_Isend(x->buffer + first * width, (int)(end - first), type, plan->send_rank[k], EXCHANGE_TAG,
                  x->mpi, &x->requests[x->active++]);
    }
    x->bytes += plan->send_offset[plan->send_ranks] * width * (int64_t)sizeof *matrix;
}

void hg_exchange_begin(struct hg_exchange *exchange, const struct hg_plan *plan, hg_real *matrix, int width)
{
    if (exchange->active > 0) hg_abort("exchange", "begun twice");
    if (width < 1 || width > exchange->max_width) hg_abort("exchange", "rows wider than its buffers");
    if (plan->send_offset[plan->send_ranks] > exchange->max_rows ||
        plan->recv_ranks + plan->send_ranks > exchange->max_requests)
        hg_abort("exchange", "a plan larger than its buffers");
    const MPI_Datatype type = row_type(exchange, width);
    post_receives(exchange, plan, matrix, width, type);
    post_sends(exchange, plan, matrix, width, type);
}

void hg_exchange_progress(struct hg_exchange *exchange)
{
    int done = 0;
    if (exchange->active > 0) MPI_Testall(exchange->active, exchange->requests, &done, MPI_STATUSES_IGNORE);
    if (done) exchange->active = 0;
}

void hg_exchange_end(struct hg_exchange *exchange)
{
    MPI_Waitall(exchange->active, exchange->requests, MPI_STATUSES_IGNORE);
    exchange->active = 0;
}

int64_t hg_exchange_bytes(const struct hg_exchange *exchange)
{
    return exchange->bytes;
}
