#include "base/clock.h"
#include "base/mem.h"
#include "cli/estimated.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "cli/verdict.h"
#include "cli/worth.h"
#include "io/graph_file.h"
#include "partition/partitioner.h"
#include "train/unordered.h"

/* What takes time, in order; the names are keys of the JSON. */
enum step { READ, CUT, WRITE, JUDGE, STEPS };
static const char *const step_name[STEPS] = {"read", "cells", "write", "judge"};

/* A graph on its way to cell order, and the quality of its partition for each number of ranks. */
struct partitioned {
    struct hg_graph_info info;
    struct hg_unordered graph;
    struct hg_cells cells;
    int *owner;                                       /* [C] for the present number of ranks */
    json_t *table, *estimates;                        /* rank 0: a row for each number of ranks; --estimate */
    struct hg_partition_quality quality[HG_MAX_LIST]; /* for each number of ranks */
    double seconds[STEPS], mark;                      /* of the steps; the end of the last one */
};

/* What was done since the last call belongs to this step. */
static void end_step(struct partitioned *p, enum step step)
{
    const double now = hg_clock_seconds();
    p->seconds[step] += now - p->mark;
    p->mark = now;
}

static json_t *step_seconds(const struct partitioned *p)
{
    json_t *steps = json_object();
    for (int s = 0; s < STEPS; s++) json_object_set_new(steps, step_name[s], json_real(p->seconds[s]));
    return steps;
}

static hg_status read_edges(const struct hg_comm *comm, const char *path, struct partitioned *p)
{
    HG_TRY(hg_graph_file_open(comm, path, &p->info, &p->cells));
    if (p->cells.count > 0)
        return hg_fail(HG_FAILED, path, "is in cell order already: partition the imported graph");
    return hg_unordered_read(comm, path, &p->info, false, &p->graph);
}

/* a / b; 1 when both are 0, as in a graph without halo. */
static double ratio(int64_t a, int64_t b)
{
    return b > 0 ? (double)a / (double)b : a > 0 ? (double)a : 1;
}

static json_t *table_row(const struct hg_judged *judged)
{
    const struct hg_partition_quality *q = judged->quality;
    return json_pack("{s:i, s:I, s:I, s:I, s:f, s:f, s:f}", "ranks", judged->ranks, "edge_cut",
                     (json_int_t)q->edge_cut, "halo_rows", (json_int_t)q->halo_rows, "max_halo",
                     (json_int_t)q->max_halo, "node_balance", q->node_balance, "edge_balance",
                     q->edge_balance, "interior_share", q->interior_share);
}

/* Adds the halo rows of METIS's partition of the whole graph, and their ratio, to the row. Collective. */
static hg_status compare(const struct hg_comm *comm, const struct partitioned *p,
                         const struct hg_judged *judged, json_t *row)
{
    struct hg_partition_quality direct = {0};
    HG_TRY(hg_partition_direct_quality(&p->graph.divided, judged->ranks, &direct));
    if (comm->rank > 0) return HG_OK;
    json_object_set_new(row, "metis_halo_rows", json_integer(direct.halo_rows));
    json_object_set_new(row, "halo_ratio", json_real(ratio(judged->quality->halo_rows, direct.halo_rows)));
    return HG_OK;
}

/* Adds the estimate for the present owners. Collective. */
static hg_status estimate(const struct hg_comm *comm, const struct hg_config *config, struct partitioned *p,
                          const struct hg_judged *judged)
{
    const struct hg_estimate_options options = hg_estimated_options(config, judged->ranks);
    struct hg_estimate found;
    if (!config->estimate_sharing) return HG_OK;
    HG_TRY(hg_partition_estimate(&p->graph.divided, &p->cells, p->owner, &options, &found));
    if (comm->rank == 0)
        json_array_append_new(p->estimates, hg_estimated_row(&options, judged->quality->halo_rows, &found));
    return HG_OK;
}

static hg_status measure(const struct hg_comm *comm, const struct hg_config *config, struct partitioned *p,
                         int k)
{
    const struct hg_judged judged = {(int)config->ranks.value[k], p->info.num_nodes, p->cells.count,
                                     &p->quality[k]};
    HG_TRY(hg_partition_owners(comm, &p->cells, judged.ranks, p->owner));
    HG_TRY(hg_partition_quality(&p->graph.divided, &p->cells, p->owner, judged.ranks, &p->quality[k]));
    HG_TRY(estimate(comm, config, p, &judged));
    json_t *row = comm->rank == 0 ? table_row(&judged) : NULL;
    const hg_status status = config->compare_metis ? compare(comm, p, &judged, row) : HG_OK;
    if (comm->rank != 0) return status;
    /* the row is added to the table, which owns it, also after a failure of the comparison */
    json_object_set_new(row, "verdict", json_string(hg_verdict_name[hg_verdict_of(&judged)]));
    json_array_append_new(p->table, row);
    return status;
}

static enum hg_partitioner method_of(const struct hg_config *config, const struct partitioned *p)
{
    return hg_partitioner_resolve(config->train.data.partitioner, p->info.num_edges);
}

static const char *method_name(const struct hg_config *config, const struct partitioned *p)
{
    return hg_partitioner_name[method_of(config, p)];
}

/* Says which method `auto` was, and why. */
static void print_choice(const struct hg_config *config, const struct partitioned *p)
{
    if (config->train.data.partitioner != HG_PARTITION_AUTO) return;
    const bool metis = method_of(config, p) == HG_PARTITION_METIS;
    hg_print("\nCells are cut by %s, as the graph has %s than %d edges: %s.\n", method_name(config, p),
             metis ? "fewer" : "no fewer", HG_CLUSTER_EDGES,
             metis ? "METIS gives the smallest halo, on one core of rank 0"
                   : "clusters need less memory and time, on all ranks");
}

static hg_status show(const struct hg_comm *comm, const struct hg_config *config, const struct partitioned *p)
{
    json_t *all = NULL;
    if (comm->rank == 0) {
        all = json_pack("{s:o, s:I, s:I, s:s, s:I, s:O}", "file", hg_show_text(config->out, SIZE_MAX),
                        "num_nodes", (json_int_t)p->info.num_nodes, "num_edges",
                        (json_int_t)p->info.num_edges, "partitioner", method_name(config, p), "cells",
                        (json_int_t)p->cells.count, "partition", p->table);
    }
    if (config->estimate_sharing && comm->rank == 0) json_object_set(all, "estimate", p->estimates);
    if (config->json && comm->rank == 0) json_object_set_new(all, "step_seconds", step_seconds(p));
    HG_TRY(hg_show(comm, all, config->json));
    if (comm->rank != 0 || config->json) return HG_OK;
    print_choice(config, p);
    hg_verdict_print_columns(config->compare_metis);
    if (config->estimate_sharing) hg_estimated_print_columns(config);
    for (int k = 0; k < config->ranks.count; k++)
        hg_verdict_print(&(struct hg_judged){(int)config->ranks.value[k], p->info.num_nodes, p->cells.count,
                                             &p->quality[k]});
    hg_worth_print(&p->info, &p->cells, &config->ranks);
    return HG_OK;
}

static hg_status measure_all(const struct hg_comm *comm, const struct hg_config *config,
                             struct partitioned *p)
{
    HG_TRY(hg_agree(comm, HG_NEW(p->owner, p->cells.count)));
    if (comm->rank == 0) p->table = json_array();
    if (comm->rank == 0) p->estimates = json_array();
    for (int k = 0; k < config->ranks.count; k++) HG_TRY(measure(comm, config, p, k));
    end_step(p, JUDGE);
    return show(comm, config, p);
}

static hg_status partition(const struct hg_comm *comm, const struct hg_config *config, struct partitioned *p)
{
    p->mark = hg_clock_seconds();
    HG_TRY(read_edges(comm, config->input, p));
    end_step(p, READ);
    HG_TRY(hg_unordered_cells(&p->graph, &config->train.data, (uint64_t)config->train.seed, &p->cells));
    end_step(p, CUT);
    HG_TRY(hg_unordered_write(&p->graph, &p->cells, config->out));
    end_step(p, WRITE);
    return config->quiet ? HG_OK : measure_all(comm, config, p);
}

hg_status hg_verb_partition(const struct hg_comm *comm, struct hg_config *config)
{
    struct partitioned p = {0};
    hg_progress_steps(comm->rank == 0 && !config->quiet && !config->json);
    const hg_status status = partition(comm, config, &p);
    hg_progress_steps(false);
    json_decref(p.table);
    json_decref(p.estimates);
    hg_mem_free(p.owner);
    hg_unordered_destroy(&p.graph);
    hg_cells_destroy(&p.cells);
    hg_graph_info_destroy(&p.info);
    return status;
}
