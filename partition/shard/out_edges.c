#include "partition/shard/edges.h"

#include "base/mem.h"
#include "dist/route.h"
#include <stdlib.h>
#include <string.h>

/* An edge as the owner of its target sends it to the owner of its source. */
struct out_edge {
    hg_gid target;     /* imported id */
    hg_lid source_row; /* local row on the receiver */
    hg_lid target_row; /* local row on the sender */
};

/* Sort key of a received edge within its source's row. */
struct out_order {
    hg_gid target;   /* imported id */
    int64_t arrival; /* index of arrival; parallel edges come from one sender, in imported order */
};

/* State of hg_out_edges_build. */

struct out_build {
    struct hg_shard *shard;
    struct hg_adjacency *adjacency;
    int64_t cols;
    struct hg_route route; /* of the edges, to the owners of their sources */
    int *halo_rank;        /* [in halo] owner of each halo row of the in-edges */
    hg_lid *halo_row;      /* [in halo] local row on that owner */
    struct out_edge *send, *recv;
    hg_real *send_attr, *recv_attr;
    struct out_order *order; /* [received] by source row, sorted within a row */
    uint64_t *keys;          /* [received] key (owner, local row there) of each target */
    struct hg_keys halo;     /* sorted set of the keys of targets that other ranks own */
    int64_t received;
};

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

/* Writes edge e, whose target is row i, to index `to` of the send buffers. */
static void pack_edge(struct out_build *b, hg_lid i, hg_eid e, int64_t to)
{
    const struct hg_adjacency *in = &b->shard->in_edges;
    const hg_lid source = in->indices[e], owned = b->shard->owned;
    b->send[to] =
        (struct out_edge){in->imported[i], source < owned ? source : b->halo_row[source - owned], i};
    if (b->cols > 0)
        memcpy(b->send_attr + to * b->cols, in->edge_attr + e * b->cols,
               (size_t)b->cols * sizeof *b->send_attr);
}

/* Packs all in-edges, grouped by the owner of their source; each group in the order of the in-edges. */
static hg_status pack_edges(struct out_build *b)
{
    const struct hg_adjacency *in = &b->shard->in_edges;
    const hg_eid edges = in->indptr[b->shard->owned];
    HG_TRY(hg_route_create(b->shard->comm, &b->route));
    HG_TRY(HG_NEW_UNSET(b->send, edges));
    HG_TRY(HG_NEW_UNSET(b->send_attr, edges * b->cols));
    for (hg_eid e = 0; e < edges; e++) hg_route_count(&b->route, source_rank(b, in->indices[e]), 1);
    hg_route_pack(&b->route);
    for (hg_lid i = 0; i < b->shard->owned; i++)
        for (hg_eid e = in->indptr[i]; e < in->indptr[i + 1]; e++)
            pack_edge(b, i, e, hg_route_next(&b->route, source_rank(b, in->indices[e]), 1));
    return HG_OK;
}

static hg_status send_edges(struct out_build *b)
{
    void *edges = NULL, *attr = NULL;
    HG_TRY(hg_route_send(&b->route, sizeof *b->send, b->send, &edges));
    b->recv = edges;
    if (b->cols > 0)
        HG_TRY(hg_route_send(&b->route, (size_t)b->cols * sizeof *b->send_attr, b->send_attr, &attr));
    b->recv_attr = attr;
    b->received = b->route.arrived;
    HG_FREE(b->send);
    HG_FREE(b->send_attr);
    return HG_OK;
}

static int compare_order(const void *a, const void *b)
{
    const struct out_order *p = a, *q = b;
    if (p->target != q->target) return p->target < q->target ? -1 : 1;
    return (p->arrival > q->arrival) - (p->arrival < q->arrival);
}

/* Makes the rows of the out-edges: a counting sort of the edges by source row, then a sort of each row by the
 * imported id of the target. */
static void order_edges(struct out_build *b)
{
    hg_eid *indptr = b->adjacency->indptr;
    const hg_lid owned = b->shard->owned;
    for (int64_t k = 0; k < b->received; k++) indptr[b->recv[k].source_row + 1]++;
    for (hg_lid j = 0; j < owned; j++) indptr[j + 1] += indptr[j];
    for (int64_t k = b->received; k-- > 0;)
        b->order[--indptr[b->recv[k].source_row + 1]] = (struct out_order){b->recv[k].target, k};
    /* the loop above has left the start of row j in indptr[j + 1]: shift all by one */
    for (hg_lid j = 0; j < owned; j++) indptr[j] = indptr[j + 1];
    indptr[owned] = b->received;
    for (hg_lid j = 0; j < owned; j++)
        qsort(b->order + indptr[j], (size_t)(indptr[j + 1] - indptr[j]), sizeof *b->order, compare_order);
}

/* Sets the key of each edge's target, and collects those of targets that other ranks own. */
static hg_status collect_halo(struct out_build *b)
{
    const struct hg_comm *comm = b->shard->comm;
    int64_t k = 0;
    for (int r = 0; r < comm->size; r++) {
        const int64_t from = b->halo.count;
        for (const int64_t end = k + b->route.received[r]; k < end; k++) {
            b->keys[k] = hg_key_pair(r, b->recv[k].target_row);
            if (r != comm->rank) HG_TRY(hg_keys_add(&b->halo, b->keys[k]));
        }
        /* r ascends, so sorting the keys of each sender sorts the whole list */
        HG_TRY(hg_keys_unique(&b->halo, from));
    }
    return HG_OK;
}

static hg_status order_and_collect(struct out_build *b)
{
    HG_TRY(HG_NEW(b->adjacency->indptr, (int64_t)b->shard->owned + 1));
    HG_TRY(HG_NEW_UNSET(b->adjacency->indices, b->received));
    if (b->cols > 0) HG_TRY(HG_NEW_UNSET(b->adjacency->edge_attr, b->received * b->cols));
    HG_TRY(HG_NEW_UNSET(b->order, b->received));
    HG_TRY(HG_NEW_UNSET(b->keys, b->received));
    order_edges(b);
    return collect_halo(b);
}

static void fill_edges(struct out_build *b)
{
    for (int64_t e = 0; e < b->received; e++) {
        const int64_t k = b->order[e].arrival;
        b->adjacency->indices[e] = hg_local_row(b->shard->comm->rank, b->shard->owned, &b->halo, b->keys[k]);
        if (b->cols > 0)
            memcpy(b->adjacency->edge_attr + e * b->cols, b->recv_attr + k * b->cols,
                   (size_t)b->cols * sizeof *b->recv_attr);
    }
}

static hg_status build(struct out_build *b)
{
    const struct hg_comm *comm = b->shard->comm;
    HG_TRY(locate_halo(b));
    HG_TRY(hg_agree(comm, pack_edges(b)));
    HG_TRY(send_edges(b));
    HG_TRY(hg_agree(comm, order_and_collect(b)));
    HG_TRY(hg_adjacency_connect(comm, b->shard->owned, &b->halo, b->shard->in_edges.imported, b->adjacency));
    fill_edges(b);
    return HG_OK;
}

hg_status hg_out_edges_build(struct hg_shard *shard)
{
    struct out_build b = {.shard = shard, .adjacency = &shard->out_edges, .cols = shard->edge_features};
    const hg_status status = build(&b);
    hg_route_destroy(&b.route);
    hg_mem_free(b.halo_rank);
    hg_mem_free(b.halo_row);
    hg_mem_free(b.send);
    hg_mem_free(b.recv);
    hg_mem_free(b.send_attr);
    hg_mem_free(b.recv_attr);
    hg_mem_free(b.order);
    hg_mem_free(b.keys);
    hg_keys_destroy(&b.halo);
    return status;
}
