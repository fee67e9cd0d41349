#include "partition/metis_graph.h"

#include "base/mem.h"

/* One rank's nodes as METIS needs them, or on rank 0 those of all ranks. */
struct share {
    int32_t *degree;    /* [nodes] neighbours */
    int32_t *in_degree; /* [nodes] */
    int32_t *neighbour; /* ids, [sum of degree] */
};

/* Writes the neighbours of this rank's nodes. */
struct listing {
    const struct hg_level *graph;
    const uint64_t *id; /* [owned + ghosts] */
    int32_t *seen;      /* [owned + ghosts] seen[u] == v + 1: u is a neighbour of v that is written already */
    int32_t *to;        /* where the next neighbour goes */
};

static void share_destroy(struct share *share)
{
    HG_FREE(share->degree);
    HG_FREE(share->in_degree);
    HG_FREE(share->neighbour);
}

/* Lists edges [e, end) of node v, each neighbour only once. */
static void list_edges(struct listing *l, int64_t v, int64_t e, int64_t end)
{
    for (; e < end; e++) {
        const uint32_t u = l->graph->neighbour[e];
        if (l->seen[u] == v + 1) continue;
        l->seen[u] = (int32_t)(v + 1);
        *l->to++ = (int32_t)l->id[u];
    }
}

/* Lists the neighbours of node v in the order in which a pass over the rows meets them: the targets of its out-edges
 * that come before it, its sources, the other targets. METIS's parts depend on this order. */
static void list_node(struct listing *l, int64_t v)
{
    const struct hg_level *graph = l->graph;
    const int64_t first = graph->indptr[v], targets = first + graph->sources[v], end = graph->indptr[v + 1];
    int64_t later = targets;
    while (later < end && l->id[graph->neighbour[later]] < l->id[v]) later++;
    list_edges(l, v, targets, later);
    list_edges(l, v, first, targets);
    list_edges(l, v, later, end);
}

/* id [owned + ghosts]. */
static hg_status list_nodes(const struct hg_level *graph, const uint64_t *id, struct share *mine)
{
    struct listing l = {.graph = graph, .id = id};
    HG_TRY(HG_NEW_UNSET(mine->degree, graph->owned));
    HG_TRY(HG_NEW_UNSET(mine->in_degree, graph->owned));
    HG_TRY(HG_NEW_UNSET(mine->neighbour, graph->indptr[graph->owned]));
    HG_TRY(HG_NEW(l.seen, graph->owned + graph->ghosts));
    l.to = mine->neighbour;
    for (int64_t v = 0; v < graph->owned; v++) {
        const int32_t *before = l.to;
        list_node(&l, v);
        mine->degree[v] = (int32_t)(l.to - before);
        mine->in_degree[v] = (int32_t)graph->in_degree[v];
    }
    hg_mem_free(l.seen);
    return HG_OK;
}

/* Collective. */
static hg_status list_share(const struct hg_level *graph, struct share *mine)
{
    const struct hg_comm *comm = graph->blocks.comm;
    uint64_t *id = NULL;
    hg_status status = hg_agree(comm, HG_NEW_UNSET(id, graph->owned + graph->ghosts));
    for (int64_t v = 0; status == HG_OK && v < graph->owned; v++) id[v] = hg_level_id(graph, v);
    if (status == HG_OK) status = hg_level_refresh(graph, id);
    if (status == HG_OK) status = hg_agree(comm, list_nodes(graph, id, mine));
    hg_mem_free(id);
    return status;
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

static hg_status gather_shares(const struct hg_level *graph, struct share *mine, struct share *all)
{
    const struct hg_comm *comm = graph->blocks.comm;
    int64_t *counts = NULL, edges = 0;
    for (int64_t v = 0; v < graph->owned; v++) edges += mine->degree[v];
    hg_status status = hg_agree(comm, HG_NEW(counts, comm->size));
    if (status == HG_OK) status = gather(comm, &mine->degree, graph->owned, counts, &all->degree);
    if (status == HG_OK) status = gather(comm, &mine->in_degree, graph->owned, counts, &all->in_degree);
    if (status == HG_OK) status = gather(comm, &mine->neighbour, edges, counts, &all->neighbour);
    hg_mem_free(counts);
    return status;
}

/* On rank 0: the shares of all ranks become METIS's arrays. */
static hg_status assemble(struct share *all, int64_t nodes, struct hg_metis_graph *graph)
{
    graph->nodes = (int32_t)nodes;
    graph->constraints = 2;
    HG_TRY(HG_NEW(graph->indptr, nodes + 1));
    HG_TRY(HG_NEW(graph->node_weight, 2 * nodes));
    for (int64_t i = 0; i < nodes; i++) {
        graph->indptr[i + 1] = graph->indptr[i] + all->degree[i];
        graph->node_weight[2 * i] = 1;
        graph->node_weight[2 * i + 1] = all->in_degree[i];
    }
    graph->indices = all->neighbour;
    all->neighbour = NULL;
    return HG_OK;
}

hg_status hg_metis_graph_gather(const struct hg_undivided *nodes, struct hg_metis_graph *graph)
{
    const struct hg_level *level = nodes->graph;
    const struct hg_comm *comm = level->blocks.comm;
    const int64_t count = hg_blocks_total(&level->blocks),
                  edges = nodes->num_edges * (level->symmetric ? 1 : 2);
    struct share mine = {0}, all = {0};
    *graph = (struct hg_metis_graph){0};
    if (count >= INT32_MAX || edges >= INT32_MAX)
        return hg_fail(
            HG_FAILED, "partition",
            "METIS's 32-bit indices cannot hold %lld nodes and %lld edges: use --partitioner cluster",
            (long long)count, (long long)nodes->num_edges);
    hg_status status = list_share(level, &mine);
    if (status == HG_OK) status = gather_shares(level, &mine, &all);
    if (status == HG_OK) status = hg_agree(comm, comm->rank == 0 ? assemble(&all, count, graph) : HG_OK);
    share_destroy(&mine);
    share_destroy(&all);
    if (status != HG_OK) hg_metis_graph_destroy(graph);
    return status;
}
