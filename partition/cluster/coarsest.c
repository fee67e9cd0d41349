#include "partition/cluster/coarsest.h"

#include "base/alive.h"
#include "base/mem.h"
#include "partition/metis_cells.h"

enum { WEIGHT_SUM = 1 << 29 };

/* A level with the ids of neighbours: one rank's share, or on rank 0 all of it. */
struct gathered {
    uint32_t *degree, *weight, *group; /* [nodes]; without groups all are in group 0 */
    uint32_t *neighbour, *between;     /* [edges] ids, weights of edges */
    bool weighted;                     /* false: level 0, whose edges all count the same */
};

static void gathered_destroy(struct gathered *g)
{
    HG_FREE(g->degree);
    HG_FREE(g->weight);
    HG_FREE(g->group);
    HG_FREE(g->neighbour);
    HG_FREE(g->between);
}

/* Collective. */
static hg_status copy_share(const struct hg_level *level, struct gathered *mine)
{
    const int64_t edges = level->indptr[level->owned];
    uint64_t *id = NULL;
    hg_status status = HG_NEW_UNSET(id, level->owned + level->ghosts);
    if (status == HG_OK) status = HG_NEW_UNSET(mine->degree, level->owned);
    if (status == HG_OK) status = HG_NEW_UNSET(mine->weight, level->owned);
    if (status == HG_OK) status = HG_NEW(mine->group, level->owned);
    if (status == HG_OK) status = HG_NEW_UNSET(mine->neighbour, edges);
    if (status == HG_OK) status = HG_NEW_UNSET(mine->between, edges);
    status = hg_agree(level->blocks.comm, status);
    for (int64_t v = 0; status == HG_OK && v < level->owned; v++) {
        id[v] = hg_level_id(level, v);
        mine->degree[v] = (uint32_t)(level->indptr[v + 1] - level->indptr[v]);
        mine->weight[v] = level->weight[v];
        if (level->group != NULL) mine->group[v] = level->group[v];
    }
    if (status == HG_OK) status = hg_level_refresh(level, id);
    for (int64_t e = 0; status == HG_OK && e < edges; e++) {
        mine->neighbour[e] = (uint32_t)id[level->neighbour[e]];
        mine->between[e] = level->edge_weight != NULL ? level->edge_weight[e] : 1;
    }
    hg_mem_free(id);
    return status;
}

/* Gathers one array of all ranks on rank 0. counts [size] is scratch. Collective. */
static hg_status gather(const struct hg_comm *comm, const uint32_t *mine, int64_t n, int64_t *counts,
                        uint32_t **all)
{
    void *gathered = NULL;
    const hg_status status = hg_comm_gather(comm, sizeof *mine, mine, n, 0, &gathered, counts);
    *all = gathered;
    return status;
}

/* Collective. */
static hg_status gather_all(const struct hg_level *level, struct gathered *all)
{
    const struct hg_comm *comm = level->blocks.comm;
    const int64_t edges = level->indptr[level->owned];
    struct gathered mine = {0};
    int64_t *counts = NULL;
    hg_status status = copy_share(level, &mine);
    if (status == HG_OK) status = hg_agree(comm, HG_NEW(counts, comm->size));
    if (status == HG_OK) status = gather(comm, mine.degree, level->owned, counts, &all->degree);
    if (status == HG_OK) status = gather(comm, mine.weight, level->owned, counts, &all->weight);
    if (status == HG_OK) status = gather(comm, mine.group, level->owned, counts, &all->group);
    if (status == HG_OK) status = gather(comm, mine.neighbour, edges, counts, &all->neighbour);
    if (status == HG_OK) status = gather(comm, mine.between, edges, counts, &all->between);
    hg_mem_free(counts);
    gathered_destroy(&mine);
    return status;
}

/* METIS's graph of one group, and what is needed to make it. */
struct subgraph {
    const struct gathered *all;
    const struct hg_attempt *attempt;
    struct hg_keys order; /* (group << 32 | node) of all nodes, ascending */
    int64_t *first;       /* [nodes] first edge of each node in all->neighbour */
    int32_t *index;       /* [nodes] index of each node within its group */
    int32_t *part;        /* [nodes] result of METIS for one group */
    uint64_t weight;      /* of all nodes */
    uint64_t unit;        /* weights of edges are divided by it, so that METIS can add them in 32 bits */
    struct hg_keys keys;  /* of the present row */
    struct hg_metis_graph graph;
};

static int64_t node_at(const struct subgraph *s, int64_t k)
{
    return (int64_t)(s->order.key[k] & UINT32_MAX);
}

/* Appends node v as row r, its neighbours ascending, repeated ones joined: then nothing of the order in which ranks
 * built the row is left. */
static hg_status append_row(struct subgraph *s, int64_t v, int32_t r)
{
    struct hg_metis_graph *graph = &s->graph;
    const struct gathered *all = s->all;
    int32_t to = graph->indptr[r] - 1;
    s->keys.count = 0;
    for (int64_t e = s->first[v]; e < s->first[v] + all->degree[v]; e++)
        HG_TRY(hg_keys_add(&s->keys, (uint64_t)s->index[all->neighbour[e]] << 32 | all->between[e]));
    HG_TRY(hg_keys_sort(&s->keys));
    for (int64_t k = 0; k < s->keys.count; k++) {
        const int32_t neighbour = (int32_t)(s->keys.key[k] >> 32);
        const int64_t weight = (int64_t)((s->keys.key[k] & UINT32_MAX) / s->unit);
        if (k == 0 || neighbour != graph->indices[to]) {
            graph->indices[++to] = neighbour;
            graph->edge_weight[to] = 0;
        }
        graph->edge_weight[to] += (int32_t)hg_max_i64(weight, 1);
    }
    graph->indptr[r + 1] = to + 1;
    graph->node_weight[r] = (int32_t)hg_max_i64(all->weight[v] / 2, 1);
    return HG_OK;
}

/* METIS's graph of the nodes [first, end) of the order. */
static hg_status make_graph(struct subgraph *s, int64_t first, int64_t end)
{
    int64_t edges = 0;
    for (int64_t k = first; k < end; k++) edges += s->all->degree[node_at(s, k)];
    s->graph = (struct hg_metis_graph){.nodes = (int32_t)(end - first), .constraints = 1};
    HG_TRY(HG_NEW(s->graph.indptr, end - first + 1));
    HG_TRY(HG_NEW(s->graph.indices, edges));
    HG_TRY(HG_NEW(s->graph.edge_weight, edges));
    HG_TRY(HG_NEW(s->graph.node_weight, end - first));
    for (int64_t k = first; k < end; k++) HG_TRY(append_row(s, node_at(s, k), (int32_t)(k - first)));
    return HG_OK;
}

/* How many of the wanted cells the nodes [first, end) of the order get: by their weight, at least one. */
static int64_t share_of(const struct subgraph *s, int64_t first, int64_t end, int64_t wanted, uint32_t *mean)
{
    uint64_t weight = 0;
    for (int64_t k = first; k < end; k++) weight += s->all->weight[node_at(s, k)];
    const double share = (double)weight / (double)s->weight * (double)wanted;
    const int64_t cells = hg_max_i64((int64_t)(share + 0.5), 1);
    const uint32_t each = (uint32_t)(weight / (uint64_t)cells);
    if (each > *mean) *mean = each;
    return cells;
}

/* Divides the nodes [first, end) of the order, which are one group, into about *parts cells, numbered from `number`. */
static hg_status divide_group(struct subgraph *s, int64_t first, int64_t end, int64_t *parts, int64_t number,
                              int32_t *part)
{
    hg_status status = make_graph(s, first, end);
    if (!s->all->weighted) HG_FREE(s->graph.edge_weight);
    if (status == HG_OK) status = hg_metis_cells(&s->graph, s->attempt, parts, s->part);
    hg_metis_graph_destroy(&s->graph);
    for (int64_t k = first; status == HG_OK && k < end; k++)
        part[node_at(s, k)] = (int32_t)number + s->part[k - first];
    return status;
}

/* Orders the nodes by group, and numbers them within it. */
static hg_status prepare(struct subgraph *s, int64_t nodes)
{
    int64_t edges = 0;
    uint64_t sum = 0;
    HG_TRY(HG_NEW(s->first, nodes));
    HG_TRY(HG_NEW(s->index, nodes));
    HG_TRY(HG_NEW(s->part, nodes));
    for (int64_t v = 0; v < nodes; v++) {
        s->first[v] = edges;
        edges += s->all->degree[v];
        s->weight += s->all->weight[v];
        HG_TRY(hg_keys_add(&s->order, (uint64_t)s->all->group[v] << 32 | (uint64_t)v));
    }
    for (int64_t e = 0; e < edges; e++) sum += s->all->between[e];
    s->unit = sum / WEIGHT_SUM + 1;
    HG_TRY(hg_keys_sort(&s->order));
    for (int64_t k = 1; k < nodes; k++)
        if (s->order.key[k] >> 32 == s->order.key[k - 1] >> 32)
            s->index[node_at(s, k)] = s->index[node_at(s, k - 1)] + 1;
    if (edges <= INT32_MAX) return HG_OK;
    return hg_fail(HG_FAILED, "partition",
                   "METIS's 32-bit indices cannot hold %lld edges between clusters: use --partitioner block",
                   (long long)edges);
}

static hg_status divide_groups(struct subgraph *s, int32_t *part, struct hg_coarsest_cells *cells)
{
    const int64_t wanted = cells->count, nodes = s->order.count;
    cells->count = 0;
    for (int64_t first = 0, end; first < nodes; first = end) {
        for (end = first + 1; end < nodes && s->order.key[end] >> 32 == s->order.key[first] >> 32;) end++;
        int64_t parts = share_of(s, first, end, wanted, &cells->mean);
        HG_TRY(divide_group(s, first, end, &parts, cells->count, part));
        cells->count += parts;
    }
    return HG_OK;
}

static hg_status divide_on_root(const struct gathered *all, int64_t nodes, const struct hg_attempt *attempt,
                                int32_t *part, struct hg_coarsest_cells *cells)
{
    struct subgraph s = {.all = all, .attempt = attempt};
    hg_status status = prepare(&s, nodes);
    if (status == HG_OK) status = divide_groups(&s, part, cells);
    hg_keys_destroy(&s.order);
    hg_keys_destroy(&s.keys);
    hg_mem_free(s.first);
    hg_mem_free(s.index);
    hg_mem_free(s.part);
    return status;
}

hg_status hg_coarsest_partition(const struct hg_level *level, const struct hg_attempt *attempt,
                                uint32_t *part, struct hg_coarsest_cells *cells)
{
    const struct hg_comm *comm = level->blocks.comm;
    const int64_t nodes = hg_blocks_total(&level->blocks);
    struct gathered all = {.weighted = level->edge_weight != NULL};
    int32_t *all_parts = NULL;
    cells->mean = 0;
    hg_status status = gather_all(level, &all);
    if (status == HG_OK) status = hg_agree(comm, HG_NEW(all_parts, nodes));
    if (status == HG_OK) {
        hg_alive_exempt(true);
        status = comm->rank == 0 ? divide_on_root(&all, nodes, attempt, all_parts, cells) : HG_OK;
        hg_comm_bcast(comm, cells, sizeof *cells, 0);
        hg_alive_exempt(false);
        status = hg_agree(comm, status);
    }
    if (status == HG_OK) {
        hg_comm_bcast(comm, all_parts, nodes * (int64_t)sizeof *all_parts, 0);
        for (int64_t v = 0; v < level->owned; v++) part[v] = (uint32_t)all_parts[hg_level_id(level, v)];
    }
    gathered_destroy(&all);
    hg_mem_free(all_parts);
    return status;
}
