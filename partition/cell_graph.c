#include "base/mem.h"
#include "partition/cell_order.h"
#include "partition/directory.h"

/* One rank's contribution to an edge of the graph of cells; rank 0 adds up the contributions of all ranks. */
struct link {
    uint64_t cells; /* key (smaller cell, larger cell) */
    int64_t weight; /* nodes of either cell that are adjacent to the other one, as this rank counted them */
};

/* Keys (cell, node): the node is adjacent to the cell but not in it. A symmetric graph stores each edge at both of
 * its ends, so looking at the source is enough. */
static hg_status collect_pairs(const struct hg_node_table *rows, const struct hg_cells *cells,
                               struct hg_keys *pairs)
{
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t a = hg_cells_find(cells, rows->stored[i]);
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const int64_t b = hg_cells_find(cells, rows->indices[e]);
            if (a == b) continue;
            HG_TRY(hg_keys_insert(pairs, hg_key_pair(a, rows->indices[e])));
            if (!rows->info.symmetric) HG_TRY(hg_keys_insert(pairs, hg_key_pair(b, rows->stored[i])));
        }
    }
    return HG_OK;
}

/* Keys (cell, node) -> one link per pair of cells, whose weight is the number of keys of that pair. Overwrites
 * pairs. */
static hg_status count_links(const struct hg_cells *cells, struct hg_keys *pairs, struct link **links,
                             int64_t *count)
{
    for (int64_t k = 0; k < pairs->count; k++) {
        const int64_t a = hg_key_high(pairs->key[k]), b = hg_cells_find(cells, hg_key_low(pairs->key[k]));
        pairs->key[k] = hg_key_pair(hg_min_i64(a, b), hg_max_i64(a, b));
    }
    HG_TRY(hg_keys_sort(pairs));
    int64_t distinct = 0;
    for (int64_t k = 0; k < pairs->count; k++) distinct += k == 0 || pairs->key[k] != pairs->key[k - 1];
    HG_TRY(HG_NEW(*links, distinct));
    for (int64_t k = 0; k < pairs->count; k++) {
        if (k == 0 || pairs->key[k] != pairs->key[k - 1]) (*links)[(*count)++].cells = pairs->key[k];
        (*links)[*count - 1].weight++;
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

hg_status hg_cell_graph(const struct hg_comm *comm, const struct hg_node_table *rows, struct hg_cells *cells)
{
    struct hg_keys pairs = {0};
    struct link *links = NULL;
    int64_t count = 0;
    hg_status status = hg_agree(comm, collect_pairs(rows, cells, &pairs));
    if (status == HG_OK) status = hg_keys_share(comm, rows->info.num_nodes, &pairs);
    if (status == HG_OK) status = hg_agree(comm, count_links(cells, &pairs, &links, &count));
    hg_keys_destroy(&pairs);
    if (status == HG_OK) status = merge_links(comm, links, count, cells);
    hg_mem_free(links);
    return status == HG_OK ? share_graph(comm, cells) : status;
}
