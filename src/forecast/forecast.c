#include "forecast/forecast.h"

#include <math.h>

static struct hg_placement place(const struct hg_forecast_of *of, int ranks)
{
    const int cores = of->rates->cores, wanted = of->ranks_per_node > 0 ? of->ranks_per_node : cores;
    const int on_node = ranks < wanted ? ranks : wanted;
    const int share = cores / on_node > 0 ? cores / on_node : 1;
    return (struct hg_placement){ranks, on_node, of->threads > 0 ? of->threads : share};
}

static int64_t sum_of(const int64_t bytes[HG_NEED_ITEMS])
{
    int64_t sum = 0;
    for (int k = 0; k < HG_NEED_ITEMS; k++) sum += bytes[k];
    return sum;
}

/* Adds a rank, or `times` equal ones. */
static void add_rank(const struct hg_forecast_of *of, const struct hg_rank_shape *part,
                     const struct hg_need *need, int times, struct hg_forecast *f)
{
    const int64_t memory = sum_of(need->bytes);
    const struct hg_seconds seconds = hg_seconds_of(&need->work, of->rates, &f->placement);
    f->bytes_sent += times * hg_work_bytes(&need->work);
    f->messages += times * hg_work_messages(&need->work);
    f->halo_rows += times * part->shard.in.halo;
    f->max_halo = hg_max_i64(f->max_halo, part->shard.in.halo);
    if (memory > f->memory) {
        f->memory = memory;
        for (int k = 0; k < HG_NEED_ITEMS; k++) f->bytes[k] = need->bytes[k];
    }
    if (hg_seconds_total(&seconds) > hg_seconds_total(&f->slowest)) f->slowest = seconds;
}

static hg_status add_ranks(const struct hg_forecast_of *of, const struct hg_rank_shapes *shapes,
                           struct hg_forecast *f)
{
    const struct hg_need_of need_of = {of->outline, of->options, f->placement.threads,
                                       f->placement.ranks_per_node};
    const int times = shapes->count == shapes->ranks ? 1 : shapes->ranks;
    for (int k = 0; k < shapes->count; k++) {
        struct hg_need need;
        HG_TRY(hg_need_of_rank(&need_of, &shapes->part[k], k, shapes->ranks, &need));
        add_rank(of, &shapes->part[k], &need, times, f);
    }
    return HG_OK;
}

hg_status hg_forecast_make(const struct hg_forecast_of *of, int ranks, struct hg_forecast *forecast)
{
    struct hg_rank_shapes shapes;
    *forecast = (struct hg_forecast){.placement = place(of, ranks)};
    const int on_node = forecast->placement.ranks_per_node;
    hg_status status = hg_outline_shapes(of->outline, ranks, of->options->model.heads.count, &shapes);
    if (status == HG_OK) status = add_ranks(of, &shapes, forecast);
    hg_rank_shapes_destroy(&shapes);
    forecast->nodes = (ranks + on_node - 1) / on_node;
    forecast->node_memory = forecast->memory * on_node;
    forecast->seconds = hg_seconds_total(&forecast->slowest);
    forecast->evaluation = forecast->seconds / 2;
    return status;
}

hg_status hg_forecast_least(const struct hg_forecast_of *of, int ranks, int64_t *bytes)
{
    const struct hg_need_of need_of = {of->outline, of->options, 1, 1};
    const struct hg_outline *outline = of->outline;
    struct hg_need need;
    struct hg_rank_shape part = {.values = outline->values / ranks};
    part.shard = (struct hg_shard_shape){
        .num_nodes = outline->info.num_nodes,
        .num_edges = outline->num_edges,
        .num_cells = outline->num_cells,
        .edge_features = outline->edge_features ? outline->info.num_edge_features : 0,
        .symmetric = outline->info.symmetric,
        .owned = outline->info.num_nodes / ranks,
        .in = {.edges = outline->num_edges / ranks},
        .out = {.edges = outline->num_edges / ranks},
    };
    for (int l = 0; l < of->options->model.heads.count; l++) part.layer[l].whole = true;
    HG_TRY(hg_need_of_rank(&need_of, &part, 0, ranks, &need));
    *bytes = ranks * (need.bytes[HG_NEED_NODES] + need.bytes[HG_NEED_EDGES] + need.bytes[HG_NEED_MODEL] +
                      need.bytes[HG_NEED_OPTIMIZER]);
    return HG_OK;
}

static double cores_times_seconds(const struct hg_forecast *f)
{
    return (double)f->placement.ranks * f->placement.threads * f->seconds;
}

struct hg_advice hg_forecast_advise(const struct hg_forecast *forecasts, int count, int64_t memory_per_node)
{
    struct hg_advice advice = {-1, -1, -1};
    for (int k = 0; k < count; k++) {
        if (memory_per_node > 0 && forecasts[k].node_memory > memory_per_node) continue;
        if (advice.smallest < 0) advice.smallest = advice.largest = advice.fastest = k;
        if (cores_times_seconds(&forecasts[k]) <= 2 * cores_times_seconds(&forecasts[advice.smallest]) &&
            forecasts[k].seconds < forecasts[advice.largest].seconds)
            advice.largest = k;
        if (forecasts[k].seconds < forecasts[advice.fastest].seconds) advice.fastest = k;
    }
    return advice;
}
