#include "partition/metis_cells.h"

#include "base/mem.h"
#include "dist/sort.h"

enum { UFACTOR = 30, WEIGHT_SUM = 1 << 30, VOLUME_CUT = 1 << 20, VOLUME_EDGES = 1 << 23 };
/* No regions in weighted graphs of more edges, as of clusters: these are partitioned for speed. */
enum { REGION_EDGES = 1 << 20 };

/* The parts whose intersections are the regions: a row for each attempt. */
enum { KINDS = 4, PARTITIONS = 3 };
static const int32_t coarse_parts[KINDS][PARTITIONS] = {{2, 3, 4}, {3, 16, 1}, {3, 8, 1}, {4, 7, 1}};

/* The nodes by region. */
struct regions {
    const struct hg_metis_graph *graph;
    const int32_t *coarse_parts; /* [PARTITIONS] */
    struct hg_metis_options options;
    struct hg_keys order; /* (region << 32 | node) of all nodes, ascending */
    int32_t *index;       /* [nodes] index of each node within its region */
    int32_t *piece;       /* [nodes] a result of METIS */
};

static void regions_destroy(struct regions *s)
{
    hg_keys_destroy(&s->order);
    HG_FREE(s->index);
    HG_FREE(s->piece);
}

static int32_t node_at(const struct regions *s, int64_t k)
{
    return (int32_t)(s->order.key[k] & UINT32_MAX);
}

/* Replaces two weights of a node by one: its in-edges plus twice the mean number of in-edges, so that cells are
 * balanced roughly in nodes and in edges. Single cells may still differ by half; hg_partition_owners balances both
 * over ranks. Two constraints instead of this one weight gave 10 % to 33 % more halo rows on the graphs measured, and
 * took longer. Weights are divided by `unit`, so that their sum stays near WEIGHT_SUM and fits 32 bits. */
static void blend_weights(struct hg_metis_graph *graph)
{
    const int64_t nodes = graph->nodes;
    int64_t edges = 0;
    if (graph->constraints == 1) return;
    for (int64_t i = 0; i < nodes; i++) edges += graph->node_weight[2 * i + 1];
    const int64_t mean = edges / hg_max_i64(nodes, 1) + 1, unit = (edges + 2 * mean * nodes) / WEIGHT_SUM + 1;
    for (int64_t i = 0; i < nodes; i++) {
        const int64_t weight = (graph->node_weight[2 * i + 1] + 2 * mean) / unit;
        graph->node_weight[i] = (int32_t)hg_max_i64(weight, 1);
    }
    graph->constraints = 1;
}

/* Number of edges between different parts; each counts twice, once at each end. */
static int64_t count_cut(const struct hg_metis_graph *graph, const int32_t *part)
{
    int64_t cut = 0;
    for (int32_t i = 0; i < graph->nodes; i++)
        for (int32_t k = graph->indptr[i]; k < graph->indptr[i + 1]; k++)
            cut += part[graph->indices[k]] != part[i];
    return cut;
}

/* Partitions by edge cut, then again by communication volume, which gives 5 % to 20 % fewer halo rows. On large
 * power-law graphs most edges lie between cells in any partition; there the second run gives only 2 % fewer halo rows
 * and takes ten times as long. So the first result is kept when the cut (count_cut) exceeds both VOLUME_CUT and three
 * quarters of all edges. */
static hg_status divide(const struct hg_metis_graph *graph, struct hg_metis_options *options, int32_t *part)
{
    options->volume = false;
    HG_TRY(hg_metis_partition(graph, options, part));
    const int64_t cut = count_cut(graph, part);
    if (graph->edge_weight != NULL) return HG_OK; /* METIS counts volume without weights */
    if (cut > VOLUME_CUT && cut > graph->indptr[graph->nodes] / 4 * 3) return HG_OK;
    options->volume = true;
    return hg_metis_partition(graph, options, part);
}

/* Finds the region of each node, and orders the nodes by it. */
static hg_status find_regions(struct regions *s, bool several)
{
    const int32_t nodes = s->graph->nodes;
    for (int32_t v = 0; v < nodes; v++) HG_TRY(hg_keys_add(&s->order, (uint64_t)v));
    for (int k = 0; several && k < PARTITIONS; k++) {
        s->options.parts = s->coarse_parts[k];
        s->options.volume = s->graph->edge_weight == NULL && s->graph->indptr[nodes] <= VOLUME_EDGES;
        HG_TRY(hg_metis_partition(s->graph, &s->options, s->piece));
        for (int32_t v = 0; v < nodes; v++) {
            const uint64_t region = s->order.key[v] >> 32;
            const uint64_t finer = region * (uint64_t)s->coarse_parts[k] + (uint64_t)s->piece[v];
            s->order.key[v] = finer << 32 | (uint64_t)v;
        }
    }
    return hg_keys_sort(&s->order);
}

/* The part of the graph between the nodes [first, end) of the order, which are a region, with blended weights. */
static hg_status extract(struct regions *s, int64_t first, int64_t end, struct hg_metis_graph *region)
{
    const struct hg_metis_graph *graph = s->graph;
    const int32_t weights = graph->constraints;
    int64_t edges = 0;
    int32_t kept = 0;
    *region = (struct hg_metis_graph){.nodes = (int32_t)(end - first), .constraints = weights};
    for (int64_t k = first; k < end; k++) {
        s->index[node_at(s, k)] = (int32_t)(k - first);
        edges += graph->indptr[node_at(s, k) + 1] - graph->indptr[node_at(s, k)];
    }
    HG_TRY(HG_NEW(region->indptr, end - first + 1));
    HG_TRY(HG_NEW_UNSET(region->indices, edges));
    HG_TRY(HG_NEW_UNSET(region->node_weight, weights * (end - first)));
    if (graph->edge_weight != NULL) HG_TRY(HG_NEW_UNSET(region->edge_weight, edges));
    for (int64_t k = first; k < end; k++) {
        const int64_t v = node_at(s, k);
        for (int32_t w = 0; w < weights; w++)
            region->node_weight[weights * (k - first) + w] = graph->node_weight[weights * v + w];
        for (int32_t e = graph->indptr[v]; e < graph->indptr[v + 1]; e++) {
            const int64_t i = s->index[graph->indices[e]];
            /* index is left over from an earlier region, or 0, for nodes outside */
            if (first + i >= end || node_at(s, first + i) != graph->indices[e]) continue;
            if (graph->edge_weight != NULL) region->edge_weight[kept] = graph->edge_weight[e];
            region->indices[kept++] = (int32_t)i;
        }
        region->indptr[k - first + 1] = kept;
    }
    blend_weights(region);
    return HG_OK;
}

/* Divides the nodes [first, end) of the order, which are a region, into `pieces` cells, numbered from `number`. */
static hg_status divide_region(struct regions *s, int64_t first, int64_t end, int64_t pieces, int64_t number,
                               int32_t *part)
{
    struct hg_metis_graph region;
    hg_status status = extract(s, first, end, &region);
    s->options.parts = (int32_t)pieces;
    if (status == HG_OK) status = divide(&region, &s->options, s->piece);
    hg_metis_graph_destroy(&region);
    for (int64_t k = first; status == HG_OK && k < end; k++)
        part[node_at(s, k)] = (int32_t)number + s->piece[k - first];
    return status;
}

/* The share of the cells that the nodes [first, end) of the order get, by their weight; at least one. */
static int64_t pieces_of(const struct regions *s, int64_t first, int64_t end, int64_t cells)
{
    const struct hg_metis_graph *graph = s->graph;
    const int32_t weights = graph->constraints;
    double sum = 0, of_region = 0;
    for (int64_t v = 0; v < graph->nodes; v++) sum += graph->node_weight[weights * v + weights - 1];
    /* as blend_weights has it: of in-edges; a single weight counts nodes already */
    const double of_node = weights > 1 ? 2 * (sum + 1) / graph->nodes : 0;
    for (int64_t k = first; k < end; k++)
        of_region += graph->node_weight[weights * (int64_t)node_at(s, k) + weights - 1] + of_node;
    const double share = of_region / (sum + of_node * graph->nodes) * (double)cells;
    return hg_max_i64((int64_t)(share + 0.5), 1);
}

static bool has_regions(const struct hg_metis_graph *graph, int64_t cells)
{
    const bool quick = graph->edge_weight == NULL || graph->indptr[graph->nodes] <= REGION_EDGES;
    return cells >= HG_REGION_CELLS && quick;
}

static hg_status divide_regions(struct regions *s, int64_t *parts, int32_t *part)
{
    const bool several = has_regions(s->graph, *parts);
    int64_t number = 0;
    s->options.parts = (int32_t)*parts;
    if (!several && s->graph->constraints == 1)
        return divide(s->graph, &s->options, part); /* needs no copy */
    HG_TRY(find_regions(s, several));
    for (int64_t first = 0, end; first < s->order.count; first = end) {
        for (end = first + 1; end < s->order.count && s->order.key[end] >> 32 == s->order.key[first] >> 32;)
            end++;
        const int64_t pieces = pieces_of(s, first, end, *parts);
        HG_TRY(divide_region(s, first, end, pieces, number, part));
        number += pieces;
    }
    *parts = number;
    return HG_OK;
}

hg_status hg_metis_cells(const struct hg_metis_graph *graph, const struct hg_attempt *attempt, int64_t *parts,
                         int32_t *part)
{
    struct regions s = {.graph = graph,
                        .coarse_parts = coarse_parts[attempt->number % KINDS],
                        .options = {.seed = (int32_t)(attempt->seed & INT32_MAX), .ufactor = UFACTOR}};
    hg_status status = HG_NEW(s.index, graph->nodes);
    if (status == HG_OK) status = HG_NEW(s.piece, graph->nodes);
    if (status == HG_OK) status = divide_regions(&s, parts, part);
    regions_destroy(&s);
    return status;
}
