#include "base/alive.h"
#include "base/mem.h"
#include "base/permutation.h"
#include "partition/cell_order.h"
#include "partition/cluster/cluster.h"
#include "partition/metis_cells.h"
#include "partition/metis_graph.h"

enum { UFACTOR = 30 };

/* Runs METIS on rank 0: into cells, or (attempt NULL) directly into the parts of ranks. *part [nodes] is newly
 * allocated; the caller frees it. */
static hg_status partition_on_root(const struct hg_metis_graph *graph, const struct hg_attempt *attempt,
                                   int64_t *parts, int32_t **part)
{
    const struct hg_metis_options direct = {.parts = (int32_t)*parts, .ufactor = UFACTOR, .volume = true};
    HG_TRY(HG_NEW(*part, graph->nodes));
    if (attempt != NULL) return hg_metis_cells(graph, attempt, parts, *part);
    return hg_metis_partition(graph, &direct, *part);
}

/* part [owned]: what rank 0 has of all nodes. Collective. */
static hg_status scatter(const struct hg_blocks *blocks, const int32_t *all, int64_t *part)
{
    const struct hg_comm *comm = blocks->comm;
    struct hg_route route;
    void *mine = NULL;
    hg_status status = hg_agree(comm, hg_route_create(comm, &route));
    for (int r = 0; status == HG_OK && comm->rank == 0 && r < comm->size; r++)
        hg_route_count(&route, r, blocks->first[r + 1] - blocks->first[r]);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *all, all, &mine);
    for (int64_t v = 0; status == HG_OK && v < route.arrived; v++) part[v] = ((const int32_t *)mine)[v];
    hg_mem_free(mine);
    hg_route_destroy(&route);
    return status;
}

/* Partitions all nodes by METIS on rank 0. parts: in: wanted number of parts; out: how many there are. Collective. */
static hg_status partition_nodes(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                                 int64_t *parts, int64_t *part)
{
    const struct hg_comm *comm = nodes->graph->blocks.comm;
    struct hg_metis_graph graph;
    int32_t *all = NULL;
    HG_TRY(hg_metis_graph_gather(nodes, &graph));
    hg_alive_exempt(true);
    hg_status status = comm->rank == 0 ? partition_on_root(&graph, attempt, parts, &all) : HG_OK;
    /* rank 0 waits for nobody: then it sees who makes no progress */
    hg_comm_bcast(comm, parts, sizeof *parts, 0);
    hg_alive_exempt(false);
    status = hg_agree(comm, status);
    hg_metis_graph_destroy(&graph);
    if (status == HG_OK) status = scatter(&nodes->graph->blocks, all, part);
    hg_mem_free(all);
    return status;
}

hg_status hg_partition_direct(const struct hg_undivided *nodes, int64_t parts, int64_t *part)
{
    return partition_nodes(nodes, NULL, &parts, part);
}

hg_status hg_partition_metis(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                             int64_t *parts, int64_t *part)
{
    return partition_nodes(nodes, attempt, parts, part);
}

/* Into cells of clusters; graph is level 0, or has groups. Collective. */
static hg_status divide_by_clusters(const struct hg_level *graph, const struct hg_attempt *attempt,
                                    int64_t *parts, int64_t *part)
{
    const struct hg_cluster_options options = {*attempt, HG_COARSEST_EDGES};
    uint32_t *cell = NULL;
    const hg_status status = hg_cluster_cells(graph, &options, parts, &cell);
    for (int64_t i = 0; status == HG_OK && i < graph->owned; i++) part[i] = cell[i];
    hg_mem_free(cell);
    return status;
}

hg_status hg_partition_cluster(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                               int64_t *parts, int64_t *part)
{
    return divide_by_clusters(nodes->graph, attempt, parts, part);
}

hg_status hg_partition_file(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                            int64_t *parts, int64_t *part)
{
    struct hg_level groups;
    hg_status status = hg_level_of_groups(nodes->graph, nodes->given, &groups);
    if (status == HG_OK) status = divide_by_clusters(&groups, attempt, parts, part);
    hg_level_destroy(&groups);
    return status;
}

hg_status hg_partition_auto(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                            int64_t *parts, int64_t *part)
{
    const enum hg_partitioner method = hg_partitioner_resolve(HG_PARTITION_AUTO, nodes->num_edges);
    return (method == HG_PARTITION_CLUSTER ? hg_partition_cluster : hg_partition_metis)(nodes, attempt, parts,
                                                                                        part);
}

hg_status hg_partition_block(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                             int64_t *parts, int64_t *part)
{
    const struct hg_level *graph = nodes->graph;
    const int64_t n = hg_blocks_total(&graph->blocks);
    (void)attempt;
    for (int64_t v = 0; v < graph->owned; v++)
        part[v] = hg_block_owner(n, (int)*parts, hg_level_id(graph, v));
    return HG_OK;
}

hg_status hg_partition_random(const struct hg_undivided *nodes, const struct hg_attempt *attempt,
                              int64_t *parts, int64_t *part)
{
    const struct hg_level *graph = nodes->graph;
    const int64_t n = hg_blocks_total(&graph->blocks);
    const struct hg_rng rng = hg_rng_stream(attempt->seed, HG_RNG_PARTITION, 0, 0);
    struct hg_permutation order = {.rng = rng, .n = n, .bits = 2, .rounds = 6};
    while (order.bits < 62 && (INT64_C(1) << order.bits) < n) order.bits += 2;
    for (int64_t v = 0; v < graph->owned; v++)
        part[v] = hg_block_owner(n, (int)*parts, hg_permutation_at(&order, hg_level_id(graph, v)));
    return HG_OK;
}
