#include "base/mem.h"
#include "partition/level.h"
#include <stdlib.h>

enum { WEIGHT_SUM = 1 << 30, WINDOW_EDGES = 1 << 22 };

/* The first row after `row` that does not belong to a window of about `edges` edges, but of one row at least. */
static int64_t window_end(const int64_t *indptr, int64_t rows, int64_t row, int64_t edges)
{
    int64_t end = row < rows ? row + 1 : row;
    while (end < rows && indptr[end + 1] - indptr[row] <= edges) end++;
    return end;
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
    HG_TRY(HG_NEW_UNSET(level->sources, level->owned));
    HG_TRY(HG_NEW(level->indptr, level->owned + 1));
    HG_TRY(HG_NEW_UNSET(level->weight, level->owned));
    HG_TRY(HG_NEW_UNSET(level->neighbour, hg_node_table_edges(rows)));
    for (int64_t i = 0; i < rows->count; i++) {
        const int64_t degree = rows->indptr[i + 1] - rows->indptr[i];
        level->in_degree[i] = (uint32_t)degree;
        level->weight[i] = (uint32_t)hg_max_i64((degree + 2 * mean) / unit, 1);
    }
    return HG_OK;
}

/* Enters the sources of rows [first, end) behind those of the rows before; indices: those of row `first` and on. */
static void enter_sources(const struct hg_node_table *rows, int64_t first, int64_t end, const hg_gid *indices,
                          struct hg_level *level)
{
    int64_t at = level->indptr[first];
    for (int64_t i = first; i < end; i++) {
        const uint32_t id = hg_level_id(level, i);
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const uint32_t source = (uint32_t)indices[e - rows->indptr[first]];
            if (source != id) level->neighbour[at++] = source;
        }
        level->sources[i] = (uint32_t)(at - level->indptr[i]);
        level->indptr[i + 1] = at;
    }
}

/* Reads rows [first, end), and enters their sources. Collective. */
static hg_status read_sources(const struct hg_row_source *source, const struct hg_node_table *rows,
                              int64_t first, int64_t end, struct hg_level *level)
{
    const hg_gid block = hg_blocks_first(&level->blocks);
    const struct hg_range range = {block + first, block + end};
    struct hg_node_table chunk;
    HG_TRY(source->read(source, &range, &chunk));
    const bool same =
        chunk.count == end - first && hg_node_table_edges(&chunk) == rows->indptr[end] - rows->indptr[first];
    const hg_status status = hg_agree(level->blocks.comm, same ? HG_OK : hg_rows_changed());
    if (status == HG_OK) enter_sources(rows, first, end, chunk.indices, level);
    hg_node_table_destroy(&chunk);
    return status;
}

/* Reads and enters the sources of all rows, chunk by chunk. Collective. */
static hg_status read_all_sources(const struct hg_row_source *source, const struct hg_node_table *rows,
                                  struct hg_level *level)
{
    const int64_t edges = source->chunk_bytes / (int64_t)sizeof(hg_gid);
    int64_t first = 0, more = 1;
    while (more > 0) {
        const int64_t end = window_end(rows->indptr, rows->count, first, edges);
        HG_TRY(read_sources(source, rows, first, end, level));
        more = rows->count - end;
        first = end;
        hg_comm_max_i64(level->blocks.comm, &more, 1);
    }
    return HG_OK;
}

/* An edge as the owner of its source receives it. */
struct reversed {
    uint32_t source, target; /* ids */
};

/* State of add_targets. Edges travel to the owners of their sources in windows of rows, twice: first they are counted,
 * then written to their slots. */
struct reversal {
    const struct hg_level *level; /* with sources only */
    int64_t row;                  /* first row of the next window */
    int64_t *count;               /* [owned] targets of each node */
    int64_t *slot;                /* [owned] where the next target of each node goes; NULL while counting */
    uint32_t *neighbour;          /* what slots count in */
};

/* Packs the edges of the next rows by the owners of their sources. */
static hg_status pack_window(struct reversal *r, struct hg_route *route, struct reversed **packed)
{
    const struct hg_level *level = r->level;
    const struct hg_blocks *blocks = &level->blocks;
    const int64_t first = r->row;
    r->row = window_end(level->indptr, level->owned, first, WINDOW_EDGES);
    HG_TRY(hg_route_create(blocks->comm, route));
    for (int64_t e = level->indptr[first]; e < level->indptr[r->row]; e++)
        hg_route_count(route, hg_blocks_owner(blocks, level->neighbour[e]), 1);
    HG_TRY(HG_NEW_UNSET(*packed, route->count));
    hg_route_pack(route);
    for (int64_t i = first; i < r->row; i++)
        for (int64_t e = level->indptr[i]; e < level->indptr[i + 1]; e++)
            (*packed)[hg_route_next(route, hg_blocks_owner(blocks, level->neighbour[e]), 1)] =
                (struct reversed){level->neighbour[e], hg_level_id(level, i)};
    return HG_OK;
}

static void enter_window(struct reversal *r, const struct reversed *arrived, int64_t n)
{
    const int64_t first = hg_blocks_first(&r->level->blocks);
    for (int64_t k = 0; k < n; k++) {
        const int64_t v = arrived[k].source - first;
        if (r->slot == NULL)
            r->count[v]++;
        else
            r->neighbour[r->slot[v]++] = arrived[k].target;
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

/* Sends all edges to the owners of their sources. Collective. */
static hg_status send_all(struct reversal *r)
{
    int64_t more = 1;
    r->row = 0;
    while (more > 0) {
        HG_TRY(send_window(r));
        more = r->level->owned - r->row;
        hg_comm_max_i64(r->level->blocks.comm, &more, 1);
    }
    return HG_OK;
}

/* Makes room for the targets behind the sources of each node. indptr [owned + 1]: out: the offsets of both. */
static hg_status make_room(struct reversal *r, int64_t *indptr)
{
    const struct hg_level *level = r->level;
    for (int64_t v = 0; v < level->owned; v++) indptr[v + 1] = indptr[v] + level->sources[v] + r->count[v];
    HG_TRY(HG_NEW_UNSET(r->neighbour, indptr[level->owned]));
    for (int64_t v = 0; v < level->owned; v++) {
        for (int64_t k = 0; k < level->sources[v]; k++)
            r->neighbour[indptr[v] + k] = level->neighbour[level->indptr[v] + k];
        r->count[v] = indptr[v] + level->sources[v];
    }
    r->slot = r->count;
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

/* Adds the targets of each node's out-edges, which the targets' owners know. Collective. */
static hg_status add_targets(struct hg_level *level)
{
    const struct hg_comm *comm = level->blocks.comm;
    struct reversal r = {.level = level};
    int64_t *indptr = NULL;
    hg_status status = HG_NEW(r.count, level->owned);
    if (status == HG_OK) status = HG_NEW(indptr, level->owned + 1);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = send_all(&r);
    if (status == HG_OK) status = hg_agree(comm, make_room(&r, indptr));
    if (status == HG_OK) status = send_all(&r);
    if (status == HG_OK) {
        int64_t *old_indptr = level->indptr;
        uint32_t *old_neighbour = level->neighbour;
        level->indptr = indptr;
        level->neighbour = r.neighbour;
        indptr = old_indptr;
        r.neighbour = old_neighbour;
        sort_targets(level);
    }
    hg_mem_free(r.count);
    hg_mem_free(r.neighbour);
    hg_mem_free(indptr);
    return status;
}

hg_status hg_level_from_rows(const struct hg_comm *comm, const struct hg_node_table *rows,
                             const struct hg_row_source *source, struct hg_level *level)
{
    *level = (struct hg_level){0};
    HG_TRY(hg_blocks_create(comm, rows->count, &level->blocks));
    HG_TRY(hg_agree(comm, prepare(rows, level)));
    if (rows->indices != NULL)
        enter_sources(rows, 0, rows->count, rows->indices, level);
    else
        HG_TRY(read_all_sources(source, rows, level));
    if (!level->symmetric) HG_TRY(add_targets(level));
    return hg_level_connect(level);
}
