#include "partition/metis_graph.h"

#include "base/mem.h"

/* Rows and their in-edges with 32-bit numbers: one rank's rows, or on rank 0 the rows of all ranks. */
struct rows32 {
    int64_t count;
    int32_t *id;      /* [count] */
    int32_t *degree;  /* [count] in-edges */
    int32_t *sources; /* [edges] */
};

static void rows32_destroy(struct rows32 *rows)
{
    HG_FREE(rows->id);
    HG_FREE(rows->degree);
    HG_FREE(rows->sources);
}

static hg_status narrow(const struct hg_node_table *rows, struct rows32 *mine)
{
    const hg_eid edges = hg_node_table_edges(rows);
    mine->count = rows->count;
    HG_TRY(HG_NEW(mine->id, rows->count));
    HG_TRY(HG_NEW(mine->degree, rows->count));
    HG_TRY(HG_NEW(mine->sources, edges));
    for (int64_t i = 0; i < rows->count; i++) {
        mine->id[i] = (int32_t)rows->stored[i];
        mine->degree[i] = (int32_t)(rows->indptr[i + 1] - rows->indptr[i]);
    }
    for (hg_eid e = 0; e < edges; e++) mine->sources[e] = (int32_t)rows->indices[e];
    return HG_OK;
}

/* Gathers one array of all ranks on rank 0, into newly allocated *all, and frees this rank's share *mine. counts
 * [size] is scratch. Collective. */
static hg_status gather(const struct hg_comm *comm, int32_t **mine, int64_t count, int64_t *counts,
                        int32_t **all)
{
    void *gathered = NULL;
    HG_TRY(hg_comm_gather(comm, sizeof **mine, *mine, count, 0, &gathered, counts));
    HG_FREE(*mine);
    *all = gathered;
    return HG_OK;
}

static hg_status gather_rows(const struct hg_comm *comm, const struct hg_node_table *rows, struct rows32 *all)
{
    struct rows32 mine = {0};
    int64_t *counts = NULL;
    hg_status status = narrow(rows, &mine);
    if (status == HG_OK) status = HG_NEW(counts, comm->size);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = gather(comm, &mine.id, rows->count, counts, &all->id);
    if (status == HG_OK) status = gather(comm, &mine.degree, rows->count, counts, &all->degree);
    if (status == HG_OK)
        status = gather(comm, &mine.sources, hg_node_table_edges(rows), counts, &all->sources);
    all->count = comm->rank == 0 ? rows->info.num_nodes : 0;
    rows32_destroy(&mine);
    hg_mem_free(counts);
    return status;
}

/* Enters every edge that is not a self-loop into the row of its target and, in a directed graph, into that of its
 * source. Called twice: with indices NULL it counts the edges of each row in slot [nodes]; then slot[i] is the next
 * free slot of row i and indices are written. */
static void enter_edges(const struct rows32 *all, bool symmetric, int32_t *slot, int32_t *indices)
{
    int64_t e = 0;
    for (int64_t k = 0; k < all->count; k++) {
        const int32_t i = all->id[k];
        for (const int64_t end = e + all->degree[k]; e < end; e++) {
            const int32_t j = all->sources[e];
            if (j == i) continue;
            if (indices != NULL) indices[slot[i]] = j;
            slot[i]++;
            if (symmetric) continue;
            if (indices != NULL) indices[slot[j]] = i;
            slot[j]++;
        }
    }
}

/* Removes repeated neighbours from each row, in place. seen [nodes], zeroed: seen[j] == i + 1 means that j has
 * occurred in row i. */
static void drop_copies(struct hg_metis_graph *graph, int32_t *seen)
{
    int32_t to = 0, from = 0;
    for (int32_t i = 0; i < graph->nodes; i++) {
        for (const int32_t end = graph->indptr[i + 1]; from < end; from++) {
            const int32_t j = graph->indices[from];
            if (seen[j] == i + 1) continue;
            seen[j] = i + 1;
            graph->indices[to++] = j;
        }
        graph->indptr[i + 1] = to;
    }
}

static hg_status weigh_nodes(const struct rows32 *all, struct hg_metis_graph *graph)
{
    graph->constraints = 2;
    HG_TRY(HG_NEW(graph->node_weight, 2 * (int64_t)graph->nodes));
    for (int64_t k = 0; k < all->count; k++) {
        graph->node_weight[2 * (int64_t)all->id[k]] = 1;
        graph->node_weight[2 * (int64_t)all->id[k] + 1] = all->degree[k];
    }
    return HG_OK;
}

static hg_status symmetrise(struct rows32 *all, bool symmetric, struct hg_metis_graph *graph)
{
    int32_t *slot = NULL;
    graph->nodes = (int32_t)all->count;
    HG_TRY(HG_NEW(graph->indptr, (int64_t)graph->nodes + 1));
    enter_edges(all, symmetric, graph->indptr + 1, NULL);
    for (int32_t i = 0; i < graph->nodes; i++) graph->indptr[i + 1] += graph->indptr[i];
    HG_TRY(HG_NEW(graph->indices, graph->indptr[graph->nodes]));
    HG_TRY(HG_NEW(slot, graph->nodes));
    for (int32_t i = 0; i < graph->nodes; i++) slot[i] = graph->indptr[i];
    enter_edges(all, symmetric, slot, graph->indices);
    for (int32_t i = 0; i < graph->nodes; i++) slot[i] = 0;
    drop_copies(graph, slot);
    hg_mem_free(slot);
    return weigh_nodes(all, graph);
}

hg_status hg_metis_graph_gather(const struct hg_comm *comm, const struct hg_node_table *rows,
                                struct hg_metis_graph *graph)
{
    struct rows32 all = {0};
    const int64_t edges = rows->info.num_edges * (rows->info.symmetric ? 1 : 2);
    *graph = (struct hg_metis_graph){0};
    if (rows->info.num_nodes >= INT32_MAX || edges >= INT32_MAX)
        return hg_fail(
            HG_FAILED, "partition",
            "METIS's 32-bit indices cannot hold %lld nodes and %lld edges: use --partitioner cluster",
            (long long)rows->info.num_nodes, (long long)rows->info.num_edges);
    hg_status status = gather_rows(comm, rows, &all);
    if (status == HG_OK && comm->rank == 0) status = symmetrise(&all, rows->info.symmetric, graph);
    status = hg_agree(comm, status);
    rows32_destroy(&all);
    if (status != HG_OK) hg_metis_graph_destroy(graph);
    return status;
}
