#include "train/dataset.h"

#include "base/alive.h"
#include "base/mem.h"
#include "graph/split.h"
#include "io/graph_file.h"
#include "partition/partitioner.h"
#include "partition/shard/localize.h"
#include "train/unordered.h"
#include <math.h>
#include <string.h>

/* For a file in imported order: makes cells, and reads the rows in cell order. Collective. */
static hg_status read_unordered(const struct hg_comm *comm, const struct hg_data_options *options,
                                bool edge_ids, struct hg_dataset *data)
{
    struct hg_unordered graph = {0};
    hg_status status = hg_unordered_read(comm, options->graph, &data->info, data->structure, &graph);
    hg_setup_add(&data->setup, HG_SETUP_READ);
    hg_alive_phase("making cells", -1);
    if (status == HG_OK) status = hg_unordered_cells(&graph, options, 0, &data->cells);
    hg_setup_add(&data->setup, HG_SETUP_CELLS);
    hg_alive_phase("reading the graph", -1);
    if (status == HG_OK) status = hg_unordered_rows(&graph, &data->cells, edge_ids, &data->rows);
    hg_unordered_destroy(&graph);
    hg_setup_add(&data->setup, HG_SETUP_READ);
    return status;
}

static hg_status read_ranges(const struct hg_comm *comm, const char *path, bool edge_ids,
                             struct hg_dataset *data)
{
    struct hg_range *ranges = NULL;
    const enum hg_graph_contents contents = data->structure ? HG_READ_STRUCTURE
                                            : edge_ids      ? HG_READ_EDGE_IDS
                                                            : HG_READ_ROWS;
    hg_status status = hg_agree(comm, HG_NEW(ranges, data->cells.count));
    if (status == HG_OK)
        status = hg_graph_file_read(comm, path, ranges, hg_cells_ranges(&data->cells, comm->rank, ranges),
                                    contents, &data->rows);
    if (status == HG_OK) status = hg_graph_file_unchanged(path, &data->info, &data->rows);
    HG_FREE(ranges);
    return status;
}

/* For a file in cell order: chooses owners for this number of ranks, then each rank reads the rows of its cells.
 * Collective. */
static hg_status read_cells(const struct hg_comm *comm, const struct hg_data_options *options, bool edge_ids,
                            struct hg_dataset *data)
{
    HG_TRY(hg_agree(comm, HG_NEW(data->cells.owner, data->cells.count)));
    HG_TRY(hg_partition_owners(comm, &data->cells, comm->size, data->cells.owner));
    hg_setup_add(&data->setup, HG_SETUP_CELLS);
    HG_TRY(read_ranges(comm, options->graph, edge_ids, data));
    hg_setup_add(&data->setup, HG_SETUP_READ);
    return HG_OK;
}

static int64_t labelled_entries(const struct hg_node_table *rows, int64_t i)
{
    const int64_t cols = rows->info.num_outputs;
    if (rows->y_class != NULL) return rows->y_class[i] >= 0;
    int64_t entries = 0;
    for (int64_t k = i * cols; k < (i + 1) * cols; k++)
        entries += rows->y_label != NULL ? rows->y_label[k] != 255 : !isnan(rows->y_target[k]);
    return entries;
}

/* Replaces the file's masks by a random split, if the options ask for one. A graph without labels, which may be used
 * for prediction, keeps its masks. Collective. */
static hg_status draw_split(const struct hg_comm *comm, const struct hg_data_options *options,
                            struct hg_dataset *data)
{
    int64_t labelled = 0;
    if (options->split_train < 0 || !data->info.has_labels) return HG_OK;
    for (int64_t i = 0; i < data->rows.count; i++) labelled += labelled_entries(&data->rows, i) > 0;
    hg_comm_sum_i64(comm, &labelled, 1);
    if (labelled == 0) return HG_OK;
    data->split_seed = options->split_seed;
    data->replaces_masks = data->info.num_splits > 0;
    HG_TRY(hg_random_split(comm, &data->rows, options->split_train, options->split_val,
                           (uint64_t)data->split_seed));
    data->info.num_splits = data->rows.info.num_splits;
    memcpy(data->info.has_split, data->rows.info.has_split, sizeof data->info.has_split);
    return HG_OK;
}

static hg_status select_masks(struct hg_dataset *data, int64_t split)
{
    const int64_t columns = data->info.num_splits;
    if (columns > 0 && split >= columns)
        return hg_fail(HG_USAGE, "--split", "%lld, but the graph has splits 0..%lld", (long long)split,
                       (long long)columns - 1);
    for (int s = 0; s < HG_SPLITS; s++) {
        if (data->rows.mask[s] == NULL) continue;
        HG_TRY(HG_NEW(data->mask_column[s], data->rows.count));
        for (int64_t i = 0; i < data->rows.count; i++)
            data->mask_column[s][i] = data->rows.mask[s][i * columns + split];
        data->mask[s] = data->mask_column[s];
    }
    return HG_OK;
}

/* hg_mem_spread of the array `p` of `count` elements. */
#define SPREAD(team, p, count) hg_mem_spread((team), (p), (count), sizeof *(p))

static void spread_adjacency(const struct hg_shard *shard, const struct hg_adjacency *adjacency,
                             struct hg_team *team)
{
    const int64_t edges = adjacency->indptr[shard->owned];
    SPREAD(team, adjacency->indptr, shard->owned + 1);
    SPREAD(team, adjacency->indices, edges);
    SPREAD(team, adjacency->edge_attr, edges * shard->edge_features);
    SPREAD(team, adjacency->imported, shard->owned + adjacency->plan.halo);
}

void hg_dataset_spread(const struct hg_dataset *data, struct hg_team *team)
{
    const struct hg_features *x = &data->rows.x;
    const struct hg_shard *shard = &data->shard;
    SPREAD(team, x->dense, data->rows.count * x->cols);
    if (x->indptr != NULL) {
        const int64_t values = x->indptr[data->rows.count];
        SPREAD(team, x->indptr, data->rows.count + 1);
        SPREAD(team, x->indices, values);
        SPREAD(team, x->data, values);
    }
    spread_adjacency(shard, shard->in, team);
    if (shard->out != shard->in) spread_adjacency(shard, shard->out, team);
}

void hg_dataset_mark(const struct hg_dataset *data, enum hg_split split, uint8_t *marks)
{
    for (int64_t i = 0; i < data->rows.count; i++)
        marks[i] = data->info.has_labels && data->mask[split] != NULL && data->mask[split][i] &&
                   labelled_entries(&data->rows, i) > 0;
}

hg_status hg_dataset_unlabelled_split(const struct hg_comm *comm, const struct hg_dataset *data,
                                      int64_t *split)
{
    const int64_t columns = data->info.num_splits;
    const uint8_t *mask = data->rows.mask[HG_TRAIN];
    int64_t *entries = NULL;
    *split = -1;
    if (mask == NULL || !data->info.has_labels) return HG_OK;
    const hg_status status = hg_agree(comm, HG_NEW(entries, columns));
    if (status == HG_OK) {
        for (int64_t i = 0; i < data->rows.count; i++)
            for (int64_t k = 0; k < columns; k++)
                if (mask[i * columns + k]) entries[k] += labelled_entries(&data->rows, i);
        hg_comm_sum_i64(comm, entries, columns);
        for (int64_t k = columns - 1; k >= 0; k--)
            if (entries[k] == 0) *split = k;
    }
    hg_mem_free(entries);
    return status;
}

static void count_entries(const struct hg_comm *comm, struct hg_dataset *data)
{
    for (int s = 0; s < HG_SPLITS; s++)
        for (int64_t i = 0; data->info.has_labels && data->mask[s] != NULL && i < data->rows.count; i++)
            if (data->mask[s][i]) data->entries[s] += labelled_entries(&data->rows, i);
    hg_comm_sum_i64(comm, data->entries, HG_SPLITS);
}

/* Counts the directed edges whose source and target have different owners. Collective. */
static void count_cut(const struct hg_comm *comm, struct hg_dataset *data)
{
    const struct hg_adjacency *in = data->shard.in;
    for (hg_eid e = 0; e < in->indptr[data->shard.owned]; e++)
        data->edge_cut += in->indices[e] >= data->shard.owned;
    hg_comm_sum_i64(comm, &data->edge_cut, 1);
}

static hg_status open_dataset(const struct hg_comm *comm, const struct hg_data_options *options,
                              bool edge_ids, struct hg_dataset *data)
{
    const struct hg_localize_options edges = {.self_loops = options->self_loops,
                                              .edge_features = options->edge_features};
    hg_alive_phase("reading the graph", -1);
    HG_TRY(hg_graph_file_open(comm, options->graph, &data->info, &data->cells));
    hg_setup_add(&data->setup, HG_SETUP_OPEN);
    if (data->info.num_features == 0)
        return hg_fail(HG_FAILED, options->graph, "has no node features (/node/x): attention needs them");
    if (data->structure) hg_graph_info_structure(&data->info);
    HG_TRY(data->cells.count > 0 ? read_cells(comm, options, edge_ids, data)
                                 : read_unordered(comm, options, edge_ids, data));
    /* if the file were wrong about it, gradients would be wrong */
    HG_TRY(hg_graph_file_check_symmetric(comm, options->graph, &data->rows));
    hg_alive_phase("distributing the graph", -1);
    HG_TRY(hg_localize(comm, &data->rows, &data->cells, &edges, &data->shard));
    HG_TRY(draw_split(comm, options, data));
    HG_TRY(hg_agree(comm, select_masks(data, hg_max_i64(options->split, 0))));
    count_entries(comm, data);
    count_cut(comm, data);
    hg_setup_add(&data->setup, HG_SETUP_DISTRIBUTE);
    return hg_agree(comm, hg_statistics_create(options, &data->info, &data->statistics));
}

/* Frees the edges of the rows: the shard has its own copy. */
static void free_edges(struct hg_node_table *rows)
{
    HG_FREE(rows->indptr);
    HG_FREE(rows->indices);
    HG_FREE(rows->edge_id);
    HG_FREE(rows->edge_attr);
}

static hg_status open_and_free_edges(const struct hg_comm *comm, const struct hg_data_options *options,
                                     bool edge_ids, struct hg_dataset *data)
{
    hg_setup_begin(&data->setup);
    const hg_status status = open_dataset(comm, options, edge_ids, data);
    free_edges(&data->rows);
    if (status != HG_OK) hg_dataset_destroy(data);
    return status;
}

hg_status hg_dataset_open(const struct hg_comm *comm, const struct hg_data_options *options, bool edge_ids,
                          struct hg_dataset *data)
{
    *data = (struct hg_dataset){.split_seed = -1};
    HG_TRY(open_and_free_edges(comm, options, edge_ids, data));
    hg_nets_destroy(&data->cells.nets); /* owners are chosen */
    return HG_OK;
}

hg_status hg_dataset_open_structure(const struct hg_comm *comm, const struct hg_data_options *options,
                                    struct hg_dataset *data)
{
    *data = (struct hg_dataset){.split_seed = -1, .structure = true};
    return open_and_free_edges(comm, options, false, data);
}

void hg_dataset_destroy(struct hg_dataset *data)
{
    for (int s = 0; s < HG_SPLITS; s++) HG_FREE(data->mask_column[s]);
    hg_shard_destroy(&data->shard);
    hg_node_table_destroy(&data->rows);
    hg_cells_destroy(&data->cells);
    hg_graph_info_destroy(&data->info);
    hg_statistics_destroy(&data->statistics);
}

const void *hg_dataset_target(const struct hg_dataset *data)
{
    switch (data->info.task) {
    case HG_MULTI_LABEL:
        return data->rows.y_label;
    case HG_REGRESSION:
        return data->rows.y_target;
    default:
        return data->rows.y_class;
    }
}
