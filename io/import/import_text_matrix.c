/* Reads a MatrixMarket file as a graph: the entry in row i and column j is an edge i -> j, its value an edge
 * feature. */
#include "io/import/import_text.h"
#include "io/import/matrix_market.h"

enum { BLOCK_EDGES = 65536 };

/* State of reading the edges. */
struct reader {
    struct hg_import *import;
    struct hg_text_edge_features features;
    int64_t seen, nodes; /* edges visited so far; rows of the matrix */
};

static hg_status check_header(struct reader *reader, const struct hg_matrix_market *matrix)
{
    const struct hg_import_options *options = reader->import->options;
    if (!matrix->sparse)
        return hg_fail(HG_FAILED, options->source,
                       "a graph is read from a coordinate matrix, not from an array");
    if (matrix->rows != matrix->cols)
        return hg_fail(HG_FAILED, options->source,
                       "%lld rows and %lld columns: a graph needs as many rows as columns",
                       (long long)matrix->rows, (long long)matrix->cols);
    reader->nodes = matrix->rows;
    reader->features.cols = matrix->pattern ? 0 : 1;
    hg_note(options->notes, options->source,
            "MatrixMarket: an entry (i, j) is an edge from node i - 1 to node j - 1%s",
            matrix->pattern ? "" : ", its value an edge feature");
    return HG_OK;
}

static hg_status read_entry(void *context, const struct hg_matrix_market *matrix,
                            const struct hg_matrix_entry *entry)
{
    struct reader *reader = context;
    const struct hg_comm *comm = reader->import->comm;
    if (entry == NULL) return check_header(reader, matrix);
    const int64_t id = reader->seen++;
    if (id / BLOCK_EDGES % comm->size != comm->rank) return HG_OK;
    return hg_import_text_edge(reader->import, &reader->features, entry->row, entry->col, id, &entry->value);
}

hg_status hg_import_text_matrix(struct hg_import *import, struct hg_edge_lines *lines)
{
    struct reader reader = {.import = import};
    HG_TRY(hg_matrix_market_each(import->options->source, read_entry, &reader));
    import->edges.attr_cols = reader.features.cols;
    *lines = (struct hg_edge_lines){.nodes = reader.nodes, .sized = true};
    return HG_OK;
}
