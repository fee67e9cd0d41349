#include "partition/partitioner.h"

#include "base/exactsum.h"
#include "base/mem.h"
#include "partition/cell_order.h"

enum { NODES_PER_CELL = 2048, MIN_CELLS = 64, MIN_NODES = 32, MAX_CELLS = 16384 };

#define TEXT(NAME, name, text) text,
const char *const hg_partitioner_name[HG_PARTITIONERS] = {HG_PARTITIONER_LIST(TEXT)};

#define METHOD(NAME, name, text) hg_partition_##name,
static hg_partition_method *const methods[HG_PARTITIONERS] = {HG_PARTITIONER_LIST(METHOD)};

int64_t hg_default_cells(hg_gid num_nodes)
{
    const int64_t by_size = (num_nodes + NODES_PER_CELL - 1) / NODES_PER_CELL;
    const int64_t at_least = hg_min_i64(MIN_CELLS, num_nodes / MIN_NODES);
    return hg_min_i64(hg_max_i64(hg_max_i64(by_size, at_least), 1), MAX_CELLS);
}

static int64_t wanted_cells(const struct hg_partition_options *options, hg_gid nodes)
{
    if (options->cells == 0) return hg_default_cells(nodes);
    return hg_max_i64(hg_min_i64(options->cells, hg_min_i64(nodes, HG_EXACT_ADDENDS)), 1);
}

/* Checks that ranks hold ascending blocks of imported ids. The cell order relies on it: it orders nodes of equal
 * degree by the rank and row they come from. Collective. */
static hg_status check_blocks(const struct hg_comm *comm, const struct hg_node_table *rows)
{
    const hg_gid first = hg_comm_exscan_i64(comm, rows->count);
    for (int64_t i = 0; i < rows->count; i++)
        if (rows->stored[i] != first + i || rows->imported[i] != first + i)
            return hg_fail(HG_FAILED, "partition", "the graph is in cell order already");
    return HG_OK;
}

hg_status hg_divided_of_blocks(const struct hg_comm *comm, const struct hg_node_table *rows,
                               const struct hg_row_source *source, struct hg_divided *divided)
{
    *divided = (struct hg_divided){.num_edges = rows->info.num_edges};
    HG_TRY(hg_agree(comm, check_blocks(comm, rows)));
    return hg_level_from_rows(comm, rows, source, &divided->graph);
}

hg_status hg_divided_of_ordered(const struct hg_comm *comm, const struct hg_node_table *rows,
                                struct hg_divided *divided)
{
    const struct hg_level *graph = &divided->graph;
    *divided = (struct hg_divided){.num_edges = rows->info.num_edges};
    HG_TRY(hg_level_from_rows(comm, rows, NULL, &divided->graph));
    HG_TRY(hg_agree(comm, HG_NEW_UNSET(divided->stored, graph->owned + graph->ghosts)));
    for (int64_t i = 0; i < rows->count; i++) divided->stored[i] = (uint64_t)rows->stored[i];
    return hg_level_refresh(graph, divided->stored);
}

void hg_divided_destroy(struct hg_divided *divided)
{
    hg_level_destroy(&divided->graph);
    HG_FREE(divided->stored);
}

enum hg_partitioner hg_partitioner_resolve(enum hg_partitioner method, int64_t num_edges)
{
    if (method != HG_PARTITION_AUTO) return method;
    return num_edges >= HG_CLUSTER_EDGES ? HG_PARTITION_CLUSTER : HG_PARTITION_METIS;
}

/* Divides the nodes into cells and numbers them in cell order. Collective. */
static hg_status divide_into_cells(const struct hg_partition_options *options, struct hg_divided *divided,
                                   struct hg_cells *cells)
{
    const struct hg_level *graph = &divided->graph;
    const struct hg_undivided nodes = {graph, divided->num_edges, options->parts};
    int64_t parts = wanted_cells(options, hg_blocks_total(&graph->blocks));
    int64_t *part = NULL;
    hg_status status = hg_agree(graph->blocks.comm, HG_NEW(part, graph->owned));
    if (status == HG_OK) status = methods[options->method](&nodes, options->seed, &parts, part);
    if (status == HG_OK) status = hg_cell_order(divided, parts, part, cells);
    hg_mem_free(part);
    return status;
}

static hg_status choose_owners(const struct hg_comm *comm, struct hg_cells *cells)
{
    HG_TRY(hg_agree(comm, HG_NEW(cells->owner, cells->count)));
    return hg_partition_owners(comm, cells, comm->size, cells->owner);
}

hg_status hg_partition(const struct hg_partition_options *options, struct hg_divided *divided,
                       struct hg_cells *cells)
{
    *cells = (struct hg_cells){0};
    hg_status status = divide_into_cells(options, divided, cells);
    if (status == HG_OK) status = hg_cell_graph(divided, cells);
    if (status == HG_OK) status = choose_owners(divided->graph.blocks.comm, cells);
    if (status != HG_OK) hg_cells_destroy(cells);
    return status;
}
