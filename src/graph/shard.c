#include "graph/shard.h"

#include "base/mem.h"

void hg_side_destroy(struct hg_side *side)
{
    hg_plan_destroy(&side->plan);
    HG_FREE(side->indptr);
    HG_FREE(side->indices);
    HG_FREE(side->edge_id);
    HG_FREE(side->edge_attr);
    HG_FREE(side->imported);
    HG_FREE(side->order);
    HG_FREE(side->interior);
    HG_FREE(side->finish);
}

static bool needs_halo(const struct hg_side *side, hg_lid i, hg_lid owned)
{
    for (hg_eid e = side->indptr[i]; e < side->indptr[i + 1]; e++)
        if (side->indices[e] >= owned) return true;
    return false;
}

/* Appends the kept rows [first, end) that need halo, or those that do not. */
static hg_lid append(const struct hg_shard *shard, const uint8_t *keep, struct hg_side *side, hg_lid cell,
                     bool with_halo, hg_lid place)
{
    for (hg_lid i = shard->cell_offset[cell]; i < shard->cell_offset[cell + 1]; i++)
        if ((keep == NULL || keep[i]) && needs_halo(side, i, shard->owned) == with_halo)
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
