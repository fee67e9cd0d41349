#include "partition/cluster/cluster.h"

#include "base/mem.h"
#include "partition/cluster/coarsest.h"
#include "partition/cluster/contract.h"
#include "partition/cluster/labels.h"
#include "partition/cluster/split.h"

/* Chosen by the halo on ten real and generated graphs, and by time on large ones (docs/performance.md). */
enum {
    MAX_LEVELS = 20,
    ROUNDS = 5,             /* of propagation on each level; */
    COARSE_ROUNDS = 10,     /* when nodes move between cells, but for level 0 */
    FIRST_NODES = 8,        /* a cluster of level 0 holds at most about so many nodes, */
    GROWTH = 4,             /* one of each other level so many times as many, */
    CELL_SHARE = 16,        /* and at most this part of a cell */
    CLUSTERS_PER_CELL = 64, /* coarsening ends at about so many, */
    LEAST_SHRINK = 10,      /* and when a level is not smaller by so many per cent */
    CLUSTER_EDGES = 64      /* edges per cluster that are kept, and at most half of the level below */
};
/* Largest weight of a cell, relative to the mean. The choice of owners balances ranks. */
static const double cell_limit = 1.2;

struct hierarchy {
    int64_t parts;
    const struct hg_cluster_options *options;
    uint64_t weight; /* of all nodes */
    int levels;
    const struct hg_level *level[MAX_LEVELS]; /* level[0] is the caller's, level[k] points to coarse[k] */
    struct hg_level coarse[MAX_LEVELS];
    uint32_t *cluster
        [MAX_LEVELS]; /* cluster[k] [owned of level k]: node of level k + 1 that each node belongs to */
};

static int64_t sum_over_ranks(const struct hg_level *level, int64_t value)
{
    hg_comm_sum_i64(level->blocks.comm, &value, 1);
    return value;
}

static uint64_t total_weight(const struct hg_level *level)
{
    int64_t sum = 0;
    for (int64_t v = 0; v < level->owned; v++) sum += level->weight[v];
    return (uint64_t)sum_over_ranks(level, sum);
}

/* Largest weight of a cluster of level k: clusters grow slowly, so that coarser levels can still choose, and stay small
 * beside a cell. */
static uint32_t cluster_limit(const struct hierarchy *h, int k)
{
    const uint64_t share = h->weight / (uint64_t)h->parts / CELL_SHARE + 1;
    uint64_t limit = (h->weight / (uint64_t)hg_blocks_total(&h->level[0]->blocks) + 1) * FIRST_NODES;
    for (int i = 0; i < k && limit < share; i++) limit *= GROWTH;
    return (uint32_t)(limit < share ? limit : share);
}

/* Makes level k + 1 of clusters of level k. Collective. */
static hg_status coarsen(struct hierarchy *h, int k)
{
    const struct hg_level *fine = h->level[k];
    const struct hg_contraction_limits limits = {.edges = sum_over_ranks(fine, fine->indptr[fine->owned]) / 2,
                                                 .edges_per_node = CLUSTER_EDGES};
    struct hg_labels labels;
    hg_status status = hg_labels_create_ids(fine, cluster_limit(h, k), &labels);
    if (status == HG_OK)
        status = hg_labels_propagate(&labels, ROUNDS, h->options->attempt.seed * MAX_LEVELS + (uint64_t)k);
    if (status == HG_OK) status = hg_labels_join_single(&labels);
    if (status == HG_OK) status = hg_level_contract(&labels, &limits, &h->cluster[k], &h->coarse[k + 1]);
    hg_labels_destroy(&labels);
    h->level[k + 1] = &h->coarse[k + 1];
    return status;
}

/* Collective. */
static hg_status build(struct hierarchy *h)
{
    int64_t before = INT64_MAX;
    h->weight = total_weight(h->level[0]);
    for (h->levels = 1; h->levels < MAX_LEVELS; h->levels++) {
        const struct hg_level *last = h->level[h->levels - 1];
        const int64_t nodes = hg_blocks_total(&last->blocks);
        if (sum_over_ranks(last, last->indptr[last->owned]) <= h->options->coarsest_edges) break;
        if (nodes <= CLUSTERS_PER_CELL * h->parts || nodes > before / 100 * (100 - LEAST_SHRINK)) break;
        HG_TRY(coarsen(h, h->levels - 1));
        before = nodes;
    }
    return HG_OK;
}

/* Moves nodes of level k between cells. part [owned]. Collective. */
static hg_status refine(const struct hierarchy *h, int k, uint32_t mean, uint32_t *part)
{
    struct hg_labels labels;
    const struct hg_level *level = h->level[k];
    const uint32_t limit = (uint32_t)(mean * cell_limit) + 1;
    hg_status status = hg_labels_create(level, h->parts, part, limit, &labels);
    if (status == HG_OK)
        status = hg_labels_propagate(&labels, k > 0 ? COARSE_ROUNDS : ROUNDS,
                                     (h->options->attempt.seed + 1) * MAX_LEVELS + (uint64_t)k);
    for (int64_t v = 0; status == HG_OK && v < level->owned; v++) part[v] = hg_label_of(labels.node[v]);
    hg_labels_destroy(&labels);
    return status;
}

/* *part [owned of level k - 1] replaces *part [owned of level k]: nodes belong to the cells of their clusters.
 * Collective. */
static hg_status project(struct hierarchy *h, int k, uint32_t **part)
{
    const int64_t owned = h->level[k - 1]->owned;
    const struct hg_blocks *blocks = &h->level[k]->blocks;
    uint32_t *finer = NULL;
    hg_status status = hg_agree(blocks->comm, HG_NEW_UNSET(finer, owned));
    if (status == HG_OK) status = hg_blocks_read(blocks, *part, h->cluster[k - 1], owned, finer);
    hg_mem_free(*part);
    *part = finer;
    HG_FREE(h->cluster[k - 1]);
    hg_level_destroy(&h->coarse[k]);
    return status;
}

/* Collective. */
static hg_status divide(struct hierarchy *h, uint32_t **part)
{
    const struct hg_level *coarsest = h->level[h->levels - 1];
    struct hg_coarsest_cells cells = {.count = h->parts};
    HG_TRY(hg_agree(coarsest->blocks.comm, HG_NEW_UNSET(*part, coarsest->owned)));
    HG_TRY(hg_coarsest_partition(coarsest, &h->options->attempt, *part, &cells));
    h->parts = cells.count;
    for (int k = h->levels - 1; k > 0; k--) {
        HG_TRY(refine(h, k, cells.mean, *part));
        HG_TRY(project(h, k, part));
    }
    /* the cells of level 0 itself are METIS's, by the halo: moves by edges would not improve them */
    if (h->levels > 1) HG_TRY(refine(h, 0, cells.mean, *part));
    return hg_cells_split(h->level[0], cells.mean, *part, &h->parts);
}

hg_status hg_cluster_cells(const struct hg_level *graph, const struct hg_cluster_options *options,
                           int64_t *parts, uint32_t **part)
{
    struct hierarchy h = {.parts = *parts, .options = options, .level = {graph}};
    hg_status status = build(&h);
    if (status == HG_OK) status = divide(&h, part);
    for (int k = 0; k < MAX_LEVELS; k++) {
        hg_level_destroy(&h.coarse[k]);
        HG_FREE(h.cluster[k]);
    }
    *parts = h.parts;
    return status;
}
