#include "graph/shard.h"

#include "base/mem.h"

static void destroy_order(struct hg_adjacency *adjacency)
{
    HG_FREE(adjacency->order);
    HG_FREE(adjacency->interior_end);
    HG_FREE(adjacency->boundary_end);
    hg_hubs_destroy(&adjacency->hubs);
}

void hg_adjacency_destroy(struct hg_adjacency *adjacency)
{
    hg_plan_destroy(&adjacency->plan);
    HG_FREE(adjacency->indptr);
    HG_FREE(adjacency->indices);
    HG_FREE(adjacency->edge_id);
    HG_FREE(adjacency->edge_attr);
    HG_FREE(adjacency->imported);
    destroy_order(adjacency);
}

bool hg_adjacency_needs_halo(const struct hg_adjacency *adjacency, hg_lid i, hg_lid owned)
{
    for (hg_eid e = adjacency->indptr[i]; e < adjacency->indptr[i + 1]; e++)
        if (adjacency->indices[e] >= owned) return true;
    return false;
}

/* Appends to `order`, from index `index` on, the kept rows of a cell that are not hubs and have halo among their
 * neighbours (with_halo), or have none. Returns the index after the last. */
static hg_lid append(const struct hg_shard *shard, const uint8_t *keep, struct hg_adjacency *adjacency,
                     hg_lid cell, bool with_halo, hg_lid index)
{
    for (hg_lid i = shard->cell_offset[cell]; i < shard->cell_offset[cell + 1]; i++)
        if ((keep == NULL || keep[i]) && !hg_is_hub(adjacency, i, shard->hub_edges) &&
            hg_adjacency_needs_halo(adjacency, i, shard->owned) == with_halo)
            adjacency->order[index++] = i;
    return index;
}

hg_status hg_adjacency_order(const struct hg_shard *shard, const uint8_t *keep,
                             struct hg_adjacency *adjacency)
{
    HG_TRY(HG_NEW(adjacency->order, shard->owned));
    HG_TRY(HG_NEW(adjacency->interior_end, shard->cells));
    HG_TRY(HG_NEW(adjacency->boundary_end, shard->cells));
    for (hg_lid c = 0; c < shard->cells; c++) {
        adjacency->interior_end[c] = append(shard, keep, adjacency, c, false, shard->cell_offset[c]);
        adjacency->boundary_end[c] = append(shard, keep, adjacency, c, true, adjacency->interior_end[c]);
    }
    return hg_hubs_create(adjacency, shard->owned, shard->hub_edges, &adjacency->hubs);
}

hg_status hg_shard_order(struct hg_shard *shard, hg_eid hub_edges)
{
    struct hg_adjacency *const adjacencies[] = {&shard->in_edges, &shard->out_edges};
    shard->hub_edges = hub_edges;
    for (int k = 0; k < (shard->symmetric ? 1 : 2); k++) {
        destroy_order(adjacencies[k]);
        HG_TRY(hg_adjacency_order(shard, NULL, adjacencies[k]));
    }
    return HG_OK;
}

void hg_shard_destroy(struct hg_shard *shard)
{
    hg_adjacency_destroy(&shard->in_edges);
    hg_adjacency_destroy(&shard->out_edges);
    HG_FREE(shard->cell_offset);
    shard->in = shard->out = NULL;
    shard->owned = shard->cells = 0;
}
