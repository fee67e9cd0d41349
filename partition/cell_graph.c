#include "base/mem.h"
#include "partition/cell_nets.h"
#include "partition/cell_order.h"

/* One rank's contribution to an edge of the graph of cells; rank 0 adds up the contributions of all ranks. */
struct link {
    uint64_t cells; /* key (smaller cell, larger cell) */
    int64_t weight; /* nodes of either cell that are adjacent to the other one, as this rank counted them */
};

/* Counts the nodes of one cell that are adjacent to each other cell. */
struct counting {
    const struct hg_level *graph;
    int32_t *cell;        /* [owned + ghosts] cell of each node */
    struct hg_keys order; /* (cell << 32 | node) of the owned nodes, ascending */
    int64_t *nodes;       /* [C] nodes of the present cell adjacent to each cell */
    int64_t *last;        /* [C] 1 + the last node that was counted for each cell */
    int32_t *touched;     /* [C] cells with nodes > 0 */
    struct link *links;
    int64_t count, capacity;
};

static hg_status prepare(const struct hg_divided *divided, const struct hg_cells *cells, struct counting *c)
{
    const struct hg_level *graph = c->graph = &divided->graph;
    HG_TRY(HG_NEW_UNSET(c->cell, graph->owned + graph->ghosts));
    HG_TRY(HG_NEW(c->nodes, cells->count));
    HG_TRY(HG_NEW(c->last, cells->count));
    HG_TRY(HG_NEW(c->touched, cells->count));
    for (int64_t v = 0; v < graph->owned + graph->ghosts; v++)
        c->cell[v] = (int32_t)hg_cells_find(cells, (hg_gid)divided->stored[v]);
    for (int64_t v = 0; v < graph->owned; v++)
        HG_TRY(hg_keys_add(&c->order, (uint64_t)c->cell[v] << 32 | (uint64_t)v));
    return hg_keys_sort(&c->order);
}

static void counting_destroy(struct counting *c)
{
    HG_FREE(c->cell);
    hg_keys_destroy(&c->order);
    HG_FREE(c->nodes);
    HG_FREE(c->last);
    HG_FREE(c->touched);
    HG_FREE(c->links);
}

/* Counts node v, of cell a, for each cell that it is adjacent to. Returns the new number of touched cells. */
static int64_t count_node(struct counting *c, int64_t v, int32_t a, int64_t touched)
{
    for (int64_t e = c->graph->indptr[v]; e < c->graph->indptr[v + 1]; e++) {
        const int32_t b = c->cell[c->graph->neighbour[e]];
        if (b == a || c->last[b] == v + 1) continue;
        c->last[b] = v + 1;
        if (c->nodes[b]++ == 0) c->touched[touched++] = b;
    }
    return touched;
}

/* Counts the owned nodes [k, end) of the order, which are those of one cell; a link for each adjacent cell. */
static hg_status count_cell(struct counting *c, int64_t k, int64_t end)
{
    const int32_t a = (int32_t)(c->order.key[k] >> 32);
    int64_t touched = 0;
    for (; k < end; k++) touched = count_node(c, (int64_t)(c->order.key[k] & UINT32_MAX), a, touched);
    HG_TRY(HG_RESERVE(c->links, &c->capacity, c->count + touched));
    for (int64_t t = 0; t < touched; t++) {
        const int32_t b = c->touched[t];
        c->links[c->count++] = (struct link){hg_key_pair(a < b ? a : b, a < b ? b : a), c->nodes[b]};
        c->nodes[b] = 0;
    }
    return HG_OK;
}

static hg_status count_links(const struct hg_divided *divided, const struct hg_cells *cells,
                             struct counting *c)
{
    HG_TRY(prepare(divided, cells, c));
    for (int64_t k = 0, end; k < c->order.count; k = end) {
        for (end = k + 1; end < c->order.count && c->order.key[end] >> 32 == c->order.key[k] >> 32;) end++;
        HG_TRY(count_cell(c, k, end));
    }
    return HG_OK;
}

static uint64_t reverse(uint64_t cells)
{
    return hg_key_pair(hg_key_low(cells), hg_key_high(cells));
}

/* The links of all ranks -> the graph of cells as symmetric CSR with ascending columns; adds the weights. */
static hg_status fill_graph(const struct link *links, int64_t count, struct hg_cells *cells)
{
    struct hg_keys keys = {0};
    hg_status status = HG_OK;
    for (int64_t k = 0; status == HG_OK && k < count; k++) {
        status = hg_keys_add(&keys, links[k].cells);
        if (status == HG_OK) status = hg_keys_add(&keys, reverse(links[k].cells));
    }
    if (status == HG_OK) status = hg_keys_unique(&keys, 0);
    if (status == HG_OK) status = HG_NEW(cells->indptr, cells->count + 1);
    if (status == HG_OK) status = HG_NEW(cells->indices, keys.count);
    if (status == HG_OK) status = HG_NEW(cells->weight, keys.count);
    if (status == HG_OK) {
        for (int64_t k = 0; k < keys.count; k++) {
            cells->indptr[hg_key_high(keys.key[k]) + 1]++;
            cells->indices[k] = hg_key_low(keys.key[k]);
        }
        for (int64_t c = 0; c < cells->count; c++) cells->indptr[c + 1] += cells->indptr[c];
        for (int64_t k = 0; k < count; k++) {
            cells->weight[hg_keys_find(&keys, links[k].cells)] += links[k].weight;
            cells->weight[hg_keys_find(&keys, reverse(links[k].cells))] += links[k].weight;
        }
    }
    hg_keys_destroy(&keys);
    return status;
}

/* Gathers the links of all ranks on rank 0 and builds the graph of cells there. Collective. */
static hg_status merge_links(const struct hg_comm *comm, const struct link *links, int64_t count,
                             struct hg_cells *cells)
{
    int64_t *counts = NULL, total = 0;
    void *all = NULL;
    hg_status status = hg_agree(comm, HG_NEW(counts, comm->size));
    if (status == HG_OK) status = hg_comm_gather(comm, sizeof *links, links, count, 0, &all, counts);
    if (status == HG_OK) {
        for (int r = 0; r < comm->size; r++) total += counts[r];
        status = hg_agree(comm, comm->rank == 0 ? fill_graph(all, total, cells) : HG_OK);
    }
    hg_mem_free(all);
    hg_mem_free(counts);
    return status;
}

/* Sends the graph of cells from rank 0 to all ranks. hg_cells_bcast sends all of hg_cells, so the offsets and edges
 * that other ranks have already are freed first. Collective. */
static hg_status share_graph(const struct hg_comm *comm, struct hg_cells *cells)
{
    if (comm->rank != 0) hg_cells_destroy(cells);
    return hg_cells_bcast(comm, cells);
}

hg_status hg_cell_graph(const struct hg_divided *divided, struct hg_cells *cells)
{
    const struct hg_comm *comm = divided->graph.blocks.comm;
    struct counting c = {0};
    hg_status status = hg_agree(comm, count_links(divided, cells, &c));
    if (status == HG_OK) status = merge_links(comm, c.links, c.count, cells);
    counting_destroy(&c);
    if (status == HG_OK) status = hg_nets_count(divided, cells, &cells->nets);
    return status == HG_OK ? share_graph(comm, cells) : status;
}
