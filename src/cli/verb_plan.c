#include "base/memory_left.h"
#include "cli/environment.h"
#include "cli/machine.h"
#include "cli/plan_text.h"
#include "cli/results.h"
#include "cli/verbs.h"
#include "forecast/measure.h"
#include "partition/partitioner.h"
#include "train/threads.h"

/* The numbers of ranks, and their forecasts. */
struct plan {
    const struct hg_config *config;
    struct hg_rates rates;
    bool measured; /* the rates are of this machine */
    struct hg_outline outline;
    struct hg_forecast forecast[HG_MAX_LIST];
    int count;
};

static hg_status write_rates(const struct hg_config *config, const struct hg_rates *rates)
{
    char path[HG_PATH_BYTES];
    HG_TRY(hg_machine_rates_path(config->rates, path));
    return hg_rates_write(path, rates);
}

/* Measures this machine, on all ranks, and keeps its rates. Collective. */
static hg_status measure(const struct hg_comm *comm, const struct hg_config *config)
{
    struct hg_rates rates;
    int threads;
    hg_environment_choose_blas(comm);
    HG_TRY(hg_threads_choose(comm, config->train.threads, &threads));
    HG_TRY(hg_rates_measure(comm, threads, &rates));
    return hg_agree(comm, comm->rank == 0 ? write_rates(config, &rates) : HG_OK);
}

static hg_status read_rates(const struct hg_comm *alone, struct plan *plan)
{
    const struct hg_config *config = plan->config;
    HG_TRY(hg_machine_rates(alone, config->rates, &plan->rates, &plan->measured));
    if (config->cores > 0) plan->rates.cores = (int)config->cores;
    if (config->latency > 0) plan->rates.between.latency = 1e-6 * config->latency;
    if (config->bandwidth > 0) plan->rates.between.bandwidth = 1e9 * config->bandwidth;
    return HG_OK;
}

/* The description of a graph that does not exist yet. */
static struct hg_graph_info imagined(const struct hg_config *config)
{
    return (struct hg_graph_info){.task = HG_SINGLE_LABEL,
                                  .num_nodes = config->planned_nodes,
                                  .num_edges = config->num_edges,
                                  .num_features = config->num_features,
                                  .num_outputs = config->num_classes,
                                  .num_splits = 1,
                                  .has_split = {true, true, true},
                                  .symmetric = !config->directed,
                                  .has_labels = true};
}

/* Whether the edges can be read and counted here, and soon: a file in imported order must be put into cell order first,
 * which takes minutes for large graphs. Bytes per edge: of the file's rows, their copy by target, and by source. */
static hg_status choose_estimate(const struct hg_comm *alone, const struct hg_config *config, bool *estimate)
{
    enum { EDGE_BYTES = 40, NODE_BYTES = 120 };
    struct hg_outline outline;
    const struct hg_data_options data = hg_train_options_data(&config->train);
    hg_status status = hg_outline_read(alone, &data, true, &config->assumed, &outline);
    if (status == HG_OK) {
        const int64_t bytes = EDGE_BYTES * outline.num_edges + NODE_BYTES * outline.info.num_nodes;
        *estimate = config->estimate || bytes > hg_memory_left("") ||
                    (!outline.ordered && outline.info.num_edges >= HG_CLUSTER_EDGES);
    }
    hg_outline_destroy(&outline);
    return status;
}

static hg_status read_outline(const struct hg_comm *alone, struct plan *plan)
{
    const struct hg_config *config = plan->config;
    const struct hg_data_options data = hg_train_options_data(&config->train);
    bool estimate = true;
    if (config->input == NULL) {
        const struct hg_graph_info info = imagined(config);
        return hg_outline_imagine(alone, &info, &data, &config->assumed, &plan->outline);
    }
    HG_TRY(choose_estimate(alone, config, &estimate));
    return hg_outline_read(alone, &data, estimate, &config->assumed, &plan->outline);
}

static hg_status add_forecast(const struct hg_forecast_of *of, int ranks, struct plan *plan)
{
    if (plan->count == HG_MAX_LIST) return HG_OK;
    HG_TRY(hg_forecast_make(of, ranks, &plan->forecast[plan->count]));
    plan->count++;
    return HG_OK;
}

/* 1, 2, 4, ... ranks, as long as each has cells, and until twice the ranks are hardly faster. Numbers of ranks that
 * have too many rows are skipped. */
static hg_status forecast_doubled(const struct hg_forecast_of *of, struct plan *plan)
{
    enum { MOST = 4096 };
    for (int ranks = 1; ranks <= MOST && ranks <= of->outline->num_cells; ranks *= 2) {
        const hg_status status = add_forecast(of, ranks, plan);
        if (status != HG_OK && (plan->count > 0 || 2 * ranks > of->outline->num_cells)) return status;
        if (status != HG_OK) hg_status_clear();
        if (plan->count > 2 &&
            plan->forecast[plan->count - 1].seconds > 0.9 * plan->forecast[plan->count - 2].seconds)
            break;
    }
    return HG_OK;
}

static hg_status forecast(struct plan *plan)
{
    const struct hg_config *config = plan->config;
    const struct hg_forecast_of of = {&plan->outline, &config->train, &plan->rates,
                                      (int)config->ranks_per_node, (int)config->train.threads};
    if (config->planned_ranks.count == 0) return forecast_doubled(&of, plan);
    for (int k = 0; k < config->planned_ranks.count; k++)
        HG_TRY(add_forecast(&of, (int)config->planned_ranks.value[k], plan));
    return HG_OK;
}

static hg_status make(const struct hg_comm *alone, struct plan *plan)
{
    HG_TRY(read_rates(alone, plan));
    HG_TRY(read_outline(alone, plan));
    return forecast(plan);
}

static hg_status show(const struct plan *plan)
{
    const struct hg_plan_shown shown = {plan->config,   &plan->outline, &plan->rates,
                                        plan->measured, plan->forecast, plan->count};
    if (plan->config->json) return hg_plan_print_json(&shown);
    hg_plan_print_text(&shown);
    return HG_OK;
}

/* One rank plans; the others wait. */
static hg_status plan_alone(const struct hg_config *config)
{
    struct plan plan = {.config = config};
    struct hg_comm alone;
    HG_TRY(hg_comm_alone(&alone));
    hg_status status = make(&alone, &plan);
    if (status == HG_OK && !config->quiet) status = show(&plan);
    hg_outline_destroy(&plan.outline);
    hg_comm_destroy(&alone);
    return status;
}

hg_status hg_verb_plan(const struct hg_comm *comm, struct hg_config *config)
{
    const bool graph = config->input != NULL || config->planned_nodes > 0;
    if (config->measure) HG_TRY(measure(comm, config));
    return hg_agree(comm, comm->rank == 0 && graph ? plan_alone(config) : HG_OK);
}
