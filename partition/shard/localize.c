#include "partition/shard/localize.h"

#include "base/limits.h"
#include "base/mem.h"
#include "partition/shard/edges.h"

enum { WINDOW_EDGES = 1 << 20 };

/* Number of the rank's cells, and of the rows in them. */
static void count_cells(const struct hg_cells *cells, int rank, int64_t *owned_cells, int64_t *rows)
{
    *owned_cells = *rows = 0;
    for (int64_t c = 0; c < cells->count; c++) {
        if (cells->owner[c] != rank) continue;
        ++*owned_cells;
        *rows += cells->offsets[c + 1] - cells->offsets[c];
    }
}

static hg_status set_cells(struct hg_shard *shard, const struct hg_node_table *rows,
                           const struct hg_cells *cells)
{
    int64_t owned_cells = 0, expected = 0;
    count_cells(cells, shard->comm->rank, &owned_cells, &expected);
    if (rows->count != expected)
        return hg_fail(HG_FAILED, "partition", "rows and cells do not belong together");
    HG_TRY(hg_limit_check("partition", "nodes", expected));
    HG_TRY(HG_NEW(shard->cell_offset, owned_cells + 1));
    shard->owned = (hg_lid)expected;
    for (int64_t c = 0; c < cells->count; c++) {
        const hg_lid nodes = (hg_lid)hg_min_i64(cells->offsets[c + 1] - cells->offsets[c], HG_LID_MAX);
        if (nodes > shard->max_cell) shard->max_cell = nodes;
        if (cells->owner[c] != shard->comm->rank) continue;
        shard->cell_offset[shard->cells + 1] = shard->cell_offset[shard->cells] + nodes;
        shard->cells++;
    }
    return HG_OK;
}

/* Builds both adjacencies. After a failure the caller destroys what the shard holds by then. Collective. */
static hg_status build(const struct hg_node_table *rows, const struct hg_locator *locator,
                       const struct hg_localize_options *options, struct hg_shard *shard)
{
    HG_TRY(hg_in_edges_build(rows, locator, options, shard));
    shard->in = shard->out = &shard->in_edges;
    if (!shard->symmetric) {
        HG_TRY(hg_out_edges_build(shard, options->window_edges > 0 ? options->window_edges : WINDOW_EDGES));
        shard->out = &shard->out_edges;
    }
    HG_TRY(hg_agree(shard->comm, hg_shard_order(shard, HG_HUB_EDGES)));
    shard->num_edges = shard->in_edges.indptr[shard->owned];
    hg_comm_sum_i64(shard->comm, &shard->num_edges, 1);
    return HG_OK;
}

hg_status hg_localize(const struct hg_comm *comm, const struct hg_node_table *rows,
                      const struct hg_cells *cells, const struct hg_localize_options *options,
                      struct hg_shard *shard)
{
    struct hg_locator locator;
    *shard = (struct hg_shard){
        .comm = comm,
        .num_nodes = rows->info.num_nodes,
        .num_cells = cells->count,
        .edge_features = options->edge_features ? rows->info.num_edge_features : 0,
        .symmetric = rows->info.symmetric,
        .self_loops = options->self_loops,
    };
    hg_status status = hg_locator_create(&locator, cells, comm->size);
    if (status == HG_OK) status = set_cells(shard, rows, cells);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = build(rows, &locator, options, shard);
    hg_locator_destroy(&locator);
    if (status != HG_OK) hg_shard_destroy(shard);
    return status;
}
