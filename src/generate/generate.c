#include "generate/generate.h"
#include "graph/split.h"

#include "base/alive.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/memory_left.h"
#include "base/rng.h"
#include "generate/generate_kinds.h"
#include "generate/generate_streams.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const hg_generator_name[HG_GENERATORS] = {
    [HG_GENERATE_RMAT] = "rmat", [HG_GENERATE_SBM] = "sbm", [HG_GENERATE_GRID] = "grid"};

/* What makes a kind of graph: its edges, its classes, the length of a class's direction in the features (noise has
 * standard deviation 1 per feature), and whether all nodes are training nodes unless a split is asked for. With this
 * length a node's own features leave its class in doubt, and the mean of its neighbours' features does not. */
static const struct kind {
    hg_generate_edges *edges;
    hg_generate_class *class_of;
    double signal;
    bool all_train;
} kinds[HG_GENERATORS] = {
    [HG_GENERATE_RMAT] = {hg_generate_rmat_edges, hg_generate_uniform_class, 0, true},
    [HG_GENERATE_SBM] = {hg_generate_sbm_edges, hg_generate_sbm_class, 2, false},
    [HG_GENERATE_GRID] = {hg_generate_grid_edges, hg_generate_grid_class, 2, false},
};

static hg_status check(const struct hg_generate_options *options)
{
    const char *name = hg_generator_name[options->kind];
    const double n = (double)options->nodes;
    if (options->nodes < 1 || options->nodes > (hg_gid)1 << 32)
        return hg_fail(HG_USAGE, name, "the number of nodes is not within 1..2^32");
    if (options->features < 0 || options->features > INT32_MAX)
        return hg_fail(HG_USAGE, name, "the number of features is not within 0..2^31 - 1");
    if (options->classes < 0 || options->classes > options->nodes || options->classes > INT32_MAX)
        return hg_fail(HG_USAGE, name, "%lld classes do not fit %lld nodes", (long long)options->classes,
                       (long long)options->nodes);
    if (options->edges < 0 || (options->kind != HG_GENERATE_GRID && (double)options->edges > n * (n - 1)))
        return hg_fail(HG_USAGE, name, "%lld edges do not fit %lld nodes", (long long)options->edges,
                       (long long)options->nodes);
    return HG_OK;
}

/* The edges that are asked for; about those of a grid. */
static int64_t wanted_edges(const struct hg_generate_options *options)
{
    return options->kind == HG_GENERATE_GRID ? 2 * options->nodes : options->edges;
}

/* Fails when the graph cannot fit into the memory of all ranks, by a lower bound of its size. Collective. */
static hg_status check_memory(const struct hg_comm *comm, const struct hg_generate_options *options)
{
    const double bytes = 2 * sizeof(hg_gid) * (double)wanted_edges(options) +
                         (double)options->nodes * (double)((int64_t)sizeof(hg_real) * options->features + 4);
    double left = (double)hg_memory_left("");
    hg_comm_max_f64(comm, &left, 1);
    if (bytes / comm->size <= left) return HG_OK;
    return hg_fail(HG_FAILED, hg_generator_name[options->kind],
                   "out of memory: %.3g GiB of nodes and edges on %d ranks, %.3g GiB are free",
                   bytes / 0x1p30, comm->size, left / 0x1p30);
}

static void fill_info(const struct hg_generate_options *options, struct hg_graph_info *info)
{
    *info = (struct hg_graph_info){.task = HG_SINGLE_LABEL,
                                   .num_nodes = options->nodes,
                                   .num_features = options->features,
                                   .num_outputs = options->classes,
                                   .has_labels = options->classes > 0};
    snprintf(info->name, sizeof info->name, "%s", hg_generator_name[options->kind]);
}

/* *directions [classes, F]: a random direction of length `signal` for each class. */
static hg_status make_directions(const struct hg_generate_options *options, double signal,
                                 double **directions)
{
    const struct hg_rng rng = hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_DIRECTION);
    const int64_t cols = options->features;
    HG_TRY(HG_NEW(*directions, options->classes * cols));
    for (int64_t c = 0; c < options->classes; c++) {
        double *direction = *directions + c * cols, square = 0;
        for (int64_t f = 0; f < cols; f++) {
            direction[f] = hg_rng_normal(rng, (uint64_t)c, (uint64_t)f);
            square += direction[f] * direction[f];
        }
        for (int64_t f = 0; f < cols; f++) direction[f] *= signal / sqrt(square);
    }
    return HG_OK;
}

/* x_i = direction of i's class + N(0, 1); no direction when `directions` is NULL. */
static void fill_features(const struct hg_generate_options *options, const double *directions,
                          struct hg_node_table *rows)
{
    const struct hg_rng rng = hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_FEATURE);
    const int64_t cols = options->features;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < rows->count; i++) {
        const uint64_t id = (uint64_t)rows->imported[i];
        const double *direction = directions != NULL ? directions + rows->y_class[i] * cols : NULL;
        for (int64_t f = 0; f < cols; f++) {
            const double noise = hg_rng_normal(rng, id, (uint64_t)f);
            rows->x.dense[i * cols + f] = (hg_real)(direction != NULL ? direction[f] + noise : noise);
        }
    }
}

/* Labels and features of the rank's rows. Local. */
static hg_status fill_nodes(const struct hg_generate_options *options, struct hg_node_table *rows)
{
    const struct kind *kind = &kinds[options->kind];
    double *directions = NULL;
    HG_TRY(hg_node_table_allocate_arrays(rows));
    for (int64_t i = 0; options->classes > 0 && i < rows->count; i++)
        rows->y_class[i] = kind->class_of(options, rows->imported[i]);
    if (options->features == 0) return HG_OK;
    if (kind->signal > 0 && options->classes > 0) HG_TRY(make_directions(options, kind->signal, &directions));
    fill_features(options, directions, rows);
    hg_mem_free(directions);
    return HG_OK;
}

static hg_status all_train(const struct hg_comm *comm, struct hg_node_table *rows)
{
    HG_TRY(hg_agree(comm, HG_NEW(rows->mask[HG_TRAIN], rows->count)));
    memset(rows->mask[HG_TRAIN], 1, (size_t)rows->count);
    rows->info.num_splits = 1;
    rows->info.has_split[HG_TRAIN] = true;
    return HG_OK;
}

static hg_status split(const struct hg_comm *comm, const struct hg_generate_options *options,
                       struct hg_node_table *rows)
{
    if (options->classes == 0) return HG_OK;
    if (options->split_train >= 0)
        return hg_random_split(comm, rows, options->split_train, options->split_val, options->seed);
    if (kinds[options->kind].all_train) return all_train(comm, rows);
    return hg_random_split(comm, rows, 0.1, 0.1, options->seed);
}

hg_status hg_generate(const struct hg_comm *comm, const struct hg_generate_options *options,
                      struct hg_node_table *rows)
{
    HG_TRY(hg_agree(comm, check(options)));
    HG_TRY(check_memory(comm, options));
    HG_TRY(hg_limit_check_share(hg_generator_name[options->kind], "nodes", options->nodes, comm->size));
    HG_TRY(
        hg_limit_check_share(hg_generator_name[options->kind], "edges", wanted_edges(options), comm->size));
    fill_info(options, &rows->info);
    HG_TRY(kinds[options->kind].edges(comm, options, rows));
    hg_alive_phase("making nodes", -1);
    HG_TRY(hg_agree(comm, fill_nodes(options, rows)));
    return split(comm, options, rows);
}
