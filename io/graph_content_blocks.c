/* Combines hashes of nodes into hashes of blocks of nodes, and these into the hash of the graph. */
#include "io/graph_content_private.h"

#include "base/mem.h"
#include "dist/route.h"
#include "io/hdf5/h5_stored.h"
#include <string.h>

/* Appends "NAME COLUMNS TYPE\n" to the header when the data set `set` exists. */
static hg_status add_line(const struct hg_h5 *file, const char *set, const char *name, int64_t columns,
                          char header[HG_CONTENT_HEADER])
{
    const size_t used = strlen(header);
    struct hg_h5_stored stored;
    if (!hg_h5_exists(file, set)) return HG_OK;
    HG_TRY(hg_h5_describe_stored(file, set, &stored));
    snprintf(header + used, HG_CONTENT_HEADER - used, "%s %lld %s\n", name, (long long)columns, stored.code);
    return HG_OK;
}

hg_status hg_content_header(const struct hg_h5 *file, const struct hg_graph_info *info,
                            char header[HG_CONTENT_HEADER])
{
    snprintf(header, HG_CONTENT_HEADER, "halogat content 1\nnodes %lld\nedges %lld\n",
             (long long)info->num_nodes, (long long)info->num_edges);
    if (info->num_edge_features > 0)
        HG_TRY(add_line(file, "/graph/edge_attr", "edge_attr", info->num_edge_features, header));
    if (info->num_features > 0)
        HG_TRY(info->sparse ? add_line(file, "/node/x_csr/data", "x_csr", info->num_features, header)
                            : add_line(file, "/node/x", "x", info->num_features, header));
    HG_TRY(add_line(file, "/node/y", hg_task_name[info->task], info->num_outputs, header));
    for (int s = 0; s < HG_SPLITS; s++) {
        const size_t used = strlen(header);
        if (info->has_split[s])
            snprintf(header + used, HG_CONTENT_HEADER - used, "%s %lld\n", hg_split_name[s],
                     (long long)info->num_splits);
    }
    return HG_OK;
}

/* The blocks of nodes that this rank hashes. */
struct blocks {
    const struct hg_comm *comm;
    const char *what, *header; /* the file's name in messages; the first bytes that each block hashes */
    hg_gid num_nodes;          /* of the whole graph */
    int64_t count;             /* blocks of the whole graph */
    struct hg_range mine;      /* blocks of this rank */
    hg_gid first, end;         /* nodes in these blocks, by imported id */
    uint8_t (*node)[SHA256_DIGEST_SIZE];  /* [end - first] hashes of nodes */
    uint8_t (*block)[SHA256_DIGEST_SIZE]; /* [mine] hashes of blocks */
};

static hg_status not_once(const struct blocks *b)
{
    return hg_fail(HG_FAILED, b->what, "/node/original does not name each node once");
}

/* Sorts the hashes that arrived by imported id into b->node; fails unless each node of the blocks is there once. */
static hg_status sort_nodes(struct blocks *b, const struct hg_node_digest *arrived, int64_t n)
{
    uint8_t *seen = NULL;
    hg_status status = HG_NEW(b->node, b->end - b->first);
    if (status == HG_OK) status = HG_NEW(seen, b->end - b->first);
    bool once = n == b->end - b->first;
    for (int64_t k = 0; k < n && once && status == HG_OK; k++) {
        const hg_gid index_in_block = arrived[k].node - b->first;
        once = arrived[k].node < b->end && !seen[index_in_block];
        if (!once) break;
        seen[index_in_block] = 1;
        memcpy(b->node[index_in_block], arrived[k].digest, SHA256_DIGEST_SIZE);
    }
    hg_mem_free(seen);
    return status == HG_OK && !once ? not_once(b) : status;
}

static hg_status hash_blocks(struct blocks *b)
{
    HG_TRY(HG_NEW(b->block, b->mine.end - b->mine.first));
    for (int64_t k = b->mine.first; k < b->mine.end; k++) {
        const hg_gid first = k * HG_CONTENT_BLOCK, end = hg_min_i64(first + HG_CONTENT_BLOCK, b->num_nodes);
        struct sha256_ctx context;
        sha256_init(&context);
        sha256_update(&context, strlen(b->header), (const uint8_t *)b->header);
        sha256_update(&context, (size_t)(end - first) * SHA256_DIGEST_SIZE, b->node[first - b->first]);
        sha256_digest(&context, SHA256_DIGEST_SIZE, b->block[k - b->mine.first]);
    }
    return HG_OK;
}

/* The hash of all blocks' hashes, which rank 0 gathers; every rank gets it. Collective. */
static hg_status hash_graph(const struct blocks *b, char hex[HG_CONTENT_BYTES])
{
    int64_t *counts = NULL;
    void *all = NULL;
    hg_status status = hg_agree(b->comm, HG_NEW(counts, b->comm->size));
    if (status == HG_OK)
        status = hg_comm_gather(b->comm, SHA256_DIGEST_SIZE, b->block, b->mine.end - b->mine.first, 0, &all,
                                counts);
    if (status == HG_OK) {
        if (b->comm->rank == 0) {
            struct sha256_ctx context;
            uint8_t digest[SHA256_DIGEST_SIZE];
            sha256_init(&context);
            sha256_update(&context, (size_t)b->count * SHA256_DIGEST_SIZE, all);
            sha256_digest(&context, sizeof digest, digest);
            hg_sha256_print(digest, hex);
        }
        hg_comm_bcast(b->comm, hex, HG_CONTENT_BYTES, 0);
    }
    hg_mem_free(all);
    hg_mem_free(counts);
    return status;
}

/* The rank that hashes the block of a node. */
static int owner_of(const struct blocks *b, hg_gid node)
{
    return hg_block_owner(b->count, b->comm->size, node / HG_CONTENT_BLOCK);
}

/* Groups the hashes of nodes by the rank that hashes their block: makes the route and newly allocated *grouped; NULL
 * when they are grouped already, as in a file in imported order. */
static hg_status group(struct hg_route *route, const struct blocks *b, const struct hg_node_digest *nodes,
                       int64_t count, struct hg_node_digest **grouped)
{
    int last = 0;
    bool already = true;
    HG_TRY(hg_route_create(b->comm, route));
    for (int64_t k = 0; k < count; k++) {
        if (nodes[k].node < 0 || nodes[k].node >= b->num_nodes) return not_once(b);
        const int owner = owner_of(b, nodes[k].node);
        already = already && owner >= last;
        last = owner;
        hg_route_count(route, owner, 1);
    }
    if (already) return HG_OK;
    HG_TRY(HG_NEW_UNSET(*grouped, count));
    hg_route_pack(route);
    for (int64_t k = 0; k < count; k++)
        (*grouped)[hg_route_next(route, owner_of(b, nodes[k].node), 1)] = nodes[k];
    return HG_OK;
}

static hg_status collect(struct blocks *b, const struct hg_node_digest *nodes, int64_t count)
{
    struct hg_route route = {0};
    struct hg_node_digest *grouped = NULL;
    void *arrived = NULL;
    hg_status status = hg_agree(b->comm, group(&route, b, nodes, count, &grouped));
    if (status == HG_OK)
        status = hg_route_send(&route, sizeof *nodes, grouped != NULL ? grouped : nodes, &arrived);
    hg_mem_free(grouped);
    if (status == HG_OK) status = hg_agree(b->comm, sort_nodes(b, arrived, route.arrived));
    hg_mem_free(arrived);
    hg_route_destroy(&route);
    return status;
}

hg_status hg_content_of_nodes(const struct hg_comm *comm, const char *what, const char *header,
                              hg_gid num_nodes, const struct hg_node_digest *nodes, int64_t count,
                              char hex[HG_CONTENT_BYTES])
{
    struct blocks b = {.comm = comm, .what = what, .header = header, .num_nodes = num_nodes};
    b.count = (num_nodes + HG_CONTENT_BLOCK - 1) / HG_CONTENT_BLOCK;
    b.mine = hg_block_range(b.count, comm->rank, comm->size);
    b.first = hg_min_i64(b.mine.first * HG_CONTENT_BLOCK, num_nodes);
    b.end = hg_min_i64(b.mine.end * HG_CONTENT_BLOCK, num_nodes);
    hg_status status = collect(&b, nodes, count);
    if (status == HG_OK) status = hg_agree(comm, hash_blocks(&b));
    if (status == HG_OK) status = hash_graph(&b, hex);
    hg_mem_free(b.node);
    hg_mem_free(b.block);
    return status;
}
