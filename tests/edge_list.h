/** A small graph that every rank knows completely, as a list of edges: the reference for the tests of partitioning.
 */
#ifndef HG_TESTS_EDGE_LIST_H
#define HG_TESTS_EDGE_LIST_H

#include "base/rng.h"
#include "graph/rows_from_edges.h"
#include "testing.h"

enum { LIST_NODES = 400, LIST_EDGES = 4000, LIST_ATTR = 3 };

struct edge_list {
    int nodes, edges, attr_cols;
    int source[LIST_EDGES], target[LIST_EDGES];
    hg_real attr[LIST_EDGES][LIST_ATTR];
};

static int list_draw(uint64_t a, uint64_t b, int below)
{
    const struct hg_rng rng = {{17, 4}};
    return (int)(hg_rng_uniform(rng, a, b) * below);
}

static void list_add(struct edge_list *list, int source, int target, uint64_t attr_key)
{
    const int e = list->edges++;
    list->source[e] = source;
    list->target[e] = target;
    for (int f = 0; f < list->attr_cols; f++)
        list->attr[e][f] = (hg_real)list_draw(attr_key, 1000 + (uint64_t)f, 1000) / 8;
}

/** Directed, with parallel edges, self-loops, two hubs; the last tenth of the nodes is isolated. */
static inline void list_directed(struct edge_list *list, int nodes, int edges, int attr_cols)
{
    const int linked = nodes - nodes / 10;
    *list = (struct edge_list){.nodes = nodes, .attr_cols = attr_cols};
    for (int k = 0; k < edges; k++) {
        const uint64_t key = (uint64_t)k;
        const int source = k % 7 == 0 ? 1 % linked : list_draw(key, 1, linked);
        const int near = (source + list_draw(key, 2, 9)) % linked;
        list_add(list, source, k % 11 == 0 ? 2 % linked : k % 3 == 0 ? list_draw(key, 3, linked) : near, key);
        if (k % 5 == 0 && list->edges < edges)
            list_add(list, source, list->target[list->edges - 1], key + 9999);
        if (list->edges >= edges) break;
    }
}

/** Symmetric: each pair once, in both directions, with the same features; some self-loops. */
static inline void list_symmetric(struct edge_list *list, int nodes, int attr_cols)
{
    const int linked = nodes - nodes / 10;
    *list = (struct edge_list){.nodes = nodes, .attr_cols = attr_cols};
    for (int i = 0; i < linked; i++)
        for (int j = 0; j <= i; j++) {
            const uint64_t key = (uint64_t)(i * nodes + j);
            if (list_draw(key, 4, 100) >= (i - j < 12 ? 25 : 1)) continue;
            list_add(list, i, j, key);
            if (i != j) list_add(list, j, i, key);
        }
}

/** Makes rows from the list, in blocks of imported ids; edges are given to the ranks in turn. */
static inline void list_rows(const struct hg_comm *comm, const struct edge_list *list,
                             struct hg_node_table *rows)
{
    struct hg_edges edges = {.attr_cols = list->attr_cols};
    const struct hg_build_options options = {0};
    *rows = (struct hg_node_table){0};
    rows->info.num_nodes = list->nodes;
    for (int e = comm->rank; e < list->edges; e += comm->size)
        assert_ok(hg_edges_append(&edges, list->source[e], list->target[e], e, list->attr[e]));
    assert_ok(hg_build_rows(comm, &edges, &options, rows));
}

/** The in-edges (into = true) or out-edges of a node, ascending by the other end, parallel edges in list order,
 *  without self-loops if asked for. Writes their indices in the list to at[], and returns their number. */
static inline int list_row(const struct edge_list *list, hg_gid node, bool into, bool without_loops, int *at)
{
    const int *mine = into ? list->target : list->source, *other = into ? list->source : list->target;
    int n = 0;
    for (int e = 0; e < list->edges; e++) {
        if (mine[e] != node || (without_loops && other[e] == node)) continue;
        int k = n++;
        for (; k > 0 && other[at[k - 1]] > other[e]; k--) at[k] = at[k - 1];
        at[k] = e;
    }
    return n;
}

#endif
