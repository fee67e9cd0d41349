#include "partition/cluster/contract.h"

#include "base/alive.h"
#include "base/mix.h"
#include "partition/cluster/sample.h"
#include "partition/cluster/tally.h"

/* Edges travel to the owners of their coarse nodes in windows of at most about so many, and where these are many, in a
 * few windows at least: what is held on the way is bounded, and small beside the graph. */
enum { WINDOW_EDGES = 1 << 20, FEW_EDGES = 1 << 16, LEAST_WINDOWS = 8 };

/* Of so many coarse nodes and more, the edges of one in 16 are counted before light ones are sampled. */
enum { COUNTED_NODES = 1 << 16, COUNT_ONE_IN = 16 };

/* Edges have room for a 32nd more than is expected. */
enum { ROOM_MARGIN = 32 };

/* A coarse edge, as the owner of `from` receives it: what one rank knows of it. */
struct part_edge {
    uint32_t from, to, weight;
};

struct contraction {
    const struct hg_level *level;
    struct hg_level *coarse;
    uint64_t *id;         /* [owned + ghosts] coarse node of each node */
    struct hg_keys order; /* (coarse node << 32 | node) of owned nodes, ascending */
    struct hg_tally tally;
    struct part_edge *edge; /* of the present window */
    int64_t count, capacity;
    int64_t edges, room; /* coarse edges so far; room for them */
    /* how light edges are sampled: before coarse rows are made, the weights of some of them are counted */
    int64_t one_in; /* while counting: of how many rows one is counted; 0: rows are made */
    struct hg_weights weights;
    uint64_t threshold;
};

static int64_t degree(const struct hg_level *level, int64_t v)
{
    return level->indptr[v + 1] - level->indptr[v];
}

/* Numbers the labels of this rank's block that have nodes: *number [labels]. Fills the weights of the coarse nodes.
 * Collective. */
static hg_status number_labels(const struct hg_labels *labels, struct hg_level *coarse, uint32_t *number)
{
    const struct hg_comm *comm = labels->blocks.comm;
    const int64_t n = labels->blocks.first[comm->rank + 1] - hg_blocks_first(&labels->blocks);
    for (int64_t k = 0; k < n; k++) coarse->owned += labels->size[k] > 0;
    HG_TRY(hg_blocks_create(comm, coarse->owned, &coarse->blocks));
    HG_TRY(hg_agree(comm, HG_NEW_UNSET(coarse->weight, coarse->owned)));
    int64_t next = 0;
    for (int64_t k = 0; k < n; k++) {
        if (labels->size[k] == 0) continue;
        number[k] = hg_level_id(coarse, next);
        coarse->weight[next++] = labels->size[k];
    }
    return HG_OK;
}

/* Finds the coarse node of every owned node. label [owned] is scratch. Collective. */
static hg_status read_coarse_ids(const struct hg_labels *labels, const uint32_t *number, uint32_t *label,
                                 uint32_t *id)
{
    const int64_t owned = labels->level->owned;
    for (int64_t v = 0; v < owned; v++) label[v] = hg_label_of(labels->node[v]);
    return hg_blocks_read(&labels->blocks, number, label, owned, id);
}

/* Collective. */
static hg_status name_nodes(const struct hg_labels *labels, uint32_t **id, struct hg_level *coarse)
{
    const struct hg_comm *comm = labels->blocks.comm;
    const int64_t owned = labels->level->owned;
    uint32_t *number = NULL, *label = NULL;
    hg_status status =
        HG_NEW(number, labels->blocks.first[comm->rank + 1] - hg_blocks_first(&labels->blocks));
    if (status == HG_OK) status = HG_NEW_UNSET(label, owned);
    if (status == HG_OK) status = HG_NEW_UNSET(*id, owned);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = number_labels(labels, coarse, number);
    if (status == HG_OK) status = read_coarse_ids(labels, number, label, *id);
    hg_mem_free(label);
    hg_mem_free(number);
    return status;
}

/* A coarse node has the group of its nodes. Collective. */
static hg_status name_groups(const struct hg_level *level, const uint32_t *id, struct hg_level *coarse)
{
    struct hg_entry *entries = NULL;
    if (level->group == NULL) return HG_OK;
    hg_status status = HG_NEW_UNSET(entries, level->owned);
    if (status == HG_OK) status = HG_NEW(coarse->group, coarse->owned);
    status = hg_agree(level->blocks.comm, status);
    for (int64_t v = 0; status == HG_OK && v < level->owned; v++)
        entries[v] = (struct hg_entry){id[v], level->group[v]};
    if (status == HG_OK) status = hg_blocks_set(&coarse->blocks, coarse->group, entries, level->owned);
    hg_mem_free(entries);
    return status;
}

/* Room for the sums of any coarse row: a coarse node has at most as many neighbours as there are coarse nodes, or as
 * its nodes have edges. */
static int64_t largest_sum(const struct contraction *c)
{
    int64_t most = 0, here = 0;
    for (int64_t k = 0; k < c->order.count; k++) {
        if (k > 0 && c->order.key[k] >> 32 != c->order.key[k - 1] >> 32) here = 0;
        here += degree(c->level, (int64_t)(c->order.key[k] & UINT32_MAX));
        most = hg_max_i64(most, here);
    }
    return hg_min_i64(most, hg_blocks_total(&c->coarse->blocks));
}

static hg_status prepare(struct contraction *c, const uint32_t *id)
{
    const struct hg_level *level = c->level;
    HG_TRY(HG_NEW_UNSET(c->id, level->owned + level->ghosts));
    HG_TRY(HG_NEW(c->coarse->indptr, c->coarse->owned + 1));
    for (int64_t v = 0; v < level->owned; v++) {
        c->id[v] = id[v];
        HG_TRY(hg_keys_add(&c->order, (uint64_t)id[v] << 32 | (uint64_t)v));
    }
    HG_TRY(hg_keys_sort(&c->order));
    return hg_tally_create(largest_sum(c), &c->tally);
}

/* Sums the edges of the nodes [k, end) of the order, which have one coarse node, by their other ends' coarse nodes,
 * and adds the sums to the window. */
static hg_status add_group(struct contraction *c, int64_t k, int64_t end)
{
    const struct hg_level *level = c->level;
    const uint32_t from = (uint32_t)(c->order.key[k] >> 32);
    int64_t most = 0;
    for (int64_t p = k; p < end; p++) most += degree(level, (int64_t)(c->order.key[p] & UINT32_MAX));
    hg_tally_clear(&c->tally, hg_min_i64(most, c->tally.capacity));
    for (; k < end; k++) {
        const int64_t v = (int64_t)(c->order.key[k] & UINT32_MAX);
        for (int64_t e = level->indptr[v]; e < level->indptr[v + 1]; e++) {
            const uint32_t to = (uint32_t)c->id[level->neighbour[e]];
            if (to == from) continue;
            hg_tally_add(&c->tally, to, 0, level->edge_weight != NULL ? level->edge_weight[e] : 1);
        }
    }
    HG_TRY(HG_RESERVE(c->edge, &c->capacity, c->count + c->tally.entries));
    for (int64_t t = 0; t < c->tally.entries; t++) {
        const struct hg_tally_entry *entry = &c->tally.slot[c->tally.used[t]];
        c->edge[c->count++] = (struct part_edge){from, entry->label, hg_tally_weight(entry)};
    }
    return HG_OK;
}

/* First node in the order whose coarse node is at least `id`. */
static int64_t order_of(const struct contraction *c, int64_t id)
{
    int64_t low = 0, high = c->order.count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if ((int64_t)(c->order.key[middle] >> 32) < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The coarse nodes of rank r's block that belong to window w of `windows`. */
static struct hg_range window_of(const struct contraction *c, int r, int64_t w, int64_t windows)
{
    const int64_t *first = c->coarse->blocks.first + r;
    const struct hg_range range = hg_block_range(first[1] - first[0], (int)w, (int)windows);
    return (struct hg_range){first[0] + range.first, first[0] + range.end};
}

/* Whether the row of a coarse node is left out because only some rows are counted. */
static bool left_out(const struct contraction *c, uint64_t id)
{
    return c->one_in > 1 && hg_mix64(id) % (uint64_t)c->one_in != 0;
}

/* This rank's share of the coarse edges of window w, grouped by the owner of `from`. */
static hg_status pack_window(struct contraction *c, int64_t w, int64_t windows, struct hg_route *route)
{
    const struct hg_comm *comm = c->level->blocks.comm;
    c->count = 0;
    HG_TRY(hg_route_create(comm, route));
    for (int r = 0; r < comm->size; r++) {
        const struct hg_range range = window_of(c, r, w, windows);
        const int64_t end = order_of(c, range.end), before = c->count;
        for (int64_t k = order_of(c, range.first), next; k < end; k = next) {
            for (next = k + 1; next < end && c->order.key[next] >> 32 == c->order.key[k] >> 32;) next++;
            if (!left_out(c, c->order.key[k] >> 32)) HG_TRY(add_group(c, k, next));
        }
        hg_route_count(route, r, c->count - before);
    }
    return HG_OK;
}

/* Groups what arrived by row of this window (a counting sort): *sorted [n], and start [rows + 1] of each row. */
static hg_status group_by_row(const struct part_edge *arrived, int64_t n, struct hg_range range,
                              struct part_edge **sorted, int64_t **start)
{
    const int64_t rows = range.end - range.first;
    HG_TRY(HG_NEW_UNSET(*sorted, n));
    HG_TRY(HG_NEW(*start, rows + 2));
    int64_t *next = *start + 1; /* so that start is right after the edges have been written */
    for (int64_t k = 0; k < n; k++) next[arrived[k].from - range.first + 1]++;
    for (int64_t i = 0; i < rows; i++) next[i + 1] += next[i];
    for (int64_t k = 0; k < n; k++) (*sorted)[next[arrived[k].from - range.first]++] = arrived[k];
    return HG_OK;
}

/* Gives the arrays of coarse edges exactly `room` elements. */
static hg_status resize_edges(struct contraction *c, int64_t room)
{
    struct hg_level *coarse = c->coarse;
    uint32_t *neighbour = hg_mem_resize(coarse->neighbour, c->edges, room, sizeof *neighbour);
    if (neighbour == NULL) return HG_NOMEM;
    coarse->neighbour = neighbour;
    uint32_t *weight = hg_mem_resize(coarse->edge_weight, c->edges, room, sizeof *weight);
    if (weight == NULL) return HG_NOMEM;
    coarse->edge_weight = weight;
    c->room = room;
    return HG_OK;
}

/* Room for n more coarse edges. */
static hg_status reserve(struct contraction *c, int64_t n)
{
    const int64_t needed = c->edges + n;
    return needed <= c->room ? HG_OK : resize_edges(c, needed + needed / 8);
}

/* Counts one edge, or appends it to the coarse graph if it stays. */
static void take_edge(struct contraction *c, uint32_t from, uint32_t to, uint32_t weight)
{
    if (c->one_in > 0) {
        hg_weights_add(&c->weights, weight);
        return;
    }
    const uint32_t sampled = hg_sampled_weight(from, to, weight, c->threshold);
    if (sampled == 0) return;
    c->coarse->neighbour[c->edges] = to;
    c->coarse->edge_weight[c->edges++] = sampled;
}

/* Takes one row of the coarse graph: the sums of what all ranks know of its edges. */
static void take_row(struct contraction *c, int64_t row, const struct part_edge *edge, int64_t n)
{
    hg_tally_clear(&c->tally, n);
    for (int64_t k = 0; k < n; k++) hg_tally_add(&c->tally, edge[k].to, 0, edge[k].weight);
    for (int64_t t = 0; t < c->tally.entries; t++) {
        const struct hg_tally_entry *entry = &c->tally.slot[c->tally.used[t]];
        take_edge(c, edge->from, entry->label, hg_tally_weight(entry));
    }
    c->coarse->indptr[row + 1] = c->edges;
}

/* The tally must hold the longest row that arrived. */
static hg_status widen_tally(struct contraction *c, const int64_t *start, int64_t rows)
{
    int64_t most = 0;
    for (int64_t i = 0; i < rows; i++) most = hg_max_i64(most, start[i + 1] - start[i]);
    if (most <= c->tally.capacity) return HG_OK;
    hg_tally_destroy(&c->tally);
    return hg_tally_create(most, &c->tally);
}

static hg_status take_window(struct contraction *c, const struct part_edge *arrived, int64_t n, int64_t w,
                             int64_t windows)
{
    const struct hg_range range = window_of(c, c->level->blocks.comm->rank, w, windows);
    struct part_edge *sorted = NULL;
    int64_t *start = NULL;
    const int64_t rows = range.end - range.first, first = range.first - hg_blocks_first(&c->coarse->blocks);
    hg_status status = group_by_row(arrived, n, range, &sorted, &start);
    if (status == HG_OK) status = widen_tally(c, start, rows);
    if (status == HG_OK && c->one_in == 0) status = reserve(c, n);
    for (int64_t i = 0; status == HG_OK && i < rows; i++)
        take_row(c, first + i, sorted + start[i], start[i + 1] - start[i]);
    hg_mem_free(start);
    hg_mem_free(sorted);
    return status;
}

/* Collective. */
static hg_status make_window(struct contraction *c, int64_t w, int64_t windows)
{
    const struct hg_comm *comm = c->level->blocks.comm;
    struct hg_route route;
    void *arrived = NULL;
    hg_status status = hg_agree(comm, pack_window(c, w, windows, &route));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *c->edge, c->edge, &arrived);
    if (status == HG_OK) status = hg_agree(comm, take_window(c, arrived, route.arrived, w, windows));
    hg_mem_free(arrived);
    hg_route_destroy(&route);
    hg_alive_tick();
    return status;
}

/* Takes all coarse rows, of which one in `one_in` is not left out. Collective. */
static hg_status take_rows(struct contraction *c, int64_t one_in)
{
    const struct hg_level *level = c->level;
    const int64_t edges = level->indptr[level->owned] / one_in;
    int64_t windows = hg_max_i64(edges / WINDOW_EDGES, hg_min_i64(edges / FEW_EDGES, LEAST_WINDOWS)) + 1;
    hg_comm_max_i64(level->blocks.comm, &windows, 1);
    for (int64_t w = 0; w < windows; w++) HG_TRY(make_window(c, w, windows));
    return HG_OK;
}

/* Chooses the threshold by the weights of some rows, and makes room for the edges that will stay. Collective. */
static hg_status choose_threshold(struct contraction *c, const struct hg_contraction_limits *limits)
{
    const struct hg_comm *comm = c->level->blocks.comm;
    const int64_t nodes = hg_blocks_total(&c->coarse->blocks),
                  edges = hg_min_i64(limits->edges, limits->edges_per_node * nodes),
                  one_in = nodes < COUNTED_NODES ? 1 : COUNT_ONE_IN;
    c->one_in = one_in;
    HG_TRY(take_rows(c, one_in));
    c->one_in = 0;
    c->threshold = hg_weights_threshold(comm, &c->weights, edges / one_in);
    const int64_t kept = hg_weights_kept(&c->weights, c->threshold) * one_in;
    return hg_agree(comm, resize_edges(c, kept + kept / ROOM_MARGIN));
}

static hg_status contract(struct contraction *c, const uint32_t *id,
                          const struct hg_contraction_limits *limits)
{
    HG_TRY(hg_agree(c->level->blocks.comm, prepare(c, id)));
    HG_TRY(hg_level_refresh(c->level, c->id));
    HG_TRY(choose_threshold(c, limits));
    HG_TRY(take_rows(c, 1));
    return hg_level_connect(c->coarse);
}

hg_status hg_level_contract(const struct hg_labels *labels, const struct hg_contraction_limits *limits,
                            uint32_t **id, struct hg_level *coarse)
{
    struct contraction c = {.level = labels->level, .coarse = coarse};
    *coarse = (struct hg_level){0};
    hg_status status = name_nodes(labels, id, coarse);
    if (status == HG_OK) status = name_groups(c.level, *id, coarse);
    if (status == HG_OK) status = contract(&c, *id, limits);
    hg_mem_free(c.edge);
    hg_mem_free(c.id);
    hg_keys_destroy(&c.order);
    hg_tally_destroy(&c.tally);
    return status;
}
