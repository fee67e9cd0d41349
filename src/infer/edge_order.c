#include "infer/edge_order.h"

#include "base/mem.h"
#include "dist/route.h"
#include <stdlib.h>

/* Results list three groups of edges, one after the other. */
enum group { IMPORTED, ADDED, LOOPS, GROUPS };

static enum group group_of(const struct hg_shard *shard, const struct hg_edge_list *list, int64_t k)
{
    if (list->id[k] >= 0) return IMPORTED;
    return shard->self_loops && list->ends[2 * k] == list->ends[2 * k + 1] ? LOOPS : ADDED;
}

static int64_t count_edges(const struct hg_shard *shard, const uint8_t *wanted)
{
    int64_t count = 0;
    for (hg_lid i = 0; i < shard->owned; i++)
        if (wanted == NULL || wanted[i]) count += shard->in->indptr[i + 1] - shard->in->indptr[i];
    return count;
}

static hg_status allocate(struct hg_edge_list *list)
{
    HG_TRY(HG_NEW(list->edge, list->count));
    HG_TRY(HG_NEW(list->ends, 2 * list->count));
    HG_TRY(HG_NEW(list->id, list->count));
    return HG_NEW(list->position, list->count);
}

static void fill(const struct hg_shard *shard, const uint8_t *wanted, struct hg_edge_list *list)
{
    const struct hg_adjacency *in = shard->in;
    int64_t k = 0;
    for (hg_lid i = 0; i < shard->owned; i++) {
        if (wanted != NULL && !wanted[i]) continue;
        for (hg_eid e = in->indptr[i]; e < in->indptr[i + 1]; e++, k++) {
            list->edge[k] = e;
            list->ends[2 * k] = in->imported[in->indices[e]];
            list->ends[2 * k + 1] = in->imported[i];
            list->id[k] = in->edge_id[e];
        }
    }
}

/* A key and its index among those that arrived. */
struct arrival {
    int64_t key, index;
};

static int by_key(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* positions [n] of the keys that arrived: the first is `base` plus the number of keys on lower ranks; they ascend by
 * key, and equal keys are in the order of arrival (they come from one rank, in its order). Sorts instead of indexing
 * by key, because keys come from a file and may be any numbers. */
static hg_status rank_keys(const struct hg_comm *comm, const int64_t *keys, int64_t n, int64_t base,
                           int64_t *positions)
{
    struct arrival *arrivals = NULL;
    const int64_t before = hg_comm_exscan_i64(comm, n);
    HG_TRY(HG_NEW(arrivals, n));
    for (int64_t k = 0; k < n; k++) arrivals[k] = (struct arrival){keys[k], k};
    qsort(arrivals, (size_t)n, sizeof *arrivals, by_key);
    for (int64_t k = 0; k < n; k++) positions[arrivals[k].index] = base + before + k;
    hg_mem_free(arrivals);
    return HG_OK;
}

/* position[k]: `base` plus the index of keys[k] in the sorted list of all ranks' keys, which are in 0..space-1.
 * Collective. */
static hg_status order_keys(const struct hg_comm *comm, int64_t space, const int64_t *keys, int64_t n,
                            int64_t base, int64_t *position)
{
    struct hg_route route = {0};
    void *arrived = NULL;
    int64_t *sending = NULL, *positions = NULL;
    hg_status status = hg_route_to_blocks(comm, space, keys, n, &route);
    if (status == HG_OK) status = HG_NEW(sending, n);
    for (int64_t k = 0; status == HG_OK && k < n; k++) sending[route.position[k]] = keys[k];
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *sending, sending, &arrived);
    if (status == HG_OK) status = hg_agree(comm, HG_NEW(positions, route.arrived));
    if (status == HG_OK) status = hg_agree(comm, rank_keys(comm, arrived, route.arrived, base, positions));
    if (status == HG_OK) status = hg_route_collect(&route, positions, position);
    hg_route_destroy(&route);
    hg_mem_free(sending);
    hg_mem_free(positions);
    hg_mem_free(arrived);
    return status;
}

/* Sets the positions of the edges of one group, by edge id or else by target; list->total: edges of the groups before
 * it, then including it. scratch [2 count]. Collective. */
static hg_status order_group(const struct hg_shard *shard, struct hg_edge_list *list, enum group group,
                             int64_t space, int64_t *scratch)
{
    int64_t *keys = scratch, *positions = scratch + list->count, n = 0;
    for (int64_t k = 0; k < list->count; k++)
        if (group_of(shard, list, k) == group)
            keys[n++] = group == IMPORTED ? list->id[k] : list->ends[2 * k + 1];
    int64_t total = n;
    hg_comm_sum_i64(shard->comm, &total, 1);
    HG_TRY(order_keys(shard->comm, space, keys, n, list->total, positions));
    list->total += total;
    n = 0;
    for (int64_t k = 0; k < list->count; k++)
        if (group_of(shard, list, k) == group) list->position[k] = positions[n++];
    return HG_OK;
}

static hg_status order_groups(const struct hg_shard *shard, struct hg_edge_list *list)
{
    int64_t *scratch = NULL, largest = -1;
    for (int64_t k = 0; k < list->count; k++) largest = hg_max_i64(largest, list->id[k]);
    hg_comm_max_i64(shard->comm, &largest, 1);
    hg_status status = hg_agree(shard->comm, HG_NEW(scratch, 2 * list->count));
    const int64_t space[GROUPS] = {largest + 1, shard->num_nodes, shard->num_nodes};
    for (int g = 0; g < GROUPS && status == HG_OK; g++)
        status = order_group(shard, list, (enum group)g, space[g], scratch);
    hg_mem_free(scratch);
    return status;
}

hg_status hg_edge_list_create(const struct hg_shard *shard, const uint8_t *wanted, struct hg_edge_list *list)
{
    *list = (struct hg_edge_list){.count = count_edges(shard, wanted)};
    HG_TRY(hg_agree(shard->comm, allocate(list)));
    fill(shard, wanted, list);
    return order_groups(shard, list);
}

void hg_edge_list_destroy(struct hg_edge_list *list)
{
    HG_FREE(list->edge);
    HG_FREE(list->ends);
    HG_FREE(list->id);
    HG_FREE(list->position);
}
