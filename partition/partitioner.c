#include "partition/partitioner.h"

#include "base/exactsum.h"
#include "base/mem.h"
#include "partition/cell_order.h"
#include "partition/migrate.h"

enum { NODES_PER_CELL = 2048, MIN_CELLS = 32, MIN_NODES = 64 };

#define NAME(NAME, name) #name,
const char *const hg_partitioner_name[HG_PARTITIONERS] = {HG_PARTITIONER_LIST(NAME)};

#define METHOD(NAME, name) hg_partition_##name,
static hg_partition_method *const methods[HG_PARTITIONERS] = {HG_PARTITIONER_LIST(METHOD)};

int64_t hg_default_cells(hg_gid num_nodes)
{
    const int64_t by_size = (num_nodes + NODES_PER_CELL - 1) / NODES_PER_CELL;
    const int64_t at_least = hg_min_i64(MIN_CELLS, num_nodes / MIN_NODES);
    return hg_min_i64(hg_max_i64(hg_max_i64(by_size, at_least), 1), HG_EXACT_ADDENDS);
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

/* Sends every row to the owner of its cell. */
static hg_status move_rows(const struct hg_comm *comm, struct hg_node_table *rows,
                           const struct hg_cells *cells)
{
    int *owner = NULL;
    hg_status status = hg_agree(comm, HG_NEW(owner, rows->count));
    if (status == HG_OK) {
        for (int64_t i = 0; i < rows->count; i++)
            owner[i] = cells->owner[hg_cells_find(cells, rows->stored[i])];
        status = hg_node_table_migrate(comm, rows, owner);
    }
    hg_mem_free(owner);
    return status;
}

/* Divides the nodes into cells and numbers them in cell order; no row moves to another rank yet. Collective. */
static hg_status divide_into_cells(const struct hg_comm *comm, const struct hg_partition_options *options,
                                   struct hg_node_table *rows, struct hg_cells *cells)
{
    const int64_t parts = wanted_cells(options, rows->info.num_nodes);
    int64_t *part = NULL;
    hg_status status = hg_agree(comm, HG_NEW(part, rows->count));
    if (status == HG_OK) status = methods[options->method](comm, rows, parts, options->seed, part);
    if (status == HG_OK) status = hg_cell_order(comm, rows, parts, part, cells);
    hg_mem_free(part);
    return status;
}

static hg_status choose_owners(const struct hg_comm *comm, struct hg_cells *cells)
{
    HG_TRY(hg_agree(comm, HG_NEW(cells->owner, cells->count)));
    return hg_partition_owners(comm, cells, comm->size, cells->owner);
}

static hg_status partition(const struct hg_comm *comm, const struct hg_partition_options *options,
                           struct hg_node_table *rows, struct hg_cells *cells)
{
    HG_TRY(hg_agree(comm, check_blocks(comm, rows)));
    HG_TRY(divide_into_cells(comm, options, rows, cells));
    HG_TRY(hg_cell_graph(comm, rows, cells));
    HG_TRY(choose_owners(comm, cells));
    return move_rows(comm, rows, cells);
}

hg_status hg_partition(const struct hg_comm *comm, const struct hg_partition_options *options,
                       struct hg_node_table *rows, struct hg_cells *cells)
{
    *cells = (struct hg_cells){0};
    const hg_status status = partition(comm, options, rows, cells);
    if (status != HG_OK) hg_cells_destroy(cells);
    return status;
}
