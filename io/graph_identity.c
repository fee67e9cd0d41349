/* Checks that all ranks have opened the same graph: compares sizes, content_sha256, the cells and samples of data
 * sets. */
#include "base/mem.h"
#include "dist/facts.h"
#include "io/graph_file_private.h"
#include "io/hdf5/h5_stored.h"
#include "io/sha256.h"
#include <string.h>

enum { PIECES = 8, PIECE_BYTES = 4096 };

static void add_sizes(const struct hg_graph_info *info, struct hg_facts *facts)
{
    const struct {
        const char *name;
        int64_t value;
    } sizes[] = {
        {"num_nodes", info->num_nodes},       {"num_edges", info->num_edges},
        {"num_features", info->num_features}, {"num_outputs", info->num_outputs},
        {"symmetric", info->symmetric},       {"num_edge_features", info->num_edge_features},
        {"num_splits", info->num_splits},
    };
    if (info->content[0] != '\0') hg_facts_add(facts, HG_GRAPH_CONTENT, "%s", info->content);
    hg_facts_add(facts, "task", "%s", hg_task_name[info->task]);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        hg_facts_add(facts, sizes[k].name, "%lld", (long long)sizes[k].value);
}

/* Chooses PIECES pieces, evenly spaced over the rows; of a small data set, all rows. */
static struct hg_h5_pieces choose_pieces(const struct hg_h5_stored *stored)
{
    const int64_t length = hg_max_i64(1, PIECE_BYTES / hg_max_i64(1, (int64_t)stored->row_bytes));
    if (stored->rows <= PIECES * length) return (struct hg_h5_pieces){0, stored->rows, 1, stored->rows};
    return (struct hg_h5_pieces){0, (stored->rows - length) / (PIECES - 1), PIECES, length};
}

static hg_status hash_sample(const struct hg_h5 *file, const char *set, const struct hg_h5_stored *stored,
                             char hex[HG_SHA256_TEXT])
{
    const struct hg_h5_pieces pieces = choose_pieces(stored);
    const int64_t rows = pieces.count * pieces.length;
    uint8_t *data = hg_mem_alloc(rows, stored->row_bytes);
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    hg_status status = data != NULL ? hg_h5_read_stored(file, set, &pieces, data) : HG_NOMEM;
    if (status == HG_OK) {
        sha256_init(&context);
        sha256_update(&context, (size_t)rows * stored->row_bytes, data);
        sha256_digest(&context, sizeof digest, digest);
        hg_sha256_print(digest, hex);
    }
    hg_mem_free(data);
    return status;
}

static hg_status add_sample(const struct hg_h5 *file, const char *set, struct hg_facts *facts)
{
    char hex[HG_SHA256_TEXT];
    struct hg_h5_stored stored;
    if (!hg_h5_exists(file, set)) return HG_OK;
    HG_TRY(hg_h5_describe_stored(file, set, &stored));
    HG_TRY(hash_sample(file, set, &stored, hex));
    hg_facts_add(facts, set, "%lld rows of %zu bytes (%s; sample %.16s)", (long long)stored.rows,
                 stored.row_bytes, stored.code, hex);
    return HG_OK;
}

static hg_status add_samples(const struct hg_h5 *file, struct hg_facts *facts)
{
    static const char *const sets[] = {
        "/graph/indptr", "/graph/indices",     "/graph/edge_attr",    "/graph/edge_id",
        "/node/x",       "/node/x_csr/indptr", "/node/x_csr/indices", "/node/x_csr/data",
        "/node/y",       "/node/split/train",  "/node/split/val",     "/node/split/test",
        "/node/graph",   "/node/name",         "/node/class_name",    "/node/original",
    };
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) HG_TRY(add_sample(file, sets[k], facts));
    return HG_OK;
}

static void update(struct sha256_ctx *context, const int64_t *values, int64_t n)
{
    sha256_update(context, (size_t)n * sizeof *values, (const uint8_t *)values);
}

/* Adds a hash of all cells: every rank has read them whole, and they decide which rank owns which node. */
static void add_cells(const struct hg_cells *cells, struct hg_facts *facts)
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char hex[HG_SHA256_TEXT];
    if (cells->count == 0) return;
    const int64_t pairs = cells->indptr[cells->count];
    sha256_init(&context);
    update(&context, cells->offsets, cells->count + 1);
    update(&context, cells->indptr, cells->count + 1);
    update(&context, cells->indices, pairs);
    update(&context, cells->weight, pairs);
    if (cells->nets.indptr != NULL) {
        update(&context, cells->nets.indptr, cells->nets.count + 1);
        update(&context, cells->nets.cells, cells->nets.indptr[cells->nets.count]);
        update(&context, cells->nets.rows, cells->nets.count);
    }
    sha256_digest(&context, sizeof digest, digest);
    hg_sha256_print(digest, hex);
    hg_facts_add(facts, "cells", "%lld (%.16s)", (long long)cells->count, hex);
}

hg_status hg_graph_file_compare(const struct hg_comm *comm, const struct hg_h5 *file,
                                const struct hg_graph_info *info, const struct hg_cells *cells)
{
    struct hg_facts facts = {0};
    if (comm->size == 1) return HG_OK;
    add_sizes(info, &facts);
    add_cells(cells, &facts);
    hg_status status = hg_agree(comm, add_samples(file, &facts));
    if (status == HG_OK) status = hg_facts_compare(comm, HG_FAILED, file->path, &facts);
    hg_facts_destroy(&facts);
    return status;
}
