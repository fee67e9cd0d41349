#include "partition/cluster/sample.h"

#include "base/mem.h"
#include "base/mix.h"

/* Weights are counted by their powers of 2. */
enum { POWERS = 33 };

static int power_of(uint32_t weight)
{
    int power = 0;
    while (power < 32 && UINT64_C(1) << (power + 1) <= weight) power++;
    return power;
}

/* The smallest power of 2 as the weight t below which edges are sampled, so that about `edges` stay. count, sum
 * [POWERS]: edges of all ranks, and their weights, by powers of 2. */
static uint64_t threshold(const int64_t *count, const int64_t *sum, int64_t edges)
{
    int64_t heavier = 0, lighter = 0, t = 0;
    for (int p = 0; p < POWERS; p++) heavier += count[p];
    while (t < POWERS - 1 && heavier + (lighter >> t) > edges) {
        heavier -= count[t];
        lighter += sum[t];
        t++;
    }
    return UINT64_C(1) << t;
}

/* Both owners of an edge decide alike. */
static bool stays(uint32_t a, uint32_t b, uint32_t weight, uint64_t t)
{
    const uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return weight >= t || (hg_mix64(low << 32 | high) & (t - 1)) < weight;
}

static void filter(struct hg_level *level, uint64_t t)
{
    int64_t kept = 0, e = 0;
    for (int64_t v = 0; v < level->owned; v++) {
        for (const int64_t end = level->indptr[v + 1]; e < end; e++) {
            const uint32_t weight = level->edge_weight[e];
            if (!stays(hg_level_id(level, v), level->neighbour[e], weight, t)) continue;
            level->neighbour[kept] = level->neighbour[e];
            level->edge_weight[kept++] = weight < t ? (uint32_t)t : weight;
        }
        level->indptr[v + 1] = kept;
    }
}

void hg_level_sample(struct hg_level *level, int64_t edges)
{
    int64_t sums[2 * POWERS] = {0}, *count = sums, *sum = sums + POWERS;
    for (int64_t e = 0; e < level->indptr[level->owned]; e++) {
        const int power = power_of(level->edge_weight[e]);
        count[power]++;
        sum[power] += level->edge_weight[e];
    }
    hg_comm_sum_i64(level->blocks.comm, sums, (int64_t)(sizeof sums / sizeof *sums));
    const uint64_t t = threshold(count, sum, edges);
    if (t > 1) filter(level, t);
}
