#include "graph/shape.h"

#include "base/mem.h"

/* offset [n + 1]: `total` items divided evenly among n. */
static hg_status make_offsets(int64_t total, int n, int64_t **offset)
{
    HG_TRY(HG_NEW(*offset, (int64_t)n + 1));
    for (int k = 0; k < n; k++) (*offset)[k + 1] = hg_block_range(total, k, n).end;
    return HG_OK;
}

static hg_status imagine_plan(const struct hg_adjacency_shape *shape, int64_t owned, struct hg_plan *plan)
{
    *plan = (struct hg_plan){.owned = (hg_lid)owned,
                             .halo = (hg_lid)shape->halo,
                             .send_ranks = shape->send_ranks,
                             .recv_ranks = shape->recv_ranks};
    HG_TRY(HG_NEW(plan->send_rank, plan->send_ranks));
    HG_TRY(HG_NEW(plan->recv_rank, plan->recv_ranks));
    HG_TRY(HG_NEW(plan->send_row, shape->sent));
    HG_TRY(make_offsets(shape->sent, plan->send_ranks, &plan->send_offset));
    return make_offsets(shape->halo, plan->recv_ranks, &plan->recv_offset);
}

static hg_status imagine_order(const struct hg_adjacency_shape *shape, const struct hg_shard *shard,
                               struct hg_adjacency *adjacency)
{
    HG_TRY(HG_NEW(adjacency->order, shard->owned));
    HG_TRY(HG_NEW(adjacency->interior_end, shard->cells));
    HG_TRY(HG_NEW(adjacency->boundary_end, shard->cells));
    adjacency->hubs = (struct hg_hubs){.count = (hg_lid)shape->hubs, .parts = (hg_lid)shape->hub_parts};
    HG_TRY(HG_NEW(adjacency->hubs.first, shape->hubs + 1));
    return HG_NEW(adjacency->hubs.part, shape->hub_parts);
}

static hg_status imagine_adjacency(const struct hg_adjacency_shape *shape, const struct hg_shard *shard,
                                   struct hg_adjacency *adjacency)
{
    if (shard->owned + shape->halo > HG_LID_MAX)
        return hg_fail(HG_FAILED, "plan", "%lld rows and halo rows on one rank: more ranks are needed",
                       (long long)(shard->owned + shape->halo));
    HG_TRY(HG_NEW(adjacency->indptr, (int64_t)shard->owned + 1));
    adjacency->indptr[shard->owned] = shape->edges;
    HG_TRY(HG_NEW(adjacency->indices, shape->edges));
    if (shard->edge_features > 0) HG_TRY(HG_NEW(adjacency->edge_attr, shape->edges * shard->edge_features));
    HG_TRY(HG_NEW(adjacency->imported, shard->owned + shape->halo));
    HG_TRY(imagine_order(shape, shard, adjacency));
    return imagine_plan(shape, shard->owned, &adjacency->plan);
}

/* Cells of equal sizes; only their number matters, and that of all rows. */
static hg_status imagine_cells(struct hg_shard *shard)
{
    HG_TRY(HG_NEW(shard->cell_offset, (int64_t)shard->cells + 1));
    for (hg_lid c = 0; c < shard->cells; c++)
        shard->cell_offset[c + 1] = (hg_lid)hg_block_range(shard->owned, c, shard->cells).end;
    return HG_OK;
}

hg_status hg_shard_imagine(const struct hg_comm *comm, const struct hg_shard_shape *shape,
                           struct hg_shard *shard)
{
    *shard = (struct hg_shard){.comm = comm,
                               .num_nodes = shape->num_nodes,
                               .num_edges = shape->num_edges,
                               .num_cells = shape->num_cells,
                               .edge_features = shape->edge_features,
                               .max_cell = (hg_lid)hg_min_i64(shape->max_cell, HG_LID_MAX),
                               .hub_edges = HG_HUB_EDGES,
                               .symmetric = shape->symmetric,
                               .self_loops = shape->self_loops};
    shard->in = &shard->in_edges;
    shard->out = shape->symmetric ? &shard->in_edges : &shard->out_edges;
    if (shape->owned > HG_LID_MAX)
        return hg_fail(HG_FAILED, "plan", "%lld rows on one rank: more ranks are needed",
                       (long long)shape->owned);
    shard->owned = (hg_lid)shape->owned;
    shard->cells = (hg_lid)shape->cells;
    HG_TRY(imagine_cells(shard));
    HG_TRY(imagine_adjacency(&shape->in, shard, &shard->in_edges));
    return shape->symmetric ? HG_OK : imagine_adjacency(&shape->out, shard, &shard->out_edges);
}

static hg_status imagine_rows(const struct hg_shard *shard, int64_t count, struct hg_row_set *set)
{
    HG_TRY(HG_NEW(set->row, count));
    HG_TRY(HG_NEW(set->start, (int64_t)shard->cells + 1));
    set->start[shard->cells] = (hg_lid)count;
    return HG_OK;
}

/* Marks of all local rows, which hg_subgraph_needed has for the time of the call: one byte and one int64 of each. */
static hg_status imagine_marks(const struct hg_shard *shard)
{
    const int64_t local = shard->owned + (int64_t)shard->out->plan.halo;
    char *marks = NULL;
    HG_TRY(HG_NEW(marks, local * (int64_t)(sizeof(uint8_t) + sizeof(int64_t))));
    hg_mem_free(marks);
    return HG_OK;
}

hg_status hg_subgraph_imagine(const struct hg_shard *shard, const struct hg_subgraph_shape *shape,
                              struct hg_subgraph *subgraph)
{
    *subgraph = (struct hg_subgraph){0};
    if (shape->whole) return hg_subgraph_whole(shard, subgraph);
    subgraph->in = &subgraph->own_in;
    subgraph->out = &subgraph->own_out;
    HG_TRY(imagine_marks(shard));
    HG_TRY(imagine_adjacency(&shape->in, shard, &subgraph->own_in));
    HG_TRY(imagine_adjacency(&shape->out, shard, &subgraph->own_out));
    HG_TRY(imagine_rows(shard, shape->targets, &subgraph->targets));
    return imagine_rows(shard, shape->sources, &subgraph->sources);
}
