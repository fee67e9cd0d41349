/* Whether edges are their own reverses, by sums: a fraction of the time and memory of looking (graph_file_check.c). */
#include "io/graph_file_private.h"

#include <string.h>

/* A number's bits, well mixed (the finaliser of splitmix64). */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static const uint64_t seed[2] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03)};

/** An edge among its parallel ones, with its features. */
struct edge {
    hg_gid source, target;
    int64_t copy;
    const hg_real *attr;
    int64_t cols;
};

/* The same for an edge and for its reverse; `end` is the hash of the target. */
static inline uint64_t hash_edge(const struct edge *edge, uint64_t end, int s)
{
    const uint64_t start = mix((uint64_t)edge->source ^ seed[s]);
    const bool ascending = edge->source < edge->target;
    uint64_t hash =
        (ascending ? start : end) + 3 * (ascending ? end : start) + (uint64_t)edge->copy * seed[1 - s];
    for (int64_t k = 0; k < edge->cols; k++) {
        uint64_t bits = 0;
        memcpy(&bits, &edge->attr[k], sizeof edge->attr[k]);
        hash = mix(hash + bits);
    }
    return mix(hash);
}

/* Adds the edges of row i that come from smaller ids, subtracts those from larger ones; loops are their own reverses. */
static void add_row(const struct hg_rows *rows, int64_t i, uint64_t sum[2])
{
    const int64_t cols = rows->info.num_edge_features;
    struct edge edge = {.target = rows->stored[i], .cols = cols};
    const uint64_t end[2] = {mix((uint64_t)edge.target ^ seed[0]), mix((uint64_t)edge.target ^ seed[1])};
    for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
        edge.copy = e > rows->indptr[i] && rows->indices[e] == edge.source ? edge.copy + 1 : 0;
        edge.source = rows->indices[e];
        edge.attr = cols > 0 ? rows->edge_attr + e * cols : NULL;
        if (edge.source == edge.target) continue;
        const uint64_t sign = edge.source < edge.target ? 1 : UINT64_MAX;
        for (int s = 0; s < 2; s++) sum[s] += sign * hash_edge(&edge, end[s], s);
    }
}

hg_status hg_graph_file_not_symmetric(const char *path)
{
    return hg_fail(HG_FAILED, path, "it says symmetric, but its edges are not those of its reverse");
}

hg_status hg_graph_file_check_symmetric(const struct hg_comm *comm, const char *path,
                                        const struct hg_rows *rows)
{
    uint64_t first = 0, second = 0;
    if (!rows->info.symmetric) return HG_OK;
#pragma omp parallel for schedule(static) reduction(+ : first, second)
    for (int64_t i = 0; i < rows->count; i++) {
        uint64_t sum[2] = {0, 0};
        add_row(rows, i, sum);
        first += sum[0];
        second += sum[1];
    }
    int64_t sums[2] = {(int64_t)first, (int64_t)second};
    hg_comm_sum_i64(comm, sums, 2);
    return sums[0] == 0 && sums[1] == 0 ? HG_OK : hg_graph_file_not_symmetric(path);
}
