#include "cli/plan_text.h"

#include "base/printable.h"
#include "cli/results.h"
#include "cli/show.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double GB = 1e9, MB = 1e6;

static int64_t node_bytes(const struct hg_plan_shown *s)
{
    return (int64_t)(s->config->memory_per_node * GB);
}

static json_t *items_of(const struct hg_forecast *f)
{
    json_t *items = json_object();
    for (int k = 0; k < HG_NEED_ITEMS; k++)
        json_object_set_new(items, hg_need_name[k], json_integer(f->bytes[k]));
    return items;
}

static json_t *parts_of(const struct hg_seconds *s)
{
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "edges", s->edges, "dense", s->dense, "sums", s->sums,
                     "other", s->other, "messages", s->messages);
}

static json_t *row_of(const struct hg_forecast *f)
{
    return json_pack("{s:i, s:I, s:o, s:I, s:I, s:f, s:o, s:I, s:I, s:i, s:i, s:i}", "ranks",
                     f->placement.ranks, "memory_bytes", (json_int_t)f->memory, "memory_items", items_of(f),
                     "bytes_per_epoch", (json_int_t)f->bytes_sent, "messages_per_epoch",
                     (json_int_t)f->messages, "seconds_per_epoch", f->seconds, "seconds_parts",
                     parts_of(&f->slowest), "halo_rows", (json_int_t)f->halo_rows, "max_halo",
                     (json_int_t)f->max_halo, "nodes", f->nodes, "ranks_per_node",
                     f->placement.ranks_per_node, "threads", f->placement.threads);
}

static const char *const source_name[] = {
    [HG_OUTLINE_EDGES] = "edges", [HG_OUTLINE_CELLS] = "cells", [HG_OUTLINE_MODEL] = "model"};

/* The ranks of an entry of the advice; null: none. */
static json_t *ranks_at(const struct hg_plan_shown *s, int k)
{
    return k >= 0 ? json_integer(s->forecast[k].placement.ranks) : json_null();
}

hg_status hg_plan_print_json(const struct hg_plan_shown *s)
{
    const struct hg_advice advice = hg_forecast_advise(s->forecast, s->count, node_bytes(s));
    json_t *rows = json_array();
    for (int k = 0; k < s->count; k++) json_array_append_new(rows, row_of(&s->forecast[k]));
    json_t *all =
        json_pack("{s:o, s:b, s:s, s:b, s:s, s:o, s:o}", "plan", rows, "exact",
                  s->outline->source == HG_OUTLINE_EDGES, "counted_from", source_name[s->outline->source],
                  "rates_measured", s->measured, "instructions", s->rates->instructions, "smallest_that_fits",
                  ranks_at(s, advice.smallest), "largest_worth_using", ranks_at(s, advice.largest));
    if (all == NULL) return hg_fail(HG_NOMEM, "out of memory", "cannot print the plan");
    json_dumpf(all, hg_results(), JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    hg_print("\n");
    json_decref(all);
    return HG_OK;
}

/* "12.3 GB" */
static const char *amount(double bytes, char text[32])
{
    if (bytes >= 1e12)
        snprintf(text, 32, "%.3g TB", bytes / 1e12);
    else if (bytes >= GB)
        snprintf(text, 32, "%.3g GB", bytes / GB);
    else
        snprintf(text, 32, "%.3g MB", bytes / MB);
    return text;
}

static void print_graph(const struct hg_plan_shown *s)
{
    const struct hg_graph_info *info = &s->outline->info;
    hg_print(
        "%lld nodes, %lld edges with the self-loops of the model, %lld features, %lld outputs, %lld cells\n",
        (long long)info->num_nodes, (long long)s->outline->num_edges, (long long)info->num_features,
        (long long)info->num_outputs, (long long)s->outline->num_cells);
    if (s->outline->source == HG_OUTLINE_EDGES)
        hg_print("Counted from the edges: memory and bytes are exact but for the libraries' own.\n");
    else if (s->outline->source == HG_OUTLINE_CELLS)
        hg_print("Estimated from the graph of cells: nodes and edges of each rank are exact, halo rows are "
                 "not.\n");
    else if (s->config->input != NULL)
        hg_print("Estimated by a model of degrees (%s), as the edges of %s are not in cell order;\n"
                 "halogat partition makes a file for which a plan is exact.\n",
                 hg_degree_model_name[s->outline->assumed.degrees], "this file");
    else
        hg_print("Estimated by a model of degrees: %s.\n", hg_degree_model_name[s->outline->assumed.degrees]);
}

static void print_rates(const struct hg_plan_shown *s)
{
    char shown[HG_PRINTABLE_GROWTH * sizeof s->rates->processor];
    if (s->measured)
        hg_print("Seconds are for %s with %s and %d cores, measured on %s%s.\n\n",
                 hg_printed(s->rates->processor, shown, sizeof shown), s->rates->instructions,
                 s->rates->cores, s->rates->measured,
                 s->rates->within.measured
                     ? ""
                     : "; messages were not measured (mpirun -n 2 halogat plan --measure)");
    else
        hg_print("Seconds are for an assumed, slow machine: halogat plan --measure measures this one.\n\n");
}

static void print_table(const struct hg_plan_shown *s)
{
    char memory[32], node[32], sent[32];
    hg_print("%7s %6s %8s %12s %12s %14s %11s %12s\n", "ranks", "nodes", "threads", "memory/rank",
             "memory/node", "sent/epoch", "messages", "seconds/epoch");
    for (int k = 0; k < s->count; k++) {
        const struct hg_forecast *f = &s->forecast[k];
        hg_print("%7d %6d %8d %12s %12s %14s %11lld %12.4g\n", f->placement.ranks, f->nodes,
                 f->placement.threads, amount((double)f->memory, memory),
                 amount((double)f->node_memory, node), amount((double)f->bytes_sent, sent),
                 (long long)f->messages, f->seconds);
    }
}

static void print_items(const struct hg_plan_shown *s)
{
    char text[32];
    hg_print("\nMemory of the largest rank:\n%7s", "ranks");
    for (int i = 0; i < HG_NEED_ITEMS; i++) hg_print(" %10s", hg_need_name[i]);
    hg_print("\n");
    for (int k = 0; k < s->count; k++) {
        hg_print("%7d", s->forecast[k].placement.ranks);
        for (int i = 0; i < HG_NEED_ITEMS; i++)
            hg_print(" %10s", amount((double)s->forecast[k].bytes[i], text));
        hg_print("\n");
    }
}

static void print_fit(const struct hg_plan_shown *s, const struct hg_advice *advice)
{
    char text[32], limit[32];
    const struct hg_forecast *most = &s->forecast[s->count - 1];
    if (node_bytes(s) == 0) return;
    amount((double)node_bytes(s), limit);
    if (advice->smallest < 0)
        hg_print("\nNone of them fits nodes of %s: %d ranks need %s of each node. More ranks, or fewer on a "
                 "node.\n",
                 limit, most->placement.ranks, amount((double)most->node_memory, text));
    else
        hg_print("\n%d rank%s is the smallest number that fits nodes of %s: %s of each.\n",
                 s->forecast[advice->smallest].placement.ranks,
                 s->forecast[advice->smallest].placement.ranks == 1 ? "" : "s", limit,
                 amount((double)s->forecast[advice->smallest].node_memory, text));
}

static void print_worth(const struct hg_plan_shown *s, const struct hg_advice *advice)
{
    if (advice->largest < 0 || s->count < 2) return;
    const struct hg_forecast *f = &s->forecast[advice->largest];
    hg_print("\n%d rank%s worth using: %.3g s an epoch, %.0f %% of it messages", f->placement.ranks,
             f->placement.ranks == 1 ? " is" : "s are", f->seconds,
             100 * f->slowest.messages / fmax(f->seconds, 1e-12));
    if (advice->largest == s->count - 1) {
        hg_print(".\n");
        return;
    }
    const struct hg_forecast *next = &s->forecast[advice->largest + 1];
    hg_print("; %d ranks would need %.2g times the time, %.0f %% of it messages.\n", next->placement.ranks,
             next->seconds / fmax(f->seconds, 1e-12),
             100 * next->slowest.messages / fmax(next->seconds, 1e-12));
}

/* Time for all epochs with evaluations, half as much again, and ten minutes for the set-up: hours, minutes. */
static void limit_text(const struct hg_plan_shown *s, const struct hg_forecast *f, char text[32])
{
    const struct hg_train_options *o = &s->config->train;
    const double epochs = (double)o->epochs * (double)o->runs,
                 seconds = epochs * (f->seconds + f->evaluation / (double)o->eval_every);
    const long long minutes = (long long)fmin(ceil(1.5 * seconds / 60) + 10, 60 * 24 * 365);
    snprintf(text, 32, "%02lld:%02lld:00", minutes / 60, minutes % 60);
}

/* The train options that were given, as they were written. */
static void print_job(const struct hg_plan_shown *s, const struct hg_advice *advice)
{
    char limit[32], graph[HG_PRINTABLE_GROWTH * 1024], folder[HG_PRINTABLE_GROWTH * 1024];
    if (advice->largest < 0) return;
    const struct hg_forecast *f = &s->forecast[advice->largest];
    const char *input = s->config->input != NULL ? s->config->input : "GRAPH";
    const char *out = s->config->train.out != NULL ? s->config->train.out : "DIR";
    limit_text(s, f, limit);
    hg_print("\nA job for it (add the options of train):\n"
             "  sbatch --nodes=%d --ntasks-per-node=%d --cpus-per-task=%d --mem=%lldM --time=%s \\\n"
             "    jobs/train.sbatch %s %s\n",
             f->nodes, f->placement.ranks_per_node, f->placement.threads,
             (long long)ceil(1.15 * (double)f->node_memory / (1 << 20)), limit,
             hg_printed(input, graph, sizeof graph), hg_printed(out, folder, sizeof folder));
}

void hg_plan_print_text(const struct hg_plan_shown *s)
{
    const struct hg_advice advice = hg_forecast_advise(s->forecast, s->count, node_bytes(s));
    print_graph(s);
    print_rates(s);
    if (s->count == 0) return;
    print_table(s);
    print_items(s);
    print_fit(s, &advice);
    print_worth(s, &advice);
    print_job(s, &advice);
}
