#include "graph/subgraph.h"

#include "base/mem.h"
#include <string.h>

/* The set of the rows marked in keep [owned]; of all rows when `keep` is NULL. */
static hg_status set_create(const struct hg_shard *shard, const uint8_t *keep, struct hg_row_set *set)
{
    hg_lid count = keep == NULL ? shard->owned : 0;
    for (hg_lid i = 0; keep != NULL && i < shard->owned; i++) count += keep[i];
    HG_TRY(HG_NEW_UNSET(set->row, count));
    HG_TRY(HG_NEW(set->start, (int64_t)shard->cells + 1));
    set->start[shard->cells] = count;
    if (hg_mem_counting()) return HG_OK; /* nobody reads the rows */
    count = 0;
    for (hg_lid c = 0; c < shard->cells; c++) {
        for (hg_lid i = shard->cell_offset[c]; i < shard->cell_offset[c + 1]; i++)
            if (keep == NULL || keep[i]) set->row[count++] = i;
        set->start[c + 1] = count;
    }
    return HG_OK;
}

static void set_destroy(struct hg_row_set *set)
{
    HG_FREE(set->row);
    HG_FREE(set->start);
}

void hg_subgraph_destroy(struct hg_subgraph *subgraph)
{
    hg_adjacency_destroy(&subgraph->own_in);
    hg_adjacency_destroy(&subgraph->own_out);
    set_destroy(&subgraph->targets);
    set_destroy(&subgraph->sources);
    subgraph->in = subgraph->out = NULL;
}

hg_status hg_subgraph_whole(const struct hg_shard *shard, struct hg_subgraph *subgraph)
{
    *subgraph = (struct hg_subgraph){.in = shard->in, .out = shard->out};
    HG_TRY(set_create(shard, NULL, &subgraph->targets));
    return set_create(shard, NULL, &subgraph->sources);
}

/* A selection of an adjacency's edges: those of marked rows whose other end is marked. */
struct selection {
    const struct hg_shard *shard;
    const struct hg_adjacency *from;
    const uint8_t *row;   /* [owned] marked rows */
    const uint8_t *other; /* [owned + halo] marked other ends; NULL: all */
    hg_lid *halo_number;  /* [halo] new number of each halo row that is still needed; -1 for the others */
    hg_lid halo;          /* number of needed halo rows */
};

static bool selected(const struct selection *s, hg_lid i, hg_eid e)
{
    return s->row[i] && (s->other == NULL || s->other[s->from->indices[e]]);
}

/* Numbers the halo rows that are still needed, in their order, and makes indptr: prefix sums of the selected edges
 * per row. */
static void number_halo(struct selection *s, hg_eid *indptr)
{
    const hg_lid owned = s->shard->owned;
    for (hg_lid k = 0; k < s->from->plan.halo; k++) s->halo_number[k] = -1;
    for (hg_lid i = 0; i < owned; i++) {
        indptr[i + 1] = indptr[i];
        for (hg_eid e = s->from->indptr[i]; e < s->from->indptr[i + 1]; e++) {
            if (!selected(s, i, e)) continue;
            indptr[i + 1]++;
            if (s->from->indices[e] >= owned) s->halo_number[s->from->indices[e] - owned] = 0;
        }
    }
    for (hg_lid k = 0; k < s->from->plan.halo; k++)
        if (s->halo_number[k] == 0) s->halo_number[k] = s->halo++;
}

static void copy_edges(const struct selection *s, struct hg_adjacency *adjacency)
{
    const hg_lid owned = s->shard->owned;
    const int64_t cols = adjacency->edge_attr != NULL ? s->shard->edge_features : 0;
    hg_eid to = 0;
    for (hg_lid i = 0; i < owned; i++) {
        for (hg_eid e = s->from->indptr[i]; e < s->from->indptr[i + 1]; e++) {
            if (!selected(s, i, e)) continue;
            const hg_lid other = s->from->indices[e];
            adjacency->indices[to] = other < owned ? other : owned + s->halo_number[other - owned];
            if (cols > 0)
                memcpy(adjacency->edge_attr + to * cols, s->from->edge_attr + e * cols,
                       (size_t)cols * sizeof(hg_real));
            to++;
        }
    }
}

static void copy_imported(const struct selection *s, struct hg_adjacency *adjacency)
{
    const hg_lid owned = s->shard->owned;
    memcpy(adjacency->imported, s->from->imported, (size_t)owned * sizeof *adjacency->imported);
    for (hg_lid k = 0; k < s->from->plan.halo; k++)
        if (s->halo_number[k] >= 0)
            adjacency->imported[owned + s->halo_number[k]] = s->from->imported[owned + k];
}

/* The plan for the needed halo rows, from their owners and their row numbers there. Collective. */
static hg_status select_plan(const struct selection *s, struct hg_plan *plan)
{
    const struct hg_plan *from = &s->from->plan;
    int64_t *row_on_owner = NULL; /* [owned + halo] local row number of each row on its owner */
    int *owner = NULL;
    hg_lid *row = NULL;
    hg_status status = HG_NEW(row_on_owner, (int64_t)from->owned + from->halo);
    if (status == HG_OK) status = HG_NEW_UNSET(owner, s->halo);
    if (status == HG_OK) status = HG_NEW_UNSET(row, s->halo);
    for (hg_lid i = 0; status == HG_OK && i < from->owned; i++) row_on_owner[i] = i;
    status = hg_agree(s->shard->comm, status);
    if (status == HG_OK) status = hg_exchange_ids(s->shard->comm, from, row_on_owner, 1);
    for (int n = 0; status == HG_OK && n < from->recv_ranks; n++) {
        for (int64_t k = from->recv_offset[n]; k < from->recv_offset[n + 1]; k++) {
            if (s->halo_number[k] < 0) continue;
            owner[s->halo_number[k]] = from->recv_rank[n];
            row[s->halo_number[k]] = (hg_lid)row_on_owner[from->owned + k];
        }
    }
    if (status == HG_OK) status = hg_plan_create(s->shard->comm, from->owned, s->halo, owner, row, plan);
    hg_mem_free(row_on_owner);
    hg_mem_free(owner);
    hg_mem_free(row);
    return status;
}

static hg_status select_edges(struct selection *s, struct hg_adjacency *adjacency)
{
    HG_TRY(HG_NEW_UNSET(s->halo_number, s->from->plan.halo));
    HG_TRY(HG_NEW(adjacency->indptr, (int64_t)s->shard->owned + 1));
    number_halo(s, adjacency->indptr);
    const hg_eid edges = adjacency->indptr[s->shard->owned];
    HG_TRY(HG_NEW_UNSET(adjacency->indices, edges));
    HG_TRY(HG_NEW_UNSET(adjacency->imported, (int64_t)s->shard->owned + s->halo));
    if (s->from->edge_attr != NULL)
        HG_TRY(HG_NEW_UNSET(adjacency->edge_attr, edges * s->shard->edge_features));
    copy_edges(s, adjacency);
    copy_imported(s, adjacency);
    return hg_adjacency_order(s->shard, s->row, adjacency);
}

/* Makes a new adjacency of the edges whose row is marked in row [owned] and whose other end is marked in other [owned
 * + halo] (NULL: all). Collective. */
static hg_status select_adjacency(const struct hg_shard *shard, const struct hg_adjacency *from,
                                  const uint8_t *row, const uint8_t *other, struct hg_adjacency *adjacency)
{
    struct selection s = {.shard = shard, .from = from, .row = row, .other = other};
    hg_status status = hg_agree(shard->comm, select_edges(&s, adjacency));
    if (status == HG_OK) status = select_plan(&s, &adjacency->plan);
    hg_mem_free(s.halo_number);
    return status;
}

/* Copies the marks of owned rows to the halo of the out-edges: target [owned + halo]. Collective. */
static hg_status exchange_marks(const struct hg_shard *shard, const uint8_t *needed, uint8_t *target)
{
    const struct hg_plan *plan = &shard->out->plan;
    const int64_t local = (int64_t)plan->owned + plan->halo;
    int64_t *mark = NULL;
    hg_status status = hg_agree(shard->comm, HG_NEW(mark, local));
    for (hg_lid i = 0; status == HG_OK && i < shard->owned; i++) mark[i] = needed[i];
    if (status == HG_OK) status = hg_exchange_ids(shard->comm, plan, mark, 1);
    for (int64_t i = 0; status == HG_OK && i < local; i++) target[i] = mark[i] != 0;
    hg_mem_free(mark);
    return status;
}

/* S = T and all sources of edges into T: `needed` holds T on entry, S on return. */
static void mark_sources(const struct hg_shard *shard, const uint8_t *target, uint8_t *needed)
{
    for (hg_lid j = 0; j < shard->owned; j++)
        for (hg_eid e = shard->out->indptr[j]; !needed[j] && e < shard->out->indptr[j + 1]; e++)
            needed[j] = target[shard->out->indices[e]];
}

static int64_t edges_into(const struct hg_shard *shard, const uint8_t *needed)
{
    int64_t edges = 0;
    for (hg_lid i = 0; i < shard->owned; i++)
        if (needed[i]) edges += shard->in->indptr[i + 1] - shard->in->indptr[i];
    hg_comm_sum_i64(shard->comm, &edges, 1);
    return edges;
}

/* Makes the row sets and adjacencies for the targets marked in target [owned + halo]; `needed` [owned] becomes the
 * sources. Collective. */
static hg_status restrict_to(const struct hg_shard *shard, const uint8_t *target, uint8_t *needed,
                             struct hg_subgraph *subgraph)
{
    subgraph->in = &subgraph->own_in;
    subgraph->out = &subgraph->own_out;
    HG_TRY(select_adjacency(shard, shard->in, target, NULL, &subgraph->own_in));
    mark_sources(shard, target, needed);
    HG_TRY(select_adjacency(shard, shard->out, needed, target, &subgraph->own_out));
    hg_status status = set_create(shard, target, &subgraph->targets);
    if (status == HG_OK) status = set_create(shard, needed, &subgraph->sources);
    return hg_agree(shard->comm, status);
}

hg_status hg_subgraph_needed(const struct hg_shard *shard, uint8_t *needed, struct hg_subgraph *subgraph)
{
    uint8_t *target = NULL;
    *subgraph = (struct hg_subgraph){0};
    if (2 * edges_into(shard, needed) > shard->num_edges) {
        memset(needed, 1, (size_t)shard->owned);
        return hg_agree(shard->comm, hg_subgraph_whole(shard, subgraph));
    }
    hg_status status = hg_agree(shard->comm, HG_NEW(target, (int64_t)shard->owned + shard->out->plan.halo));
    if (status == HG_OK) status = exchange_marks(shard, needed, target);
    if (status == HG_OK) status = restrict_to(shard, target, needed, subgraph);
    hg_mem_free(target);
    return status;
}
