/** Graphs for the tests of attention: rows with no edges up to several chunks of edges, parallel edges, imported ids
 *  in another order than rows. */
#ifndef HG_TESTS_ATTENTION_GRAPHS_H
#define HG_TESTS_ATTENTION_GRAPHS_H

#include "base/rng.h"
#include "testing.h"

enum { ROWS = 160, MAX_EDGES = 4096, SPECIAL = 12, COPIES = 384 };

/* In-degrees of the first rows (out-degrees in the reversed graph): just below, at and above multiples of 128, and
 * many. */
static const int degree[SPECIAL] = {0, 1, 2, 7, 127, 128, 129, 255, 256, 257, 384, 1100};

struct edge {
    hg_lid source, target;
};

static struct graph {
    int64_t edges;
    hg_lid source[MAX_EDGES], target[MAX_EDGES]; /* ascending by (target, source) */
    hg_eid in_ptr[ROWS + 1], out_ptr[ROWS + 1];
    hg_lid out_target[MAX_EDGES]; /* the same edges by source, targets ascending */
    hg_eid out_edge[MAX_EDGES];   /* index of the same edge among the in-edges */
    hg_gid imported[ROWS];
} graphs[2]; /* as made; with all edges reversed */

static inline int by_target(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->target != y->target) return x->target < y->target ? -1 : 1;
    return (x->source > y->source) - (x->source < y->source);
}

static inline void graph_index(struct graph *g)
{
    for (int64_t e = 0; e < g->edges; e++) g->in_ptr[g->target[e] + 1]++, g->out_ptr[g->source[e] + 1]++;
    for (hg_lid i = 0; i < ROWS; i++) {
        g->in_ptr[i + 1] += g->in_ptr[i];
        g->out_ptr[i + 1] += g->out_ptr[i];
        g->imported[i] = ((hg_gid)1 << 40) + (i * 77) % ROWS; /* in another order, beyond 32 bits */
    }
    hg_eid next[ROWS];
    memcpy(next, g->out_ptr, sizeof next);
    for (int64_t e = 0; e < g->edges; e++) {
        const hg_eid k = next[g->source[e]]++;
        g->out_target[k] = g->target[e];
        g->out_edge[k] = e;
    }
}

/* Sources are random, so longer rows have parallel edges, and the row of COPIES edges has nothing else. Rows 0 and 1
 * are no edge's neighbour. */
static inline int make_graphs(void **state)
{
    (void)state;
    static struct edge edge[MAX_EDGES];
    for (int reversed = 0; reversed < 2; reversed++) {
        struct graph *g = &graphs[reversed];
        memset(g, 0, sizeof *g);
        for (hg_lid i = 0; i < ROWS; i++) {
            const int d = i < SPECIAL ? degree[i] : i % 6;
            for (int k = 0; k < d; k++) {
                const double u = hg_rng_uniform((struct hg_rng){{3, 4}}, (uint64_t)i, (uint64_t)k);
                const hg_lid neighbour = d == COPIES ? 7 : 2 + (hg_lid)(u * (ROWS - 2));
                edge[g->edges++] = reversed ? (struct edge){i, neighbour} : (struct edge){neighbour, i};
            }
        }
        qsort(edge, (size_t)g->edges, sizeof *edge, by_target);
        for (int64_t e = 0; e < g->edges; e++) g->source[e] = edge[e].source, g->target[e] = edge[e].target;
        graph_index(g);
    }
    return 0;
}

#endif
