/* Hashes each node of a graph file from the bytes as stored; graph_content_blocks.c combines these hashes. */
#include "io/graph_content_private.h"

#include "base/alive.h"
#include "base/mem.h"
#include "dist/route.h"
#include "io/graph_file_private.h"
#include "io/hdf5/h5_stored.h"

enum { PIECE_BYTES = 1 << 22, TABLES = 2 + HG_SPLITS };

/* Data sets in CSR form: edges with their features, or sparse node features. Arrays hold the present piece. */
struct list {
    const char *indptr_set, *ids_set, *data_set; /* names of the data sets; data_set NULL: no data */
    size_t bytes;                                /* data per item */
    int64_t *indptr;                             /* [rows + 1], offsets in the file */
    int64_t *ids;                                /* [items] sources or columns */
    uint8_t *data;                               /* [items, bytes] */
};

/* A data set with a fixed number of bytes per row: dense features, targets, masks. */
struct table {
    const char *set; /* name of the data set */
    size_t bytes;    /* per row */
    bool is_mask;  /* a mask: converted to one byte per element, since files store masks in different types */
    uint8_t *data; /* [rows, bytes] the present piece */
};

/* The file that is hashed, and the piece of it that is in memory. */
struct reader {
    const struct hg_comm *comm;
    struct hg_h5 file;
    struct hg_graph_info info;
    bool ordered;                 /* in cell order: stored sources are indices in it, not imported ids */
    struct hg_range mine;         /* rows that this rank hashes, in the stored order */
    hg_gid *imported;             /* [mine] imported ids */
    struct hg_node_digest *nodes; /* [mine] */
    int64_t piece_rows, done;     /* rows of a piece; rows hashed so far */
    struct list lists[2];
    struct table tables[TABLES];
    int num_lists, num_tables;
};

/* Sets *bytes to the bytes per row of a data set; leaves it when the data set does not exist. */
static hg_status width(const struct reader *r, const char *set, size_t *bytes)
{
    struct hg_h5_stored stored;
    if (!hg_h5_exists(&r->file, set)) return HG_OK;
    HG_TRY(hg_h5_describe_stored(&r->file, set, &stored));
    *bytes = stored.row_bytes;
    return HG_OK;
}

static hg_status plan_features(struct reader *r)
{
    if (r->info.num_features == 0) return HG_OK;
    if (!r->info.sparse) {
        struct table *x = &r->tables[r->num_tables++];
        x->set = "/node/x";
        return width(r, x->set, &x->bytes);
    }
    struct list *x = &r->lists[r->num_lists++];
    *x = (struct list){"/node/x_csr/indptr", "/node/x_csr/indices", "/node/x_csr/data", 0, NULL, NULL, NULL};
    return width(r, x->data_set, &x->bytes);
}

/* Lists the data sets that are hashed, in the order defined by docs/formats.md: edges, features, labels, masks. */
static hg_status plan(struct reader *r)
{
    static const char *const masks[HG_SPLITS] = {"/node/split/train", "/node/split/val", "/node/split/test"};
    struct list *edges = &r->lists[r->num_lists++];
    *edges = (struct list){.indptr_set = "/graph/indptr", .ids_set = "/graph/indices"};
    if (r->info.num_edge_features > 0) edges->data_set = "/graph/edge_attr";
    if (edges->data_set != NULL) HG_TRY(width(r, edges->data_set, &edges->bytes));
    HG_TRY(plan_features(r));
    if (r->info.has_labels) {
        struct table *y = &r->tables[r->num_tables++];
        y->set = "/node/y";
        HG_TRY(width(r, y->set, &y->bytes));
    }
    for (int s = 0; s < HG_SPLITS; s++)
        if (r->info.has_split[s])
            r->tables[r->num_tables++] =
                (struct table){.set = masks[s], .bytes = (size_t)r->info.num_splits, .is_mask = true};
    return HG_OK;
}

/* Rows of a piece, estimated so that it takes about PIECE_BYTES of memory. It is equal on every rank, because each
 * piece is a collective round. */
static int64_t choose_piece(const struct reader *r)
{
    double bytes = 64; /* per row */
    for (int k = 0; k < r->num_tables; k++) bytes += (double)r->tables[k].bytes;
    bytes += (double)r->info.num_edges / (double)r->info.num_nodes * (double)(32 + r->lists[0].bytes);
    if (r->num_lists > 1) bytes += 16 * 64;
    return hg_max_i64(1, (int64_t)(PIECE_BYTES / bytes));
}

static hg_status begin(struct reader *r, const char *path, const char *shown)
{
    HG_TRY(hg_h5_open(path, &r->file));
    r->file.path = shown;
    HG_TRY(hg_graph_file_describe(&r->file, &r->info));
    HG_TRY(plan(r));
    r->piece_rows = choose_piece(r);
    r->ordered = hg_graph_file_has_cells(&r->file);
    r->mine = hg_block_range(r->info.num_nodes, r->comm->rank, r->comm->size);
    HG_TRY(HG_NEW(r->nodes, r->mine.end - r->mine.first));
    HG_TRY(HG_NEW(r->imported, r->mine.end - r->mine.first));
    for (hg_gid i = r->mine.first; i < r->mine.end; i++) r->imported[i - r->mine.first] = i;
    return r->ordered ? hg_h5_read_rows(&r->file, "/node/original", HG_H5_INT64, r->mine, r->imported)
                      : HG_OK;
}

static void free_piece(struct reader *r)
{
    for (int k = 0; k < r->num_lists; k++) {
        HG_FREE(r->lists[k].indptr);
        HG_FREE(r->lists[k].ids);
        HG_FREE(r->lists[k].data);
    }
    for (int k = 0; k < r->num_tables; k++) HG_FREE(r->tables[k].data);
}

static hg_status read_stored(const struct hg_h5 *file, const char *set, size_t bytes, struct hg_range rows,
                             uint8_t **data)
{
    const int64_t n = rows.end - rows.first;
    const struct hg_h5_pieces piece = {rows.first, n, 1, n};
    *data = hg_mem_alloc(n, bytes);
    return *data != NULL ? hg_h5_read_stored(file, set, &piece, *data) : HG_NOMEM;
}

static hg_status read_list(const struct hg_h5 *file, struct hg_range rows, struct list *list)
{
    const int64_t n = rows.end - rows.first;
    HG_TRY(HG_NEW(list->indptr, n + 1));
    HG_TRY(hg_h5_read_rows(file, list->indptr_set, HG_H5_INT64, (struct hg_range){rows.first, rows.end + 1},
                           list->indptr));
    for (int64_t k = 0; k < n; k++)
        if (list->indptr[k] < 0 || list->indptr[k] > list->indptr[k + 1])
            return hg_fail(HG_FAILED, file->path, "data set %s does not ascend at row %lld", list->indptr_set,
                           (long long)(rows.first + k));
    const struct hg_range items = {list->indptr[0], list->indptr[n]};
    HG_TRY(HG_NEW(list->ids, items.end - items.first));
    HG_TRY(hg_h5_read_rows(file, list->ids_set, HG_H5_INT64, items, list->ids));
    return list->data_set != NULL ? read_stored(file, list->data_set, list->bytes, items, &list->data)
                                  : HG_OK;
}

static hg_status read_table(const struct hg_h5 *file, struct hg_range rows, struct table *table)
{
    if (!table->is_mask) return read_stored(file, table->set, table->bytes, rows, &table->data);
    table->data = hg_mem_alloc(rows.end - rows.first, table->bytes);
    return table->data != NULL ? hg_h5_read_rows(file, table->set, HG_H5_TRUTH, rows, table->data) : HG_NOMEM;
}

static hg_status read_piece(struct reader *r, struct hg_range rows)
{
    for (int k = 0; k < r->num_lists; k++) HG_TRY(read_list(&r->file, rows, &r->lists[k]));
    for (int k = 0; k < r->num_tables; k++) HG_TRY(read_table(&r->file, rows, &r->tables[k]));
    return HG_OK;
}

/* Replaces the sources, which are indices in the cell order, by their imported ids: asks the ranks that hold those
 * rows. Collective. */
static hg_status translate_sources(struct reader *r, int64_t rows)
{
    struct list *edges = &r->lists[0];
    const int64_t n = edges->indptr != NULL ? edges->indptr[rows] - edges->indptr[0] : 0;
    int64_t *imported = NULL;
    HG_TRY(hg_route_look_up(r->comm, r->info.num_nodes, r->imported, edges->ids, n, &imported));
    hg_mem_free(edges->ids);
    edges->ids = imported;
    return HG_OK;
}

static void hash_list(struct sha256_ctx *context, const struct list *list, int64_t row)
{
    const int64_t count = list->indptr[row + 1] - list->indptr[row], at = list->indptr[row] - list->indptr[0];
    sha256_update(context, sizeof count, (const uint8_t *)&count);
    sha256_update(context, (size_t)count * sizeof *list->ids, (const uint8_t *)(list->ids + at));
    if (list->data != NULL)
        sha256_update(context, (size_t)count * list->bytes, list->data + (size_t)at * list->bytes);
}

static void hash_piece(struct reader *r, int64_t rows)
{
#pragma omp parallel for schedule(dynamic, 256)
    for (int64_t k = 0; k < rows; k++) {
        struct sha256_ctx context;
        struct hg_node_digest *node = &r->nodes[r->done + k];
        sha256_init(&context);
        for (int l = 0; l < r->num_lists; l++) hash_list(&context, &r->lists[l], k);
        for (int t = 0; t < r->num_tables; t++)
            sha256_update(&context, r->tables[t].bytes, r->tables[t].data + (size_t)k * r->tables[t].bytes);
        sha256_digest(&context, sizeof node->digest, node->digest);
        node->node = r->imported[r->done + k];
    }
}

/* Reads and hashes one piece on each rank; the piece is empty on ranks that have no rows left. Collective. */
static hg_status round_of_pieces(struct reader *r)
{
    const hg_gid first = r->mine.first + r->done;
    const int64_t rows = hg_min_i64(r->piece_rows, r->mine.end - first);
    HG_TRY(hg_agree(r->comm, read_piece(r, (struct hg_range){first, first + rows})));
    if (r->ordered) HG_TRY(translate_sources(r, rows));
    hash_piece(r, rows);
    r->done += rows;
    hg_alive_done(r->done);
    return HG_OK;
}

static hg_status hash_nodes(struct reader *r)
{
    const struct hg_range largest = hg_block_range(r->info.num_nodes, 0, r->comm->size);
    hg_status status = HG_OK;
    hg_alive_phase("hashing the graph", -1);
    hg_alive_total("nodes", r->mine.end - r->mine.first);
    for (int64_t k = 0; k < largest.end && status == HG_OK; k += r->piece_rows) {
        status = round_of_pieces(r);
        free_piece(r);
    }
    return status;
}

hg_status hg_graph_content(const struct hg_comm *comm, const char *path, const char *shown,
                           char hex[HG_CONTENT_BYTES])
{
    char header[HG_CONTENT_HEADER];
    struct reader r = {.comm = comm, .file = {.id = -1}};
    hg_status status = begin(&r, path, shown);
    if (status == HG_OK) status = hg_content_header(&r.file, &r.info, header);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hash_nodes(&r);
    if (status == HG_OK)
        status = hg_content_of_nodes(comm, shown, header, r.info.num_nodes, r.nodes, r.done, hex);
    hg_h5_close(&r.file);
    hg_graph_info_destroy(&r.info);
    hg_mem_free(r.nodes);
    hg_mem_free(r.imported);
    return status;
}
