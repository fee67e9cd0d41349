#include "io/import/import_text.h"

#include "base/mem.h"
#include "io/import/matrix_market.h"
#include "io/text/table.h"

enum {
    FEW_EDGES = 4,        /* with fewer edges no remarks are made: odd patterns occur by chance */
    MANY_NODES = 1 << 24, /* more nodes than this are refused ... */
    NODES_PER_EDGE = 64   /* ... when there are more than this many nodes per edge */
};

hg_status hg_import_text_edge(struct hg_import *import, struct hg_text_edge_features *features, hg_gid source,
                              hg_gid target, hg_gid id, const double *values)
{
    const int64_t at = import->edges.count * features->cols;
    HG_TRY(HG_RESERVE(import->edge_wide, &features->capacity, at + features->cols));
    for (int64_t f = 0; f < features->cols; f++) import->edge_wide[at + f] = values[f];
    return hg_edges_append(&import->edges, source, target, id, NULL);
}

/* *needed: the number of nodes that features and labels imply. */
static hg_status count_nodes(const struct hg_import_options *options, int64_t *needed)
{
    struct hg_node_lines lines = {0};
    int64_t rows = 0;
    *needed = 0;
    if (options->features != NULL) HG_TRY(hg_import_text_describe_features(options->features, &rows));
    if (options->labels != NULL || options->targets != NULL) HG_TRY(hg_import_text_count(options, &lines));
    *needed = hg_max_i64(rows, lines.used);
    return HG_OK;
}

/* Refuses node ids with very large gaps: they are probably keys of a data base, and memory would be needed for every
 * id up to the largest. Collective. */
static hg_status check_gaps(const struct hg_import *import, int64_t nodes)
{
    int64_t edges = import->edges.count;
    hg_comm_sum_i64(import->comm, &edges, 1);
    if (nodes <= MANY_NODES || nodes > HG_MAX_ITEMS || nodes / NODES_PER_EDGE <= edges) return HG_OK;
    return hg_fail(HG_FAILED, import->options->source,
                   "node %lld among %lld edges: number the nodes from 0 without gaps, or say --nodes %lld",
                   (long long)nodes - 1, (long long)edges, (long long)nodes);
}

/* Sets the number of nodes; edges need at least by_edges, other files by_files. `sized`: the file of edges says that it
 * has by_edges nodes. Collective. */
static hg_status choose_num_nodes(struct hg_import *import, bool sized, int64_t by_edges, int64_t by_files)
{
    const struct hg_import_options *options = import->options;
    const int64_t given = options->num_nodes, needed = hg_max_i64(by_edges, by_files);
    if (given <= 0 && by_edges > by_files) HG_TRY(check_gaps(import, by_edges));
    if (given > 0 && given < needed)
        return hg_fail(HG_FAILED, options->source, "the data needs %lld nodes, --nodes says %lld",
                       (long long)needed, (long long)given);
    if (given <= 0 && needed == 0)
        return hg_fail(HG_FAILED, options->source, sized ? "no nodes" : "no edges");
    if (given <= 0 && sized && by_files > by_edges)
        return hg_fail(HG_FAILED, options->source,
                       "it says %lld nodes, the files of nodes have %lld: --nodes %lld if there are so many",
                       (long long)by_edges, (long long)by_files, (long long)by_files);
    return hg_import_set_nodes(import, options->source, given > 0 ? given : needed);
}

/* Notes when the first line may not be an edge: some programs write the numbers of nodes and edges there.
 * Collective. */
static void note_counts(const struct hg_import *import, const struct hg_edge_lines *lines)
{
    const struct hg_edges *edges = &import->edges;
    int64_t total = edges->count,
            most[] = {-1, -1, -1}; /* the two ends of the first edge; the largest node of all other edges */
    for (int64_t k = 0; k < edges->count; k++) {
        const struct hg_ends ends = hg_edges_at(edges, k);
        if (k == 0 && edges->run[0].id == 0) {
            most[0] = ends.source;
            most[1] = ends.target;
        } else {
            most[2] = hg_max_i64(most[2], hg_max_i64(ends.source, ends.target));
        }
    }
    hg_comm_sum_i64(import->comm, &total, 1);
    hg_comm_max_i64(import->comm, most, 3);
    if (!lines->sized && total >= FEW_EDGES && edges->attr_cols == 0 && most[0] >= most[2] &&
        most[1] == total - 1)
        hg_note(import->options->notes, import->options->source,
                "its first line, %lld %lld, is read as an edge: take it out if it counts nodes and edges",
                (long long)most[0], (long long)most[1]);
}

/* Notes when the first column seems to number the lines, and when nodes seem to be numbered from 1. Collective. */
static void note_numbering(const struct hg_import *import, struct hg_edge_lines lines)
{
    int64_t edges = import->edges.count, unlike[] = {!lines.numbered, -lines.least};
    struct hg_notes *notes = import->options->notes;
    hg_comm_sum_i64(import->comm, &edges, 1);
    hg_comm_max_i64(import->comm, unlike, 2);
    if (unlike[0] == 0 && edges >= FEW_EDGES)
        hg_note(notes, import->options->source,
                "its first column, read as source, counts the lines: if it does, say --columns "
                "source=2,target=3");
    if (unlike[1] == -1 && edges >= FEW_EDGES && import->options->num_nodes <= 0)
        hg_note(notes, import->options->source, "node 0 has no edge: are the nodes counted from 1?");
}

/* Notes when labels imply exactly one node more than edges. Collective. */
static void note_one_more(const struct hg_import *import, int64_t by_edges, int64_t by_files)
{
    const struct hg_import_options *options = import->options;
    const char *path = options->labels != NULL ? options->labels : options->targets;
    if (path != NULL && by_edges > 1 && by_files == by_edges + 1)
        hg_note(options->notes, path,
                "one node more than the edges have: is its first line a header, or the last a node without "
                "edges?");
}

static hg_status read_node_files(struct hg_import *import)
{
    HG_TRY(hg_import_text_features(import));
    HG_TRY(hg_import_text_labels(import));
    return hg_import_text_masks(import);
}

hg_status hg_import_text(struct hg_import *import)
{
    int64_t needed[2] = {0}; /* by edges, by other files */
    struct hg_edge_lines lines = {0};
    HG_TRY(hg_agree(import->comm, import->importer->read_edges(import, &lines)));
    HG_TRY(hg_agree(import->comm, count_nodes(import->options, &needed[1])));
    needed[0] = lines.nodes;
    hg_comm_max_i64(import->comm, needed, 2);
    note_counts(import, &lines);
    note_numbering(import, lines);
    note_one_more(import, needed[0], needed[1]);
    HG_TRY(choose_num_nodes(import, lines.sized, needed[0], needed[1]));
    return hg_agree(import->comm, read_node_files(import));
}

/* Reads the edges of an edge list, or of a matrix in MatrixMarket format. */
static hg_status read_edges(struct hg_import *import, struct hg_edge_lines *lines)
{
    bool matrix = false;
    HG_TRY(hg_agree(import->comm, hg_matrix_market_is(import->options->source, &matrix)));
    if (!matrix) return hg_import_text_edges(import, lines);
    if (hg_columns_names(import->options->columns, "source"))
        return hg_fail(HG_USAGE, "columns", "a matrix has rows and columns, no columns to choose from");
    return hg_import_text_matrix(import, lines);
}

const struct hg_importer hg_importer_text = {.kinds = ~0u, .read_edges = read_edges};
