#include "graph/exchange.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "dist/wait.h"
#include <stdlib.h>
#include <string.h>

enum {
    EXCHANGE_TAG = 71,
    /* pairs of a plan and a matrix whose requests are kept: one per layer for training passes, one per layer for
     * other passes */
    CHANNELS = 2 * HG_CLOCK_LAYERS,
};

/* A message: a part of the rows that go to a neighbour rank. */
struct message {
    int neighbour;      /* index in the plan's send_rank */
    int64_t first, end; /* range of the plan's send_row */
    /* the message can be sent once owned rows [0, ready) are final; ascending for each neighbour */
    hg_lid ready;
};

/* A pair of a plan and a matrix: its messages and their persistent requests. */
struct channel {
    const struct hg_plan *plan; /* NULL: free */
    const hg_real *matrix;
    int stride, width;
    int receives, sends;
    struct message *message; /* [sends] ascending by `ready` */
    MPI_Request *request;    /* [receives + sends] persistent */
};

struct hg_exchange {
    MPI_Comm mpi;
    int max_width;
    int64_t chunk;
    int64_t max_rows;                /* largest number of rows to send */
    int64_t max_receives, max_sends; /* largest number of messages */
    hg_real *buffer;                 /* [rows to send, max_width] */
    struct message *message;         /* messages and requests of all channels */
    MPI_Request *request;
    struct channel channel[CHANNELS];
    int next_channel;        /* index of the channel to replace next */
    struct channel *current; /* exchange under way; NULL: none */
    int sent;                /* number of its messages that were sent */
    int64_t bytes;
};

/* The largest number of rows in a message, for rows of `width` numbers. */
static int64_t rows_in(int64_t chunk, int width)
{
    return hg_max_i64(1, chunk / hg_max_i64(1, width * (int64_t)sizeof(hg_real)));
}

static int64_t chunk_rows(const struct hg_exchange *x, int width)
{
    return rows_in(x->chunk, width);
}

/* Number of messages for all neighbours, with at most `rows` rows in each. */
static int64_t count_messages(const int64_t *offset, int neighbours, int64_t rows)
{
    int64_t count = 0;
    for (int k = 0; k < neighbours; k++) count += (offset[k + 1] - offset[k] + rows - 1) / rows;
    return count;
}

int64_t hg_plan_messages(const struct hg_plan *plan, int width, int64_t chunk)
{
    return count_messages(plan->send_offset, plan->send_ranks, rows_in(chunk, width));
}

static hg_status allocate(struct hg_exchange *x)
{
    HG_TRY(HG_NEW_UNSET(x->buffer, x->max_rows * x->max_width));
    HG_TRY(HG_NEW(x->message, CHANNELS * x->max_sends));
    HG_TRY(HG_NEW(x->request, CHANNELS * (x->max_receives + x->max_sends)));
    for (int k = 0; k < CHANNELS; k++) {
        x->channel[k].message = x->message + k * x->max_sends;
        x->channel[k].request = x->request + k * (x->max_receives + x->max_sends);
    }
    return HG_OK;
}

hg_status hg_exchange_create(const struct hg_comm *comm, const struct hg_plan *plan, int max_width,
                             int64_t chunk, struct hg_exchange **exchange)
{
    struct hg_exchange *x = NULL;
    *exchange = NULL;
    HG_TRY(HG_NEW(x, 1));
    *x = (struct hg_exchange){.mpi = comm->mpi, .max_width = max_width};
    x->chunk = hg_min_i64(chunk, hg_message_bytes);
    /* a plan for some of these rows, or narrower rows, need no more messages */
    const int64_t rows = chunk_rows(x, max_width);
    x->max_rows = plan->send_offset[plan->send_ranks];
    x->max_receives = count_messages(plan->recv_offset, plan->recv_ranks, rows);
    x->max_sends = count_messages(plan->send_offset, plan->send_ranks, rows);
    const hg_status status = allocate(x);
    if (status == HG_OK)
        *exchange = x;
    else
        hg_exchange_destroy(x);
    return status;
}

static void free_requests(struct channel *channel)
{
    for (int k = 0; channel->plan != NULL && k < channel->receives + channel->sends; k++)
        MPI_Request_free(&channel->request[k]);
    channel->plan = NULL;
}

void hg_exchange_clear(struct hg_exchange *exchange)
{
    for (int k = 0; exchange != NULL && k < CHANNELS; k++) free_requests(&exchange->channel[k]);
}

void hg_exchange_destroy(struct hg_exchange *exchange)
{
    if (exchange == NULL) return;
    hg_exchange_clear(exchange);
    hg_mem_free(exchange->message);
    hg_mem_free(exchange->request);
    hg_mem_free(exchange->buffer);
    hg_mem_free(exchange);
}

/* An MPI datatype for a row of `width` numbers, with rows `stride` numbers apart: counts in messages are rows. */
static MPI_Datatype row_type(int stride, int width)
{
    MPI_Datatype row, spaced;
    MPI_Type_contiguous(width, HG_MPI_REAL, &row);
    MPI_Type_create_resized(row, 0, stride * (MPI_Aint)sizeof(hg_real), &spaced);
    MPI_Type_commit(&spaced);
    MPI_Type_free(&row);
    return spaced;
}

static void make_receives(const struct hg_exchange *x, struct channel *channel, hg_real *matrix)
{
    const struct hg_plan *plan = channel->plan;
    const int64_t max_rows = chunk_rows(x, channel->width);
    MPI_Datatype type = row_type(channel->stride, channel->width);
    channel->receives = 0;
    for (int k = 0; k < plan->recv_ranks; k++)
        for (int64_t first = plan->recv_offset[k]; first < plan->recv_offset[k + 1]; first += max_rows)
            MPI_Recv_init(matrix + (plan->owned + first) * channel->stride,
                          (int)hg_min_i64(max_rows, plan->recv_offset[k + 1] - first), type,
                          plan->recv_rank[k], EXCHANGE_TAG, x->mpi, &channel->request[channel->receives++]);
    MPI_Type_free(&type);
}

static void list_messages(const struct hg_exchange *x, struct channel *channel)
{
    const struct hg_plan *plan = channel->plan;
    const int64_t max_rows = chunk_rows(x, channel->width);
    channel->sends = 0;
    for (int k = 0; k < plan->send_ranks; k++) {
        hg_lid ready = 0;
        for (int64_t first = plan->send_offset[k], end; first < plan->send_offset[k + 1]; first = end) {
            end = hg_min_i64(first + max_rows, plan->send_offset[k + 1]);
            for (int64_t i = first; i < end; i++)
                if (plan->send_row[i] >= ready) ready = plan->send_row[i] + 1;
            channel->message[channel->sends++] = (struct message){k, first, end, ready};
        }
    }
}

static int by_readiness(const void *a, const void *b)
{
    const struct message *p = a, *q = b;
    if (p->ready != q->ready) return p->ready < q->ready ? -1 : 1;
    return p->first < q->first ? -1 : p->first > q->first;
}

static void make_sends(const struct hg_exchange *x, struct channel *channel)
{
    const struct hg_plan *plan = channel->plan;
    MPI_Datatype type = row_type(channel->width, channel->width);
    list_messages(x, channel);
    qsort(channel->message, (size_t)channel->sends, sizeof *channel->message, by_readiness);
    for (int k = 0; k < channel->sends; k++) {
        const struct message *message = &channel->message[k];
        MPI_Send_init(x->buffer + message->first * channel->width, (int)(message->end - message->first), type,
                      plan->send_rank[message->neighbour], EXCHANGE_TAG, x->mpi,
                      &channel->request[channel->receives + k]);
    }
    MPI_Type_free(&type);
}

static void check_size(const struct hg_exchange *x, const struct hg_plan *plan, int width)
{
    if (width < 1 || width > x->max_width) hg_abort("exchange", "rows wider than its buffers");
    const int64_t rows = chunk_rows(x, width);
    if (plan->send_offset[plan->send_ranks] > x->max_rows ||
        count_messages(plan->recv_offset, plan->recv_ranks, rows) > x->max_receives ||
        count_messages(plan->send_offset, plan->send_ranks, rows) > x->max_sends)
        hg_abort("exchange", "a plan larger than its buffers");
}

/* The channel of this plan and matrix, made at its first use. */
static struct channel *find_channel(struct hg_exchange *x, const struct hg_plan *plan, hg_real *matrix,
                                    int stride, int width)
{
    for (int k = 0; k < CHANNELS; k++) {
        struct channel *channel = &x->channel[k];
        if (channel->plan == plan && channel->matrix == matrix && channel->stride == stride &&
            channel->width == width)
            return channel;
    }
    struct channel *channel = &x->channel[x->next_channel];
    x->next_channel = (x->next_channel + 1) % CHANNELS;
    check_size(x, plan, width);
    free_requests(channel);
    channel->plan = plan;
    channel->matrix = matrix;
    channel->stride = stride;
    channel->width = width;
    make_receives(x, channel, matrix);
    make_sends(x, channel);
    return channel;
}

void hg_exchange_begin(struct hg_exchange *exchange, const struct hg_plan *plan, hg_real *matrix, int stride,
                       int width)
{
    if (exchange->current != NULL) hg_abort("exchange", "begun twice");
    exchange->current = find_channel(exchange, plan, matrix, stride, width);
    exchange->sent = 0;
    exchange->bytes += plan->send_offset[plan->send_ranks] * width * (int64_t)sizeof *matrix;
    /* one by one: the messages of a rank are told apart by their order, which MPI_Startall does not promise */
    for (int k = 0; k < exchange->current->receives; k++) MPI_Start(&exchange->current->request[k]);
}

/* Copies the message's rows to rows first..end of the buffer, whose rows have `width` numbers. */
static void pack(hg_real *buffer, const struct channel *channel, const struct message *message)
{
    const int64_t width = channel->width, stride = channel->stride, first = message->first,
                  end = message->end;
    const hg_lid *row = channel->plan->send_row;
    for (int64_t k = first; k < end; k++)
        memcpy(buffer + k * width, channel->matrix + row[k] * stride, (size_t)width * sizeof *buffer);
}

void hg_exchange_ready(struct hg_exchange *exchange, hg_lid rows)
{
    struct channel *channel = exchange->current;
    while (channel != NULL && exchange->sent < channel->sends &&
           channel->message[exchange->sent].ready <= rows) {
        pack(exchange->buffer, channel, &channel->message[exchange->sent]);
        MPI_Start(&channel->request[channel->receives + exchange->sent++]);
    }
}

void hg_exchange_progress(struct hg_exchange *exchange)
{
    const struct channel *channel = exchange->current;
    int done = 0;
    if (channel != NULL)
        MPI_Testall(channel->receives + exchange->sent, channel->request, &done, MPI_STATUSES_IGNORE);
    if (done && exchange->sent == channel->sends) exchange->current = NULL;
}

/* The exchange that a wait belongs to, and what it sends and receives. */
struct wait {
    const struct hg_exchange *exchange;
    const struct channel *channel;
};

/* The rank that request k belongs to, as make_receives and the sends have them. */
static int rank_of(const void *context, int k)
{
    const struct wait *wait = context;
    const struct channel *channel = wait->channel;
    const struct hg_plan *plan = channel->plan;
    const bool receive = k < channel->receives;
    const int ranks = receive ? plan->recv_ranks : plan->send_ranks;
    const int64_t *offset = receive ? plan->recv_offset : plan->send_offset;
    int64_t left = receive ? k : k - channel->receives;
    for (int r = 0; r < ranks; r++) {
        left -= count_messages(offset + r, 1, chunk_rows(wait->exchange, channel->width));
        if (left < 0) return receive ? plan->recv_rank[r] : plan->send_rank[r];
    }
    return -1;
}

void hg_exchange_end(struct hg_exchange *exchange)
{
    const struct channel *channel = exchange->current;
    if (channel == NULL) return;
    if (exchange->sent < channel->sends) hg_abort("exchange", "ended before its rows were ready");
    const struct wait wait = {exchange, channel};
    hg_wait_all(channel->receives + channel->sends, channel->request, rank_of, &wait);
    exchange->current = NULL;
}

int64_t hg_exchange_bytes(const struct hg_exchange *exchange)
{
    return exchange->bytes;
}
