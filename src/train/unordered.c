#include "train/unordered.h"

#include "base/mem.h"
#include "io/graph_file.h"
#include "io/text/parts.h"
#include "partition/collect.h"

enum { WINDOW_BYTES = 1 << 26, LEAST_WINDOW = 1 << 23, LEAST_CHUNK = 1 << 21 };

static int64_t between(int64_t least, int64_t most, int64_t value)
{
    return hg_max_i64(hg_min_i64(value, most), least);
}

void hg_unordered_destroy(struct hg_unordered *graph)
{
    hg_divided_destroy(&graph->divided);
    HG_FREE(graph->values);
}

hg_status hg_unordered_cells(struct hg_unordered *graph, const struct hg_data_options *options, uint64_t seed,
                             struct hg_cells *cells)
{
    uint32_t *parts = NULL;
    hg_status status = HG_OK;
    if (options->partitioner == HG_PARTITION_FILE)
        status = hg_parts_read(graph->comm, options->parts, graph->info->num_nodes, HG_MAX_PARTS, &parts);
    const struct hg_partition_options how = {
        .method = options->partitioner, .cells = options->cells, .seed = seed, .parts = parts};
    if (status == HG_OK) status = hg_partition(&how, &graph->divided, cells);
    hg_mem_free(parts);
    return status;
}

static hg_status read_chunk(const struct hg_row_source *source, const struct hg_range *range,
                            struct hg_node_table *rows)
{
    const struct hg_unordered *graph = source->context;
    const enum hg_graph_contents contents = source->edges_only ? HG_READ_EDGES
                                            : graph->structure ? HG_READ_STRUCTURE
                                            : source->edge_ids ? HG_READ_EDGE_IDS
                                                               : HG_READ_ROWS;
    HG_TRY(hg_graph_file_read(graph->comm, graph->path, range, range->end > range->first, contents, rows));
    return hg_graph_file_unchanged(graph->path, graph->info, rows);
}

/* An eighth of a rank's rows, without sparse features. */
static int64_t usual_chunk(const struct hg_unordered *graph)
{
    const struct hg_graph_info *info = graph->info;
    const int64_t all = info->num_nodes * hg_row_bytes(info) + info->num_edges * hg_edge_bytes(info, true);
    return between(LEAST_CHUNK, HG_CHUNK_BYTES, all / graph->comm->size / 8);
}

static struct hg_row_source source_of(const struct hg_unordered *graph, bool edge_ids)
{
    return (struct hg_row_source){.info = graph->info,
                                  .values = graph->values,
                                  .edge_ids = edge_ids,
                                  .chunk_bytes =
                                      graph->chunk_bytes > 0 ? graph->chunk_bytes : usual_chunk(graph),
                                  .read = read_chunk,
                                  .context = graph};
}

hg_status hg_unordered_read(const struct hg_comm *comm, const char *path, const struct hg_graph_info *info,
                            bool structure, struct hg_unordered *graph)
{
    const struct hg_range block = hg_block_range(info->num_nodes, comm->rank, comm->size);
    struct hg_node_table rows;
    graph->comm = comm;
    graph->path = path;
    graph->info = info;
    graph->structure = structure;
    struct hg_row_source source = source_of(graph, false);
    source.edges_only = true;
    HG_TRY(hg_graph_file_read(comm, path, &block, block.end > block.first,
                              structure ? HG_READ_STRUCTURE : HG_READ_OFFSETS, &rows));
    hg_status status = hg_graph_file_unchanged(path, info, &rows);
    if (status == HG_OK) status = hg_divided_of_blocks(comm, &rows, &source, &graph->divided);
    graph->values = rows.x.indptr;
    rows.x.indptr = NULL;
    hg_node_table_destroy(&rows);
    return status;
}

hg_status hg_unordered_rows(const struct hg_unordered *graph, const struct hg_cells *cells, bool edge_ids,
                            struct hg_node_table *rows)
{
    const struct hg_row_source source = source_of(graph, edge_ids);
    return hg_collect_rows(&source, &graph->divided, cells, cells->owner, rows);
}

/* The windows of hg_unordered_write. Window w consists of the shares of the ranks; the cells of share s are those that
 * begin in the s-th of equal parts of all bytes. */
struct windows {
    const struct hg_unordered *graph;
    const struct hg_cells *cells;
    int64_t count, next; /* windows; the next one */
    int64_t values;      /* sparse features of all rows */
    int *owner;          /* [C] the rank that gets each cell in the present window; -1: none */
    struct hg_node_table rows;
};

/* Bytes of the rows before cell c. Cells have their nodes' share of the sparse features, as far as is known. */
static double bytes_before(const struct windows *w, int64_t c, int64_t edges)
{
    const struct hg_graph_info *info = w->graph->info;
    const double per_row = (double)hg_row_bytes(info) + (double)(w->values * hg_value_bytes(info)) /
                                                            (double)hg_max_i64(info->num_nodes, 1);
    return (double)w->cells->offsets[c] * per_row + (double)edges * (double)hg_edge_bytes(info, true);
}

static double all_bytes(const struct windows *w)
{
    return bytes_before(w, w->cells->count, w->graph->info->num_edges);
}

/* Chooses the number of windows, the same on every rank. */
static hg_status begin_windows(const struct hg_unordered *graph, const struct hg_cells *cells,
                               struct windows *w)
{
    *w = (struct windows){.graph = graph, .cells = cells};
    w->values = graph->values != NULL ? graph->values[graph->divided.graph.owned] : 0;
    hg_comm_sum_i64(graph->comm, &w->values, 1);
    const int ranks = graph->comm->size;
    const double share = all_bytes(w) / ranks;
    const int64_t of_edges = graph->info->num_edges / ranks * (int64_t)sizeof(int32_t),
                  usual = hg_max_i64(between(LEAST_WINDOW, WINDOW_BYTES, (int64_t)share / 4), of_edges);
    w->count = (int64_t)(share / (double)(graph->window_bytes > 0 ? graph->window_bytes : usual)) + 1;
    return hg_agree(graph->comm, HG_NEW(w->owner, cells->count));
}

/* Sets the owners of the cells in window w->next. */
static void give_cells(struct windows *w)
{
    const int ranks = w->graph->comm->size;
    const double share = all_bytes(w) / ((double)w->count * ranks);
    int64_t edges = 0;
    for (int64_t c = 0; c < w->cells->count; c++) {
        const int64_t s = hg_min_i64((int64_t)(bytes_before(w, c, edges) / share), w->count * ranks - 1);
        w->owner[c] = s / ranks == w->next ? (int)(s % ranks) : -1;
        edges += w->cells->edges[c];
    }
}

static hg_status give_window(void *context, const struct hg_node_table **rows, bool *more)
{
    struct windows *w = context;
    const struct hg_row_source source = source_of(w->graph, true);
    hg_node_table_destroy(&w->rows);
    give_cells(w);
    w->next++;
    *more = w->next < w->count;
    *rows = &w->rows;
    return hg_collect_rows(&source, &w->graph->divided, w->cells, w->owner, &w->rows);
}

hg_status hg_unordered_write(const struct hg_unordered *graph, const struct hg_cells *cells, const char *path)
{
    struct windows w;
    hg_status status = begin_windows(graph, cells, &w);
    const struct hg_graph_writing writing = {.path = path,
                                             .info = graph->info,
                                             .cells = cells,
                                             .values = w.values,
                                             .window = give_window,
                                             .context = &w};
    if (status == HG_OK) status = hg_graph_file_write_windows(graph->comm, &writing);
    hg_node_table_destroy(&w.rows);
    hg_mem_free(w.owner);
    return status;
}
