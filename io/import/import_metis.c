/* Reads a graph file of METIS (section 4.1 of its manual): a header line "nodes edges [format [weights]]", then one
 * line per node with its neighbours, which are numbered from 1. An undirected edge is in the lines of both its ends
 * and becomes two directed edges; there are no self-loops. Edge weights become an edge feature; sizes and weights of
 * nodes are skipped. Lines that begin with % are comments.
 */
#include "base/mix.h"
#include "io/import/import_text.h"
#include "io/text/text.h"
#include <string.h>

enum { BLOCK_NODES = 4096, HEADER = 4, MOST_WEIGHTS = 1024 };

struct reader {
    struct hg_import *import;
    struct hg_text text;
    struct hg_text_edge_features features; /* one column if edges have weights, otherwise none */
    int64_t nodes, edges;                  /* of the header; edges are undirected */
    int64_t skipped; /* numbers skipped at the start of a node's line: its size and weights */
    int64_t seen;    /* neighbours read so far; every rank reads the whole file */
    /* sum of add_side over the neighbours read so far: 0 when each edge is in both lines */
    uint64_t one_sided;
};

/* Reads the next line that is not a comment (NULL: end of file). Blank lines count: nodes without neighbours. */
static hg_status next_line(struct reader *reader, char **line)
{
    do HG_TRY(hg_text_next(&reader->text, line));
    while (*line != NULL && (*line)[strspn(*line, " \t")] == '%');
    return HG_OK;
}

/* Reads the next number of a line and moves *line behind it; *found is false at the end of the line. */
static hg_status next_number(struct reader *reader, char **line, int64_t *value, bool *found)
{
    char *field = *line + strspn(*line, " \t");
    const size_t length = strcspn(field, " \t");
    *found = length > 0;
    if (!*found) return HG_OK;
    *line = field + length + (field[length] != '\0');
    field[length] = '\0';
    return hg_text_integer(field, value) ? HG_OK : hg_text_fail(&reader->text, "not a whole number", field);
}

/* Interprets the header's third and fourth numbers. `format`: three digits 0 or 1, whether there are sizes of nodes,
 * weights of nodes, weights of edges. `weights`: weights per node. */
static hg_status parse_format(struct reader *reader, int64_t format, int64_t weights, bool has_weights)
{
    const int64_t sized = format / 100, weighted = format / 10 % 10, edges = format % 10;
    if (format < 0 || sized > 1 || weighted > 1 || edges > 1)
        return hg_text_fail(&reader->text, "the third number is three digits, each 0 or 1", NULL);
    if (has_weights && weighted == 0)
        return hg_text_fail(&reader->text,
                            "the fourth number counts weights of nodes, the third says that there are none",
                            NULL);
    if (weights < 1 || weights > MOST_WEIGHTS)
        return hg_text_fail(&reader->text, "the fourth number, weights of a node, is 1 to 1024", NULL);
    reader->skipped = sized + weighted * weights;
    reader->features.cols = edges;
    return HG_OK;
}

static hg_status read_header(struct reader *reader)
{
    int64_t value[HEADER] = {0, 0, 0, 1};
    char *line = NULL;
    bool found = true;
    int count = 0;
    HG_TRY(next_line(reader, &line));
    if (line == NULL) return hg_fail(HG_FAILED, reader->text.stream.what, "is empty");
    for (; count < HEADER && found; count += found) HG_TRY(next_number(reader, &line, &value[count], &found));
    if (count < 2 || !hg_text_blank(line) || value[0] < 0 || value[1] < 0 || value[1] > INT64_MAX / 2)
        return hg_text_fail(
            &reader->text,
            "numbers of nodes and of edges expected, and at most two more; --format text reads an edge list",
            NULL);
    reader->nodes = value[0];
    reader->edges = value[1];
    return parse_format(reader, value[2], value[3], count > 3);
}

/* Adds the hash of an edge and its weight in the line of the end with the smaller number, and subtracts it in the
 * other's. */
static void add_side(struct reader *reader, hg_gid node, hg_gid neighbour, int64_t weight)
{
    const uint64_t smaller = (uint64_t)hg_min_i64(node, neighbour),
                   larger = (uint64_t)hg_max_i64(node, neighbour),
                   hash = hg_mix64(hg_mix64(hg_mix64(smaller) + larger) + (uint64_t)weight);
    reader->one_sided += node < neighbour ? hash : -hash;
}

static hg_status read_neighbour(struct reader *reader, hg_gid node, hg_gid neighbour, char **line)
{
    const struct hg_comm *comm = reader->import->comm;
    int64_t weight = 0;
    bool found = true;
    if (neighbour < 1 || neighbour > reader->nodes)
        return hg_text_fail(&reader->text, "a neighbour outside 1..nodes", NULL);
    if (neighbour - 1 == node)
        return hg_text_fail(&reader->text, "a node is its own neighbour, which the format does not allow",
                            NULL);
    if (reader->features.cols > 0) HG_TRY(next_number(reader, line, &weight, &found));
    if (!found) return hg_text_fail(&reader->text, "the last neighbour has no weight", NULL);
    if (reader->features.cols > 0 && weight < 1)
        return hg_text_fail(&reader->text, "weights of edges are above 0", NULL);
    add_side(reader, node, neighbour - 1, weight);
    const hg_gid id = reader->seen++;
    if (node / BLOCK_NODES % comm->size != comm->rank) return HG_OK;
    return hg_import_text_edge(reader->import, &reader->features, node, neighbour - 1, id,
                               &(double){(double)weight});
}

static hg_status read_node(struct reader *reader, hg_gid node)
{
    char *line = NULL;
    int64_t number = 0;
    bool found = true;
    HG_TRY(next_line(reader, &line));
    if (line == NULL)
        return hg_fail(HG_FAILED, reader->text.stream.what, "ends after %lld of %lld nodes", (long long)node,
                       (long long)reader->nodes);
    for (int64_t k = 0; k < reader->skipped && found; k++)
        HG_TRY(next_number(reader, &line, &number, &found));
    if (!found) return hg_text_fail(&reader->text, "size and weights of the node expected", NULL);
    for (;;) {
        HG_TRY(next_number(reader, &line, &number, &found));
        if (!found) return HG_OK;
        HG_TRY(read_neighbour(reader, node, number, &line));
    }
}

static hg_status read_end(struct reader *reader)
{
    char *line = NULL;
    do HG_TRY(next_line(reader, &line));
    while (line != NULL && hg_text_blank(line));
    if (line != NULL) return hg_text_fail(&reader->text, "more lines than the header says nodes", NULL);
    if (reader->seen != 2 * reader->edges)
        return hg_fail(HG_FAILED, reader->text.stream.what,
                       "%lld neighbours: its first line says %lld edges, which have %lld",
                       (long long)reader->seen, (long long)reader->edges, (long long)(2 * reader->edges));
    if (reader->one_sided != 0)
        return hg_fail(
            HG_FAILED, reader->text.stream.what,
            "an edge is in the line of one of its ends only, or has two weights: the format has each "
            "edge in the lines of both ends");
    return HG_OK;
}

static hg_status read_all(struct reader *reader)
{
    if (reader->import->options->build.undirected)
        return hg_fail(HG_USAGE, "undirected", "a graph file of METIS is undirected already");
    HG_TRY(hg_text_open(reader->import->options->source, &reader->text));
    HG_TRY(read_header(reader));
    HG_TRY(hg_stream_check_size(reader->text.stream.what, reader->nodes));
    for (hg_gid node = 0; node < reader->nodes; node++) HG_TRY(read_node(reader, node));
    return read_end(reader);
}

static hg_status read_edges(struct hg_import *import, struct hg_edge_lines *lines)
{
    struct reader reader = {.import = import};
    const hg_status status = read_all(&reader);
    hg_text_close(&reader.text);
    import->edges.attr_cols = reader.features.cols;
    *lines = (struct hg_edge_lines){.nodes = reader.nodes, .sized = true};
    if (status == HG_OK)
        hg_note(import->options->notes, import->options->source,
                "METIS: nodes are numbered from 1 in the file, from 0 here%s%s",
                reader.features.cols > 0 ? "; weights of edges are an edge feature" : "",
                reader.skipped > 0 ? "; sizes and weights of nodes are skipped" : "");
    return status;
}

static const char *const endings[] = {".graph", ".metis", NULL};

const struct hg_importer hg_importer_metis = {
    /* of the other kinds, text with control characters: the message then says which line is wrong */
    .kinds = 1 << HG_FILE_TEXT | 1 << HG_FILE_GZIP | 1 << HG_FILE_OTHER,
    .endings = endings,
    .read_edges = read_edges};
