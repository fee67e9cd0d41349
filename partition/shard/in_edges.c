#include "partition/shard/edges.h"

#include "base/limits.h"
#include "base/mem.h"
#include <string.h>

/* State of hg_in_edges_build. */
struct in_build {
    const struct hg_node_table *rows;
    const struct hg_locator *locator;
    struct hg_shard *shard;
    struct hg_adjacency *adjacency;
    bool loops;   /* the model's own self-loops replace the file's */
    int64_t cols; /* features carried per edge */
    struct hg_keys halo;
    struct hg_key_index index; /* of halo */
};

static bool is_kept(const struct in_build *b, int64_t row, hg_eid e)
{
    return !b->loops || b->rows->indices[e] != b->rows->stored[row];
}

static hg_eid count_edges(const struct in_build *b)
{
    hg_eid edges = 0;
    for (int64_t i = 0; i < b->rows->count; i++) {
        b->adjacency->indptr[i] = edges;
        for (hg_eid e = b->rows->indptr[i]; e < b->rows->indptr[i + 1]; e++) edges += is_kept(b, i, e);
        edges += b->loops;
    }
    return b->adjacency->indptr[b->rows->count] = edges;
}

static hg_status allocate(struct in_build *b)
{
    struct hg_adjacency *adjacency = b->adjacency;
    HG_TRY(HG_NEW(adjacency->indptr, b->rows->count + 1));
    const hg_eid edges = count_edges(b);
    HG_TRY(hg_limit_check("partition", "edges", edges));
    HG_TRY(HG_NEW_UNSET(adjacency->indices, edges));
    if (b->rows->edge_id != NULL) HG_TRY(HG_NEW_UNSET(adjacency->edge_id, edges));
    return b->cols > 0 ? HG_NEW_UNSET(adjacency->edge_attr, edges * b->cols) : HG_OK;
}

/* Collects the keys of the sources that other ranks own. Duplicates are removed after each cell, which keeps the list
 * short, and at the end over all cells. */
static hg_status collect_halo(struct in_build *b)
{
    const struct hg_shard *shard = b->shard;
    for (hg_lid c = 0; c < shard->cells; c++) {
        const int64_t from = b->halo.count;
        const hg_eid end = b->rows->indptr[shard->cell_offset[c + 1]];
        for (hg_eid e = b->rows->indptr[shard->cell_offset[c]]; e < end; e++) {
            const uint64_t key = hg_locate(b->locator, b->rows->indices[e]);
            if (hg_key_high(key) != shard->comm->rank) HG_TRY(hg_keys_add(&b->halo, key));
        }
        HG_TRY(hg_keys_unique(&b->halo, from));
    }
    return hg_keys_unique(&b->halo, 0);
}

/* Copies the kept edges of row i, with local rows as sources. With b->loops the row's last slot stays free for the
 * self-loop. */
static void fill_row(struct in_build *b, hg_lid i)
{
    const struct hg_node_table *rows = b->rows;
    struct hg_adjacency *adjacency = b->adjacency;
    hg_eid to = adjacency->indptr[i];
    for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
        if (!is_kept(b, i, e)) continue;
        const uint64_t key = hg_locate(b->locator, rows->indices[e]);
        adjacency->indices[to] = hg_local_row(b->shard->comm->rank, b->shard->owned, &b->index, key);
        if (adjacency->edge_id != NULL) adjacency->edge_id[to] = rows->edge_id[e];
        if (b->cols > 0)
            memcpy(adjacency->edge_attr + to * b->cols, rows->edge_attr + e * b->cols,
                   (size_t)b->cols * sizeof *adjacency->edge_attr);
        to++;
    }
}

static hg_status prepare(struct in_build *b)
{
    HG_TRY(allocate(b));
    HG_TRY(collect_halo(b));
    return hg_key_index_create(&b->halo, &b->index);
}

hg_status hg_in_edges_build(const struct hg_node_table *rows, const struct hg_locator *locator,
                            const struct hg_localize_options *options, struct hg_shard *shard)
{
    struct in_build b = {.rows = rows,
                         .locator = locator,
                         .shard = shard,
                         .adjacency = &shard->in_edges,
                         .loops = options->self_loops,
                         .cols = shard->edge_features};
    hg_status status = hg_agree(shard->comm, prepare(&b));
    if (status == HG_OK)
        status = hg_adjacency_connect(shard->comm, shard->owned, &b.halo, rows->imported, &shard->in_edges);
    if (status == HG_OK) {
#pragma omp parallel for schedule(static)
        for (hg_lid i = 0; i < shard->owned; i++) fill_row(&b, i);
        if (b.loops) hg_self_loops_insert(b.adjacency, shard->owned, b.cols);
    }
    hg_key_index_destroy(&b.index);
    hg_keys_destroy(&b.halo);
    return status;
}
