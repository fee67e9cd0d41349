#include "forecast/outline.h"

#include "base/mem.h"
#include "forecast/count.h"
#include "forecast/estimate.h"
#include "io/graph_file.h"
#include "partition/partitioner.h"
#include <math.h>
#include <string.h>

const char *const hg_degree_model_name[HG_DEGREE_MODELS] = {
    [HG_DEGREES_POWER] = "power-law", [HG_DEGREES_EQUAL] = "uniform", [HG_DEGREES_GRID] = "grid"};

/* What all outlines have, from the description of the graph. */
static void begin(const struct hg_comm *alone, const struct hg_data_options *options,
                  const struct hg_outline_assumed *assumed, struct hg_outline *outline)
{
    outline->alone = alone;
    outline->assumed = *assumed;
    outline->method = hg_partitioner_resolve(options->partitioner, outline->info.num_edges);
    outline->self_loops = options->self_loops;
    outline->edge_features = options->edge_features;
    outline->num_edges = outline->info.num_edges + (options->self_loops ? outline->info.num_nodes : 0);
    outline->num_cells = options->cells > 0 ? hg_min_i64(options->cells, outline->info.num_nodes)
                                            : hg_default_cells(outline->info.num_nodes);
    /* cells differ by half from the mean, and by more around hubs */
    outline->max_cell = hg_min_i64(outline->info.num_nodes,
                                   2 * (outline->info.num_nodes / hg_max_i64(outline->num_cells, 1) + 1));
}

/* Replaces what is assumed of the cells by what is known. */
static void take_cells(const struct hg_cells *cells, struct hg_outline *outline)
{
    outline->num_cells = cells->count;
    outline->max_cell = 0;
    for (int64_t c = 0; c < cells->count; c++)
        outline->max_cell = hg_max_i64(outline->max_cell, cells->offsets[c + 1] - cells->offsets[c]);
}

/* The class names belong to whoever has read the description. */
static void take_info(const struct hg_graph_info *info, struct hg_outline *outline)
{
    outline->info = *info;
    outline->info.class_name = NULL;
}

static hg_status read_edges(const struct hg_data_options *options, struct hg_outline *outline)
{
    struct hg_dataset *data = &outline->data;
    HG_TRY(hg_dataset_open_structure(outline->alone, options, data));
    outline->info.num_splits = data->info.num_splits; /* a random split has changed the masks */
    memcpy(outline->info.has_split, data->info.has_split, sizeof outline->info.has_split);
    outline->source = HG_OUTLINE_EDGES;
    outline->num_edges = data->shard.num_edges;
    take_cells(&data->cells, outline);
    return HG_OK;
}

hg_status hg_outline_read(const struct hg_comm *alone, const struct hg_data_options *options, bool estimate,
                          const struct hg_outline_assumed *assumed, struct hg_outline *outline)
{
    struct hg_graph_info info = {0};
    *outline = (struct hg_outline){0};
    HG_TRY(hg_graph_file_open(alone, options->graph, &info, &outline->cells));
    take_info(&info, outline);
    hg_graph_info_destroy(&info);
    HG_TRY(hg_graph_file_values(options->graph, &outline->values));
    outline->ordered = outline->cells.count > 0;
    begin(alone, options, assumed, outline);
    if (!estimate) return read_edges(options, outline);
    outline->source = outline->ordered ? HG_OUTLINE_CELLS : HG_OUTLINE_MODEL;
    if (outline->ordered) take_cells(&outline->cells, outline);
    return HG_OK;
}

hg_status hg_outline_imagine(const struct hg_comm *alone, const struct hg_graph_info *info,
                             const struct hg_data_options *options, const struct hg_outline_assumed *assumed,
                             struct hg_outline *outline)
{
    *outline = (struct hg_outline){.source = HG_OUTLINE_MODEL, .ordered = true};
    take_info(info, outline);
    begin(alone, options, assumed, outline);
    return HG_OK;
}

void hg_outline_of_cells(const struct hg_comm *alone, const struct hg_graph_info *info,
                         const struct hg_cells *cells, const struct hg_data_options *options,
                         const struct hg_outline_assumed *assumed, struct hg_outline *outline)
{
    *outline = (struct hg_outline){.source = HG_OUTLINE_CELLS, .ordered = true, .cells = *cells};
    take_info(info, outline);
    begin(alone, options, assumed, outline);
    take_cells(cells, outline);
}

void hg_outline_destroy(struct hg_outline *outline)
{
    hg_dataset_destroy(&outline->data);
    hg_cells_destroy(&outline->cells);
}

static hg_status fill(const struct hg_outline *outline, int layers, struct hg_rank_shapes *shapes)
{
    switch (outline->source) {
    case HG_OUTLINE_EDGES:
        return hg_count_shapes(outline, layers, shapes);
    case HG_OUTLINE_CELLS:
        return hg_estimate_by_cells(outline, layers, shapes);
    default:
        return hg_estimate_by_model(outline, shapes->ranks, layers, shapes->part);
    }
}

hg_status hg_outline_shapes(const struct hg_outline *outline, int ranks, int layers,
                            struct hg_rank_shapes *shapes)
{
    const double values = (double)outline->values / (double)hg_max_i64(outline->info.num_nodes, 1);
    *shapes =
        (struct hg_rank_shapes){.ranks = ranks, .count = outline->source == HG_OUTLINE_MODEL ? 1 : ranks};
    HG_TRY(HG_NEW(shapes->part, shapes->count));
    HG_TRY(fill(outline, layers, shapes));
    for (int k = 0; k < shapes->count; k++)
        shapes->part[k].values = llround(values * (double)shapes->part[k].shard.owned);
    return HG_OK;
}

void hg_rank_shapes_destroy(struct hg_rank_shapes *shapes)
{
    HG_FREE(shapes->part);
}
