#include "partition/partitioner.h"

#include "base/exactsum.h"
#include "base/mem.h"
#include "partition/cell_order.h"
#include <math.h>

/* Attempts at the cells; half as many from half of these edges, one beyond them: METIS works on one core. */
enum { ATTEMPTS = 4, ATTEMPT_EDGES = 1 << 19 };
/* The attempt is used whose halo comes closest to the least of all attempts, for each of these numbers of ranks. */
enum { NUMBERS = 6 };
static const int numbers[NUMBERS] = {2, 3, 4, 7, 8, 16};

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
static hg_status divide_into_cells(const struct hg_partition_options *options, int number,
                                   struct hg_divided *divided, struct hg_cells *cells)
{
    enum { SEED_STEP = 7919 }; /* so that the attempts of neighbouring seeds differ */
    const struct hg_attempt attempt = {number, options->seed + (uint64_t)number * SEED_STEP};
    const struct hg_level *graph = &divided->graph;
    const struct hg_undivided nodes = {graph, divided->num_edges, options->parts};
    int64_t parts = wanted_cells(options, hg_blocks_total(&graph->blocks));
    int64_t *part = NULL;
    hg_status status = hg_agree(graph->blocks.comm, HG_NEW(part, graph->owned));
    if (status == HG_OK) status = methods[options->method](&nodes, &attempt, &parts, part);
    if (status == HG_OK) status = hg_cell_order(divided, parts, part, cells);
    hg_mem_free(part);
    return status;
}

/* Cells that may be used. */
struct candidate {
    struct hg_cells cells;
    uint64_t *stored;     /* as in hg_divided */
    double cost[NUMBERS]; /* of owners */
};

/* Collective. */
static hg_status make_candidate(const struct hg_partition_options *options, int number, bool judged,
                                struct hg_divided *divided, struct candidate *c)
{
    hg_status status = divide_into_cells(options, number, divided, &c->cells);
    if (status == HG_OK) status = hg_cell_graph(divided, &c->cells);
    if (status == HG_OK && judged)
        status = hg_partition_owner_costs(divided->graph.blocks.comm, &c->cells, numbers, NUMBERS, c->cost);
    c->stored = divided->stored;
    divided->stored = NULL;
    return status;
}

/* The largest ratio of a candidate's costs to the least of all candidates. */
static double worst_ratio(const struct candidate *of, const struct candidate *all, int n)
{
    double worst = 0;
    for (int k = 0; k < NUMBERS; k++) {
        double least = INFINITY;
        for (int c = 0; c < n; c++) least = fmin(least, all[c].cost[k]);
        if (least > 0) worst = fmax(worst, of->cost[k] / least);
    }
    return worst;
}

/* Of equal candidates the first. */
static int best_candidate(const struct candidate *all, int n)
{
    int best = 0;
    for (int c = 1; c < n; c++)
        if (worst_ratio(&all[c], all, n) < worst_ratio(&all[best], all, n)) best = c;
    return best;
}

static int attempts_of(enum hg_partitioner method, int64_t num_edges)
{
    const enum hg_partitioner used = hg_partitioner_resolve(method, num_edges);
    const bool varies = used == HG_PARTITION_METIS || used == HG_PARTITION_CLUSTER;
    if (!varies || num_edges > ATTEMPT_EDGES) return 1;
    return num_edges > ATTEMPT_EDGES / 2 ? ATTEMPTS / 2 : ATTEMPTS;
}

/* Collective. */
static hg_status make_cells(const struct hg_partition_options *options, struct hg_divided *divided,
                            struct hg_cells *cells)
{
    const int n = attempts_of(options->method, divided->num_edges);
    struct candidate all[ATTEMPTS] = {0};
    hg_status status = HG_OK;
    for (int k = 0; status == HG_OK && k < n; k++)
        status = make_candidate(options, k, n > 1, divided, &all[k]);
    if (status == HG_OK) {
        struct candidate *best = &all[best_candidate(all, n)];
        *cells = best->cells;
        divided->stored = best->stored;
        *best = (struct candidate){0};
    }
    for (int k = 0; k < n; k++) {
        hg_cells_destroy(&all[k].cells);
        hg_mem_free(all[k].stored);
    }
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
    hg_status status = make_cells(options, divided, cells);
    if (status == HG_OK) status = choose_owners(divided->graph.blocks.comm, cells);
    if (status != HG_OK) hg_cells_destroy(cells);
    return status;
}
