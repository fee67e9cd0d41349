#include "partition/estimate.h"

#include "base/alive.h"
#include "base/mem.h"

enum { BATCHES = 16 };

/* State of hg_partition_estimate. */
struct counting {
    const struct hg_level *graph;
    const uint64_t *id; /* [owned + ghosts] below 2^32 */
    const struct hg_estimate_options *options;
    int *owner;         /* [owned + ghosts] */
    int64_t *last_rank; /* [ranks] 1 + the last node that was counted for each rank */
    int64_t *last_host; /* [hosts] the same of hosts */
    int64_t *cut; /* [ranks, ranks] edges from nodes of a rank to nodes of another, of the whole graph */
    struct hg_estimate found; /* on this rank */
};

/* An edge between two ranks. */
struct cut_edge {
    int64_t pair; /* owner of the source * ranks + owner of the target */
    uint64_t key; /* source << 32 | target */
};

/* Pairs [first, end), whose edges are handled together: rank (pair - first) mod size takes those of a pair. */
struct batch {
    int64_t first, end;
};

static int host_of(const struct counting *c, int rank)
{
    return rank / c->options->per_host;
}

static hg_status prepare(struct counting *c, const struct hg_divided *divided, const struct hg_cells *cells,
                         const int *owner)
{
    const int ranks = c->options->ranks;
    HG_TRY(HG_NEW_UNSET(c->owner, c->graph->owned + c->graph->ghosts));
    HG_TRY(HG_NEW(c->last_rank, ranks));
    HG_TRY(HG_NEW(c->last_host, host_of(c, ranks - 1) + 1));
    HG_TRY(HG_NEW(c->cut, (int64_t)ranks * ranks));
    hg_divided_owners(divided, cells, owner, c->owner);
    return HG_OK;
}

/* Counts the copies of node v on other hosts. */
static void count_copies(struct counting *c, int64_t v)
{
    const struct hg_level *graph = c->graph;
    const int home = host_of(c, c->owner[v]);
    const int64_t first = graph->indptr[v] + (graph->symmetric ? 0 : graph->sources[v]);
    for (int64_t e = first; e < graph->indptr[v + 1]; e++) {
        const int rank = c->owner[graph->neighbour[e]], host = host_of(c, rank);
        if (host == home || c->last_rank[rank] == v + 1) continue;
        c->found.between_hosts++;
        c->found.shared += c->last_host[host] != v + 1;
        c->last_rank[rank] = c->last_host[host] = v + 1;
    }
}

/* The pair of the edge from neighbour number e, a source, to node v; -1 when one rank owns both. */
static int64_t pair_of(const struct counting *c, int64_t e, int64_t v)
{
    const int source = c->owner[c->graph->neighbour[e]], target = c->owner[v];
    return source == target ? -1 : (int64_t)source * c->options->ranks + target;
}

static void count_edges(struct counting *c)
{
    const struct hg_level *graph = c->graph;
    for (int64_t v = 0; v < graph->owned; v++)
        for (int64_t e = graph->indptr[v]; e < graph->indptr[v] + graph->sources[v]; e++) {
            const int64_t pair = pair_of(c, e, v);
            if (pair >= 0) c->cut[pair]++;
        }
}

/* Walks over the edges of a batch: counts them in the route, or, with `packed`, packs them. */
static void route_edges(const struct counting *c, const struct batch *batch, struct hg_route *route,
                        struct cut_edge *packed)
{
    const struct hg_level *graph = c->graph;
    for (int64_t v = 0; v < graph->owned; v++)
        for (int64_t e = graph->indptr[v]; e < graph->indptr[v] + graph->sources[v]; e++) {
            const int64_t pair = pair_of(c, e, v);
            if (pair < batch->first || pair >= batch->end) continue;
            const int taker = (int)((pair - batch->first) % route->comm->size);
            if (packed == NULL)
                hg_route_count(route, taker, 1);
            else
                packed[hg_route_next(route, taker, 1)] =
                    (struct cut_edge){pair, c->id[graph->neighbour[e]] << 32 | c->id[v]};
        }
}

/* Packs the edges of a batch, grouped by the ranks that take them. */
static hg_status pack(const struct counting *c, const struct batch *batch, struct hg_route *route,
                      struct cut_edge **packed)
{
    HG_TRY(hg_route_create(c->graph->blocks.comm, route));
    route_edges(c, batch, route, NULL);
    HG_TRY(HG_NEW_UNSET(*packed, route->count));
    hg_route_pack(route);
    route_edges(c, batch, route, *packed);
    return HG_OK;
}

/* The edges that a rank takes of a batch, grouped by pair. */
struct taken {
    int64_t pairs;
    int64_t *start; /* [pairs + 1] */
    uint64_t *key;  /* [start[pairs]] */
};

static hg_status take(const struct batch *batch, int size, const struct cut_edge *edges, int64_t n,
                      struct taken *taken)
{
    taken->pairs = (batch->end - batch->first + size - 1) / size;
    HG_TRY(HG_NEW(taken->start, taken->pairs + 1));
    HG_TRY(HG_NEW_UNSET(taken->key, n));
    for (int64_t k = 0; k < n; k++) taken->start[(edges[k].pair - batch->first) / size]++;
    for (int64_t p = 0; p < taken->pairs; p++) taken->start[p + 1] += taken->start[p];
    for (int64_t k = n; k-- > 0;)
        taken->key[--taken->start[(edges[k].pair - batch->first) / size]] = edges[k].key;
    return HG_OK;
}

/* Adds the covers of the pairs that this rank takes. */
static hg_status cover_pairs(struct counting *c, const struct taken *taken)
{
    for (int64_t p = 0; p < taken->pairs; p++) {
        const int64_t n = taken->start[p + 1] - taken->start[p];
        struct hg_keys edges = {n, n, taken->key + taken->start[p]};
        struct hg_cover cover;
        if (n == 0) continue;
        HG_TRY(hg_vertex_cover(&edges, &c->options->cost, &cover));
        c->found.cover.sources += cover.sources;
        c->found.cover.targets += cover.targets;
        hg_alive_tick();
    }
    return HG_OK;
}

/* Collective. */
static hg_status cover_batch(struct counting *c, const struct batch *batch)
{
    const struct hg_comm *comm = c->graph->blocks.comm;
    struct hg_route route;
    struct cut_edge *packed = NULL;
    struct taken taken = {0};
    void *arrived = NULL;
    hg_status status = hg_agree(comm, pack(c, batch, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *packed, packed, &arrived);
    HG_FREE(packed);
    if (status == HG_OK) {
        status = take(batch, comm->size, arrived, route.arrived, &taken);
        HG_FREE(arrived);
        if (status == HG_OK) status = cover_pairs(c, &taken);
        status = hg_agree(comm, status);
    }
    hg_mem_free(taken.start);
    hg_mem_free(taken.key);
    hg_route_destroy(&route);
    return status;
}

/* Handles all pairs, in batches of a sixteenth of their edges, or of those of the largest pair for each rank.
 * Collective. */
static hg_status cover_all(struct counting *c)
{
    const struct hg_comm *comm = c->graph->blocks.comm;
    const int64_t pairs = (int64_t)c->options->ranks * c->options->ranks;
    int64_t largest = 0, total = 0;
    hg_comm_sum_i64(comm, c->cut, pairs);
    for (int64_t p = 0; p < pairs; p++) {
        largest = hg_max_i64(largest, c->cut[p]);
        total += c->cut[p];
    }
    const int64_t most = hg_max_i64(largest * comm->size, total / BATCHES);
    struct batch batch = {0};
    for (; batch.end < pairs; batch.first = batch.end) {
        for (int64_t edges = 0; batch.end < pairs && edges + c->cut[batch.end] <= most; batch.end++)
            edges += c->cut[batch.end];
        HG_TRY(cover_batch(c, &batch));
    }
    return HG_OK;
}

/* Collective. */
static hg_status count(struct counting *c)
{
    for (int64_t v = 0; v < c->graph->owned; v++) count_copies(c, v);
    count_edges(c);
    HG_TRY(cover_all(c));
    int64_t sums[] = {c->found.between_hosts, c->found.shared, c->found.cover.sources,
                      c->found.cover.targets};
    hg_comm_sum_i64(c->graph->blocks.comm, sums, 4);
    c->found = (struct hg_estimate){sums[0], sums[1], {sums[2], sums[3]}};
    return HG_OK;
}

hg_status hg_partition_estimate(const struct hg_divided *divided, const struct hg_cells *cells,
                                const int *owner, const struct hg_estimate_options *options,
                                struct hg_estimate *estimate)
{
    struct counting c = {.graph = &divided->graph, .id = divided->stored, .options = options};
    hg_status status = hg_agree(c.graph->blocks.comm, prepare(&c, divided, cells, owner));
    if (status == HG_OK) status = count(&c);
    *estimate = c.found;
    hg_mem_free(c.owner);
    hg_mem_free(c.last_rank);
    hg_mem_free(c.last_host);
    hg_mem_free(c.cut);
    return status;
}
