#include "graph/rows_from_edges.h"

#include "base/mem.h"
#include "base/rng.h"
#include "dist/route.h"
#include <stdlib.h>
#include <string.h>

/* An edge that is sent to the owner of its target. Edges of a row are sorted by (source, order). `order` is the
 * number in the imported edge list; added reverse edges come after all imported ones, in the order of the edges that
 * they reverse. */
struct record {
    hg_gid target, source;
    int64_t order;
    hg_real attr[]; /* [Fe] */
};

/* Bit of `order` that marks an added reverse edge. */
static const int64_t ADDED = (int64_t)1 << 62;

/* An array of records of `bytes` bytes each. */
struct records {
    char *data;
    size_t bytes;
    int64_t count;
};

static struct record *record_at(const struct records *records, int64_t k)
{
    return (struct record *)(void *)(records->data + (size_t)k * records->bytes);
}

static size_t record_bytes(int64_t attr_cols)
{
    const size_t bytes = sizeof(struct record) + (size_t)attr_cols * sizeof(hg_real);
    return (bytes + 7) / 8 * 8;
}

static hg_status edges_grow(struct hg_edges *edges)
{
    const int64_t needed = edges->count + 1;
    int64_t capacity[4] = {edges->capacity, edges->capacity, edges->capacity,
                           edges->capacity * edges->attr_cols};
    HG_TRY(HG_RESERVE(edges->source, &capacity[0], needed));
    HG_TRY(HG_RESERVE(edges->target, &capacity[1], needed));
    HG_TRY(HG_RESERVE(edges->id, &capacity[2], needed));
    HG_TRY(HG_RESERVE(edges->attr, &capacity[3], capacity[0] * edges->attr_cols));
    edges->capacity = capacity[0];
    return HG_OK;
}

hg_status hg_edges_append(struct hg_edges *edges, hg_gid source, hg_gid target, hg_gid id,
                          const hg_real *attr)
{
    if (edges->count == edges->capacity) HG_TRY(edges_grow(edges));
    const int64_t k = edges->count++;
    edges->source[k] = source;
    edges->target[k] = target;
    edges->id[k] = id;
    for (int64_t f = 0; f < edges->attr_cols; f++) edges->attr[k * edges->attr_cols + f] = attr[f];
    return HG_OK;
}

void hg_edges_destroy(struct hg_edges *edges)
{
    hg_mem_free(edges->source);
    hg_mem_free(edges->target);
    hg_mem_free(edges->id);
    hg_mem_free(edges->attr);
    *edges = (struct hg_edges){0};
}

static hg_status check_ids(const struct hg_edges *edges, const struct hg_graph_info *info)
{
    const char *what = info->name[0] != '\0' ? info->name : "graph";
    for (int64_t k = 0; k < edges->count; k++) {
        const hg_gid j = edges->source[k], i = edges->target[k];
        const bool source_bad = j < 0 || j >= info->num_nodes;
        if (source_bad || i < 0 || i >= info->num_nodes)
            return hg_fail(HG_FAILED, what, "edge %lld: node %lld outside 0..%lld", (long long)edges->id[k],
                           (long long)(source_bad ? j : i), (long long)info->num_nodes - 1);
    }
    return HG_OK;
}

static void write_record(const struct records *records, int64_t at, const struct hg_edges *edges, int64_t k,
                         bool reverse)
{
    struct record *record = record_at(records, at);
    record->target = reverse ? edges->source[k] : edges->target[k];
    record->source = reverse ? edges->target[k] : edges->source[k];
    record->order = edges->id[k] | (reverse ? ADDED : 0);
    for (int64_t f = 0; f < edges->attr_cols; f++) record->attr[f] = edges->attr[k * edges->attr_cols + f];
}

/* Edges, and their reverses where asked for, as records grouped by the owner of the target. */
static hg_status pack(const struct hg_edges *edges, bool reverses, hg_gid nodes, struct hg_route *route,
                      struct records *out)
{
    const int size = route->comm->size;
    for (int64_t k = 0; k < edges->count; k++) {
        hg_route_count(route, hg_block_owner(nodes, size, edges->target[k]), 1);
        if (reverses) hg_route_count(route, hg_block_owner(nodes, size, edges->source[k]), 1);
    }
    out->data = hg_mem_alloc(route->count, out->bytes);
    if (out->data == NULL) return HG_NOMEM;
    hg_route_pack(route);
    for (int64_t k = 0; k < edges->count; k++) {
        const int owner = hg_block_owner(nodes, size, edges->target[k]);
        write_record(out, hg_route_next(route, owner, 1), edges, k, false);
        if (!reverses) continue;
        const int reverse_owner = hg_block_owner(nodes, size, edges->source[k]);
        write_record(out, hg_route_next(route, reverse_owner, 1), edges, k, true);
    }
    return HG_OK;
}

/* Sends every record to the owner of its target. Frees the edges. Collective. */
static hg_status distribute(const struct hg_comm *comm, struct hg_edges *edges, bool reverses, hg_gid nodes,
                            struct records *mine)
{
    struct records packed = {.bytes = mine->bytes};
    struct hg_route route;
    void *received = NULL;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = pack(edges, reverses, nodes, &route, &packed);
    hg_edges_destroy(edges);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, mine->bytes, packed.data, &received);
    mine->data = received;
    mine->count = route.arrived;
    hg_mem_free(packed.data);
    hg_route_destroy(&route);
    return status;
}

static int by_source(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    if (x->source != y->source) return x->source < y->source ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

/* Groups the records by row (counting sort), then sorts each row; rows->indptr becomes the index of the sorted
 * records. */
static hg_status sort_records(struct hg_node_table *rows, hg_gid first, struct records *records)
{
    struct records sorted = *records;
    hg_eid *indptr = rows->indptr;
    sorted.data = hg_mem_alloc(records->count, records->bytes);
    if (sorted.data == NULL) return HG_NOMEM;
    for (int64_t k = 0; k < records->count; k++) indptr[record_at(records, k)->target - first + 1]++;
    for (int64_t i = 0; i < rows->count; i++) indptr[i + 1] += indptr[i];
    for (int64_t k = records->count - 1; k >= 0; k--) {
        const struct record *from = record_at(records, k);
        memcpy(record_at(&sorted, --indptr[from->target - first + 1]), from, records->bytes);
    }
    /* the loop has moved each indptr[i + 1] to the start of row i */
    memmove(indptr, indptr + 1, (size_t)rows->count * sizeof *indptr);
    indptr[rows->count] = records->count;
    hg_mem_free(records->data);
    *records = sorted;
    for (int64_t i = 0; i < rows->count; i++)
        qsort(record_at(records, indptr[i]), (size_t)(indptr[i + 1] - indptr[i]), records->bytes, by_source);
    return HG_OK;
}

/* Merges parallel edges: features of later copies are added to the first. Returns the number of edges that remain. */
static int64_t merge_copies(struct hg_node_table *rows, int64_t attr_cols, const struct records *records)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < rows->count; i++) {
        const hg_eid begin = rows->indptr[i], start = kept;
        rows->indptr[i] = start;
        for (hg_eid e = begin; e < rows->indptr[i + 1]; e++) {
            const struct record *copy = record_at(records, e);
            struct record *last = kept > start ? record_at(records, kept - 1) : NULL;
            if (last != NULL && last->source == copy->source)
                for (int64_t f = 0; f < attr_cols; f++) last->attr[f] += copy->attr[f];
            else
                memmove(record_at(records, kept++), copy, records->bytes);
        }
    }
    rows->indptr[rows->count] = kept;
    return kept;
}

static hg_status unpack(struct hg_node_table *rows, int64_t attr_cols, const struct records *records)
{
    HG_TRY(HG_NEW(rows->indices, records->count));
    HG_TRY(HG_NEW(rows->edge_id, records->count));
    if (attr_cols > 0) HG_TRY(HG_NEW(rows->edge_attr, records->count * attr_cols));
    for (int64_t e = 0; e < records->count; e++) {
        const struct record *record = record_at(records, e);
        rows->indices[e] = record->source;
        rows->edge_id[e] = record->order & ADDED ? -1 : record->order;
        for (int64_t f = 0; f < attr_cols; f++) rows->edge_attr[e * attr_cols + f] = record->attr[f];
    }
    return HG_OK;
}

/* A 64-bit hash of the o-th copy (o = ordinal) of edge (source, target) and its features. */
static struct hg_rng edge_hash(struct hg_rng key, hg_gid source, hg_gid target, int64_t ordinal, int64_t cols,
                               const hg_real *attr)
{
    struct hg_rng hash =
        hg_rng_fold(hg_rng_fold(key, (uint64_t)source, (uint64_t)target), (uint64_t)ordinal, 0);
    for (int64_t f = 0; f < cols; f++) {
        const double value = (double)attr[f] + 0.0; /* so that -0 and 0 have the same bits */
        uint64_t bits = 0;
        memcpy(&bits, &value, sizeof bits);
        hash = hg_rng_fold(hash, bits, 0);
    }
    return hash;
}

static uint64_t word(struct hg_rng hash)
{
    return (uint64_t)hash.key[0] << 32 | hash.key[1];
}

/* difference[h] = sum over the rank's edges of hash_h(j, i, o, features) - hash_h(i, j, o, features), for two
 * independent hashes h. */
static void reverse_difference(const struct hg_node_table *rows, uint64_t difference[2])
{
    const int64_t cols = rows->info.num_edge_features;
    for (int64_t i = 0; i < rows->count; i++) {
        int64_t ordinal = 0;
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const hg_gid source = rows->indices[e], target = rows->imported[i];
            const hg_real *attr = cols > 0 ? rows->edge_attr + e * cols : NULL;
            ordinal = e > rows->indptr[i] && rows->indices[e - 1] == source ? ordinal + 1 : 0;
            for (uint32_t h = 0; h < 2; h++) {
                const struct hg_rng key = {{0x48616c6fu, h}};
                difference[h] += word(edge_hash(key, source, target, ordinal, cols, attr)) -
                                 word(edge_hash(key, target, source, ordinal, cols, attr));
            }
        }
    }
}

/* Whether the edges and their reversed edges are the same multiset: whether the sums of their members' hashes are
 * equal (Clarke et al., "Incremental multiset hash functions", ASIACRYPT 2003). This needs no memory and sends no
 * edges; a wrong answer has probability 2^-128. Collective. */
static bool is_symmetric(const struct hg_comm *comm, const struct hg_node_table *rows)
{
    uint64_t difference[2] = {0, 0};
    reverse_difference(rows, difference);
    int64_t halves[4]; /* sums modulo 2^64, as halves of 32 bits, whose sums cannot overflow */
    for (int h = 0; h < 2; h++) {
        halves[2 * h] = (int64_t)(difference[h] >> 32);
        halves[2 * h + 1] = (int64_t)(difference[h] & UINT32_MAX);
    }
    hg_comm_sum_i64(comm, halves, 4);
    for (int h = 0; h < 2; h++)
        if (((uint64_t)halves[2 * h] << 32) + (uint64_t)halves[2 * h + 1] != 0) return false;
    return true;
}

/* Converts the rank's records to rows. Local. */
static hg_status finish_rows(const struct hg_comm *comm, struct hg_node_table *rows, bool merge,
                             struct records *records)
{
    const hg_gid first = hg_block_range(rows->info.num_nodes, comm->rank, comm->size).first;
    HG_TRY(hg_node_table_begin_block(comm, rows));
    HG_TRY(sort_records(rows, first, records));
    if (merge) records->count = merge_copies(rows, rows->info.num_edge_features, records);
    return unpack(rows, rows->info.num_edge_features, records);
}

hg_status hg_build_rows(const struct hg_comm *comm, struct hg_edges *edges,
                        const struct hg_build_options *options, struct hg_node_table *rows)
{
    struct records records = {.bytes = record_bytes(edges->attr_cols)};
    struct hg_graph_info *info = &rows->info;
    const bool merge = options->undirected && !options->keep_parallel;
    info->num_edge_features = edges->attr_cols;
    hg_status status = hg_agree(comm, check_ids(edges, info));
    if (status == HG_OK) status = distribute(comm, edges, options->undirected, info->num_nodes, &records);
    hg_edges_destroy(edges);
    if (status == HG_OK) status = hg_agree(comm, finish_rows(comm, rows, merge, &records));
    hg_mem_free(records.data);
    HG_TRY(status);
    info->num_edges = hg_node_table_edges(rows);
    hg_comm_sum_i64(comm, &info->num_edges, 1);
    info->symmetric = is_symmetric(comm, rows);
    return HG_OK;
}
