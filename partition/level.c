#include "partition/level.h"

#include "base/mem.h"

void hg_level_destroy(struct hg_level *level)
{
    hg_blocks_destroy(&level->blocks);
    hg_route_destroy(&level->from_owners);
    HG_FREE(level->indptr);
    HG_FREE(level->neighbour);
    HG_FREE(level->edge_weight);
    HG_FREE(level->weight);
    HG_FREE(level->in_degree);
    HG_FREE(level->sources);
    HG_FREE(level->group);
    HG_FREE(level->requested);
}

/* The ids of neighbours that other ranks own. */
static hg_status collect_ghosts(const struct hg_level *level, struct hg_keys *ghosts)
{
    for (int64_t e = 0; e < level->indptr[level->owned]; e++)
        if (!hg_blocks_own(&level->blocks, level->neighbour[e]))
            HG_TRY(hg_keys_insert(ghosts, level->neighbour[e]));
    return hg_keys_unique(ghosts, 0);
}

static void to_local(struct hg_level *level, const struct hg_key_index *ghosts)
{
    const int64_t first = hg_blocks_first(&level->blocks);
    for (int64_t e = 0; e < level->indptr[level->owned]; e++) {
        const uint32_t id = level->neighbour[e];
        level->neighbour[e] =
            (uint32_t)(hg_blocks_own(&level->blocks, id) ? id - first
                                                         : level->owned + hg_key_index_find(ghosts, id));
    }
}

/* Numbers the ghosts, and counts by owner what is asked for: *ids [ghosts] ascend, so they are grouped by owner. */
static hg_status number_ghosts(struct hg_level *level, struct hg_keys *ghosts, uint32_t **ids)
{
    struct hg_key_index index = {0};
    HG_TRY(collect_ghosts(level, ghosts));
    HG_TRY(hg_route_create(level->blocks.comm, &level->from_owners));
    HG_TRY(HG_NEW_UNSET(*ids, ghosts->count));
    const hg_status status = hg_key_index_create(ghosts, &index);
    if (status == HG_OK) to_local(level, &index);
    hg_key_index_destroy(&index);
    level->ghosts = ghosts->count;
    for (int64_t k = 0; k < ghosts->count; k++) {
        (*ids)[k] = (uint32_t)ghosts->key[k];
        hg_route_count(&level->from_owners, hg_blocks_owner(&level->blocks, (*ids)[k]), 1);
    }
    return status;
}

hg_status hg_level_connect(struct hg_level *level)
{
    struct hg_keys ghosts = {0};
    uint32_t *ids = NULL;
    void *arrived = NULL;
    hg_status status = hg_agree(level->blocks.comm, number_ghosts(level, &ghosts, &ids));
    if (status == HG_OK) status = hg_route_send(&level->from_owners, sizeof *ids, ids, &arrived);
    level->requested = arrived;
    for (int64_t k = 0; status == HG_OK && k < level->from_owners.arrived; k++)
        level->requested[k] -= (uint32_t)hg_blocks_first(&level->blocks);
    hg_mem_free(ids);
    hg_keys_destroy(&ghosts);
    return status;
}

hg_status hg_level_refresh(const struct hg_level *level, uint64_t *values)
{
    uint64_t *answer = NULL;
    void *back = NULL;
    hg_status status = hg_agree(level->blocks.comm, HG_NEW_UNSET(answer, level->from_owners.arrived));
    if (status == HG_OK) {
        for (int64_t k = 0; k < level->from_owners.arrived; k++) answer[k] = values[level->requested[k]];
        status = hg_route_answer(&level->from_owners, sizeof *answer, answer, &back);
    }
    for (int64_t k = 0; status == HG_OK && k < level->ghosts; k++)
        values[level->owned + k] = ((const uint64_t *)back)[k];
    hg_mem_free(back);
    hg_mem_free(answer);
    return status;
}

/* Numbers and groups of the nodes, ghosts included: id << 32 | group. Collective. */
static hg_status name_nodes(const struct hg_level *graph, const uint32_t *group, uint64_t **named)
{
    HG_TRY(hg_agree(graph->blocks.comm, HG_NEW_UNSET(*named, graph->owned + graph->ghosts)));
    for (int64_t v = 0; v < graph->owned; v++) (*named)[v] = (uint64_t)hg_level_id(graph, v) << 32 | group[v];
    return hg_level_refresh(graph, *named);
}

/* Copies the nodes, and the edges within groups, with the ids of their other ends. */
static hg_status copy_groups(const struct hg_level *graph, const uint64_t *named, struct hg_level *level)
{
    level->owned = graph->owned;
    HG_TRY(HG_NEW(level->indptr, graph->owned + 1));
    HG_TRY(HG_NEW_UNSET(level->neighbour, graph->indptr[graph->owned]));
    HG_TRY(HG_NEW_UNSET(level->weight, graph->owned));
    HG_TRY(HG_NEW_UNSET(level->group, graph->owned));
    int64_t kept = 0;
    for (int64_t v = 0; v < graph->owned; v++) {
        level->weight[v] = graph->weight[v];
        level->group[v] = (uint32_t)named[v];
        for (int64_t e = graph->indptr[v]; e < graph->indptr[v + 1]; e++) {
            const uint64_t other = named[graph->neighbour[e]];
            if ((uint32_t)other == (uint32_t)named[v]) level->neighbour[kept++] = (uint32_t)(other >> 32);
        }
        level->indptr[v + 1] = kept;
    }
    return HG_OK;
}

hg_status hg_level_of_groups(const struct hg_level *graph, const uint32_t *group, struct hg_level *level)
{
    const struct hg_comm *comm = graph->blocks.comm;
    uint64_t *named = NULL;
    *level = (struct hg_level){0};
    HG_TRY(hg_blocks_create(comm, graph->owned, &level->blocks));
    hg_status status = name_nodes(graph, group, &named);
    if (status == HG_OK) status = hg_agree(comm, copy_groups(graph, named, level));
    hg_mem_free(named);
    return status == HG_OK ? hg_level_connect(level) : status;
}
