#include "io/graph_file_private.h"

#include "base/mem.h"
#include "dist/route.h"
#include <stdlib.h>
#include <string.h>

/* State of hg_graph_file_check: this rank has read the rows of its block of the stored order. */
struct check {
    const struct hg_comm *comm;
    const char *path;
    struct hg_range block;
    struct hg_node_table rows;
};

/* ids [n]: the imported ids in this rank's block that occur in the file. There are N rows, so /node/original is a
 * permutation if no id occurs twice. */
static hg_status check_once(const struct check *c, const hg_gid *ids, int64_t n)
{
    uint8_t *seen = NULL;
    hg_status status = HG_NEW(seen, c->block.end - c->block.first);
    for (int64_t k = 0; k < n && status == HG_OK; k++)
        if (seen[ids[k] - c->block.first]++)
            status = hg_fail(HG_FAILED, c->path, "/node/original has node %lld twice", (long long)ids[k]);
    hg_mem_free(seen);
    return status;
}

/* Checks that /node/original is a permutation. Collective. */
static hg_status check_permutation(const struct check *c)
{
    struct hg_route route;
    hg_gid *grouped = NULL;
    void *arrived = NULL;
    const struct hg_node_table *rows = &c->rows;
    hg_status status = hg_route_to_blocks(c->comm, rows->info.num_nodes, rows->imported, rows->count, &route);
    if (status == HG_OK) status = HG_NEW(grouped, rows->count);
    for (int64_t k = 0; k < rows->count && status == HG_OK; k++)
        grouped[route.position[k]] = rows->imported[k];
    status = hg_agree(c->comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *grouped, grouped, &arrived);
    if (status == HG_OK) status = hg_agree(c->comm, check_once(c, arrived, route.arrived));
    hg_mem_free(arrived);
    hg_mem_free(grouped);
    hg_route_destroy(&route);
    return status;
}

/* sources [edges]: imported id of each edge's source; they must ascend within each row. */
static hg_status check_ascending(const struct check *c, const hg_gid *sources)
{
    const struct hg_node_table *rows = &c->rows;
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i] + 1; e < rows->indptr[i + 1]; e++)
            if (sources[e] < sources[e - 1])
                return hg_fail(HG_FAILED, c->path, "the sources of node %lld do not ascend",
                               (long long)rows->imported[i]);
    return HG_OK;
}

/* Checks the order of the edges in each row. Collective. */
static hg_status check_order(const struct check *c)
{
    const struct hg_node_table *rows = &c->rows;
    hg_gid *sources = NULL;
    hg_status status = hg_route_look_up(c->comm, rows->info.num_nodes, rows->imported, rows->indices,
                                        hg_node_table_edges(rows), &sources);
    if (status == HG_OK) status = hg_agree(c->comm, check_ascending(c, sources));
    hg_mem_free(sources);
    return status;
}

/* An edge of one row, in a record that can be sorted and compared; the edge's features follow it in memory. */
struct edge_record {
    hg_gid row, other; /* stored ids of the edge's target and source; of a reversed edge, source and target */
    int64_t copy;      /* index among parallel edges */
};

static int compare_records(const void *a, const void *b)
{
    struct edge_record left, right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    if (left.row != right.row) return left.row < right.row ? -1 : 1;
    if (left.other != right.other) return left.other < right.other ? -1 : 1;
    return (left.copy > right.copy) - (left.copy < right.copy);
}

/* Makes the records of all edges, `bytes` each, in newly allocated *records. With order NULL: the edges themselves,
 * in order; else their reverses, that of edge e at index order[e]. */
static hg_status make_records(const struct hg_node_table *rows, const int64_t *order, size_t bytes,
                              char **records)
{
    const size_t attr = bytes - sizeof(struct edge_record);
    *records = hg_mem_alloc(hg_node_table_edges(rows), bytes);
    if (*records == NULL) return HG_NOMEM;
    int64_t copy = 0;
    for (int64_t i = 0; i < rows->count; i++)
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const hg_gid source = rows->indices[e], target = rows->stored[i];
            copy = e > rows->indptr[i] && source == rows->indices[e - 1] ? copy + 1 : 0;
            const struct edge_record seen = {target, source, copy}, reverse = {source, target, copy};
            char *at = *records + (size_t)(order != NULL ? order[e] : e) * bytes;
            memcpy(at, order != NULL ? &reverse : &seen, sizeof seen);
            if (attr > 0) memcpy(at + sizeof seen, (const char *)rows->edge_attr + (size_t)e * attr, attr);
        }
    return HG_OK;
}

/* Compares the n reversed edges that arrived with the edges of these rows: they must be equal, features included. */
static hg_status compare(const struct check *c, size_t bytes, char *reverses, int64_t n)
{
    char *own = NULL;
    const hg_eid edges = hg_node_table_edges(&c->rows);
    hg_status status = make_records(&c->rows, NULL, bytes, &own);
    if (status == HG_OK) {
        qsort(own, (size_t)edges, bytes, compare_records);
        qsort(reverses, (size_t)n, bytes, compare_records);
        if (n != edges || memcmp(own, reverses, (size_t)n * bytes) != 0)
            status = hg_graph_file_not_symmetric(c->path);
    }
    hg_mem_free(own);
    return status;
}

/* Sends the reverse of each edge to the rank that holds its target, and compares. edges: the route of this rank's
 * edges to the ranks of their sources. Collective. */
static hg_status check_symmetric(const struct check *c, struct hg_route *edges)
{
    const size_t bytes =
        sizeof(struct edge_record) + (size_t)c->rows.info.num_edge_features * sizeof(hg_real);
    char *reverses = NULL;
    void *arrived = NULL;
    if (!c->rows.info.symmetric) return HG_OK;
    hg_status status = hg_agree(c->comm, make_records(&c->rows, edges->position, bytes, &reverses));
    if (status == HG_OK) status = hg_route_send(edges, bytes, reverses, &arrived);
    if (status == HG_OK) status = hg_agree(c->comm, compare(c, bytes, arrived, edges->arrived));
    hg_mem_free(arrived);
    hg_mem_free(reverses);
    return status;
}

static hg_status check_rows(const struct check *c)
{
    struct hg_route edges;
    const struct hg_node_table *rows = &c->rows;
    HG_TRY(check_permutation(c));
    HG_TRY(check_order(c));
    hg_status status =
        hg_route_to_blocks(c->comm, rows->info.num_nodes, rows->indices, hg_node_table_edges(rows), &edges);
    status = hg_agree(c->comm, status);
    if (status == HG_OK) status = check_symmetric(c, &edges);
    hg_route_destroy(&edges);
    return status;
}

/* Checks that `said`, the file's content_sha256 ("": it has none), is the hash of its contents. Collective. */
static hg_status check_content(const struct hg_comm *comm, const char *path, const char *said)
{
    char hex[HG_CONTENT_BYTES];
    if (said[0] == '\0') return HG_OK;
    HG_TRY(hg_graph_content(comm, path, path, hex));
    if (strcmp(said, hex) == 0) return HG_OK;
    return hg_fail(HG_FAILED, path,
                   "its contents were changed: content_sha256 says %.12s..., they give %.12s...", said, hex);
}

hg_status hg_graph_file_check(const struct hg_comm *comm, const char *path)
{
    struct hg_graph_info info;
    struct hg_cells cells;
    struct check c = {.comm = comm, .path = path};
    HG_TRY(hg_graph_file_open(comm, path, &info, &cells));
    c.block = hg_block_range(info.num_nodes, comm->rank, comm->size);
    hg_cells_destroy(&cells);
    hg_status status = hg_graph_file_read(comm, path, &c.block, 1, HG_READ_EDGE_IDS, &c.rows);
    if (status == HG_OK) status = hg_graph_file_unchanged(path, &info, &c.rows);
    hg_graph_info_destroy(&info);
    if (status == HG_OK) status = check_rows(&c);
    if (status == HG_OK) status = hg_graph_file_check_uncovered(comm, path, &c.rows);
    if (status == HG_OK) status = check_content(comm, path, c.rows.info.content);
    hg_node_table_destroy(&c.rows);
    return status;
}
