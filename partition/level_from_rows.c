#include "base/mem.h"
#include "partition/level.h"
#include <stdlib.h>

enum { WEIGHT_SUM = 1 << 30, WINDOW_EDGES = 1 << 22 };

/* An edge as the owner of its source receives it. */
struct reversed {
    uint32_t source, target; /* ids */
};

/* State of hg_level_from_rows for directed graphs. Edges travel to the owners of their sources in windows of rows,
 * twice: first they are counted, then written to their slots. */
struct reversal {
    const struct hg_node_table *rows;
    struct hg_level *level;
    int64_t row;   /* first row of the next window */
    int64_t *slot; /* [owned] where the next neighbour of each node goes; NULL while counting */
};

static bool is_loop(const struct hg_node_table *rows, int64_t i, hg_eid e)
{
    return rows->indices[e] == rows->stored[i];
}

/* Enters the sources of this rank's edges. With slot NULL it only counts, into indptr[i + 1]. */
static void enter_in_edges(const struct hg_node_table *rows, struct hg_level *level, int64_t *slot)
{
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            if (is_loop(rows, i, e)) continue;
            if (slot != NULL) {
                level->neighbour[slot[i]++] = (uint32_t)rows->indices[e];
                continue;
            }
            level->indptr[i + 1]++;
            level->sources[i]++;
        }
}

/* Packs the edges of the next rows, up to about WINDOW_EDGES, by the owners of their sources. */
static hg_status pack_window(struct reversal *r, struct hg_route *route, struct reversed **packed)
{
    const struct hg_node_table *rows = r->rows;
    const struct hg_blocks *blocks = &r->level->blocks;
    const int64_t first = r->row;
    while (r->row < rows->count && rows->indptr[r->row + 1] - rows->indptr[first] <= WINDOW_EDGES) r->row++;
    if (r->row == first && first < rows->count) r->row++; /* a row larger than the window */
    HG_TRY(hg_route_create(blocks->comm, route));
    for (hg_eid e = rows->indptr[first]; e < rows->indptr[r->row]; e++)
        hg_route_count(route, hg_blocks_owner(blocks, rows->indices[e]), 1);
    HG_TRY(HG_NEW_UNSET(*packed, route->count));
    hg_route_pack(route);
    for (int64_t i = first; i < r->row; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++)
            (*packed)[hg_route_next(route, hg_blocks_owner(blocks, rows->indices[e]), 1)] =
                (struct reversed){(uint32_t)rows->indices[e], (uint32_t)rows->stored[i]};
    return HG_OK;
}

static void enter_window(struct reversal *r, const struct reversed *arrived, int64_t n)
{
    const int64_t first = hg_blocks_first(&r->level->blocks);
    for (int64_t k = 0; k < n; k++) {
        if (arrived[k].source == arrived[k].target) continue;
        const int64_t v = arrived[k].source - first;
        if (r->slot == NULL)
            r->level->indptr[v + 1]++;
        else
            r->level->neighbour[r->slot[v]++] = arrived[k].target;
    }
}

static hg_status send_window(struct reversal *r)
{
    struct hg_route route;
    struct reversed *packed = NULL;
    void *arrived = NULL;
    hg_status status = hg_agree(r->level->blocks.comm, pack_window(r, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *packed, packed, &arrived);
    if (status == HG_OK) enter_window(r, arrived, route.arrived);
    hg_mem_free(arrived);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}

/* Enters the targets of this rank's out-edges, which the targets' owners know. Collective. */
static hg_status enter_out_edges(const struct hg_node_table *rows, struct hg_level *level, int64_t *slot)
{
    struct reversal r = {rows, level, 0, slot};
    int64_t more = 1;
    while (more > 0) {
        HG_TRY(send_window(&r));
        more = rows->count - r.row;
        hg_comm_max_i64(level->blocks.comm, &more, 1);
    }
    return HG_OK;
}

static hg_status enter_edges(const struct hg_node_table *rows, struct hg_level *level, int64_t *slot)
{
    enter_in_edges(rows, level, slot);
    return rows->info.symmetric ? HG_OK : enter_out_edges(rows, level, slot);
}

static hg_status prepare(const struct hg_node_table *rows, struct hg_level *level)
{
    const int64_t mean = rows->info.num_edges / hg_max_i64(rows->info.num_nodes, 1) + 1;
    const int64_t unit = (rows->info.num_edges + 2 * mean * rows->info.num_nodes) / WEIGHT_SUM + 1;
    if (rows->info.num_nodes > UINT32_MAX)
        return hg_fail(HG_FAILED, "partition", "%lld nodes, but at most %lld can be put into cells",
                       (long long)rows->info.num_nodes, (long long)UINT32_MAX);
    level->owned = rows->count;
    level->symmetric = rows->info.symmetric;
    HG_TRY(HG_NEW_UNSET(level->in_degree, level->owned));
    HG_TRY(HG_NEW(level->sources, level->owned));
    HG_TRY(HG_NEW(level->indptr, level->owned + 1));
    HG_TRY(HG_NEW_UNSET(level->weight, level->owned));
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t degree = rows->indptr[i + 1] - rows->indptr[i];
        level->in_degree[i] = (uint32_t)degree;
        level->weight[i] = (uint32_t)hg_max_i64((degree + 2 * mean) / unit, 1);
    }
    return HG_OK;
}

/* From the counts in indptr[i + 1]: prefix sums, room for the neighbours, and the first slot of each node. */
static hg_status allocate(struct hg_level *level, int64_t **slot)
{
    for (int64_t i = 0; i < level->owned; i++) level->indptr[i + 1] += level->indptr[i];
    HG_TRY(HG_NEW_UNSET(level->neighbour, level->indptr[level->owned]));
    HG_TRY(HG_NEW_UNSET(*slot, level->owned));
    for (int64_t i = 0; i < level->owned; i++) (*slot)[i] = level->indptr[i];
    return HG_OK;
}

static int by_id(const void *a, const void *b)
{
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Sorts the targets of each node's out-edges, which arrived window by window, so that their order does not depend on
 * the number of ranks. */
static void sort_targets(struct hg_level *level)
{
    for (int64_t v = 0; v < level->owned; v++) {
        uint32_t *target = level->neighbour + level->indptr[v] + level->sources[v];
        const int64_t n = level->indptr[v + 1] - level->indptr[v] - level->sources[v];
        bool ascend = true;
        for (int64_t k = 1; k < n; k++) ascend = ascend && target[k - 1] <= target[k];
        if (!ascend) qsort(target, (size_t)n, sizeof *target, by_id);
    }
}

hg_status hg_level_from_rows(const struct hg_comm *comm, const struct hg_node_table *rows,
                             struct hg_level *level)
{
    int64_t *slot = NULL;
    *level = (struct hg_level){0};
    hg_status status = hg_blocks_create(comm, rows->count, &level->blocks);
    if (status == HG_OK) status = hg_agree(comm, prepare(rows, level));
    if (status == HG_OK) status = enter_edges(rows, level, NULL);
    if (status == HG_OK) status = hg_agree(comm, allocate(level, &slot));
    if (status == HG_OK) status = enter_edges(rows, level, slot);
    hg_mem_free(slot);
    if (status == HG_OK) sort_targets(level);
    return status == HG_OK ? hg_level_connect(level) : status;
}
