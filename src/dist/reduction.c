#include "dist/reduction.h"

#include "base/limits.h"
#include "base/mem.h"
#include "dist/wait.h"

enum {
    REDUCTION_TAG = 1000,
    STAGES = 2,                                             /* first limbs are sent, then rounded numbers */
    MAX_BLOCKS = HG_REDUCTION_PIECES * HG_LIMBS_SCALAR + 1, /* blocks of memory in a message */
};

struct hg_reduction {
    MPI_Comm mpi;
    int rank, size, pieces, tag;
    int parts; /* messages from one rank to another in each stage: one, unless it would exceed hg_message_bytes */
    struct hg_piece piece[HG_REDUCTION_PIECES];
    hg_reduction_round_fn *round;
    int64_t nonfinite; /* nonfinite addends of this rank; after the first stage, of all ranks */
    /* int64s that each other rank sends: the limbs of this rank's share, and the sender's `nonfinite` */
    int64_t numbers;
    int64_t *received;            /* [size - 1, numbers] */
    MPI_Request *request[STAGES]; /* [2, parts, size - 1] persistent: receives, then sends */
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

/* What part of this share travels in message number `part`. */
static struct hg_range part_of(const struct hg_reduction *r, const struct hg_piece *piece, int rank, int part)
{
    const struct hg_range share = share_of(r, piece, rank),
                          block = hg_block_range(share.end - share.first, part, r->parts);
    return (struct hg_range){share.first + block.first, share.first + block.end};
}

static MPI_Datatype limbs_type(const struct hg_reduction *r, int rank, int part)
{
    struct blocks blocks = {0};
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range share = part_of(r, piece, rank, part);
        for (int l = 0; l < piece->sum->limbs; l++)
            add_block(&blocks, piece->sum->limb + l * piece->sum->n + piece->first + share.first,
                      share.end - share.first);
    }
    if (part == 0) add_block(&blocks, &r->nonfinite, 1);
    return message_type(&blocks, MPI_INT64_T);
}

static MPI_Datatype rounded_type(const struct hg_reduction *r, int rank, int part)
{
    struct blocks blocks = {0};
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_range share = part_of(r, &r->piece[k], rank, part);
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

/* Number of int64s in the messages of limbs of a part of a rank's share. */
static int64_t count_part(const struct hg_reduction *r, int rank, int part)
{
    int64_t numbers = part == 0;
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_range share = part_of(r, &r->piece[k], rank, part);
        numbers += r->piece[k].sum->limbs * (share.end - share.first);
    }
    return numbers;
}

/* The persistent requests of a part with rank `other`, which is number k among the other ranks. `received`: where the
 * limbs of the part go. */
static void make_requests(struct hg_reduction *r, int k, int other, int part, int64_t *received)
{
    const int tag = r->tag, in = part * (r->size - 1) + k, out = (r->parts + part) * (r->size - 1) + k;
    MPI_Datatype limbs = limbs_type(r, other, part), theirs = rounded_type(r, other, part),
                 mine = rounded_type(r, r->rank, part);
    MPI_Recv_init(received, (int)count_part(r, r->rank, part), MPI_INT64_T, other, tag, r->mpi,
                  &r->request[0][in]);
    MPI_Send_init(MPI_BOTTOM, 1, limbs, other, tag, r->mpi, &r->request[0][out]);
    MPI_Recv_init(MPI_BOTTOM, 1, theirs, other, tag + 1, r->mpi, &r->request[1][in]);
    MPI_Send_init(MPI_BOTTOM, 1, mine, other, tag + 1, r->mpi, &r->request[1][out]);
    MPI_Type_free(&limbs);
    MPI_Type_free(&theirs);
    MPI_Type_free(&mine);
}

static void connect_rank(struct hg_reduction *r, int k, int other)
{
    int64_t *received = r->received + k * r->numbers;
    for (int part = 0; part < r->parts; part++) {
        make_requests(r, k, other, part, received);
        received += count_part(r, r->rank, part);
    }
}

/* Number of requests in a stage. */
static int num_requests(const struct hg_reduction *r)
{
    return 2 * r->parts * (r->size - 1);
}

/* Sets the number of parts, the same on every rank: from the largest share, that of rank 0; and `numbers`. */
static void divide(struct hg_reduction *r)
{
    r->parts = 1;
    const int64_t bytes = count_part(r, 0, 0) * (int64_t)sizeof *r->received;
    r->numbers = count_part(r, r->rank, 0);
    r->parts = (int)((bytes + hg_message_bytes - 1) / hg_message_bytes);
}

static hg_status allocate(struct hg_reduction *r)
{
    const int others = r->size - 1;
    divide(r);
    HG_TRY(HG_NEW_UNSET(r->received, others * r->numbers));
    for (int s = 0; s < STAGES; s++) HG_TRY(HG_NEW(r->request[s], num_requests(r)));
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
        if (!r->imagined) connect_rank(r, other - (other > r->rank), other);
        count_bytes(r, other);
    }
    *reduction = r;
    return HG_OK;
}

void hg_reduction_destroy(struct hg_reduction *reduction)
{
    if (reduction == NULL) return;
    for (int s = 0; s < STAGES; s++) {
        for (int k = 0; !reduction->imagined && k < num_requests(reduction); k++)
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
    /* one by one: the parts of a rank are told apart by their order, which MPI_Startall does not promise */
    for (int k = 0; k < num_requests(r); k++) MPI_Start(&r->request[stage][k]);
}

void hg_reduction_begin(struct hg_reduction *reduction, int64_t nonfinite)
{
    if (reduction->stage != STAGES) hg_abort("reduction", "begun twice");
    reduction->nonfinite = nonfinite;
    start(reduction, 0);
}

/* Adds the limbs of a part that another rank sent to this rank's share of the sums; returns where the next part's
 * begin. */
static const int64_t *add_part(struct hg_reduction *r, int part, const int64_t *from)
{
    for (int k = 0; k < r->pieces; k++) {
        const struct hg_piece *piece = &r->piece[k];
        const struct hg_range share = part_of(r, piece, r->rank, part);
        for (int l = 0; l < piece->sum->limbs; l++) {
            int64_t *to = piece->sum->limb + l * piece->sum->n + piece->first;
            for (int64_t i = share.first; i < share.end; i++) to[i] += *from++;
        }
    }
    if (part == 0) r->nonfinite += *from++;
    return from;
}

/* Between the stages: adds all received limbs, rounds this rank's share, and sends the rounded numbers. */
static void round_and_send(struct hg_reduction *r)
{
    const int64_t *from = r->received;
    for (int other = 0; other < r->size - 1; other++)
        for (int part = 0; part < r->parts; part++) from = add_part(r, part, from);
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
    MPI_Testall(num_requests(reduction), reduction->request[reduction->stage], &done, MPI_STATUSES_IGNORE);
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
    hg_wait_all(num_requests(r), r->request[stage], rank_of, r);
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
    return STAGES * (int64_t)reduction->parts * (reduction->size - 1);
}

int64_t hg_reduction_bytes(const struct hg_reduction *reduction)
{
    return reduction->bytes;
}

void hg_exact_allreduce(const struct hg_comm *comm, struct hg_exact *sum)
{
    if (comm->size > 1) hg_comm_sum_i64(comm, sum->limb, sum->limbs * sum->n + 1);
}
