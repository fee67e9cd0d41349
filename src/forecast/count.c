#include "forecast/count.h"

#include "base/mem.h"
#include "partition/partitioner.h"
#include <string.h>

/* A count of the edges into some targets. The graph is a shard on one rank, so its local rows are the nodes in cell
 * order. */
struct count {
    const struct hg_shard *graph;
    const struct hg_cells *cells;
    int ranks;
    int *cell_owner;        /* [C] */
    int *owner;             /* [nodes] */
    hg_lid *seen;           /* [nodes] 1 + the last rank that has counted this node as a source */
    hg_lid *last;           /* [ranks] 1 + the last target that has counted this rank */
    hg_lid *out_degree;     /* [nodes] edges out of each source */
    uint8_t *in_pair;       /* [ranks, ranks] rows go from the second to the first, for in-edges */
    uint8_t *out_pair;      /* the same for out-edges */
    const uint8_t *targets; /* [nodes] marks; NULL: all */
    struct hg_adjacency_shape *in, *out; /* [ranks] results */
};

static hg_status count_create(struct count *c)
{
    const int64_t nodes = c->graph->owned, pairs = (int64_t)c->ranks * c->ranks;
    HG_TRY(HG_NEW(c->cell_owner, c->cells->count));
    HG_TRY(HG_NEW(c->owner, nodes));
    HG_TRY(HG_NEW(c->seen, nodes));
    HG_TRY(HG_NEW(c->last, c->ranks));
    HG_TRY(HG_NEW(c->out_degree, nodes));
    HG_TRY(HG_NEW(c->in_pair, pairs));
    HG_TRY(HG_NEW(c->out_pair, pairs));
    HG_TRY(HG_NEW(c->in, c->ranks));
    return HG_NEW(c->out, c->ranks);
}

static void count_destroy(struct count *c)
{
    HG_FREE(c->cell_owner);
    HG_FREE(c->owner);
    HG_FREE(c->seen);
    HG_FREE(c->last);
    HG_FREE(c->out_degree);
    HG_FREE(c->in_pair);
    HG_FREE(c->out_pair);
    HG_FREE(c->in);
    HG_FREE(c->out);
}

static void clear(struct count *c)
{
    const size_t nodes = (size_t)c->graph->owned, ranks = (size_t)c->ranks;
    memset(c->seen, 0, nodes * sizeof *c->seen);
    memset(c->last, 0, ranks * sizeof *c->last);
    memset(c->out_degree, 0, nodes * sizeof *c->out_degree);
    memset(c->in_pair, 0, ranks * ranks);
    memset(c->out_pair, 0, ranks * ranks);
    memset(c->in, 0, ranks * sizeof *c->in);
    memset(c->out, 0, ranks * sizeof *c->out);
}

static void add_hub(struct hg_adjacency_shape *shape, int64_t edges)
{
    if (edges <= HG_HUB_EDGES) return;
    shape->hubs++;
    shape->hub_parts += (edges + HG_HUB_EDGES - 1) / HG_HUB_EDGES;
}

/* Counts the edges into target i of rank r: a row of `in`; and each one in the row of its source in `out`. */
static void count_target(struct count *c, int r, hg_lid i)
{
    const struct hg_adjacency *edges = c->graph->in;
    const hg_eid first = edges->indptr[i], end = edges->indptr[i + 1];
    c->in[r].edges += end - first;
    add_hub(&c->in[r], end - first);
    for (hg_eid e = first; e < end; e++) {
        const hg_lid j = edges->indices[e];
        const int q = c->owner[j];
        c->out[q].edges++;
        c->out_degree[j]++;
        if (q == r) continue;
        if (c->seen[j] != r + 1) { /* a copy of source j on rank r */
            c->seen[j] = r + 1;
            c->in[r].halo++;
            c->in[q].sent++;
            c->in_pair[r * c->ranks + q] = 1;
        }
        if (c->last[q] != i + 1) { /* a copy of target i on rank q */
            c->last[q] = i + 1;
            c->out[q].halo++;
            c->out[r].sent++;
            c->out_pair[q * c->ranks + r] = 1;
        }
    }
}

static void count_neighbours(const struct count *c, const uint8_t *pair, struct hg_adjacency_shape *shapes)
{
    for (int r = 0; r < c->ranks; r++)
        for (int q = 0; q < c->ranks; q++) {
            shapes[r].recv_ranks += pair[r * c->ranks + q];
            shapes[q].send_ranks += pair[r * c->ranks + q];
        }
}

/* Rank by rank, because `seen` knows one rank at a time. */
static void count_rank(struct count *c, int r)
{
    for (int64_t k = 0; k < c->cells->count; k++)
        if (c->cell_owner[k] == r)
            for (hg_gid i = c->cells->offsets[k]; i < c->cells->offsets[k + 1]; i++)
                if (c->targets == NULL || c->targets[i]) count_target(c, r, (hg_lid)i);
}

/* Sets in and out [ranks] for the edges into these targets (NULL: all). */
static void count_edges(struct count *c, const uint8_t *targets)
{
    clear(c);
    c->targets = targets;
    for (int r = 0; r < c->ranks; r++) count_rank(c, r);
    for (hg_lid j = 0; j < c->graph->owned; j++) add_hub(&c->out[c->owner[j]], c->out_degree[j]);
    count_neighbours(c, c->in_pair, c->in);
    count_neighbours(c, c->out_pair, c->out);
}

static void fill_shards(const struct hg_outline *outline, const struct count *c, struct hg_rank_shape *part)
{
    for (int r = 0; r < c->ranks; r++)
        part[r].shard = (struct hg_shard_shape){
            .num_nodes = outline->info.num_nodes,
            .num_edges = outline->num_edges,
            .num_cells = outline->num_cells,
            .max_cell = outline->max_cell,
            .edge_features = outline->edge_features ? outline->info.num_edge_features : 0,
            .symmetric = outline->info.symmetric,
            .self_loops = outline->self_loops,
            .in = c->in[r],
            .out = outline->info.symmetric ? c->in[r] : c->out[r],
        };
    for (int64_t k = 0; k < c->cells->count; k++) {
        struct hg_shard_shape *shard = &part[c->cell_owner[k]].shard;
        shard->cells++;
        shard->owned += c->cells->offsets[k + 1] - c->cells->offsets[k];
        part[c->cell_owner[k]].file_edges += c->cells->edges[k];
    }
}

static int64_t edges_into(const struct hg_shard *graph, const uint8_t *targets)
{
    int64_t edges = 0;
    for (hg_lid i = 0; i < graph->owned; i++)
        if (targets[i]) edges += graph->in->indptr[i + 1] - graph->in->indptr[i];
    return edges;
}

/* Adds the sources of all edges into the marked targets to `sources`. */
static void add_sources(const struct hg_shard *graph, const uint8_t *targets, uint8_t *sources)
{
    for (hg_lid i = 0; i < graph->owned; i++)
        for (hg_eid e = graph->in->indptr[i]; targets[i] && e < graph->in->indptr[i + 1]; e++)
            sources[graph->in->indices[e]] = 1;
}

/* The subgraph of layer l for these targets, by the rule of hg_subgraph_needed; the targets become its sources. `copy`
 * [nodes] is scratch. */
static void fill_layer(struct count *c, int l, uint8_t *targets, uint8_t *copy, struct hg_rank_shape *part)
{
    const struct hg_shard *graph = c->graph;
    const size_t nodes = (size_t)graph->owned;
    const bool whole = 2 * edges_into(graph, targets) > graph->num_edges;
    for (int r = 0; r < c->ranks; r++) part[r].layer[l].whole = whole;
    if (whole) {
        memset(targets, 1, nodes);
        return;
    }
    count_edges(c, targets);
    memcpy(copy, targets, nodes);
    add_sources(graph, copy, targets);
    for (int r = 0; r < c->ranks; r++) {
        part[r].layer[l].in = c->in[r];
        part[r].layer[l].out = c->out[r];
    }
    for (hg_lid i = 0; i < graph->owned; i++) {
        part[c->owner[i]].layer[l].targets += copy[i];
        part[c->owner[i]].layer[l].sources += targets[i];
    }
}

static hg_status fill_layers(struct count *c, const struct hg_dataset *data, int layers,
                             struct hg_rank_shape *part)
{
    uint8_t *targets = NULL, *copy = NULL;
    hg_status status = HG_NEW(targets, c->graph->owned);
    if (status == HG_OK) status = HG_NEW(copy, c->graph->owned);
    if (status == HG_OK) hg_dataset_mark(data, HG_TRAIN, targets);
    for (int l = layers - 1; status == HG_OK && l >= 0; l--) fill_layer(c, l, targets, copy, part);
    hg_mem_free(targets);
    hg_mem_free(copy);
    return status;
}

static hg_status choose_owners(struct count *c, const struct hg_comm *alone)
{
    HG_TRY(hg_partition_owners(alone, c->cells, c->ranks, c->cell_owner));
    for (int64_t k = 0; k < c->cells->count; k++)
        for (hg_gid i = c->cells->offsets[k]; i < c->cells->offsets[k + 1]; i++)
            c->owner[i] = c->cell_owner[k];
    return HG_OK;
}

hg_status hg_count_shapes(const struct hg_outline *outline, int layers, struct hg_rank_shapes *shapes)
{
    struct count c = {.graph = &outline->data.shard, .cells = &outline->data.cells, .ranks = shapes->ranks};
    hg_status status = count_create(&c);
    if (status == HG_OK) status = choose_owners(&c, outline->alone);
    if (status == HG_OK) {
        count_edges(&c, NULL);
        fill_shards(outline, &c, shapes->part);
        status = fill_layers(&c, &outline->data, layers, shapes->part);
    }
    count_destroy(&c);
    return status;
}
