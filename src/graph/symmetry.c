#include "graph/symmetry.h"

#include "base/mix.h"
#include <string.h>

static const uint64_t seed[2] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd1b54a32d192ed03)};

/* Continues an edge's hash with its features. */
static uint64_t add_features(uint64_t hash, const hg_real *attr, int64_t cols)
{
    for (int64_t k = 0; k < cols; k++) {
        const hg_real value = attr[k] + 0; /* so that -0 and 0 have the same bits */
        uint64_t bits = 0;
        memcpy(&bits, &value, sizeof value);
        hash = hg_mix64(hash + bits);
    }
    return hash;
}

/* Adds to sum the hashes of the edges of row i whose source has a smaller id than i, and subtracts those of the edges
 * whose source has a larger one; a self-loop is its own reverse and is left out. An edge and its reverse have the
 * same hash: of their two ends, their index among parallel edges, and their features. So the sums over a symmetric
 * graph are 0. */
static void add_row(const struct hg_node_table *rows, int64_t i, uint64_t sum[2])
{
    const int64_t cols = rows->info.num_edge_features;
    const hg_gid target = rows->stored[i];
    const uint64_t end[2] = {hg_mix64((uint64_t)target ^ seed[0]), hg_mix64((uint64_t)target ^ seed[1])};
    hg_gid before = -1;
    uint64_t copy = 0;
    for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
        const hg_gid source = rows->indices[e];
        const uint64_t sign = (uint64_t)((source < target) - (source > target));
        copy = source == before ? copy + 1 : 0;
        before = source;
        for (int s = 0; s < 2; s++) {
            uint64_t hash = hg_mix64((uint64_t)source ^ seed[s]) + end[s] + copy * seed[1 - s];
            if (cols > 0) hash = add_features(hash, rows->edge_attr + e * cols, cols);
            sum[s] += sign * hg_mix64(hash);
        }
    }
}

bool hg_rows_symmetric(const struct hg_comm *comm, const struct hg_node_table *rows)
{
    uint64_t first = 0, second = 0;
#pragma omp parallel for schedule(static) reduction(+ : first, second)
    for (int64_t i = 0; i < rows->count; i++) {
        uint64_t sum[2] = {0, 0};
        add_row(rows, i, sum);
        first += sum[0];
        second += sum[1];
    }
    /* halves of 32 bits, whose sums over ranks cannot overflow */
    int64_t halves[4] = {(int64_t)(first >> 32), (int64_t)(first & UINT32_MAX), (int64_t)(second >> 32),
                         (int64_t)(second & UINT32_MAX)};
    hg_comm_sum_i64(comm, halves, 4);
    return ((uint64_t)halves[0] << 32) + (uint64_t)halves[1] == 0 &&
           ((uint64_t)halves[2] << 32) + (uint64_t)halves[3] == 0;
}
