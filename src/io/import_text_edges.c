#include "base/mem.h"
#include "io/import_text.h"
#include "io/text.h"

enum { BLOCK_LINES = 65536 };

/* An edge list on its way in. */
struct reader {
    struct hg_text text;
    struct hg_edges *edges;
    hg_real *attr;  /* [Fe] of the line */
    int64_t needed; /* largest node + 1 */
};

static hg_status bad_line(const struct reader *reader, const char *why, const char *field)
{
    return hg_fail(HG_FAILED, reader->text.stream.what, "line %lld: %s%s%s", (long long)reader->text.line,
                   why, field != NULL ? ": " : "", field != NULL ? field : "");
}

static hg_status parse_node(struct reader *reader, char **line, hg_gid *node)
{
    const char *field = hg_text_field(line);
    if (field == NULL) return bad_line(reader, "source and target expected", NULL);
    if (!hg_text_integer(field, node)) return bad_line(reader, "not a node id", field);
    if (*node < 0 || *node == INT64_MAX) return bad_line(reader, "node id out of range", field);
    reader->needed = hg_max_i64(reader->needed, *node + 1);
    return HG_OK;
}

static hg_status parse_edge(struct reader *reader, char *line, hg_gid id)
{
    hg_gid source = 0, target = 0;
    HG_TRY(parse_node(reader, &line, &source));
    HG_TRY(parse_node(reader, &line, &target));
    for (int64_t f = 0; f < reader->edges->attr_cols; f++) {
        const char *field = hg_text_field(&line);
        double value = 0;
        if (field == NULL) return bad_line(reader, "fewer columns than the first edge has", NULL);
        if (!hg_text_number(field, &value)) return bad_line(reader, "not a number", field);
        reader->attr[f] = (hg_real)value;
        if (!(reader->attr[f] - reader->attr[f] == 0)) return bad_line(reader, "not finite", field);
    }
    if (hg_text_field(&line) != NULL) return bad_line(reader, "more columns than the first edge has", NULL);
    return hg_edges_append(reader->edges, source, target, id, reader->attr);
}

/* The first edge tells the number of features. */
static hg_status begin_edges(struct reader *reader, const char *line)
{
    const int64_t fields = hg_text_count_fields(line);
    if (fields < 2) return bad_line(reader, "source and target expected", NULL);
    reader->edges->attr_cols = fields - 2;
    return HG_NEW(reader->attr, fields - 2);
}

static hg_status read_edges(struct reader *reader, int rank, int size)
{
    char *line = NULL;
    bool first = true;
    for (int64_t id = 0;; id++) {
        HG_TRY(hg_text_next_data(&reader->text, &first, &line));
        if (line == NULL) return HG_OK;
        if (id == 0) HG_TRY(begin_edges(reader, line));
        if (id / BLOCK_LINES % size == rank) HG_TRY(parse_edge(reader, line, id));
    }
}

hg_status hg_import_text_edges(struct hg_import *import, int64_t *needed)
{
    struct reader reader = {.edges = &import->edges};
    hg_status status = hg_text_open(import->options->source, &reader.text);
    if (status == HG_OK) status = read_edges(&reader, import->comm->rank, import->comm->size);
    hg_text_close(&reader.text);
    hg_mem_free(reader.attr);
    *needed = reader.needed;
    return status;
}
