#include "forecast/seconds.h"

#include <math.h>

static double of_edge(const struct hg_gather_rate *rate, double heads, double bytes)
{
    return rate->edge + rate->head * heads + rate->byte * bytes;
}

double hg_gather_seconds(const struct hg_rates *rates, int pass, double heads,
                         const struct hg_pass_work *work)
{
    int k = 0; /* the table's size is between those of places k and k + 1 */
    while (k + 2 < HG_GATHER_PLACES && work->table > rates->gather[k + 1][pass].table) k++;
    const struct hg_gather_rate *smaller = &rates->gather[k][pass], *larger = &rates->gather[k + 1][pass];
    const double few = of_edge(smaller, heads, work->gathered), many = of_edge(larger, heads, work->gathered);
    /* 0: as large as the smaller table, 1: as the larger one; beyond the largest, times go on to grow */
    const double part = log(fmax(work->table, 1) / smaller->table) / log(larger->table / smaller->table);
    if (part > 1) return many + fmax(many - few, 0) * fmin(part - 1, 1);
    return few + (many - few) * fmax(part, 0);
}

/* Seconds per thread, divided among the threads of the rank; more threads than cores take turns. */
static double share_of_core(const struct hg_rates *rates, const struct hg_placement *placement)
{
    const double wanted = (double)placement->threads * placement->ranks_per_node;
    return fmax(1, wanted / fmax(rates->cores, 1)) / placement->threads;
}

/* Of the messages to any other rank, the share that leaves the node; those of all its ranks share the network. */
static double travel(const struct hg_rates *rates, const struct hg_placement *placement, double messages,
                     double bytes)
{
    if (placement->ranks < 2) return 0;
    const int near =
        (placement->ranks_per_node < placement->ranks ? placement->ranks_per_node : placement->ranks) - 1;
    const double leaves = 1 - (double)near / (placement->ranks - 1);
    const struct hg_link_rate *within = &rates->within, *between = &rates->between;
    return (1 - leaves) * (messages * within->latency + bytes / within->bandwidth) +
           leaves * (messages * between->latency +
                     bytes * fmin(placement->ranks_per_node, placement->ranks) / between->bandwidth);
}

struct hg_seconds hg_seconds_of(const struct hg_work *work, const struct hg_rates *rates,
                                const struct hg_placement *placement)
{
    const double core = share_of_core(rates, placement);
    struct hg_seconds s = {0};
    for (int l = 0; l < work->layers; l++) {
        const struct hg_layer_work *layer = &work->layer[l];
        for (int p = 0; p < HG_PASSES; p++) {
            const struct hg_pass_work *pass = &layer->pass[p];
            s.edges += core * pass->edges * hg_gather_seconds(rates, p, layer->heads, pass);
            s.dense += core * (pass->multiply_adds * rates->multiply_add + pass->streamed * rates->stream);
            s.messages += travel(rates, placement, pass->messages, pass->sent);
        }
        s.sums += core * layer->added * rates->sum + layer->summed * rates->merge;
        s.messages += travel(rates, placement, layer->sums, layer->sums_sent);
        s.other += rates->layer;
    }
    s.other += core * work->outputs * rates->output + work->parameters * rates->step;
    return s;
}
