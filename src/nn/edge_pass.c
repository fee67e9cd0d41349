#include "nn/edge_pass.h"

/* One half of a pass (interior or boundary): the context of run_piece. */
struct half {
    const struct hg_edge_pass *pass;
    const struct hg_shard *shard;
    hg_lid first, parts; /* range of its parts of hubs */
    bool boundary;
};

/* Pieces are parts of hubs first, then cells. Parts are large and all of one size; cells, some of which are small,
 * come last, so that threads finish at about the same time. */
static void run_piece(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct half *half = context;
    const struct hg_edge_pass *pass = half->pass;
    const struct hg_adjacency *adjacency = pass->adjacency;
    if (piece < half->parts) {
        pass->functions->part(pass->layer, half->first + piece, thread);
        return;
    }
    const hg_lid cell = piece - half->parts;
    const hg_lid begin = half->boundary ? adjacency->interior_end[cell] : half->shard->cell_offset[cell];
    const hg_lid end = half->boundary ? adjacency->boundary_end[cell] : adjacency->interior_end[cell];
    pass->functions->rows(pass->layer, adjacency->order + begin, end - begin, thread);
}

void hg_edge_pass_interior(const struct hg_edge_pass *pass, struct hg_workspace *work,
                           struct hg_exchange *poll)
{
    struct half half = {pass, work->shard, 0, pass->adjacency->hubs.interior_parts, false};
    hg_workspace_pieces(work, half.parts + work->shard->cells, run_piece, &half, poll);
}

static void join_hub(void *context, hg_lid hub, struct hg_thread *thread)
{
    const struct hg_edge_pass *pass = context;
    (void)thread;
    pass->functions->join(pass->layer, hub);
}

void hg_edge_pass_boundary(const struct hg_edge_pass *pass, struct hg_workspace *work)
{
    const struct hg_hubs *hubs = &pass->adjacency->hubs;
    struct half half = {pass, work->shard, hubs->interior_parts, hubs->parts - hubs->interior_parts, true};
    hg_workspace_pieces(work, half.parts + work->shard->cells, run_piece, &half, NULL);
    hg_workspace_pieces(work, hubs->count, join_hub, (void *)(uintptr_t)pass, NULL);
}
