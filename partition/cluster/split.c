#include "partition/cluster/split.h"

#include "base/mem.h"

enum { HEAVY = 2 /* times the mean weight */ };

/* The pieces of one heavy cell. */
struct pieces {
    uint64_t weight; /* of the cell */
    uint64_t before; /* weight of its nodes that have been passed, those of lower ranks included */
    int64_t count;   /* 0: the cell is not heavy */
    int64_t first;   /* number of the second piece; the first one keeps the cell's */
};

/* Adds up the weights of cells on this rank. */
static hg_status weigh(const struct hg_level *level, const uint32_t *part, int64_t parts, int64_t **weight,
                       struct pieces **pieces)
{
    HG_TRY(HG_NEW(*weight, parts));
    HG_TRY(HG_NEW(*pieces, parts));
    for (int64_t v = 0; v < level->owned; v++) {
        (*weight)[part[v]] += level->weight[v];
        (*pieces)[part[v]].before += level->weight[v];
    }
    return HG_OK;
}

/* Finds the heavy cells, and numbers their pieces. weight [parts]: of all ranks. Collective. */
static void plan(const struct hg_comm *comm, const int64_t *weight, uint32_t mean, struct pieces *pieces,
                 int64_t *parts)
{
    const int64_t cells = *parts;
    for (int64_t c = 0; c < cells; c++) {
        struct pieces *p = &pieces[c];
        if (weight[c] <= (int64_t)HEAVY * mean) continue;
        p->weight = (uint64_t)weight[c];
        p->before = (uint64_t)hg_comm_exscan_i64(comm, (int64_t)p->before);
        p->count = (weight[c] + mean - 1) / mean;
        p->first = *parts;
        *parts += p->count - 1;
    }
}

static void assign(const struct hg_level *level, struct pieces *pieces, uint32_t *part)
{
    for (int64_t v = 0; v < level->owned; v++) {
        struct pieces *p = &pieces[part[v]];
        if (p->count == 0) continue;
        const int64_t piece = (int64_t)(p->before * (uint64_t)p->count / p->weight);
        p->before += level->weight[v];
        if (piece > 0) part[v] = (uint32_t)(p->first + piece - 1);
    }
}

hg_status hg_cells_split(const struct hg_level *level, uint32_t mean, uint32_t *part, int64_t *parts)
{
    const struct hg_comm *comm = level->blocks.comm;
    int64_t *weight = NULL;
    struct pieces *pieces = NULL;
    const hg_status status = hg_agree(comm, weigh(level, part, *parts, &weight, &pieces));
    if (status == HG_OK) {
        hg_comm_sum_i64(comm, weight, *parts);
        plan(comm, weight, mean, pieces, parts);
        assign(level, pieces, part);
    }
    hg_mem_free(weight);
    hg_mem_free(pieces);
    return status;
}
