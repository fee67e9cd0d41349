#include "partition/cluster/sample.h"

#include "base/mix.h"

static int power_of(uint32_t weight)
{
    int power = 0;
    while (power < HG_POWERS - 1 && UINT64_C(1) << (power + 1) <= weight) power++;
    return power;
}

void hg_weights_add(struct hg_weights *weights, uint32_t weight)
{
    const int power = power_of(weight);
    weights->count[power]++;
    weights->sum[power] += weight;
}

int64_t hg_weights_kept(const struct hg_weights *weights, uint64_t t)
{
    int64_t heavier = 0, lighter = 0;
    for (int p = 0; p < HG_POWERS; p++) {
        const bool light = UINT64_C(1) << p < t;
        heavier += light ? 0 : weights->count[p];
        lighter += light ? weights->sum[p] : 0;
    }
    return heavier + lighter / (int64_t)t;
}

uint64_t hg_weights_threshold(const struct hg_comm *comm, const struct hg_weights *weights, int64_t edges)
{
    struct hg_weights all = *weights;
    uint64_t t = 1;
    hg_comm_sum_i64(comm, all.count, HG_POWERS);
    hg_comm_sum_i64(comm, all.sum, HG_POWERS);
    while (t < UINT64_C(1) << (HG_POWERS - 1) && hg_weights_kept(&all, t) > edges) t *= 2;
    return t;
}

uint32_t hg_sampled_weight(uint32_t a, uint32_t b, uint32_t weight, uint64_t t)
{
    const uint64_t low = a < b ? a : b, high = a < b ? b : a;
    if (weight >= t) return weight;
    return (hg_mix64(low << 32 | high) & (t - 1)) < weight ? (uint32_t)t : 0;
}
