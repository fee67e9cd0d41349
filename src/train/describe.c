#include "train/describe.h"

#include "base/mem.h"
#include "dist/sort.h"
#include <math.h>

void hg_description_destroy(struct hg_description *description)
{
    HG_FREE(description->outputs);
    HG_FREE(description->low);
    HG_FREE(description->high);
    for (int s = 0; s < HG_SPLITS; s++) HG_FREE(description->split[s]);
}

static void count_features(const struct hg_node_table *rows, struct hg_description *d)
{
    for (int64_t k = 0; k < hg_node_table_features(rows); k++)
        d->nonzeros += hg_features_value(&rows->x, k) != 0;
}

/* Counts degrees, self-loops and parallel edges. Parallel edges are neighbours, because the sources of a row are
 * sorted. */
static void count_edges(const struct hg_node_table *rows, struct hg_description *d)
{
    d->min_degree = INT64_MAX;
    for (int64_t i = 0; i < rows->count; i++) {
        const hg_eid first = rows->indptr[i], end = rows->indptr[i + 1];
        d->min_degree = hg_min_i64(d->min_degree, end - first);
        d->max_degree = hg_max_i64(d->max_degree, end - first);
        for (hg_eid e = first; e < end; e++) {
            d->self_loops += rows->indices[e] == rows->stored[i];
            d->parallel += e > first && rows->indices[e] == rows->indices[e - 1];
        }
    }
}

/* Counts this rank's nodes without in-edges that are not among `sources`, the nodes of its block that are sources of
 * edges of any rank. */
static hg_status mark_sources(const struct hg_node_table *rows, const struct hg_keys *sources,
                              int64_t *isolated)
{
    uint8_t *is_source = NULL;
    HG_TRY(HG_NEW(is_source, rows->count));
    for (int64_t k = 0; k < sources->count; k++) is_source[(hg_gid)sources->key[k] - rows->stored[0]] = 1;
    for (int64_t i = 0; i < rows->count; i++)
        *isolated += rows->indptr[i] == rows->indptr[i + 1] && !is_source[i];
    hg_mem_free(is_source);
    return HG_OK;
}

static hg_status collect_sources(const struct hg_node_table *rows, struct hg_keys *sources)
{
    for (hg_eid e = 0; e < hg_node_table_edges(rows); e++)
        HG_TRY(hg_keys_insert(sources, (uint64_t)rows->indices[e]));
    return HG_OK;
}

/* Counts isolated nodes. In a symmetric graph a node without in-edges has no out-edges; in a directed one, the ranks
 * collect the sources of all edges. Collective. */
static hg_status count_isolated(const struct hg_comm *comm, const struct hg_node_table *rows,
                                int64_t *isolated)
{
    struct hg_keys sources = {0};
    if (!rows->info.symmetric) {
        hg_status status = hg_agree(comm, collect_sources(rows, &sources));
        if (status == HG_OK) status = hg_keys_share(comm, rows->info.num_nodes, &sources);
        if (status == HG_OK) status = hg_agree(comm, mark_sources(rows, &sources, isolated));
        hg_keys_destroy(&sources);
        return status;
    }
    for (int64_t i = 0; i < rows->count; i++) *isolated += rows->indptr[i] == rows->indptr[i + 1];
    return HG_OK;
}

static void count_classes(const struct hg_node_table *rows, struct hg_description *d)
{
    for (int64_t i = 0; i < rows->count; i++) {
        if (rows->y_class[i] < 0) continue;
        d->labelled++;
        d->outputs[rows->y_class[i]]++;
    }
}

static void count_labels(const struct hg_node_table *rows, struct hg_description *d)
{
    const int64_t columns = rows->info.num_outputs;
    for (int64_t i = 0; i < rows->count; i++) {
        bool any = false;
        for (int64_t t = 0; t < columns; t++) {
            const uint8_t y = rows->y_label[i * columns + t];
            any |= y != 255;
            d->outputs[t] += y == 1;
        }
        d->labelled += any;
    }
}

static void count_targets(const struct hg_node_table *rows, struct hg_description *d)
{
    const int64_t columns = rows->info.num_outputs;
    for (int64_t i = 0; i < rows->count; i++) {
        bool any = false;
        for (int64_t t = 0; t < columns; t++) {
            const double y = (double)rows->y_target[i * columns + t];
            if (isnan(y)) continue;
            any = true;
            d->outputs[t]++;
            d->low[t] = fmin(d->low[t], y);
            d->high[t] = fmax(d->high[t], y);
        }
        d->labelled += any;
    }
}

static void count_splits(const struct hg_node_table *rows, struct hg_description *d)
{
    const int64_t columns = rows->info.num_splits;
    for (int s = 0; s < HG_SPLITS; s++) {
        for (int64_t k = 0; rows->mask[s] != NULL && k < rows->count * columns; k++) {
            d->split[s][k % columns] += rows->mask[s][k] != 0;
        }
    }
}

static bool has_targets(const struct hg_graph_info *info)
{
    return info->has_labels && info->task == HG_REGRESSION;
}

static hg_status allocate(const struct hg_graph_info *info, struct hg_description *d)
{
    *d = (struct hg_description){0};
    HG_TRY(HG_NEW(d->outputs, info->num_outputs));
    if (has_targets(info)) {
        HG_TRY(HG_NEW(d->low, info->num_outputs));
        HG_TRY(HG_NEW(d->high, info->num_outputs));
        for (int64_t t = 0; t < info->num_outputs; t++) d->high[t] = -(d->low[t] = HUGE_VAL);
    }
    for (int s = 0; s < HG_SPLITS; s++) {
        if (info->has_split[s]) HG_TRY(HG_NEW(d->split[s], info->num_splits));
    }
    return HG_OK;
}

/* Combines the ranges of all ranks; a minimum is computed as the negated maximum of negated values. Collective. */
static void reach_over_ranks(const struct hg_comm *comm, int64_t columns, struct hg_description *d)
{
    for (int64_t t = 0; t < columns; t++) d->low[t] = -d->low[t];
    hg_comm_max_f64(comm, d->low, columns);
    hg_comm_max_f64(comm, d->high, columns);
    for (int64_t t = 0; t < columns; t++) d->low[t] = -d->low[t];
}

static void add_ranks(const struct hg_comm *comm, const struct hg_graph_info *info, struct hg_description *d)
{
    int64_t *const totals[] = {&d->nonzeros, &d->self_loops, &d->parallel, &d->isolated, &d->labelled};
    for (size_t k = 0; k < sizeof totals / sizeof *totals; k++) hg_comm_sum_i64(comm, totals[k], 1);
    hg_comm_min_i64(comm, &d->min_degree, 1);
    hg_comm_max_i64(comm, &d->max_degree, 1);
    hg_comm_sum_i64(comm, d->outputs, info->num_outputs);
    for (int s = 0; s < HG_SPLITS; s++) {
        if (info->has_split[s]) hg_comm_sum_i64(comm, d->split[s], info->num_splits);
    }
}

static hg_status count_all(const struct hg_comm *comm, const struct hg_node_table *rows,
                           struct hg_description *d)
{
    HG_TRY(count_isolated(comm, rows, &d->isolated));
    count_features(rows, d);
    count_edges(rows, d);
    count_splits(rows, d);
    if (rows->y_class != NULL) count_classes(rows, d);
    if (rows->y_label != NULL) count_labels(rows, d);
    if (rows->y_target != NULL) count_targets(rows, d);
    add_ranks(comm, &rows->info, d);
    if (has_targets(&rows->info)) reach_over_ranks(comm, rows->info.num_outputs, d);
    return HG_OK;
}

hg_status hg_describe(const struct hg_comm *comm, const struct hg_node_table *rows,
                      struct hg_description *description)
{
    hg_status status = hg_agree(comm, allocate(&rows->info, description));
    if (status == HG_OK) status = count_all(comm, rows, description);
    if (status != HG_OK) hg_description_destroy(description);
    return status;
}
