#include "base/mem.h"
#include "cli/info.h"
#include "cli/show.h"
#include "io/graph_file.h"
#include "train/describe.h"
#include <stdio.h>
#include <string.h>

/* A graph file and its statistics. */
struct described {
    struct hg_graph_info info;
    struct hg_cells cells;
    struct hg_node_table rows;
    struct hg_description about;
};

static void destroy(struct described *d)
{
    hg_description_destroy(&d->about);
    hg_node_table_destroy(&d->rows);
    hg_cells_destroy(&d->cells);
    hg_graph_info_destroy(&d->info);
}

static hg_status describe(const struct hg_comm *comm, const char *path, struct described *d)
{
    HG_TRY(hg_graph_file_open(comm, path, &d->info, &d->cells));
    const struct hg_range block = hg_block_range(d->info.num_nodes, comm->rank, comm->size);
    HG_TRY(hg_graph_file_read(comm, path, &block, block.end > block.first, HG_READ_EDGE_IDS, &d->rows));
    HG_TRY(hg_graph_file_unchanged(path, &d->info, &d->rows));
    return hg_describe(comm, &d->rows, &d->about);
}

static json_t *integers(const int64_t *values, int64_t count)
{
    json_t *list = json_array();
    for (int64_t k = 0; k < count; k++) json_array_append_new(list, json_integer(values[k]));
    return list;
}

static json_t *show_output(const struct hg_graph_info *info, const struct hg_description *about, int64_t k)
{
    json_t *output = json_pack("{s:I}", "output", (json_int_t)k);
    if (info->class_name != NULL) {
        const char *name = info->class_name + k * info->class_bytes;
        json_object_set_new(output, "name", hg_show_text(name, (size_t)info->class_bytes));
    }
    json_object_set_new(output, "nodes", json_integer(about->outputs[k]));
    if (about->low != NULL && about->outputs[k] > 0) {
        json_object_set_new(output, "min", json_real(about->low[k]));
        json_object_set_new(output, "max", json_real(about->high[k]));
    }
    return output;
}

/* Most outputs that are shown as text and in JSON: there may be millions. */
enum { MOST_SHOWN = 20, MOST_LISTED = 1000 };

/* Adds the first outputs, and the number of those that are left out. */
static void show_outputs(const struct described *d, bool as_json, json_t *all)
{
    const int64_t outputs = d->info.has_labels ? d->info.num_outputs : 0;
    const int64_t shown = hg_min_i64(outputs, as_json ? MOST_LISTED : MOST_SHOWN);
    json_t *list = json_array();
    for (int64_t k = 0; k < shown; k++) json_array_append_new(list, show_output(&d->info, &d->about, k));
    json_object_set_new(all, "outputs", list);
    if (shown < outputs) json_object_set_new(all, "more_outputs", json_integer(outputs - shown));
}

/* Smallest number, largest number, and sum. */
struct spread {
    int64_t min, max, sum;
};

/* Of `count` values, or with `differences` of values[k + 1] - values[k]. */
static struct spread spread_of(const int64_t *values, int64_t count, bool differences)
{
    struct spread s = {INT64_MAX, 0, 0};
    for (int64_t k = 0; k < count; k++) {
        const int64_t v = differences ? values[k + 1] - values[k] : values[k];
        s.min = hg_min_i64(s.min, v);
        s.max = hg_max_i64(s.max, v);
        s.sum += v;
    }
    return s;
}

static json_t *show_splits(const struct hg_graph_info *info, const struct hg_description *about)
{
    json_t *splits = json_object();
    for (int s = 0; s < HG_SPLITS; s++) {
        if (!info->has_split[s]) continue;
        json_object_set_new(splits, hg_split_name[s], integers(about->split[s], info->num_splits));
    }
    return splits;
}

/* Several splits as text: "10 splits: train 20, val 30, test 40, each". */
static json_t *show_splits_briefly(const struct hg_graph_info *info, const struct hg_description *about)
{
    char text[256];
    bool equal = true;
    int used = snprintf(text, sizeof text, "%lld splits: ", (long long)info->num_splits);
    const char *comma = "";
    for (int s = 0; s < HG_SPLITS; s++) {
        if (!info->has_split[s]) continue;
        const struct spread nodes = spread_of(about->split[s], info->num_splits, false);
        used += snprintf(text + used, sizeof text - (size_t)used, "%s%s %lld", comma, hg_split_name[s],
                         (long long)nodes.min);
        if (nodes.max > nodes.min)
            used += snprintf(text + used, sizeof text - (size_t)used, " to %lld", (long long)nodes.max);
        equal = equal && nodes.max == nodes.min;
        comma = ", ";
    }
    snprintf(text + used, sizeof text - (size_t)used, "%s", equal ? ", each" : "");
    return json_string(text);
}

static json_t *show_cells(const struct hg_cells *cells)
{
    const struct spread nodes = spread_of(cells->offsets, cells->count, true);
    const struct spread edges = spread_of(cells->edges, cells->count, false);
    const double mean_edges = (double)edges.sum / (double)cells->count;
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:f}", "count", (json_int_t)cells->count, "min_nodes",
                     (json_int_t)nodes.min, "max_nodes", (json_int_t)nodes.max, "min_edges",
                     (json_int_t)edges.min, "max_edges", (json_int_t)edges.max, "edge_balance",
                     mean_edges > 0 ? (double)edges.max / mean_edges : 1.0);
}

static json_t *show_sizes(const struct hg_graph_info *info, const char *path)
{
    return json_pack("{s:o, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "file",
                     hg_show_text(path, SIZE_MAX), "format", "halogat-graph", "name",
                     hg_show_text(info->name, SIZE_MAX), "task", hg_task_name[info->task], "num_nodes",
                     (json_int_t)info->num_nodes, "num_edges", (json_int_t)info->num_edges, "num_features",
                     (json_int_t)info->num_features, "num_outputs", (json_int_t)info->num_outputs,
                     "num_edge_features", (json_int_t)info->num_edge_features, "symmetric", info->symmetric);
}

static json_t *show_structure(const struct hg_graph_info *info, const struct hg_description *about)
{
    const double nodes = (double)info->num_nodes, numbers = nodes * (double)info->num_features;
    return json_pack("{s:{s:s, s:f}, s:{s:I, s:f, s:I}, s:I, s:I, s:I, s:I}", "features", "stored",
                     info->sparse ? "sparse" : "dense", "density",
                     numbers > 0 ? (double)about->nonzeros / numbers : 0.0, "in_degree", "min",
                     (json_int_t)about->min_degree, "mean", (double)info->num_edges / nodes, "max",
                     (json_int_t)about->max_degree, "self_loops", (json_int_t)about->self_loops,
                     "parallel_edges", (json_int_t)about->parallel, "isolated_nodes",
                     (json_int_t)about->isolated, "labelled_nodes", (json_int_t)about->labelled);
}

static json_t *show(const struct described *d, const struct hg_config *config)
{
    const bool brief = !config->json && d->info.num_splits > 1;
    json_t *all = show_sizes(&d->info, config->input), *structure = show_structure(&d->info, &d->about);
    json_object_update(all, structure);
    json_decref(structure);
    json_object_set_new(all, "content_sha256",
                        d->info.content[0] != '\0' ? json_string(d->info.content) : json_null());
    json_object_set_new(all, "splits",
                        brief ? show_splits_briefly(&d->info, &d->about) : show_splits(&d->info, &d->about));
    json_object_set_new(all, "order", json_string(d->cells.count > 0 ? "cells" : "imported"));
    if (d->cells.count > 0) json_object_set_new(all, "cells", show_cells(&d->cells));
    if (config->check) json_object_set_new(all, "check", json_string("sound"));
    show_outputs(d, config->json, all);
    return all;
}

hg_status hg_info_graph(const struct hg_comm *comm, const struct hg_config *config)
{
    struct described d = {0};
    hg_status status = config->check ? hg_graph_file_check(comm, config->input) : HG_OK;
    if (status == HG_OK) status = describe(comm, config->input, &d);
    if (status == HG_OK && config->check && d.cells.count > 0)
        status = hg_info_check_cells(comm, config->input, &d.rows, &d.cells);
    if (status == HG_OK) {
        json_t *all = comm->rank == 0 ? show(&d, config) : NULL;
        status = hg_show(comm, all, config->json);
    }
    destroy(&d);
    return status;
}
