/* Checks what content_sha256 does not cover: edge ids, numbers of graphs, names. */
#include "io/graph_file_private.h"

#include "base/mem.h"
#include "base/printable.h"
#include "dist/route.h"
#include "dist/sort.h"
#include <string.h>

static hg_status check_once(const char *path, int64_t *ids, int64_t n)
{
    struct hg_keys keys = {n, n, (uint64_t *)ids};
    hg_status status = hg_keys_sort(&keys);
    for (int64_t k = 1; k < n && status == HG_OK; k++)
        if (keys.key[k] == keys.key[k - 1])
            status = hg_fail(HG_FAILED, path, "/graph/edge_id has edge %lld twice", (long long)keys.key[k]);
    hg_keys_destroy(&keys);
    return status;
}

/* Groups edge ids by the rank that checks them, id modulo the number of ranks: equal ids meet on one rank, and ids
 * with gaps are still spread evenly. -1 means "no id". */
static hg_status group_ids(const struct hg_node_table *rows, struct hg_route *route, int64_t **grouped)
{
    const hg_eid edges = hg_node_table_edges(rows);
    const int64_t *id = rows->edge_id;
    const int ranks = route->comm->size;
    for (hg_eid e = 0; e < edges; e++)
        if (id[e] >= 0) hg_route_count(route, (int)(id[e] % ranks), 1);
    HG_TRY(HG_NEW_UNSET(*grouped, route->count));
    hg_route_pack(route);
    for (hg_eid e = 0; e < edges; e++)
        if (id[e] >= 0) (*grouped)[hg_route_next(route, (int)(id[e] % ranks), 1)] = id[e];
    return HG_OK;
}

/* Checks that no edge id occurs twice. Collective. */
static hg_status check_edge_ids(const struct hg_comm *comm, const char *path,
                                const struct hg_node_table *rows)
{
    struct hg_route route = {0};
    int64_t *grouped = NULL;
    void *arrived = NULL;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = group_ids(rows, &route, &grouped);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *grouped, grouped, &arrived);
    if (status == HG_OK) status = hg_agree(comm, check_once(path, arrived, route.arrived));
    hg_route_destroy(&route);
    hg_mem_free(grouped);
    return status;
}

static hg_status check_graphs(const char *path, const struct hg_node_table *rows)
{
    for (int64_t i = 0; rows->graph != NULL && i < rows->count; i++)
        if (rows->graph[i] < 0)
            return hg_fail(HG_FAILED, path, "/node/graph of node %lld is %d", (long long)rows->imported[i],
                           (int)rows->graph[i]);
    return HG_OK;
}

/* Whether text of fixed width, null-padded to `bytes` bytes, is UTF-8. */
static bool is_utf8(const char *text, int64_t bytes)
{
    return hg_is_utf8(text, strnlen(text, (size_t)bytes));
}

static hg_status check_names(const char *path, const struct hg_node_table *rows)
{
    const struct hg_graph_info *info = &rows->info;
    for (int64_t c = 0; info->class_name != NULL && c < info->num_outputs; c++)
        if (!is_utf8(info->class_name + c * info->class_bytes, info->class_bytes))
            return hg_fail(HG_FAILED, path, "the name of class %lld is not UTF-8", (long long)c);
    for (int64_t i = 0; rows->name_text != NULL && i < rows->count; i++)
        if (!is_utf8(rows->name_text + i * info->name_bytes, info->name_bytes))
            return hg_fail(HG_FAILED, path, "the name of node %lld is not UTF-8",
                           (long long)rows->imported[i]);
    return HG_OK;
}

hg_status hg_graph_file_check_uncovered(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows)
{
    hg_status status = check_graphs(path, rows);
    if (status == HG_OK) status = check_names(path, rows);
    HG_TRY(hg_agree(comm, status));
    return check_edge_ids(comm, path, rows);
}
