#include "io/import_text.h"

#include "base/mem.h"

hg_status hg_import_text_edge(struct hg_import *import, struct hg_text_edge_features *features, hg_gid source,
                              hg_gid target, hg_gid id, const double *values)
{
    const int64_t at = import->edges.count * features->cols;
    HG_TRY(HG_RESERVE(import->edge_wide, &features->capacity, at + features->cols));
    for (int64_t f = 0; f < features->cols; f++) import->edge_wide[at + f] = values[f];
    return hg_edges_append(&import->edges, source, target, id, NULL);
}

/* The nodes that the files other than the edge list need. */
static hg_status count_nodes(const struct hg_import_options *options, int64_t *needed)
{
    struct hg_node_lines lines = {0};
    int64_t rows = 0;
    if (options->features != NULL) HG_TRY(hg_import_text_describe_features(options->features, &rows));
    if (options->labels != NULL || options->targets != NULL) HG_TRY(hg_import_text_count(options, &lines));
    *needed = hg_max_i64(*needed, hg_max_i64(rows, lines.used));
    return HG_OK;
}

static hg_status choose_num_nodes(struct hg_import *import, int64_t needed)
{
    const struct hg_import_options *options = import->options;
    const int64_t given = options->num_nodes;
    if (given > 0 && given < needed)
        return hg_fail(HG_FAILED, options->source, "the data needs %lld nodes, num-nodes says %lld",
                       (long long)needed, (long long)given);
    if (given <= 0 && needed == 0) return hg_fail(HG_FAILED, options->source, "no edges");
    return hg_import_set_nodes(import, options->source, given > 0 ? given : needed);
}

static hg_status read_node_files(struct hg_import *import)
{
    HG_TRY(hg_import_text_features(import));
    HG_TRY(hg_import_text_labels(import));
    return hg_import_text_masks(import);
}

hg_status hg_import_read_text(struct hg_import *import)
{
    int64_t needed = 0;
    hg_status status = hg_import_text_edges(import, &needed);
    if (status == HG_OK) status = count_nodes(import->options, &needed);
    HG_TRY(hg_agree(import->comm, status));
    hg_comm_max_i64(import->comm, &needed, 1);
    HG_TRY(choose_num_nodes(import, needed));
    return hg_agree(import->comm, read_node_files(import));
}
