#include "dist/reduction.h"

#include "base/mem.h"
#include "dist/wait.h"
#include <limits.h>

enum {
    REDUCTION_TAG = 1000,
    STAGES = 2,                                             /* first limbs are sent, then rounded numbers */
    MAX_BLOCKS = HG_REDUCTION_PIECES * HG_LIMBS_SCALAR + 1, /* blocks of memory in a message */
};

struct hg_reduction {
    MPI_Comm mpi;
    int rank, size, pieces, tag;
    struct hg_piece piece[HG_REDUCTION_PIECES];
    hg_reduction_round_fn *round;
    int64_t nonfinite; /* nonfinite addends of this rank; after the first stage, of all ranks */
    /* int64s in a message of limbs: those of this rank's share, and the sender's `nonfinite` */
    int64_t numbers;
    int64_t *received;            /* [size - 1, numbers] */
    MPI_Request *request[STAGES]; /* [2 (size - 1)] persistent */
    int stage;                    /* stage whose messages are under way; STAGES: none */
    int64_t stage_bytes[STAGES];  /* of the messages that this rank sends in each stage */
    int64_t bytes;                /* sent so far */
    bool imagined;                /* the other ranks do not exist: there are no requests */
};

/* Blocks of memory that make up a message. */
struct blocks {
    int count;
    int length[MAX_BLOCKS];
    MPI_Aint address[MAX_BLOCKS];
};

static void add_block(struct blocks *blocks, const void *start, int64_t length)
{
    MPI_Get_address(start, &blocks->address[blocks->count]);
    blocks->length[blocks->count++] = (int)length;
}

/* The type of a message from or to these absolute addresses. */
static MPI_Datatype message_type(const struct blocks *blocks, MPI_Datatype number)
{
    MPI_Datatype type;
    MPI_Type_create_hindexed(blocks->count, blocks->length, blocks->address, number, &type);
    MPI_Type_commit(&type);
    return type;
}

/* The share of `rank` in a piece, counted from the piece's first sum. */
static struct hg_range share_of(const struct hg_reduction *r, const struct hg_piece *piece, int rank)
{
    return hg_block_range(piece->count, rank, r->size);
}

static MPI_Datatype limbs_type(const struct hg_reduction *r, int rank)
{
    struct blocks blocks = {0};
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range share = share_of(r, piece, rank);
        for (int l = 0; l < piece->sum->limbs; l++)
            add_block(&blocks, piece->sum->limb + l * piece->sum->n + piece->first + share.first,
                      share.end - share.first);
    }
    add_block(&blocks, &r->nonfinite, 1);
    return message_type(&blocks, MPI_INT64_T);
}

static MPI_Datatype rounded_type(const struct hg_reduction *r, int rank)
{
    struct blocks blocks = {0};
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_range share = share_of(r, &r->piece[k], rank);
        add_block(&blocks, r->piece[k].out + share.first, share.end - share.first);
    }
    return message_type(&blocks, HG_MPI_REAL);
}

/* Adds the sizes of the messages to one other rank: the limbs of its share, and the rounded numbers of this one's. */
static void count_bytes(struct hg_reduction *r, int other)
{
    r->stage_bytes[0] += (int64_t)sizeof r->nonfinite;
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range theirs = share_of(r, piece, other), mine = share_of(r, piece, r->rank);
        r->stage_bytes[0] += piece->sum->limbs * (theirs.end - theirs.first) * (int64_t)sizeof(int64_t);
        r->stage_bytes[1] += (mine.end - mine.first) * (int64_t)sizeof(hg_real);
    }
}

/* The persistent requests with rank `other`, which is number k among the other ranks. */
static void make_requests(struct hg_reduction *r, int k, int other)
{
    const int tag = r->tag, others = r->size - 1;
    MPI_Datatype limbs = limbs_type(r, other), theirs = rounded_type(r, other),
                 mine = rounded_type(r, r->rank);
    MPI_Recv_init(r->received + k * r->numbers, (int)r->numbers, MPI_INT64_T, other, tag, r->mpi,
                  &r->request[0][k]);
    MPI_Send_init(MPI_BOTTOM, 1, limbs, other, tag, r->mpi, &r->request[0][others + k]);
    MPI_Recv_init(MPI_BOTTOM, 1, theirs, other, tag + 1, r->mpi, &r->request[1][k]);
    MPI_Send_init(MPI_BOTTOM, 1, mine, other, tag + 1, r->mpi, &r->request[1][others + k]);
    MPI_Type_free(&limbs);
    MPI_Type_free(&theirs);
    MPI_Type_free(&mine);
}

/* Number of int64s in a message of limbs for this rank's share; -1 when the largest share of a rank (that of rank 0)
 * does not fit one message. */
static int64_t count_numbers(const struct hg_reduction *r)
{
    int64_t mine = 1, largest = 1;
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_range share = share_of(r, &r->piece[k], r->rank),
                              first = share_of(r, &r->piece[k], 0);
        mine += r->piece[k].sum->limbs * (share.end - share.first);
        largest += r->piece[k].sum->limbs * (first.end - first.first);
    }
    return largest <= INT_MAX ? mine : -1;
}

static hg_status allocate(struct hg_reduction *r)
{
    const int others = r->size - 1;
    r->numbers = count_numbers(r);
    if (r->numbers < 0)
        return hg_fail(HG_FAILED, "gradients", "more than 2^31 - 1 numbers for one rank: use more ranks");
    HG_TRY(HG_NEW_UNSET(r->received, others * r->numbers));
    for (int s = 0; s < STAGES; s++) HG_TRY(HG_NEW(r->request[s], 2 * (int64_t)others));
    return HG_OK;
}

hg_status hg_reduction_create(const struct hg_comm *comm, const struct hg_reduction_spec *spec,
                              struct hg_reduction **reduction)
{
    struct hg_reduction *r = NULL;
    *reduction = NULL;
    HG_TRY(HG_NEW(r, 1));
    *r = (struct hg_reduction){.mpi = comm->mpi,
                               .rank = comm->rank,
                               .size = comm->size,
                               .pieces = spec->pieces,
                               .tag = REDUCTION_TAG + STAGES * spec->tag,
                               .round = spec->round,
                               .stage = STAGES,
                               .imagined = comm->imagined};
    memcpy(r->piece, spec->piece, (size_t)spec->pieces * sizeof *spec->piece);
    const hg_status status = allocate(r);
    if (status != HG_OK) {
        r->imagined = true; /* there are no requests to free */
        hg_reduction_destroy(r);
        return status;
    }
    for (int other = 0; other < r->size; other++) {
        if (other == r->rank) continue;
        if (!r->imagined) make_requests(r, other - (other > r->rank), other);
        count_bytes(r, other);
    }
    *reduction = r;
    return HG_OK;
}

void hg_reduction_destroy(struct hg_reduction *reduction)
{
    if (reduction == NULL) return;
    for (int s = 0; s < STAGES; s++) {
        for (int k = 0; !reduction->imagined && k < 2 * (reduction->size - 1); k++)
            MPI_Request_free(&reduction->request[s][k]);
        hg_mem_free(reduction->request[s]);
    }
    hg_mem_free(reduction->received);
    hg_mem_free(reduction);
}

static void start(struct hg_reduction *r, int stage)
{
    r->stage = stage;
    r->bytes += r->stage_bytes[stage];
    MPI_Startall(2 * (r->size - 1), r->request[stage]);
}

void hg_reduction_begin(struct hg_reduction *reduction, int64_t nonfinite)
{
    if (reduction->stage != STAGES) hg_abort("reduction", "begun twice");
    reduction->nonfinite = nonfinite;
    start(reduction, 0);
}

/* Adds the limbs that another rank sent to this rank's share of the sums. */
static void add_received(struct hg_reduction *r, const int64_t *from)
{
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range share = share_of(r, piece, r->rank);
        for (int l = 0; l < piece->sum->limbs; l++) {
            int64_t *to = piece->sum->limb + l * piece->sum->n + piece->first;
            for (int64_t i = share.first; i < share.end; i++) to[i] += *from++;
        }
    }
    r->nonfinite += *from;
}

/* Between the stages: adds all received limbs, rounds this rank's share, and sends the rounded numbers. */
static void round_and_send(struct hg_reduction *r)
{
    for (int other = 0; other < r->size - 1; other++) add_received(r, r->received + other * r->numbers);
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range share = share_of(r, piece, r->rank);
        r->round(piece->sum, piece->first + share.first, piece->out + share.first, share.end - share.first);
    }
    start(r, 1);
}

void hg_reduction_progress(struct hg_reduction *reduction)
{
    int done = 0;
    if (reduction->stage == STAGES) return;
    MPI_Testall(2 * (reduction->size - 1), reduction->request[reduction->stage], &done, MPI_STATUSES_IGNORE);
    if (!done) return;
    if (reduction->stage == 0)
        round_and_send(reduction);
    else
        reduction->stage = STAGES;
}

/* The rank that request k of a stage belongs to (make_requests). */
static int rank_of(const void *context, int k)
{
    const struct hg_reduction *r = context;
    const int other = k % (r->size - 1);
    return other + (other >= r->rank);
}

static void wait_for(struct hg_reduction *r, int stage)
{
    hg_wait_all(2 * (r->size - 1), r->request[stage], rank_of, r);
}

void hg_reduction_wait(struct hg_reduction *reduction)
{
    /* waiting for completed persistent requests returns at once */
    if (reduction->stage == 0) wait_for(reduction, 0);
}

int64_t hg_reduction_end(struct hg_reduction *reduction)
{
    hg_reduction_wait(reduction);
    if (reduction->stage == 0) round_and_send(reduction);
    if (reduction->stage == 1) wait_for(reduction, 1);
    reduction->stage = STAGES;
    return reduction->nonfinite;
}

int64_t hg_reduction_pass_bytes(const struct hg_reduction *reduction)
{
    return reduction->stage_bytes[0] + reduction->stage_bytes[1];
}

int64_t hg_reduction_pass_messages(const struct hg_reduction *reduction)
{
    return STAGES * (int64_t)(reduction->size - 1);
}

int64_t hg_reduction_bytes(const struct hg_reduction *reduction)
{
    return reduction->bytes;
}

void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum)
{
    if (comm->size > 1) hg_comm_sum_i64(comm, sum->limb, sum->limbs * sum->n + 1);
}
