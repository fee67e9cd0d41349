#include "partition/collect.h"

#include "base/alive.h"
#include "base/limits.h"
#include "base/mem.h"
#include <string.h>

enum { MOVED_ARRAYS = HG_ROW_ARRAYS + 6 };

/* What hg_collect_rows works on. */
struct collection {
    const struct hg_row_source *source;
    const struct hg_divided *divided;
    const struct hg_cells *cells;
    const int *owner;
    int64_t *
        first; /* [C] the row of this rank's table that a cell begins at; only of cells that this rank gets */
    struct hg_node_table *rows;
};

/* The way of some rows: from this rank, and into its table. */
struct way {
    const struct hg_comm *comm;
    int64_t count, arrived; /* rows that may leave, rows that arrive */
    int *owner;             /* [count] rank that each row goes to; -1: none */
    int64_t *row;           /* [arrived] row of the table that each arriving row becomes */
};

/* An array that is moved; an item is one element of it: a row's value, an edge, a stored feature. */
struct moved_array {
    size_t bytes;                          /* per item */
    const hg_eid *from_indptr, *to_indptr; /* first item of each row; NULL: one item per row */
    const void *from;
    void *to;
};

static int64_t first_item(const hg_eid *indptr, int64_t row)
{
    return indptr != NULL ? indptr[row] : row;
}

static int64_t item_count(const hg_eid *indptr, int64_t row)
{
    return indptr != NULL ? indptr[row + 1] - indptr[row] : 1;
}

/* Packs the items of the rows, grouped by the ranks that they go to. *packed is newly allocated. */
static hg_status pack(const struct way *w, const struct moved_array *a, struct hg_route *route, char **packed)
{
    HG_TRY(hg_route_create(w->comm, route));
    for (int64_t i = 0; i < w->count; i++)
        if (w->owner[i] >= 0) hg_route_count(route, w->owner[i], item_count(a->from_indptr, i));
    HG_TRY(HG_NEW_UNSET(*packed, route->count * (int64_t)a->bytes));
    hg_route_pack(route);
    for (int64_t i = 0; i < w->count; i++) {
        if (w->owner[i] < 0) continue;
        const int64_t items = item_count(a->from_indptr, i);
        memcpy(*packed + (size_t)hg_route_next(route, w->owner[i], items) * a->bytes,
               (const char *)a->from + (size_t)first_item(a->from_indptr, i) * a->bytes,
               (size_t)items * a->bytes);
    }
    return HG_OK;
}

static void unpack(const struct way *w, const struct moved_array *a, const char *arrived)
{
    for (int64_t k = 0; k < w->arrived; k++) {
        const size_t bytes = (size_t)item_count(a->to_indptr, w->row[k]) * a->bytes;
        memcpy((char *)a->to + (size_t)first_item(a->to_indptr, w->row[k]) * a->bytes, arrived, bytes);
        arrived += bytes;
    }
}

/* Sends one array's items of the rows; what arrives, *arrived [*count], is newly allocated. Collective. */
static hg_status send(const struct way *w, const struct moved_array *a, void **arrived, int64_t *count)
{
    struct hg_route route;
    char *packed = NULL;
    hg_status status = hg_agree(w->comm, pack(w, a, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, a->bytes, packed, arrived);
    *count = route.arrived;
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}

/* Collective. */
static hg_status move(const struct way *w, const struct moved_array *a)
{
    void *arrived = NULL;
    int64_t count = 0;
    const hg_status status = send(w, a, &arrived, &count);
    if (status == HG_OK) unpack(w, a, arrived);
    hg_mem_free(arrived);
    return status;
}

/* Finds the ranks that rows [first, first + count) of this rank's block go to. */
static hg_status find_owners(const struct collection *c, int64_t first, struct way *w)
{
    HG_TRY(HG_NEW_UNSET(w->owner, w->count));
    for (int64_t i = 0; i < w->count; i++)
        w->owner[i] = c->owner[hg_cells_find(c->cells, (hg_gid)c->divided->stored[first + i])];
    return HG_OK;
}

/* The rows that stored ids become, in place. */
static void find_rows(const struct collection *c, int64_t *stored, int64_t n)
{
    for (int64_t k = 0; k < n; k++) {
        const int64_t cell = hg_cells_find(c->cells, stored[k]);
        stored[k] += c->first[cell] - c->cells->offsets[cell];
    }
}

/* The way of rows [first, first + count) of this rank's block. Destroy it also after a failure. Collective. */
static hg_status way_create(const struct collection *c, int64_t first, int64_t count, struct way *w)
{
    const struct moved_array stored = {.bytes = sizeof *w->row, .from = c->divided->stored + first};
    void *arrived = NULL;
    *w = (struct way){.comm = c->divided->graph.blocks.comm, .count = count};
    hg_status status = hg_agree(w->comm, find_owners(c, first, w));
    if (status == HG_OK) status = send(w, &stored, &arrived, &w->arrived);
    w->row = arrived;
    if (status == HG_OK) find_rows(c, w->row, w->arrived);
    return status;
}

static void way_destroy(struct way *w)
{
    HG_FREE(w->owner);
    HG_FREE(w->row);
}

/* Moves the numbers of items of all rows; *indptr [rows + 1] is the sum of them. Collective. */
static hg_status move_lengths(const struct collection *c, const struct way *w, const uint32_t *length,
                              hg_eid **indptr)
{
    uint32_t *moved = NULL;
    hg_status status = HG_NEW(*indptr, c->rows->count + 1);
    if (status == HG_OK) status = HG_NEW_UNSET(moved, c->rows->count);
    status = hg_agree(w->comm, status);
    if (status == HG_OK)
        status = move(w, &(struct moved_array){.bytes = sizeof *length, .from = length, .to = moved});
    for (int64_t i = 0; status == HG_OK && i < c->rows->count; i++)
        (*indptr)[i + 1] = (*indptr)[i] + moved[i];
    hg_mem_free(moved);
    return status;
}

/* Numbers of sparse features. Collective. */
static hg_status move_values(const struct collection *c, const struct way *w)
{
    uint32_t *length = NULL;
    const hg_eid *values = c->source->values;
    if (!c->source->info->sparse) return HG_OK;
    hg_status status = hg_agree(w->comm, HG_NEW_UNSET(length, w->count));
    for (int64_t i = 0; status == HG_OK && i < w->count; i++)
        length[i] = (uint32_t)(values[i + 1] - values[i]);
    if (status == HG_OK) status = move_lengths(c, w, length, &c->rows->x.indptr);
    hg_mem_free(length);
    return status;
}

static hg_status move_offsets(const struct collection *c)
{
    struct way w;
    hg_status status = way_create(c, 0, c->divided->graph.owned, &w);
    if (status == HG_OK) status = move_lengths(c, &w, c->divided->graph.in_degree, &c->rows->indptr);
    if (status == HG_OK) status = move_values(c, &w);
    way_destroy(&w);
    return status;
}

/* Numbers the rows that this rank gets, in cell order. */
static hg_status begin_rows(struct collection *c)
{
    const int rank = c->divided->graph.blocks.comm->rank;
    HG_TRY(HG_NEW_UNSET(c->first, c->cells->count));
    for (int64_t k = 0; k < c->cells->count; k++) {
        if (c->owner[k] != rank) continue;
        c->first[k] = c->rows->count;
        c->rows->count += c->cells->offsets[k + 1] - c->cells->offsets[k];
    }
    HG_TRY(hg_limit_check("partition", "nodes", c->rows->count));
    HG_TRY(HG_NEW_UNSET(c->rows->stored, c->rows->count));
    HG_TRY(HG_NEW_UNSET(c->rows->imported, c->rows->count));
    hg_gid *next = c->rows->stored;
    for (int64_t k = 0; k < c->cells->count; k++)
        for (hg_gid id = c->cells->offsets[k]; c->owner[k] == rank && id < c->cells->offsets[k + 1]; id++)
            *next++ = id;
    return HG_OK;
}

static hg_status allocate_items(const struct hg_row_source *source, struct hg_node_table *rows)
{
    const hg_eid edges = hg_node_table_edges(rows);
    const size_t attr_bytes = (size_t)source->info->num_edge_features * sizeof(hg_real);
    HG_TRY(hg_limit_check("partition", "edges", edges));
    HG_TRY(HG_NEW_UNSET(rows->indices, edges));
    if (source->edge_ids) HG_TRY(HG_NEW_UNSET(rows->edge_id, edges));
    if (attr_bytes > 0 && (rows->edge_attr = hg_mem_alloc_unset(edges, attr_bytes)) == NULL) return HG_NOMEM;
    if (!source->info->sparse) return HG_OK;
    const int64_t values = rows->x.indptr[rows->count];
    HG_TRY(HG_NEW_UNSET(rows->x.indices, values));
    return source->info->wide ? HG_NEW_UNSET(rows->x.wide, values) : HG_NEW_UNSET(rows->x.data, values);
}

/* Gives this rank's table its description, which it takes from the first chunk, and its arrays. */
static hg_status allocate(const struct hg_row_source *source, struct hg_node_table *chunk,
                          struct hg_node_table *rows)
{
    rows->info = chunk->info;
    chunk->info.class_name = NULL;
    HG_TRY(hg_node_table_allocate_arrays(rows));
    return allocate_items(source, rows);
}

/* Replaces the ids of row i of a chunk, node v of the divided graph, by those of the cell order. The sources are those
 * of the divided graph, which has no self-loops. */
static hg_status renumber_row(const struct hg_divided *divided, struct hg_node_table *chunk, int64_t i,
                              int64_t v)
{
    const struct hg_level *graph = &divided->graph;
    const uint32_t *source = graph->neighbour + graph->indptr[v];
    uint32_t left = graph->sources[v];
    if (chunk->indptr[i + 1] - chunk->indptr[i] != graph->in_degree[v]) return hg_rows_changed();
    for (hg_eid e = chunk->indptr[i]; e < chunk->indptr[i + 1]; e++) {
        const bool loop = chunk->indices[e] == chunk->imported[i];
        if (!loop && left-- == 0) return hg_rows_changed();
        chunk->indices[e] = (hg_gid)divided->stored[loop ? v : *source++];
    }
    return left == 0 ? HG_OK : hg_rows_changed();
}

/* Makes a chunk fit what was divided: rows from `first` on of this rank's block. */
static hg_status renumber(const struct collection *c, struct hg_node_table *chunk, int64_t first)
{
    const hg_eid *values = c->source->values;
    for (int64_t i = 0; i < chunk->count; i++) {
        HG_TRY(renumber_row(c->divided, chunk, i, first + i));
        if (values != NULL && item_count(chunk->x.indptr, i) != item_count(values, first + i))
            return hg_rows_changed();
    }
    return HG_OK;
}

/* Lists what is moved of a chunk; returns the number of arrays. */
static int list_arrays(const struct hg_node_table *from, struct hg_node_table *to,
                       struct moved_array list[MOVED_ARRAYS])
{
    struct hg_row_array of_rows[HG_ROW_ARRAYS], into[HG_ROW_ARRAYS];
    const size_t attr_bytes = (size_t)from->info.num_edge_features * sizeof(hg_real),
                 value_bytes = hg_feature_bytes(&from->info);
    int n = hg_node_table_arrays(from, of_rows);
    hg_node_table_arrays(to, into);
    for (int k = 0; k < n; k++)
        list[k] = (struct moved_array){of_rows[k].bytes, NULL, NULL, of_rows[k].data, into[k].data};
    const struct moved_array others[] = {
        {sizeof(hg_gid), NULL, NULL, from->imported, to->imported},
        {sizeof(hg_gid), from->indptr, to->indptr, from->indices, to->indices},
        {sizeof(hg_gid), from->indptr, to->indptr, from->edge_id, to->edge_id},
        {attr_bytes, from->indptr, to->indptr, from->edge_attr, to->edge_attr},
        {sizeof(int32_t), from->x.indptr, to->x.indptr, from->x.indices, to->x.indices},
        {value_bytes, from->x.indptr, to->x.indptr, from->info.wide ? (void *)from->x.wide : from->x.data,
         to->info.wide ? (void *)to->x.wide : to->x.data},
    };
    for (int k = 0; k < MOVED_ARRAYS - HG_ROW_ARRAYS; k++) {
        const bool exists = k < 2 || (k == 2 && to->edge_id != NULL) || (k == 3 && attr_bytes > 0) ||
                            (k > 3 && from->info.sparse);
        if (exists) list[n++] = others[k];
    }
    return n;
}

/* Collective. */
static hg_status move_chunk(const struct collection *c, const struct hg_node_table *chunk, int64_t first)
{
    struct moved_array list[MOVED_ARRAYS];
    struct way w;
    const int n = list_arrays(chunk, c->rows, list);
    hg_status status = way_create(c, first, chunk->count, &w);
    for (int k = 0; status == HG_OK && k < n; k++) status = move(&w, &list[k]);
    way_destroy(&w);
    return status;
}

/* The end of the chunk that begins with row `first` of this rank's block. */
static int64_t chunk_end(const struct collection *c, int64_t first)
{
    const struct hg_row_source *source = c->source;
    const struct hg_level *graph = &c->divided->graph;
    const int64_t limit = source->chunk_bytes, row_bytes = hg_row_bytes(source->info),
                  edge_bytes = hg_edge_bytes(source->info, source->edge_ids),
                  value_bytes = hg_value_bytes(source->info);
    int64_t end = first;
    for (int64_t bytes = 0; end < graph->owned && (bytes == 0 || bytes < limit); end++)
        bytes += row_bytes + graph->in_degree[end] * edge_bytes +
                 (source->values != NULL ? item_count(source->values, end) * value_bytes : 0);
    return end;
}

/* Reads rows [first, end) of this rank's block, and sends them where they belong. Collective. */
static hg_status collect_chunk(const struct collection *c, int64_t first, int64_t end)
{
    const struct hg_blocks *blocks = &c->divided->graph.blocks;
    const hg_gid block = hg_blocks_first(blocks);
    const struct hg_range range = {block + first, block + end};
    struct hg_node_table chunk = {0};
    hg_status status = c->source->read(c->source, &range, &chunk);
    if (status == HG_OK) status = chunk.count == end - first ? renumber(c, &chunk, first) : hg_rows_changed();
    /* the first chunk describes the table */
    if (status == HG_OK && first == 0 && c->rows->indices == NULL)
        status = allocate(c->source, &chunk, c->rows);
    status = hg_agree(blocks->comm, status);
    if (status == HG_OK) status = move_chunk(c, &chunk, first);
    hg_node_table_destroy(&chunk);
    hg_alive_tick();
    return status;
}

static hg_status collect(struct collection *c)
{
    const struct hg_level *graph = &c->divided->graph;
    int64_t first = 0, more = 1;
    HG_TRY(hg_agree(graph->blocks.comm, begin_rows(c)));
    HG_TRY(move_offsets(c));
    while (more > 0) {
        const int64_t end = chunk_end(c, first);
        HG_TRY(collect_chunk(c, first, end));
        more = graph->owned - end;
        first = end;
        hg_comm_max_i64(graph->blocks.comm, &more, 1);
    }
    return HG_OK;
}

hg_status hg_collect_rows(const struct hg_row_source *source, const struct hg_divided *divided,
                          const struct hg_cells *cells, const int *owner, struct hg_node_table *rows)
{
    struct collection c = {source, divided, cells, owner, NULL, rows};
    *rows = (struct hg_node_table){0};
    const hg_status status = collect(&c);
    hg_mem_free(c.first);
    if (status != HG_OK) hg_node_table_destroy(rows);
    return status;
}

int64_t hg_row_bytes(const struct hg_graph_info *info)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const struct hg_node_table rows = {.info = *info};
    const int n = hg_node_table_arrays(&rows, arrays);
    int64_t bytes = 3 * (int64_t)sizeof(int64_t); /* stored, imported, indptr */
    for (int k = 0; k < n; k++) bytes += (int64_t)arrays[k].bytes;
    return bytes;
}

int64_t hg_edge_bytes(const struct hg_graph_info *info, bool edge_ids)
{
    return (1 + edge_ids) * (int64_t)sizeof(hg_gid) + info->num_edge_features * (int64_t)sizeof(hg_real);
}

int64_t hg_value_bytes(const struct hg_graph_info *info)
{
    return (int64_t)(sizeof(int32_t) + hg_feature_bytes(info));
}
