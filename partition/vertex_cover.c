#include "partition/vertex_cover.h"

#include "base/mem.h"

/* The flow. Nodes are the sources 0..sources-1, then the targets. An arc of a source is an edge, without limit; an arc
 * of a target is an edge backwards, as far as flow can be taken back. The flow out of a source, and into a target, is
 * at most its cost. */
struct network {
    int64_t sources, nodes, edges;
    int64_t
        *indptr; /* [nodes + 1] arcs of each node: of a source edges, of a target indices in `back` + edges */
    uint32_t *from, *to; /* [edges] nodes */
    int64_t *back;       /* [edges] the edges of each target */
    int64_t *flow;       /* [edges] */
    int64_t *spare;      /* [nodes] cost that no flow uses */
    int32_t *level;      /* [nodes] distance from the sources with spare cost; -1: none reaches it */
    int64_t *arc;        /* [nodes] the next arc to try */
    uint32_t *queue;     /* [nodes] */
    int64_t *path;       /* [nodes] the edges of a path, which begins at a source */
};

static void destroy(struct network *g)
{
    hg_mem_free(g->indptr);
    hg_mem_free(g->from);
    hg_mem_free(g->to);
    hg_mem_free(g->back);
    hg_mem_free(g->flow);
    hg_mem_free(g->spare);
    hg_mem_free(g->level);
    hg_mem_free(g->arc);
    hg_mem_free(g->queue);
    hg_mem_free(g->path);
}

static hg_status allocate(struct network *g)
{
    HG_TRY(HG_NEW(g->indptr, g->nodes + 1));
    HG_TRY(HG_NEW_UNSET(g->from, g->edges));
    HG_TRY(HG_NEW_UNSET(g->to, g->edges));
    HG_TRY(HG_NEW_UNSET(g->back, g->edges));
    HG_TRY(HG_NEW(g->flow, g->edges));
    HG_TRY(HG_NEW_UNSET(g->spare, g->nodes));
    HG_TRY(HG_NEW_UNSET(g->level, g->nodes));
    HG_TRY(HG_NEW_UNSET(g->arc, g->nodes));
    HG_TRY(HG_NEW_UNSET(g->queue, g->nodes));
    return HG_NEW_UNSET(g->path, g->nodes);
}

static uint64_t source_key(uint64_t edge)
{
    return edge >> 32;
}
static uint64_t target_key(uint64_t edge)
{
    return edge & UINT32_MAX;
}

/* Fills the arcs: edges ascend by source; those of each target by a counting sort. */
static void connect_nodes(struct network *g, const struct hg_keys *edges, const struct hg_key_index *targets)
{
    int64_t source = -1;
    for (int64_t e = 0; e < g->edges; e++) {
        if (e == 0 || source_key(edges->key[e]) != source_key(edges->key[e - 1])) g->indptr[++source] = e;
        g->from[e] = (uint32_t)source;
        g->to[e] = (uint32_t)(g->sources + hg_key_index_find(targets, target_key(edges->key[e])));
        g->indptr[g->to[e] + 1]++;
    }
    g->indptr[g->sources] = g->edges;
    for (int64_t x = g->sources; x < g->nodes; x++) g->indptr[x + 1] += g->indptr[x];
    for (int64_t x = g->sources; x < g->nodes; x++) g->arc[x] = g->indptr[x];
    for (int64_t e = 0; e < g->edges; e++) g->back[g->arc[g->to[e]]++ - g->edges] = e;
}

static hg_status list_targets(const struct hg_keys *edges, struct hg_keys *targets)
{
    for (int64_t e = 0; e < edges->count; e++) HG_TRY(hg_keys_insert(targets, target_key(edges->key[e])));
    return hg_keys_unique(targets, 0);
}

static hg_status create_with(struct network *g, const struct hg_keys *edges, const struct hg_keys *targets)
{
    struct hg_key_index index = {0};
    *g = (struct network){.edges = edges->count};
    for (int64_t e = 0; e < edges->count; e++)
        g->sources += e == 0 || source_key(edges->key[e]) != source_key(edges->key[e - 1]);
    g->nodes = g->sources + targets->count;
    HG_TRY(allocate(g));
    HG_TRY(hg_key_index_create(targets, &index));
    connect_nodes(g, edges, &index);
    hg_key_index_destroy(&index);
    return HG_OK;
}

static hg_status create(struct network *g, struct hg_keys *edges)
{
    struct hg_keys targets = {0};
    *g = (struct network){0};
    hg_status status = hg_keys_unique(edges, 0);
    if (status == HG_OK) status = list_targets(edges, &targets);
    if (status == HG_OK) status = create_with(g, edges, &targets);
    hg_keys_destroy(&targets);
    return status;
}

static bool is_source(const struct network *g, int64_t x)
{
    return x < g->sources;
}

/* The edge of arc k of node x, and the node at its other end; -1 where nothing can flow. */
static int64_t edge_of(const struct network *g, int64_t x, int64_t k)
{
    return is_source(g, x) ? k : g->back[k - g->edges];
}
static int64_t next_node(const struct network *g, int64_t x, int64_t k)
{
    const int64_t e = edge_of(g, x, k);
    if (is_source(g, x)) return g->to[e];
    return g->flow[e] > 0 ? (int64_t)g->from[e] : -1;
}

/* Levels of the nodes that sources with spare cost reach, up to the nearest targets with spare cost; whether there are
 * such targets. */
static bool find_levels(struct network *g)
{
    int64_t end = 0;
    int32_t last = INT32_MAX;
    for (int64_t x = 0; x < g->nodes; x++) {
        g->level[x] = is_source(g, x) && g->spare[x] > 0 ? 0 : -1;
        g->arc[x] = g->indptr[x];
        if (g->level[x] == 0) g->queue[end++] = (uint32_t)x;
    }
    for (int64_t q = 0; q < end && g->level[g->queue[q]] < last; q++) {
        const int64_t x = g->queue[q];
        for (int64_t k = g->indptr[x]; k < g->indptr[x + 1]; k++) {
            const int64_t y = next_node(g, x, k);
            if (y < 0 || g->level[y] >= 0) continue;
            g->level[y] = g->level[x] + 1;
            g->queue[end++] = (uint32_t)y;
            if (!is_source(g, y) && g->spare[y] > 0) last = g->level[y];
        }
    }
    return last < INT32_MAX;
}

/* Finds a path along the levels from a source to a target with spare cost, whose edges are path [0, returned); 0: there
 * is none any more. */
static int64_t find_path(struct network *g, int64_t source)
{
    int64_t x = source, depth = 0;
    while (is_source(g, x) || g->spare[x] == 0) {
        if (g->arc[x] == g->indptr[x + 1]) {
            if (depth == 0) return 0;
            const int64_t e = g->path[--depth];
            x = is_source(g, x) ? g->to[e] : g->from[e];
            g->arc[x]++;
            continue;
        }
        const int64_t y = next_node(g, x, g->arc[x]);
        if (y < 0 || g->level[y] != g->level[x] + 1) {
            g->arc[x]++;
            continue;
        }
        g->path[depth++] = edge_of(g, x, g->arc[x]);
        x = y;
    }
    return depth;
}

/* Adds as much flow to a path as it takes: edges 0, 2, ... forwards, edges 1, 3, ... backwards. */
static void push_flow(struct network *g, int64_t depth)
{
    const int64_t source = g->from[g->path[0]], target = g->to[g->path[depth - 1]];
    int64_t amount = hg_min_i64(g->spare[source], g->spare[target]);
    for (int64_t k = 1; k < depth; k += 2) amount = hg_min_i64(amount, g->flow[g->path[k]]);
    for (int64_t k = 0; k < depth; k++) g->flow[g->path[k]] += k % 2 == 0 ? amount : -amount;
    g->spare[source] -= amount;
    g->spare[target] -= amount;
}

static void maximise_flow(struct network *g)
{
    while (find_levels(g))
        for (int64_t x = 0; x < g->sources; x++)
            for (int64_t depth = 1; g->spare[x] > 0 && depth > 0;) {
                depth = find_path(g, x);
                if (depth > 0) push_flow(g, depth);
            }
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

hg_status hg_vertex_cover(struct hg_keys *edges, const struct hg_cover_cost *cost, struct hg_cover *cover)
{
    const int64_t unit = common_divisor(cost->source, cost->target);
    struct network g;
    *cover = (struct hg_cover){0};
    const hg_status status = create(&g, edges);
    if (status == HG_OK) {
        for (int64_t x = 0; x < g.nodes; x++)
            g.spare[x] = (is_source(&g, x) ? cost->source : cost->target) / unit;
        maximise_flow(&g);
        /* the last search for levels reaches one side of the cut: the cover is what lies across it */
        for (int64_t x = 0; x < g.sources; x++) cover->sources += g.level[x] < 0;
        for (int64_t x = g.sources; x < g.nodes; x++) cover->targets += g.level[x] >= 0;
    }
    destroy(&g);
    return status;
}
