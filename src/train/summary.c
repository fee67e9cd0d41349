#include "train/summary.h"

#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

json_t *hg_summary_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static void set_number(json_t *object, const char *key, double value)
{
    json_object_set_new(object, key, hg_summary_number(value));
}

static void set_split(json_t *object, const char *split, const char *what, double value)
{
    char key[64];
    snprintf(key, sizeof key, "%s_%s", split, what);
    set_number(object, key, value);
}

json_t *hg_summary_epoch(const struct hg_run *run, int64_t epoch, const struct hg_split_metrics *metrics)
{
    json_t *line = json_object();
    json_object_set_new(line, "epoch", json_integer(epoch));
    set_number(line, "loss", run->loss);
    for (int s = 0; metrics != NULL && s < HG_SPLITS; s++) {
        if (metrics[s].entries == 0) continue;
        set_split(line, hg_split_name[s], "loss", metrics[s].loss);
        set_split(line, hg_split_name[s], run->evaluator->kind->name, metrics[s].metric);
    }
    set_number(line, "seconds", hg_epoch_times_last(run->times));
    json_object_set_new(line, "run", json_string(run->dir.run));
    return line;
}

double hg_summary_best_val(const struct hg_run *run)
{
    const struct hg_split_metrics *val = &run->watch.best[HG_VAL];
    if (run->watch.best_epoch == 0 || val->entries == 0) return NAN;
    return run->watch.monitor == HG_MONITOR_VAL_LOSS ? val->loss : val->metric;
}

double hg_summary_test_at_best(const struct hg_run *run)
{
    const struct hg_split_metrics *test = &run->watch.best[HG_TEST];
    return run->watch.best_epoch > 0 && test->entries > 0 ? test->metric : NAN;
}

hg_status hg_summary_read_test(const char *folder, double *test)
{
    char path[HG_PATH_BYTES];
    json_error_t error;
    HG_TRY(hg_run_tree_path(folder, hg_run_file_name[HG_RUN_SUMMARY], path));
    json_t *summary = json_load_file(path, 0, &error);
    if (summary == NULL) return hg_fail(HG_FAILED, path, "%s", error.text);
    const json_t *value = json_object_get(summary, "test_at_best");
    *test = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(summary);
    return HG_OK;
}

double hg_summary_wall_seconds(const struct hg_run *run)
{
    const int64_t own = run->epoch - run->resumed;
    return own > 0 ? run->seconds_epochs / (double)own : 0;
}

void hg_summary_mean(const double *values, int64_t count, double *mean, double *deviation)
{
    double sum = 0, square = 0;
    for (int64_t k = 0; k < count; k++) sum += values[k];
    *mean = sum / (double)count;
    for (int64_t k = 0; k < count; k++) square += (values[k] - *mean) * (values[k] - *mean);
    *deviation = count > 1 ? sqrt(square / (double)(count - 1)) : *mean - *mean;
}

/* Numbers of one rank. */
struct rank_facts {
    int64_t peak_bytes, allocated_bytes, halo_rows, nodes, edges, bytes_sent, bytes_evaluating;
    double exposed; /* median seconds per epoch that it waited for rows and sums */
    double busy;    /* mean seconds per epoch that it did not */
};

static double phase_total(const struct hg_run *run, enum hg_phase phase)
{
    double total = 0;
    for (int s = 0; s < HG_CLOCK_STAGES; s++) total += run->seconds[s][phase];
    return total;
}

static int64_t own_epochs(const struct hg_run *run)
{
    return hg_max_i64(run->epoch - run->resumed, 1);
}

static struct rank_facts facts_of(const struct hg_run *run)
{
    struct rusage usage;
    double busy = 0;
    getrusage(RUSAGE_SELF, &usage);
    for (int p = 0; p < HG_PHASES; p++)
        if (p != HG_PHASE_EXCHANGE && p != HG_PHASE_WAIT) busy += phase_total(run, (enum hg_phase)p);
    const struct hg_shard *shard = &run->data->shard;
    return (struct rank_facts){
        .peak_bytes = (int64_t)usage.ru_maxrss * 1024,
        .allocated_bytes = hg_mem_peak(),
        .halo_rows = shard->in->plan.halo,
        .nodes = shard->owned,
        .edges = shard->in->indptr[shard->owned],
        .bytes_sent = run->bytes_sent,
        .bytes_evaluating = run->bytes_evaluating,
        .exposed = hg_epoch_times_median(run->exposed),
        .busy = busy / (double)own_epochs(run),
    };
}

/* The entry of one rank over the mean of all. */
static json_t *over_mean(int64_t value, int64_t sum, int ranks)
{
    return json_real(sum > 0 ? (double)value * ranks / (double)sum : 1);
}

/* The rank that works longest, on which the others wait, and what it has more of than the mean. */
static json_t *slowest_rank(const struct rank_facts *facts, int ranks)
{
    int slowest = 0;
    struct rank_facts sum = {0};
    for (int r = 0; r < ranks; r++) {
        if (facts[r].busy > facts[slowest].busy) slowest = r;
        sum.nodes += facts[r].nodes;
        sum.edges += facts[r].edges;
        sum.halo_rows += facts[r].halo_rows;
        sum.busy += facts[r].busy;
    }
    const struct rank_facts *rank = &facts[slowest];
    json_t *object = json_object();
    json_object_set_new(object, "rank", json_integer(slowest));
    set_number(object, "busy_seconds", rank->busy);
    set_number(object, "busy_over_mean", sum.busy > 0 ? rank->busy * ranks / sum.busy : 1);
    json_object_set_new(object, "nodes_over_mean", over_mean(rank->nodes, sum.nodes, ranks));
    json_object_set_new(object, "edges_over_mean", over_mean(rank->edges, sum.edges, ranks));
    json_object_set_new(object, "halo_over_mean", over_mean(rank->halo_rows, sum.halo_rows, ranks));
    return object;
}

static void set_ranks(json_t *summary, const struct hg_run *run, const struct rank_facts *facts)
{
    json_t *peak = json_array(), *allocated = json_array(), *halo = json_array();
    struct rank_facts sum = {0};
    for (int r = 0; r < run->comm->size; r++) {
        json_array_append_new(peak, json_integer(facts[r].peak_bytes));
        json_array_append_new(allocated, json_integer(facts[r].allocated_bytes));
        json_array_append_new(halo, json_integer(facts[r].halo_rows));
        sum.bytes_sent += facts[r].bytes_sent;
        sum.bytes_evaluating += facts[r].bytes_evaluating;
        sum.exposed = fmax(sum.exposed, facts[r].exposed);
    }
    json_object_set_new(summary, "peak_memory_bytes", peak);
    json_object_set_new(summary, "allocated_peak_bytes", allocated);
    json_object_set_new(summary, "halo_rows", halo);
    json_object_set_new(summary, "bytes_sent_per_epoch",
                        json_real((double)sum.bytes_sent / (double)own_epochs(run)));
    json_object_set_new(summary, "bytes_sent_per_evaluation",
                        json_real((double)sum.bytes_evaluating / (double)hg_max_i64(run->evaluations, 1)));
    json_object_set_new(summary, "exchange_exposed_seconds", json_real(sum.exposed));
    json_object_set_new(summary, "slowest_rank", slowest_rank(facts, run->comm->size));
}

/* A JSON object of the seconds per epoch of each phase; seconds: of all training epochs. */
static json_t *phase_object(const struct hg_run *run, const double seconds[HG_PHASES])
{
    static const char *const names[HG_PHASES] = {
        [HG_PHASE_DENSE] = "dense",     [HG_PHASE_EDGES] = "edges", [HG_PHASE_EXCHANGE] = "exchange",
        [HG_PHASE_SUMS] = "exact_sums", [HG_PHASE_WAIT] = "wait",   [HG_PHASE_OTHER] = "other"};
    json_t *phases = json_object();
    for (int p = 0; p < HG_PHASES; p++) set_number(phases, names[p], seconds[p] / (double)own_epochs(run));
    return phases;
}

/* Adds seconds per epoch by phase, in total and for each layer: rank 0's, but for exchanges the maximum over
 * ranks. */
static void set_phases(json_t *summary, const struct hg_run *run)
{
    double total[HG_PHASES];
    json_t *layers = json_array();
    for (int p = 0; p < HG_PHASES; p++) total[p] = phase_total(run, (enum hg_phase)p);
    for (int l = 0; l < run->model->layers; l++) {
        json_t *layer = json_object();
        json_object_set_new(layer, "forward", phase_object(run, run->seconds[hg_clock_stage(l, false)]));
        json_object_set_new(layer, "backward", phase_object(run, run->seconds[hg_clock_stage(l, true)]));
        json_array_append_new(layers, layer);
    }
    json_object_set_new(summary, "phase_seconds", phase_object(run, total));
    json_object_set_new(summary, "layer_seconds", layers);
}

/* Seconds of the steps of set-up, of rank 0. */
static json_t *setup_object(const struct hg_run *run)
{
#define STEP_NAME(NAME, name) #name,
    static const char *const names[HG_SETUP_STEPS] = {HG_SETUP_LIST(STEP_NAME)};
#undef STEP_NAME
    json_t *steps = json_object();
    for (int s = 0; s < HG_SETUP_STEPS; s++) set_number(steps, names[s], run->setup.seconds[s]);
    set_number(steps, "total", run->setup.mark - run->setup.begun);
    return steps;
}

/* Converts a YAML value to JSON: numbers, booleans and lists look the same in both; everything else is a string. */
static json_t *yaml_to_json(const char *yaml)
{
    json_t *value = json_loads(yaml, JSON_DECODE_ANY, NULL);
    return value != NULL ? value : json_string(yaml);
}

hg_status hg_summary_options(json_t *summary, const struct hg_train_options *options,
                             const struct hg_train_callbacks *callbacks)
{
    char *text = NULL;
    HG_TRY(callbacks->write_options(options, &text));
    json_t *object = json_object();
    for (char *line = text, *next; line != NULL && *line != '\0'; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        char *colon = strstr(line, ": ");
        if (colon == NULL) continue;
        *colon = '\0';
        json_object_set_new(object, line, yaml_to_json(colon + 2));
    }
    if (options->init != NULL) json_object_set_new(object, "init", json_string(options->init));
    json_object_set_new(summary, "options", object);
    hg_mem_free(text);
    return HG_OK;
}

static hg_status fill_summary(struct hg_run *run, const struct rank_facts *facts, json_t *summary)
{
    json_object_set_new(summary, "run", json_string(run->dir.run));
    json_object_set_new(summary, "ranks", json_integer(run->comm->size));
    json_object_set_new(summary, "threads", json_integer(run->model->work.threads));
    json_object_set_new(summary, "instructions", json_string(run->model->work.kernels->instructions));
    json_object_set_new(summary, "epochs", json_integer(run->epoch));
    if (run->resumed > 0) json_object_set_new(summary, "resumed_after_epoch", json_integer(run->resumed));
    json_object_set_new(summary, "seconds_per_epoch", json_real(hg_epoch_times_median(run->times)));
    json_object_set_new(summary, "wall_seconds_per_epoch", json_real(hg_summary_wall_seconds(run)));
    json_object_set_new(summary, "seconds_total", json_real(run->seconds_total));
    json_object_set_new(summary, "metric", json_string(run->evaluator->kind->name));
    json_object_set_new(summary, "best_epoch", json_integer(run->watch.best_epoch));
    set_number(summary, "best_val", hg_summary_best_val(run));
    set_number(summary, "test_at_best", hg_summary_test_at_best(run));
    set_ranks(summary, run, facts);
    set_phases(summary, run);
    json_object_set_new(summary, "setup_seconds", setup_object(run));
    json_object_set_new(summary, "cells", json_integer(run->data->cells.count));
    json_object_set_new(summary, "edge_cut", json_integer(run->data->edge_cut));
    json_object_set_new(summary, "params_sha256", json_string(run->sha256));
    return hg_summary_options(summary, run->options, run->callbacks);
}

/* Replaces the exposed time of exchanges by its maximum over ranks, for each stage. Collective. */
static void slowest_exchanges(struct hg_run *run)
{
    double exposed[HG_CLOCK_STAGES];
    for (int s = 0; s < HG_CLOCK_STAGES; s++) exposed[s] = run->seconds[s][HG_PHASE_EXCHANGE];
    hg_comm_max_f64(run->comm, exposed, HG_CLOCK_STAGES);
    for (int s = 0; s < HG_CLOCK_STAGES; s++) run->seconds[s][HG_PHASE_EXCHANGE] = exposed[s];
}

hg_status hg_summary_write(struct hg_run *run)
{
    struct rank_facts *facts = NULL;
    const struct rank_facts mine = facts_of(run);
    json_t *summary = json_object();
    hg_status status = hg_agree(run->comm, HG_NEW(facts, run->comm->size));
    if (status == HG_OK) {
        hg_comm_allgather_bytes(run->comm, &mine, sizeof mine, facts);
        slowest_exchanges(run);
        if (run->comm->rank == 0) status = fill_summary(run, facts, summary);
        status = hg_agree(run->comm, status);
    }
    HG_FREE(facts);
    if (status == HG_OK) return hg_run_dir_json(&run->dir, "summary.json", summary);
    json_decref(summary);
    return status;
}
