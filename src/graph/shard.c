#include "graph/shard.h"

#include "base/mem.h"

static void side_destroy(struct hg_side *side)
{
    hg_plan_destroy(&side->plan);
    HG_FREE(side->indptr);
    HG_FREE(side->indices);
    HG_FREE(side->edge_id);
    HG_FREE(side->edge_attr);
    HG_FREE(side->imported);
    HG_FREE(side->order);
    HG_FREE(side->interior);
}

void hg_shard_destroy(struct hg_shard *shard)
{
    side_destroy(&shard->in_side);
    side_destroy(&shard->out_side);
    HG_FREE(shard->cell_offset);
    shard->in = shard->out = NULL;
    shard->owned = shard->cells = 0;
}
