#include "io/import/import_private.h"

#include "base/mem.h"
#include "graph/split.h"
#include "io/file_compare.h"
#include "io/file_kind.h"
#include "io/import/import_precision.h"
#include "io/stream.h"
#include "io/text/table.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

#define IMPORTER(name) &hg_importer_##name,
static const struct hg_importer *const importers[HG_IMPORTERS] = {HG_IMPORTER_LIST(IMPORTER)};

#define NAME(name) #name,
const char *const hg_importer_name[HG_IMPORTERS] = {HG_IMPORTER_LIST(NAME)};

/* Text files of other formats might be misread as edge lists. Fails when the file's name shows such a format; with
 * --format text this check is not made. */
static hg_status check_name(const char *path)
{
    static const struct {
        const char *ending, *what;
    } others[] = {
        {".graph-txt", "WebGraph"},
        {".adjlist", "adjacency lists"},
        {".gml", "GML"},
        {".gexf", "GEXF"},
        {".graphml", "GraphML"},
        {".json", "JSON"},
        {".net", "Pajek"},
        {".dot", "Graphviz"},
        {".xml", "XML"},
        {".pkl", "pickle"},
        {".pickle", "pickle"},
        {".pt", "PyTorch"},
        {".mat", "MATLAB"},
        {".parquet", "Parquet"},
        {".libsvm", "LIBSVM"},
        {".svmlight", "LIBSVM"},
    };
    for (size_t k = 0; k < sizeof others / sizeof *others; k++)
        if (hg_path_ends(path, others[k].ending))
            return hg_fail(HG_FAILED, path,
                           "its name says %s, which is not read; --format text reads an edge list",
                           others[k].what);
    return HG_OK;
}

static_assert(HG_FILE_KINDS <= 32, "hg_importer.kinds has a bit for each kind of file");

static bool takes(const struct hg_importer *importer, const char *path, enum hg_file_kind kind)
{
    const char *const *ending = importer->endings;
    if ((importer->kinds >> kind & 1) == 0) return false;
    while (ending != NULL && *ending != NULL && !hg_path_ends(path, *ending)) ending++;
    return ending == NULL || *ending != NULL;
}

static hg_status detect(const char *path, int *chosen)
{
    enum hg_file_kind kind;
    HG_TRY(hg_file_kind(path, &kind));
    if (hg_file_kind_is_not_data(kind)) return hg_file_kind_fail(path, kind, HG_FILE_DATA);
    for (*chosen = 0; *chosen < HG_IMPORTER_text; (*chosen)++)
        if (takes(importers[*chosen], path, kind)) return HG_OK;
    return check_name(path);
}

static hg_status choose_format(const struct hg_import_options *options, int *chosen)
{
    char names[256] = "";
    if (options->format == NULL) return detect(options->source, chosen);
    for (*chosen = 0; *chosen < HG_IMPORTERS; (*chosen)++) {
        const size_t used = strlen(names);
        if (strcmp(options->format, hg_importer_name[*chosen]) == 0) return HG_OK;
        snprintf(names + used, sizeof names - used, "%s%s", used > 0 ? ", " : "", hg_importer_name[*chosen]);
    }
    return hg_fail(HG_USAGE, "format", "unknown format \"%s\", not one of %s", options->format, names);
}

/* Fails when --columns has a key for a table that is not read: otherwise it would be ignored silently. */
static hg_status check_columns(const struct hg_import_options *options, bool text)
{
    const bool labels = options->labels != NULL || options->targets != NULL,
               names = options->names != NULL || options->class_names != NULL;
    bool masks = false;
    for (int s = 0; s < HG_SPLITS; s++) masks = masks || options->mask[s] != NULL;
    const struct {
        const char *key, *table;
        bool there;
    } uses[] = {
        {"source", "edge list", text},
        {"target", "edge list", text},
        {"feature", "edge list", text},
        {"label", "file of labels or targets", labels},
        {"mask", "file of a mask", masks},
        {"name", "file of names", names},
        {"id", "table of nodes", labels || masks || names},
    };
    HG_TRY(hg_columns_check(options->columns));
    for (size_t k = 0; k < sizeof uses / sizeof *uses; k++)
        if (!uses[k].there && hg_columns_names(options->columns, uses[k].key))
            return hg_fail(HG_USAGE, "columns", "%s=...: there is no %s", uses[k].key, uses[k].table);
    return HG_OK;
}

/* Fails when options that only edge lists in text have are given for another format. */
static hg_status check_options(const struct hg_import_options *options, int chosen)
{
    const struct {
        const char *name;
        bool given;
    } text_only[] = {
        {"features", options->features != NULL},     {"labels", options->labels != NULL},
        {"targets", options->targets != NULL},       {"train-mask", options->mask[HG_TRAIN] != NULL},
        {"val-mask", options->mask[HG_VAL] != NULL}, {"test-mask", options->mask[HG_TEST] != NULL},
        {"nodes", options->num_nodes != 0},
    };
    for (size_t k = 0; k < sizeof text_only / sizeof text_only[0]; k++)
        if (text_only[k].given && importers[chosen]->read_edges == NULL)
            return hg_fail(HG_USAGE, text_only[k].name, "only for edge lists in text; %s is read as %s",
                           options->source, hg_importer_name[chosen]);
    if (options->labels != NULL && options->targets != NULL)
        return hg_fail(HG_USAGE, "labels", "labels and targets exclude each other");
    return check_columns(options, chosen == HG_IMPORTER_text);
}

/* The graph's name from the path: "dir/cora.npz" -> "cora". */
static void name_graph(const char *path, char *name, size_t bytes)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    const size_t stem = strcspn(base, ".");
    snprintf(name, bytes, "%.*s", (int)(stem > 0 ? stem : strlen(base)), base);
}

struct hg_range hg_import_block(const struct hg_import *import)
{
    return hg_block_range(import->rows->info.num_nodes, import->comm->rank, import->comm->size);
}

hg_status hg_import_set_nodes(struct hg_import *import, const char *what, int64_t nodes)
{
    if (nodes < 1) return hg_fail(HG_FAILED, what, "there are no nodes");
    if (nodes > HG_MAX_ITEMS)
        return hg_fail(HG_FAILED, what, "%lld nodes are more than 2^48", (long long)nodes);
    import->rows->info.num_nodes = nodes;
    return HG_OK;
}

/* Completes `info`, and fails unless it is the same on all ranks, which have read the files by themselves.
 * Collective. */
static hg_status same_on_all_ranks(struct hg_import *import)
{
    struct hg_graph_info *info = &import->rows->info;
    info->num_edge_features = import->edges.attr_cols;
    info->num_outputs = import->labels.cols;
    info->wide = import->rows->x.wide != NULL;
    info->has_labels = import->labels.what != NULL;
    return hg_graph_info_agree(import->comm, import->options->source, info);
}

static hg_status check_edges(struct hg_import *import)
{
    const struct hg_edges *edges = &import->edges;
    const int64_t cols = edges->attr_cols;
    for (int64_t k = 0; k < edges->count * cols; k++)
        if (!(edges->attr[k] - edges->attr[k] == 0)) /* NaN or infinite */
            return hg_fail(HG_FAILED, import->options->source, "edge %lld: feature %lld is not finite",
                           (long long)hg_edges_id(edges, k / cols), (long long)(k % cols));
    return HG_OK;
}

/* Notes when nodes are in two masks. That is allowed, but then a metric is computed on nodes that were trained on.
 * Collective. */
static void note_overlaps(const struct hg_import *import)
{
    const struct hg_node_table *rows = import->rows;
    const int64_t entries = rows->count * rows->info.num_splits;
    for (int s = 0; s < HG_SPLITS; s++) {
        const int other = (s + 1) % HG_SPLITS, first = s < other ? s : other, second = s < other ? other : s;
        int64_t both = 0;
        if (!rows->info.has_split[s] || !rows->info.has_split[other]) continue;
        for (int64_t k = 0; k < entries; k++) both += rows->mask[s][k] && rows->mask[other][k];
        hg_comm_sum_i64(import->comm, &both, 1);
        if (both > 0)
            hg_note(import->options->notes, import->options->source,
                    "%lld node%s in both the %s and the %s mask", (long long)both,
                    both == 1 ? " is" : "s are", hg_split_name[first], hg_split_name[second]);
    }
}

static hg_status import_rows(struct hg_import *import)
{
    const struct hg_import_options *options = import->options;
    struct hg_graph_info *info = &import->rows->info;
    HG_TRY(import->importer->read != NULL ? import->importer->read(import) : hg_import_text(import));
    HG_TRY(same_on_all_ranks(import));
    HG_TRY(hg_import_settle_features(import));
    HG_TRY(hg_import_settle_edges(import));
    HG_TRY(hg_import_labels(import));
    HG_TRY(hg_agree(import->comm, check_edges(import)));
    snprintf(info->name, sizeof info->name, "%s", options->source); /* for messages of hg_build_rows */
    HG_TRY(hg_build_rows(import->comm, &import->edges, &options->build, import->rows));
    name_graph(options->source, info->name, sizeof info->name);
    HG_TRY(hg_import_names(import));
    if (options->split_train < 0) {
        note_overlaps(import);
        return HG_OK;
    }
    return hg_random_split(import->comm, import->rows, options->split_train, options->split_val,
                           options->seed);
}

/* Every rank reads the input files by itself, so they must be the same on all. Collective. */
static hg_status compare_files(const struct hg_comm *comm, const struct hg_import_options *options)
{
    const char *const paths[] = {options->source,        options->features,       options->labels,
                                 options->targets,       options->mask[HG_TRAIN], options->mask[HG_VAL],
                                 options->mask[HG_TEST], options->names,          options->class_names};
    return hg_files_compare(comm, paths, sizeof paths / sizeof *paths);
}

hg_status hg_import(const struct hg_comm *comm, const struct hg_import_options *options,
                    struct hg_node_table *rows)
{
    struct hg_import import = {.comm = comm, .options = options, .rows = rows};
    int chosen = HG_IMPORTER_text;
    *rows = (struct hg_node_table){0};
    HG_TRY(compare_files(comm, options));
    hg_status status = choose_format(options, &chosen);
    if (status == HG_OK) status = check_options(options, chosen);
    status = hg_agree(comm, status);
    if (status == HG_OK) {
        import.importer = importers[chosen];
        status = import_rows(&import);
    }
    hg_edges_destroy(&import.edges);
    hg_mem_free(import.edge_wide);
    hg_mem_free(import.labels.value);
    if (status != HG_OK) hg_node_table_destroy(rows);
    return status;
}
