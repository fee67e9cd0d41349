#include "graph/shard.h"

#include "base/mem.h"

static void forget_order(struct hg_side *side)
{
    HG_FREE(side->order);
    HG_FREE(side->interior);
    HG_FREE(side->finish);
    hg_hubs_destroy(&side->hubs);
}

void hg_side_destroy(struct hg_side *side)
{
    hg_plan_destroy(&side->plan);
    HG_FREE(side->indptr);
    HG_FREE(side->indices);
    HG_FREE(side->edge_id);
    HG_FREE(side->edge_attr);
    HG_FREE(side->imported);
    forget_order(side);
}

bool hg_side_needs_halo(const struct hg_side *side, hg_lid i, hg_lid owned)
{
    for (hg_eid e = side->indptr[i]; e < side->indptr[i + 1]; e++)
        if (side->indices[e] >= owned) return true;
    return false;
}

/* Appends the kept rows of a cell that are no hubs and need halo, or do not. */
static hg_lid append(const struct hg_shard *shard, const uint8_t *keep, struct hg_side *side, hg_lid cell,
                     bool with_halo, hg_lid place)
{
    for (hg_lid i = shard->cell_offset[cell]; i < shard->cell_offset[cell + 1]; i++)
        if ((keep == NULL || keep[i]) && !hg_is_hub(side, i, shard->hub_edges) &&
            hg_side_needs_halo(side, i, shard->owned) == with_halo)
            side->order[place++] = i;
    return place;
}

hg_status hg_side_order(const struct hg_shard *shard, const uint8_t *keep, struct hg_side *side)
{
    HG_TRY(HG_NEW(side->order, shard->owned));
    HG_TRY(HG_NEW(side->interior, shard->cells));
    HG_TRY(HG_NEW(side->finish, shard->cells));
    for (hg_lid c = 0; c < shard->cells; c++) {
        side->interior[c] = append(shard, keep, side, c, false, shard->cell_offset[c]);
        side->finish[c] = append(shard, keep, side, c, true, side->interior[c]);
    }
    return hg_hubs_create(side, shard->owned, shard->hub_edges, &side->hubs);
}

hg_status hg_shard_order(struct hg_shard *shard, hg_eid hub_edges)
{
    struct hg_side *const sides[] = {&shard->in_side, &shard->out_side};
    shard->hub_edges = hub_edges;
    for (int k = 0; k < (shard->symmetric ? 1 : 2); k++) {
        forget_order(sides[k]);
        HG_TRY(hg_side_order(shard, NULL, sides[k]));
    }
    return HG_OK;
}

void hg_shard_destroy(struct hg_shard *shard)
{
    hg_side_destroy(&shard->in_side);
    hg_side_destroy(&shard->out_side);
    HG_FREE(shard->cell_offset);
    shard->in = shard->out = NULL;
    shard->owned = shard->cells = 0;
}
