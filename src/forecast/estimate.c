#include "forecast/estimate.h"

#include "base/mem.h"
#include "partition/partitioner.h"
#include <math.h>

/* The degrees of a model: `classes` classes of nodes, each with its share of the nodes and its mean degree. */
enum { CLASSES = 64 };
struct degrees {
    int classes;
    double share[CLASSES], degree[CLASSES];
};

/* Degrees from 1 (or a little more) to a thousandth of the nodes, by classes that grow by equal factors; a class has
 * the share d^(1 - g) (d^-g for each degree). The exponent g is found by bisection, so that the mean is right. */
static double power_mean(double most, double g, struct degrees *d)
{
    const double step = pow(most, 1.0 / (CLASSES - 1));
    double shares = 0, mean = 0, degree = 1;
    d->classes = CLASSES;
    for (int k = 0; k < CLASSES; k++, degree *= step) {
        d->degree[k] = degree;
        d->share[k] = pow(degree, 1 - g);
        shares += d->share[k];
    }
    for (int k = 0; k < CLASSES; k++) {
        d->share[k] /= shares;
        mean += d->share[k] * d->degree[k];
    }
    return mean;
}

static struct degrees power_law(double mean, double nodes)
{
    struct degrees d = {0};
    const double most = fmax(fmin(nodes, fmax(nodes / 1000, 64 * mean)), 2);
    double low = -4, high = 8; /* a larger exponent gives a smaller mean */
    for (int k = 0; k < 60; k++) {
        const double middle = (low + high) / 2;
        if (power_mean(most, middle, &d) > mean)
            low = middle;
        else
            high = middle;
    }
    return d;
}

static struct degrees degrees_of(const struct hg_outline *outline)
{
    const double nodes = fmax((double)outline->info.num_nodes, 1),
                 mean = (double)outline->info.num_edges / nodes;
    if (outline->assumed.degrees == HG_DEGREES_POWER && mean > 1) return power_law(mean, nodes);
    return (struct degrees){1, {1}, {mean}};
}

/* The mean over nodes of 1 - (1 - p)^d: the share of nodes that have at least one of their d edges to a set that an
 * edge leads to with probability p. */
static double reached(const struct degrees *d, double p)
{
    double sum = 0;
    for (int k = 0; k < d->classes; k++) sum += d->share[k] * (1 - pow(1 - fmin(p, 1), d->degree[k]));
    return sum;
}

/* Halo rows of each of P ranks when `nodes` nodes may be sources, and a share of their edges leads to targets that are
 * wanted: a node of another rank is in the halo if one of its edges leads here. */
static double halo_rows(const struct hg_outline *outline, const struct degrees *d, int ranks, double wanted)
{
    const double nodes = (double)outline->info.num_nodes, own = nodes / ranks;
    const double cut = outline->assumed.cut > 0 ? outline->assumed.cut : 1 - 1.0 / ranks;
    if (ranks == 1) return 0;
    if (outline->assumed.degrees == HG_DEGREES_GRID) return fmin(4 * sqrt(own), nodes - own);
    return (nodes - own) * reached(d, wanted * cut / (ranks - 1));
}

static struct hg_adjacency_shape adjacency(double edges, double halo, int ranks)
{
    const int neighbours = (int)fmin(ranks - 1, halo);
    const int64_t rows = llround(halo);
    return (struct hg_adjacency_shape){.edges = llround(edges),
                                       .halo = rows,
                                       .sent = rows,
                                       .recv_ranks = neighbours,
                                       .send_ranks = neighbours};
}

static struct hg_shard_shape shard_of(const struct hg_outline *outline, int ranks)
{
    return (struct hg_shard_shape){
        .num_nodes = outline->info.num_nodes,
        .num_edges = outline->num_edges,
        .num_cells = outline->num_cells,
        .max_cell = outline->max_cell,
        .edge_features = outline->edge_features ? outline->info.num_edge_features : 0,
        .symmetric = outline->info.symmetric,
        .self_loops = outline->self_loops,
        .owned = (outline->info.num_nodes + ranks - 1) / ranks,
        .cells = (outline->num_cells + ranks - 1) / ranks,
    };
}

/* Training nodes are taken to be any: of the targets T, a share of the nodes, come a share of the edges; the sources
 * are T and the nodes with an edge to T. */
static void estimate_layers(const struct hg_outline *outline, const struct degrees *d, int layers, int ranks,
                            struct hg_rank_shape *part)
{
    double targets = outline->assumed.labelled;
    const double own = (double)part->shard.owned, edges = (double)part->shard.in.edges,
                 halo = (double)part->shard.in.halo;
    for (int l = layers - 1; l >= 0; l--) {
        struct hg_subgraph_shape *layer = &part->layer[l];
        layer->whole = targets > 0.5;
        if (layer->whole) {
            targets = 1;
            continue;
        }
        const double sources = targets + (1 - targets) * reached(d, targets);
        layer->targets = llround(own * targets);
        layer->sources = llround(own * sources);
        const double rows = fmin(halo, halo_rows(outline, d, ranks, targets));
        layer->in = adjacency(edges * targets, rows, ranks);
        layer->out = adjacency(edges * targets, halo * targets, ranks);
        targets = sources;
    }
}

hg_status hg_estimate_by_model(const struct hg_outline *outline, int ranks, int layers,
                               struct hg_rank_shape *part)
{
    const struct degrees d = degrees_of(outline);
    part->shard = shard_of(outline, ranks);
    part->file_edges = (outline->info.num_edges + ranks - 1) / ranks;
    part->shard.in = part->shard.out =
        adjacency((double)outline->num_edges / ranks, halo_rows(outline, &d, ranks, 1), ranks);
    estimate_layers(outline, &d, layers, ranks, part);
    return HG_OK;
}

/* The halo by the graph of cells: what is counted for one cell at a time, and for all ranks. */
struct cell_halo {
    const struct hg_cells *cells;
    int ranks;
    int *owner; /* [C] */
    double *
        miss; /* [ranks] logarithm of the share of the cell's nodes that are adjacent to no cell of the rank */
    uint8_t *pair;       /* [ranks, ranks] the two ranks have adjacent cells */
    double *halo, *sent; /* [ranks] */
};

static hg_status cell_halo_create(struct cell_halo *h)
{
    HG_TRY(HG_NEW(h->owner, h->cells->count));
    HG_TRY(HG_NEW(h->miss, h->ranks));
    HG_TRY(HG_NEW(h->pair, (int64_t)h->ranks * h->ranks));
    HG_TRY(HG_NEW(h->halo, h->ranks));
    return HG_NEW(h->sent, h->ranks);
}

static void cell_halo_destroy(struct cell_halo *h)
{
    HG_FREE(h->owner);
    HG_FREE(h->miss);
    HG_FREE(h->pair);
    HG_FREE(h->halo);
    HG_FREE(h->sent);
}

/* Of the n nodes of cell c, h are adjacent to a cell b; h is half of the weight, which counts both sides. Nodes that
 * are adjacent to several cells of a rank are one halo row there: n (1 - prod_b (1 - h_b / n)). */
static void count_cell(struct cell_halo *h, int64_t c)
{
    const struct hg_cells *cells = h->cells;
    const double n = (double)(cells->offsets[c + 1] - cells->offsets[c]);
    const int from = h->owner[c];
    for (int64_t k = cells->indptr[c]; k < cells->indptr[c + 1]; k++)
        h->miss[h->owner[cells->indices[k]]] += log1p(-fmin((double)cells->weight[k] / 2 / n, 0.999));
    for (int64_t k = cells->indptr[c]; k < cells->indptr[c + 1]; k++) {
        const int to = h->owner[cells->indices[k]];
        if (to != from && h->miss[to] < 0) {
            const double rows = -n * expm1(h->miss[to]);
            h->halo[to] += rows;
            h->sent[from] += rows;
            h->pair[to * h->ranks + from] = 1;
        }
        h->miss[to] = 0;
    }
}

static void fill_part(const struct hg_outline *outline, const struct cell_halo *h, int r,
                      struct hg_rank_shape *part)
{
    const struct hg_cells *cells = h->cells;
    int neighbours = 0;
    part->shard = shard_of(outline, h->ranks);
    part->shard.owned = part->shard.cells = 0;
    for (int64_t c = 0; c < cells->count; c++) {
        if (h->owner[c] != r) continue;
        part->shard.cells++;
        part->shard.owned += cells->offsets[c + 1] - cells->offsets[c];
        part->file_edges += cells->edges[c];
    }
    for (int q = 0; q < h->ranks; q++) neighbours += h->pair[r * h->ranks + q];
    const int64_t loops = outline->self_loops ? part->shard.owned : 0;
    part->shard.in = adjacency((double)(part->file_edges + loops), h->halo[r], h->ranks);
    part->shard.in.sent = llround(h->sent[r]);
    part->shard.in.recv_ranks = part->shard.in.send_ranks = neighbours;
    part->shard.out = part->shard.in;
}

hg_status hg_estimate_by_cells(const struct hg_outline *outline, int layers, struct hg_rank_shapes *shapes)
{
    const struct degrees d = degrees_of(outline);
    struct cell_halo h = {.cells = &outline->cells, .ranks = shapes->ranks};
    hg_status status = cell_halo_create(&h);
    if (status == HG_OK) status = hg_partition_owners(outline->alone, h.cells, h.ranks, h.owner);
    for (int64_t c = 0; status == HG_OK && c < h.cells->count; c++) count_cell(&h, c);
    for (int r = 0; status == HG_OK && r < h.ranks; r++) {
        fill_part(outline, &h, r, &shapes->part[r]);
        estimate_layers(outline, &d, layers, h.ranks, &shapes->part[r]);
    }
    cell_halo_destroy(&h);
    return status;
}
