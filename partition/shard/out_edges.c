#include "partition/shard/edges.h"

#include "base/limits.h"
#include "base/mem.h"
#include "dist/route.h"
#include <stdlib.h>
#include <string.h>

/* An edge as the owner of its target sends it to the owner of its source. */
struct out_edge {
    hg_lid source; /* local row on the receiver */
    hg_lid target; /* local row on the sender */
};

/* An edge of a row that is to be sorted. */
struct out_order {
    hg_gid target; /* imported id */
    hg_eid from;   /* its slot now; parallel edges come from one sender, in imported order */
};

/* State of hg_out_edges_build. Edges travel to the owners of their sources in windows of rows, twice: first they are
 * counted and the halo is found, then they are written to their slots. So the largest buffers are those of a window. */
struct out_build {
    struct hg_shard *shard;
    struct hg_adjacency *adjacency;
    int64_t cols;
    int64_t window_edges; /* most edges of a window, but at least one row */
    int *halo_rank;       /* [in halo] owner of each halo row of the in-edges */
    hg_lid *halo_row;     /* [in halo] local row on that owner */
    struct hg_keys halo; /* sorted set of the keys (owner, local row there) of targets that other ranks own */
    struct hg_key_index index; /* of halo */
    hg_lid row;                /* first row of the next window */
    hg_eid *slot;              /* [owned] where the next edge of each source goes; NULL while counting */
};

/* The edges of a window. */
struct window {
    struct hg_route route;
    struct out_edge *send, *recv;
    hg_real *send_attr, *recv_attr;
};

static void window_destroy(struct window *w)
{
    hg_route_destroy(&w->route);
    hg_mem_free(w->send);
    hg_mem_free(w->recv);
    hg_mem_free(w->send_attr);
    hg_mem_free(w->recv_attr);
}

/* The owner of an in-edge's source. */
static int source_rank(const struct out_build *b, hg_lid source)
{
    const struct hg_shard *shard = b->shard;
    return source < shard->owned ? shard->comm->rank : b->halo_rank[source - shard->owned];
}

/* Finds the owner of each halo row of the in-edges, and its local row there: each owner sends its row numbers through
 * the exchange plan. Collective. */
static hg_status locate_halo(struct out_build *b)
{
    const struct hg_shard *shard = b->shard;
    const struct hg_plan *plan = &shard->in_edges.plan;
    int64_t *row = NULL;
    hg_status status = HG_NEW(row, (int64_t)shard->owned + plan->halo);
    if (status == HG_OK) status = HG_NEW(b->halo_rank, plan->halo);
    if (status == HG_OK) status = HG_NEW(b->halo_row, plan->halo);
    status = hg_agree(shard->comm, status);
    if (status == HG_OK) {
        for (hg_lid i = 0; i < shard->owned; i++) row[i] = i;
        status = hg_exchange_ids(shard->comm, plan, row, 1);
    }
    if (status == HG_OK) {
        for (int k = 0; k < plan->recv_ranks; k++)
            for (int64_t h = plan->recv_offset[k]; h < plan->recv_offset[k + 1]; h++)
                b->halo_rank[h] = plan->recv_rank[k];
        for (hg_lid h = 0; h < plan->halo; h++) b->halo_row[h] = (hg_lid)row[shard->owned + h];
    }
    hg_mem_free(row);
    return status;
}

/* Writes edge e, whose target is row i, to index `to` of the window. */
static void pack_edge(const struct out_build *b, struct window *w, hg_lid i, hg_eid e, int64_t to)
{
    const struct hg_adjacency *in = &b->shard->in_edges;
    const hg_lid source = in->indices[e], owned = b->shard->owned;
    w->send[to] = (struct out_edge){source < owned ? source : b->halo_row[source - owned], i};
    if (w->send_attr != NULL)
        memcpy(w->send_attr + to * b->cols, in->edge_attr + e * b->cols,
               (size_t)b->cols * sizeof *w->send_attr);
}

/* The end of the window that begins with row `first`. */
static hg_lid window_end(const struct out_build *b, hg_lid first)
{
    const hg_eid *indptr = b->shard->in_edges.indptr;
    hg_lid end = first;
    while (end < b->shard->owned && indptr[end + 1] - indptr[first] <= b->window_edges) end++;
    return end == first && first < b->shard->owned ? first + 1 : end;
}

/* Packs the edges into the next rows, grouped by the owner of their source; each group in the order of the in-edges.
 * Features travel only to slots. */
static hg_status pack_window(struct out_build *b, struct window *w)
{
    const struct hg_adjacency *in = &b->shard->in_edges;
    const hg_lid first = b->row, end = b->row = window_end(b, first);
    HG_TRY(hg_route_create(b->shard->comm, &w->route));
    for (hg_eid e = in->indptr[first]; e < in->indptr[end]; e++)
        hg_route_count(&w->route, source_rank(b, in->indices[e]), 1);
    HG_TRY(HG_NEW_UNSET(w->send, w->route.count));
    if (b->cols > 0 && b->slot != NULL) HG_TRY(HG_NEW_UNSET(w->send_attr, w->route.count * b->cols));
    hg_route_pack(&w->route);
    for (hg_lid i = first; i < end; i++)
        for (hg_eid e = in->indptr[i]; e < in->indptr[i + 1]; e++)
            pack_edge(b, w, i, e, hg_route_next(&w->route, source_rank(b, in->indices[e]), 1));
    return HG_OK;
}

static hg_status send_window(const struct out_build *b, struct window *w)
{
    void *edges = NULL, *attr = NULL;
    HG_TRY(hg_route_send(&w->route, sizeof *w->send, w->send, &edges));
    w->recv = edges;
    if (b->cols > 0 && b->slot != NULL)
        HG_TRY(hg_route_send(&w->route, (size_t)b->cols * sizeof *w->send_attr, w->send_attr, &attr));
    w->recv_attr = attr;
    return HG_OK;
}

/* Counts an edge that arrived from rank r, and collects its target if that is not owned. */
static hg_status count_edge(struct out_build *b, const struct out_edge *edge, int r)
{
    b->adjacency->indptr[edge->source + 1]++;
    return r == b->shard->comm->rank ? HG_OK : hg_keys_insert(&b->halo, hg_key_pair(r, edge->target));
}

/* Writes the k-th edge of a window, which arrived from rank r. */
static void write_edge(struct out_build *b, const struct window *w, int64_t k, int r)
{
    const uint64_t target = hg_key_pair(r, w->recv[k].target);
    const hg_eid to = b->slot[w->recv[k].source]++;
    b->adjacency->indices[to] = hg_local_row(b->shard->comm->rank, b->shard->owned, &b->index, target);
    if (b->cols > 0)
        memcpy(b->adjacency->edge_attr + to * b->cols, w->recv_attr + k * b->cols,
               (size_t)b->cols * sizeof *w->recv_attr);
}

/* Counts the edges that arrived, or writes them to their slots. */
static hg_status enter_window(struct out_build *b, const struct window *w)
{
    int64_t k = 0;
    for (int r = 0; r < b->shard->comm->size; r++)
        for (const int64_t end = k + w->route.received[r]; k < end; k++) {
            if (b->slot != NULL)
                write_edge(b, w, k, r);
            else
                HG_TRY(count_edge(b, &w->recv[k], r));
        }
    return HG_OK;
}

static hg_status next_window(struct out_build *b)
{
    struct window w = {0};
    hg_status status = hg_agree(b->shard->comm, pack_window(b, &w));
    if (status == HG_OK) status = send_window(b, &w);
    if (status == HG_OK) status = hg_agree(b->shard->comm, enter_window(b, &w));
    window_destroy(&w);
    return status;
}

/* Sends all edges, window by window. Collective. */
static hg_status send_edges(struct out_build *b)
{
    int64_t more = 1;
    b->row = 0;
    while (more > 0) {
        HG_TRY(next_window(b));
        more = b->shard->owned - b->row;
        hg_comm_max_i64(b->shard->comm, &more, 1);
    }
    return HG_OK;
}

/* From the counts in indptr[j + 1]: prefix sums, the first slot of each source, room for the edges; and the set of halo
 * keys. */
static hg_status allocate_slots(struct out_build *b)
{
    struct hg_adjacency *out = b->adjacency;
    const hg_lid owned = b->shard->owned;
    for (hg_lid j = 0; j < owned; j++) out->indptr[j + 1] += out->indptr[j];
    HG_TRY(hg_limit_check("partition", "edges from its nodes", out->indptr[owned]));
    HG_TRY(HG_NEW_UNSET(out->indices, out->indptr[owned]));
    if (b->cols > 0) HG_TRY(HG_NEW_UNSET(out->edge_attr, out->indptr[owned] * b->cols));
    HG_TRY(HG_NEW_UNSET(b->slot, owned));
    memcpy(b->slot, out->indptr, (size_t)owned * sizeof *b->slot);
    HG_TRY(hg_keys_unique(&b->halo, 0));
    return hg_key_index_create(&b->halo, &b->index);
}

static int compare_order(const void *a, const void *b)
{
    const struct out_order *p = a, *q = b;
    if (p->target != q->target) return p->target < q->target ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

/* Buffers for the longest row. */
struct out_row {
    struct out_order *order;
    hg_lid *indices;
    hg_real *attr;
};

/* Sorts the edges of source j by the imported ids of their targets. */
static void sort_row(struct out_build *b, hg_lid j, struct out_row *row)
{
    struct hg_adjacency *out = b->adjacency;
    const hg_eid first = out->indptr[j], n = out->indptr[j + 1] - first;
    const size_t attr_bytes = (size_t)b->cols * sizeof *row->attr;
    for (hg_eid k = 0; k < n; k++)
        row->order[k] = (struct out_order){out->imported[out->indices[first + k]], first + k};
    qsort(row->order, (size_t)n, sizeof *row->order, compare_order);
    for (hg_eid k = 0; k < n; k++) {
        row->indices[k] = out->indices[row->order[k].from];
        if (b->cols > 0)
            memcpy(row->attr + k * b->cols, out->edge_attr + row->order[k].from * b->cols, attr_bytes);
    }
    memcpy(out->indices + first, row->indices, (size_t)n * sizeof *row->indices);
    if (b->cols > 0) memcpy(out->edge_attr + first * b->cols, row->attr, (size_t)n * attr_bytes);
}

static hg_status sort_rows(struct out_build *b)
{
    const hg_eid *indptr = b->adjacency->indptr;
    struct out_row row = {0};
    hg_eid longest = 0;
    for (hg_lid j = 0; j < b->shard->owned; j++) longest = hg_max_i64(longest, indptr[j + 1] - indptr[j]);
    hg_status status = HG_NEW_UNSET(row.order, longest);
    if (status == HG_OK) status = HG_NEW_UNSET(row.indices, longest);
    if (status == HG_OK) status = HG_NEW_UNSET(row.attr, longest * b->cols);
    for (hg_lid j = 0; status == HG_OK && j < b->shard->owned; j++) sort_row(b, j, &row);
    hg_mem_free(row.attr);
    hg_mem_free(row.indices);
    hg_mem_free(row.order);
    return status;
}

static hg_status build(struct out_build *b)
{
    const struct hg_comm *comm = b->shard->comm;
    HG_TRY(locate_halo(b));
    HG_TRY(hg_agree(comm, HG_NEW(b->adjacency->indptr, (int64_t)b->shard->owned + 1)));
    HG_TRY(send_edges(b));
    HG_TRY(hg_agree(comm, allocate_slots(b)));
    HG_TRY(hg_adjacency_connect(comm, b->shard->owned, &b->halo, b->shard->in_edges.imported, b->adjacency));
    HG_TRY(send_edges(b));
    return hg_agree(comm, sort_rows(b));
}

hg_status hg_out_edges_build(struct hg_shard *shard, int64_t window_edges)
{
    struct out_build b = {.shard = shard,
                          .adjacency = &shard->out_edges,
                          .cols = shard->edge_features,
                          .window_edges = window_edges};
    const hg_status status = build(&b);
    hg_mem_free(b.halo_rank);
    hg_mem_free(b.halo_row);
    hg_mem_free(b.slot);
    hg_key_index_destroy(&b.index);
    hg_keys_destroy(&b.halo);
    return status;
}
