#include "base/alive.h"
#include "partition/cluster/labels.h"
#include "partition/cluster/tally.h"
#include <stdlib.h>

/* Parts of a round. With fewer, neighbours that decide at the same time exchange their labels more often; each costs a
 * refresh of the ghosts. A round ends the propagation when fewer than 1 / FEW of the nodes move. */
enum { SUB_ROUNDS = 4, FEW = 200 };

/* A node that wants another label, as the owner of that label receives it. */
struct move {
    uint32_t to, gain; /* gain: weight of the edges to the new label, less those to the old one */
    uint32_t weight;
    uint32_t tie; /* a hash of the node's id and the label: equal gains are ordered by it */
    uint32_t id;
};

/* The moves of one sub-round. */
struct moves {
    struct hg_labels *labels;
    uint64_t salt; /* of the sub-round's hashes */
    int64_t count;
    struct move *move; /* [owned] */
};

static uint32_t hash_of(uint64_t salt, uint32_t a, uint32_t b)
{
    return (uint32_t)(hg_mix64(salt ^ ((uint64_t)a << 32 | b)) >> 32);
}

/* Sums the edges of node v by the labels of their other ends. */
static void sum_by_label(const struct hg_labels *labels, int64_t v, struct hg_tally *tally)
{
    enum { AHEAD = 16 };
    const struct hg_level *level = labels->level;
    const int64_t first = level->indptr[v], end = level->indptr[v + 1],
                  last = level->indptr[level->owned] - 1;
    hg_tally_clear(tally, end - first);
    for (int64_t e = first; e < end; e++) {
        __builtin_prefetch(&labels->node[level->neighbour[hg_min_i64(e + AHEAD, last)]]);
        const uint64_t node = labels->node[level->neighbour[e]];
        hg_tally_add(tally, hg_label_of(node), hg_label_size(node),
                     level->edge_weight != NULL ? level->edge_weight[e] : 1);
    }
}

/* Whether an entry with this sum and label comes before the best so far. */
static bool is_better(uint64_t salt, uint32_t id, const struct hg_tally_entry *entry, uint64_t sum,
                      uint32_t label)
{
    if (entry->sum != sum) return entry->sum > sum;
    return label == HG_NO_LABEL || hash_of(salt, entry->label, id) > hash_of(salt, label, id);
}

/* Chooses the label of node v from its sums; true when that is another one than it has. */
static bool choose(struct hg_labels *labels, uint64_t salt, int64_t v, const struct hg_tally *tally,
                   struct move *move)
{
    const uint32_t id = hg_level_id(labels->level, v), weight = labels->level->weight[v];
    const uint32_t own = hg_label_of(labels->node[v]);
    uint64_t stay = 0, best_sum = 0, favourite_sum = 0;
    uint32_t best = HG_NO_LABEL, favourite = HG_NO_LABEL;
    for (int64_t k = 0; k < tally->entries; k++) {
        const struct hg_tally_entry *entry = &tally->slot[tally->used[k]];
        if (is_better(salt, id, entry, favourite_sum, favourite))
            favourite = entry->label, favourite_sum = entry->sum;
        if (entry->label == own)
            stay = entry->sum;
        else if ((uint64_t)entry->size + weight <= labels->limit &&
                 is_better(salt, id, entry, best_sum, best))
            best = entry->label, best_sum = entry->sum;
    }
    labels->favourite[v] = favourite;
    if (best == HG_NO_LABEL || best_sum < stay) return false;
    /* A node between two labels takes the one or the other by chance, anew in each round: boundaries become shorter. */
    if (best_sum == stay && hash_of(salt, own, id) >= hash_of(salt, best, id)) return false;
    const uint64_t gain = best_sum - stay;
    *move = (struct move){best, gain < UINT32_MAX ? (uint32_t)gain : UINT32_MAX, weight,
                          hash_of(salt, best, id), id};
    return true;
}

/* The moves that this rank's nodes of sub-round s want. */
static void find_moves(struct moves *m, int s, struct hg_tally *tally)
{
    struct hg_labels *labels = m->labels;
    m->count = 0;
    for (int64_t v = 0; v < labels->level->owned; v++) {
        if (v % 65536 == 0) hg_alive_tick();
        if (hash_of(m->salt, hg_level_id(labels->level, v), 0) % SUB_ROUNDS != (uint32_t)s) continue;
        sum_by_label(labels, v, tally);
        m->count += choose(labels, m->salt, v, tally, &m->move[m->count]);
    }
}

/* Of pointers to moves. */
static int compare(const void *left, const void *right)
{
    const struct move *a = *(const struct move *const *)left, *b = *(const struct move *const *)right;
    if (a->to != b->to) return a->to < b->to ? -1 : 1;
    if (a->gain != b->gain) return a->gain > b->gain ? -1 : 1;
    if (a->tie != b->tie) return a->tie < b->tie ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Accepts the moves that arrived, in their order (compare), as long as their labels have room; accepted [n]. */
static hg_status accept(struct hg_labels *labels, const struct move *arrived, int64_t n, uint8_t **accepted)
{
    const struct move **sorted = NULL;
    hg_status status = HG_NEW(*accepted, n);
    if (status == HG_OK) status = HG_NEW_UNSET(sorted, n);
    if (status == HG_OK) {
        for (int64_t k = 0; k < n; k++) sorted[k] = arrived + k;
        qsort(sorted, (size_t)n, sizeof *sorted, compare);
        for (int64_t k = 0; k < n; k++) {
            uint32_t *size = &labels->size[sorted[k]->to - hg_blocks_first(&labels->blocks)];
            if ((uint64_t)*size + sorted[k]->weight > labels->limit) continue;
            *size += sorted[k]->weight;
            (*accepted)[sorted[k] - arrived] = 1;
        }
    }
    hg_mem_free(sorted);
    return status;
}

/* Groups the moves by the owners of their new labels, in m->move itself. */
static hg_status pack(struct moves *m, struct hg_route *route)
{
    const struct hg_blocks *blocks = &m->labels->blocks;
    struct move *packed = NULL;
    HG_TRY(hg_route_create(blocks->comm, route));
    HG_TRY(HG_NEW_UNSET(packed, m->count));
    for (int64_t k = 0; k < m->count; k++) hg_route_count(route, hg_blocks_owner(blocks, m->move[k].to), 1);
    hg_route_pack(route);
    for (int64_t k = 0; k < m->count; k++)
        packed[hg_route_next(route, hg_blocks_owner(blocks, m->move[k].to), 1)] = m->move[k];
    for (int64_t k = 0; k < m->count; k++) m->move[k] = packed[k];
    hg_mem_free(packed);
    return HG_OK;
}

/* Gives accepted nodes their new labels, and takes their weights from the old ones. *moved: their number.
 * Collective. */
static hg_status apply(struct moves *m, const uint8_t *accepted, int64_t *moved)
{
    struct hg_labels *labels = m->labels;
    struct hg_entry *leave = NULL;
    hg_status status = hg_agree(labels->blocks.comm, HG_NEW_UNSET(leave, m->count));
    *moved = 0;
    for (int64_t k = 0; status == HG_OK && k < m->count; k++) {
        if (!accepted[k]) continue;
        uint64_t *node = &labels->node[m->move[k].id - hg_blocks_first(&labels->level->blocks)];
        leave[(*moved)++] = (struct hg_entry){hg_label_of(*node), -m->move[k].weight};
        *node = hg_label_pack(m->move[k].to, 0);
    }
    if (status == HG_OK) status = hg_blocks_add(&labels->blocks, labels->size, leave, *moved);
    hg_mem_free(leave);
    return status == HG_OK ? hg_labels_refresh(labels) : status;
}

/* Collective. */
static hg_status make_moves(struct moves *m, int64_t *moved)
{
    struct hg_route route;
    uint8_t *accepted = NULL;
    void *arrived = NULL, *back = NULL;
    hg_status status = hg_agree(m->labels->blocks.comm, pack(m, &route));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *m->move, m->move, &arrived);
    if (status == HG_OK)
        status = hg_agree(m->labels->blocks.comm, accept(m->labels, arrived, route.arrived, &accepted));
    if (status == HG_OK) status = hg_route_answer(&route, sizeof *accepted, accepted, &back);
    if (status == HG_OK) status = apply(m, back, moved);
    hg_mem_free(back);
    hg_mem_free(accepted);
    hg_mem_free(arrived);
    hg_route_destroy(&route);
    return status;
}

static hg_status run_rounds(struct moves *m, int rounds, uint64_t seed, struct hg_tally *tally)
{
    const int64_t nodes = hg_blocks_total(&m->labels->level->blocks);
    for (int round = 0; round < rounds; round++) {
        int64_t all = 0;
        m->salt = hg_mix64(seed * 64 + (uint64_t)round);
        for (int s = 0; s < SUB_ROUNDS; s++) {
            int64_t moved = 0;
            find_moves(m, s, tally);
            HG_TRY(make_moves(m, &moved));
            all += moved;
        }
        hg_comm_sum_i64(m->labels->blocks.comm, &all, 1);
        if (all < nodes / FEW + 1) break;
    }
    return HG_OK;
}

static int64_t largest_degree(const struct hg_level *level)
{
    int64_t most = 0;
    for (int64_t v = 0; v < level->owned; v++)
        most = hg_max_i64(most, level->indptr[v + 1] - level->indptr[v]);
    return most;
}

hg_status hg_labels_propagate(struct hg_labels *labels, int rounds, uint64_t seed)
{
    struct moves m = {.labels = labels};
    struct hg_tally tally = {0};
    hg_status status = HG_NEW_UNSET(m.move, labels->level->owned);
    if (status == HG_OK) status = hg_tally_create(largest_degree(labels->level), &tally);
    status = hg_agree(labels->blocks.comm, status);
    if (status == HG_OK) status = run_rounds(&m, rounds, seed, &tally);
    hg_tally_destroy(&tally);
    hg_mem_free(m.move);
    return status;
}
