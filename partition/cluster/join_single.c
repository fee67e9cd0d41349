#include "base/mem.h"
#include "partition/cluster/labels.h"
#include <stdlib.h>

/* Nodes without neighbours have no favourite: those whose ids agree but for the last bits join each other. */
enum { NEARBY_IDS = 4096 };

/* A node that is alone, as the owner of its favourite receives it. */
struct single {
    uint32_t favourite, group, id, weight;
};

static bool is_single(const struct hg_labels *labels, int64_t v)
{
    const struct hg_level *level = labels->level;
    return hg_label_of(labels->node[v]) == hg_level_id(level, v) && labels->size[v] == level->weight[v] &&
           level->weight[v] <= labels->limit / 2;
}

static uint32_t favourite_of(const struct hg_labels *labels, int64_t v)
{
    const uint32_t id = hg_level_id(labels->level, v);
    return labels->favourite[v] != HG_NO_LABEL ? labels->favourite[v] : id - id % NEARBY_IDS;
}

/* Packs the nodes that are alone by the owners of their favourites. */
static hg_status pack(const struct hg_labels *labels, struct hg_route *route, struct single **packed)
{
    const struct hg_blocks *blocks = &labels->blocks;
    const struct hg_level *level = labels->level;
    HG_TRY(hg_route_create(blocks->comm, route));
    for (int64_t v = 0; v < level->owned; v++)
        if (is_single(labels, v)) hg_route_count(route, hg_blocks_owner(blocks, favourite_of(labels, v)), 1);
    HG_TRY(HG_NEW_UNSET(*packed, route->count));
    hg_route_pack(route);
    for (int64_t v = 0; v < level->owned; v++) {
        if (!is_single(labels, v)) continue;
        const uint32_t favourite = favourite_of(labels, v);
        (*packed)[hg_route_next(route, hg_blocks_owner(blocks, favourite), 1)] = (struct single){
            favourite, level->group != NULL ? level->group[v] : 0, hg_level_id(level, v), level->weight[v]};
    }
    return HG_OK;
}

static int compare(const void *left, const void *right)
{
    const struct single *a = *(const struct single *const *)left, *b = *(const struct single *const *)right;
    if (a->favourite != b->favourite) return a->favourite < b->favourite ? -1 : 1;
    if (a->group != b->group) return a->group < b->group ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Nodes of one favourite and group, in the order of ids: each joins the first one of them, until its label is full.
 * leader [n]: the label that each node that arrived takes. */
static hg_status group(const struct single *arrived, int64_t n, uint32_t limit, uint32_t **leader)
{
    const struct single **sorted = NULL;
    hg_status status = HG_NEW_UNSET(*leader, n);
    if (status == HG_OK) status = HG_NEW_UNSET(sorted, n);
    if (status == HG_OK) {
        uint64_t size = 0;
        for (int64_t k = 0; k < n; k++) sorted[k] = arrived + k;
        qsort(sorted, (size_t)n, sizeof *sorted, compare);
        for (int64_t k = 0; k < n; k++) {
            const bool joins = k > 0 && sorted[k]->favourite == sorted[k - 1]->favourite &&
                               sorted[k]->group == sorted[k - 1]->group && size + sorted[k]->weight <= limit;
            (*leader)[sorted[k] - arrived] = joins ? (*leader)[sorted[k - 1] - arrived] : sorted[k]->id;
            size = (joins ? size : 0) + sorted[k]->weight;
        }
    }
    hg_mem_free(sorted);
    return status;
}

/* Gives the packed nodes their leaders' labels, and moves their weights. Collective. */
static hg_status apply(struct hg_labels *labels, const struct single *packed, const uint32_t *leader,
                       int64_t n)
{
    struct hg_entry *entries = NULL;
    int64_t count = 0;
    hg_status status = hg_agree(labels->blocks.comm, HG_NEW_UNSET(entries, 2 * n));
    for (int64_t k = 0; status == HG_OK && k < n; k++) {
        if (leader[k] == packed[k].id) continue;
        labels->node[packed[k].id - hg_blocks_first(&labels->blocks)] = hg_label_pack(leader[k], 0);
        entries[count++] = (struct hg_entry){leader[k], packed[k].weight};
        entries[count++] = (struct hg_entry){packed[k].id, -packed[k].weight};
    }
    if (status == HG_OK) status = hg_blocks_add(&labels->blocks, labels->size, entries, count);
    hg_mem_free(entries);
    return status == HG_OK ? hg_labels_refresh(labels) : status;
}

hg_status hg_labels_join_single(struct hg_labels *labels)
{
    const struct hg_comm *comm = labels->blocks.comm;
    struct hg_route route;
    struct single *packed = NULL;
    uint32_t *leader = NULL;
    void *arrived = NULL, *back = NULL;
    hg_status status = hg_agree(comm, pack(labels, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, sizeof *packed, packed, &arrived);
    if (status == HG_OK) status = hg_agree(comm, group(arrived, route.arrived, labels->limit, &leader));
    if (status == HG_OK) status = hg_route_answer(&route, sizeof *leader, leader, &back);
    if (status == HG_OK) status = apply(labels, packed, back, route.count);
    hg_mem_free(back);
    hg_mem_free(leader);
    hg_mem_free(arrived);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}
