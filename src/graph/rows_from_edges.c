#include "graph/rows_from_edges.h"

#include "base/alive.h"
#include "base/limits.h"
#include "base/mem.h"
#include "dist/route.h"
#include "graph/row_order.h"
#include "graph/symmetry.h"
#include <string.h>

/* Edges travel in rounds, so that the buffers stay small: ROUND_EDGES of all ranks together, but at least LEAST_EDGES
 * of each. Threads pack the edges of a round, and take those that arrive, in PIECES. */
enum { ROUND_EDGES = 1 << 19, LEAST_EDGES = 1 << 12, PIECES = 64 };

/* An edge that is sent to the owner of its target. Edges of a row are sorted by (source, order). `order` is the
 * number in the imported edge list; added reverse edges come after all imported ones, in the order of the edges that
 * they reverse. */
struct record {
    hg_gid target, source;
    int64_t order;
    hg_real attr[]; /* [Fe] */
};

/* Bit of `order` that marks an added reverse edge. */
static const int64_t ADDED = (int64_t)1 << 62;

static size_t record_bytes(int64_t attr_cols)
{
    const size_t bytes = sizeof(struct record) + (size_t)attr_cols * sizeof(hg_real);
    return (bytes + 7) / 8 * 8;
}

/* What is built, and from what. */
struct builder {
    const struct hg_comm *comm;
    struct hg_team *team;
    int64_t step; /* edges of this rank in a round */
    struct hg_edges *edges;
    struct hg_node_table *rows;
    bool reverses; /* the reverse of each edge is added */
    hg_gid first;  /* the first node of this rank's block */
};

/* Fails when an end is no node. */
static hg_status check_ids(const struct hg_edges *edges, const struct hg_graph_info *info)
{
    const char *what = info->name[0] != '\0' ? info->name : "graph";
    if (edges->count == 0 || (edges->least >= 0 && edges->most < info->num_nodes)) return HG_OK;
    for (int64_t k = 0;; k++) {
        const struct hg_ends ends = hg_edges_at(edges, k);
        const bool source_bad = ends.source < 0 || ends.source >= info->num_nodes;
        if (source_bad || ends.target < 0 || ends.target >= info->num_nodes)
            return hg_fail(
                HG_FAILED, what, "edge %lld: node %lld outside 0..%lld", (long long)hg_edges_id(edges, k),
                (long long)(source_bad ? ends.source : ends.target), (long long)info->num_nodes - 1);
    }
}

/* A round: edges of this rank's list become records for the owners of their targets. The arrays serve all rounds. */
struct round {
    const struct builder *b;
    struct hg_range edges; /* their places in the list */
    bool targets_only;     /* a record is only the target, hg_gid */
    size_t bytes;          /* of a record */
    struct hg_route route;
    int64_t *next; /* [PIECES, ranks] records of a piece for each rank; then where the next one goes */
    void *packed;  /* the records that are sent */
    void *arrived; /* [capacity] those that came; NULL with one rank, which keeps its own */
    int64_t capacity;
};

static int owner_of(const struct builder *b, hg_gid target)
{
    const int size = b->comm->size;
    return size == 1 ? 0 : hg_block_owner(b->rows->info.num_nodes, size, target);
}

static void *record_at(const struct round *round, void *records, int64_t k)
{
    return (char *)records + (size_t)k * round->bytes;
}

/* Piece `piece` of n things. */
static struct hg_range piece_of(int64_t n, hg_lid piece)
{
    return hg_block_range(n, (int)piece, PIECES);
}

static void count_piece(void *context, hg_lid piece, int thread)
{
    const struct round *round = context;
    const struct builder *b = round->b;
    const struct hg_range part = piece_of(round->edges.end - round->edges.first, piece);
    int64_t *next = round->next + piece * b->comm->size;
    (void)thread;
    for (int64_t k = round->edges.first + part.first; k < round->edges.first + part.end; k++) {
        const struct hg_ends ends = hg_edges_at(b->edges, k);
        next[owner_of(b, ends.target)]++;
        if (b->reverses) next[owner_of(b, ends.source)]++;
    }
}

static void write_record(const struct round *round, int64_t k, struct hg_ends ends, int64_t order, void *out)
{
    const struct hg_edges *edges = round->b->edges;
    struct record *record = out;
    record->target = ends.target;
    if (round->targets_only) return;
    record->source = ends.source;
    record->order = order;
    for (int64_t f = 0; f < edges->attr_cols; f++) record->attr[f] = edges->attr[k * edges->attr_cols + f];
}

static void pack_piece(void *context, hg_lid piece, int thread)
{
    const struct round *round = context;
    const struct builder *b = round->b;
    const struct hg_range part = piece_of(round->edges.end - round->edges.first, piece);
    const int64_t end = round->edges.first + part.end;
    int64_t *next = round->next + piece * b->comm->size, k = round->edges.first + part.first;
    (void)thread;
    for (int64_t r = hg_edges_run_of(b->edges, k); k < end; r++) {
        const struct hg_edge_run run = b->edges->run[r];
        const int64_t last = r + 1 < b->edges->runs ? hg_min_i64(end, b->edges->run[r + 1].first) : end;
        for (; k < last; k++) {
            const struct hg_ends ends = hg_edges_at(b->edges, k), back = {ends.target, ends.source};
            const int64_t order = run.id + k - run.first;
            const int64_t at = next[owner_of(b, ends.target)]++;
            write_record(round, k, ends, order, record_at(round, round->packed, at));
            if (!b->reverses) continue;
            const int64_t reverse_at = next[owner_of(b, back.target)]++;
            write_record(round, k, back, order | ADDED, record_at(round, round->packed, reverse_at));
        }
    }
}

/* Counts become places: records are grouped by rank, and within it by piece. */
static void place_pieces(struct round *round)
{
    const int size = round->b->comm->size;
    int64_t at = 0;
    for (int r = 0; r < size; r++) {
        const int64_t before = at;
        for (int64_t p = 0; p < PIECES; p++) {
            const int64_t count = round->next[p * size + r];
            round->next[p * size + r] = at;
            at += count;
        }
        hg_route_count(&round->route, r, at - before);
    }
}

/* Makes room for rounds. */
static hg_status begin_rounds(struct round *round)
{
    const struct builder *b = round->b;
    HG_TRY(hg_route_create(b->comm, &round->route));
    HG_TRY(HG_NEW(round->next, (int64_t)PIECES * b->comm->size));
    const int64_t most = hg_min_i64(b->step, b->edges->count) * (b->reverses ? 2 : 1);
    round->packed = hg_mem_alloc_unset(most, round->bytes);
    return round->packed != NULL ? HG_OK : HG_NOMEM;
}

static void pack(struct round *round)
{
    const struct builder *b = round->b;
    memset(round->next, 0, (size_t)PIECES * (size_t)b->comm->size * sizeof *round->next);
    hg_route_reset(&round->route);
    hg_team_run(b->team, PIECES, count_piece, round);
    place_pieces(round);
    hg_team_run(b->team, PIECES, pack_piece, round);
}

/* Sends the records. Collective. */
static hg_status send(struct round *round)
{
    if (round->b->comm->size > 1)
        return hg_route_send_into(&round->route, round->bytes, round->packed, &round->arrived,
                                  &round->capacity);
    round->route.arrived = round->route.count;
    return HG_OK;
}

/* Record k of those that came. */
static const struct record *arrived_at(const struct round *round, int64_t k)
{
    return record_at(round, round->arrived != NULL ? round->arrived : round->packed, k);
}

/* Waiting for memory takes longer than anything else that is done with an edge. So edges are taken AHEAD at a time:
 * first all that is needed of them is asked for, then it is used. */
enum { AHEAD = 64 };

/* The counter of the row of the k-th record that came. */
static hg_eid *counter_of(const struct round *round, int64_t k)
{
    return &round->b->rows->indptr[arrived_at(round, k)->target - round->b->first + 1];
}

static void ask_for_counters(const struct round *round, int64_t first, int64_t end)
{
    for (int64_t k = first; k < end; k++) __builtin_prefetch(counter_of(round, k), 1);
}

/* Adds 1. Another thread may have an edge of the same row. */
static hg_eid count_up(hg_eid *counter)
{
    return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* Counts the edges of each row: that of row i in indptr[i + 1]. */
static void count_targets(void *context, hg_lid piece, int thread)
{
    const struct round *round = context;
    const struct hg_range part = piece_of(round->route.arrived, piece);
    (void)thread;
    for (int64_t k = part.first; k < part.end; k++) {
        if ((k - part.first) % AHEAD == 0) ask_for_counters(round, k, hg_min_i64(k + AHEAD, part.end));
        count_up(counter_of(round, k));
    }
}

/* Chooses places in the rows for records [first, end): indptr[i + 1] is where the next edge of row i goes. */
static void find_places(const struct round *round, int64_t first, int64_t end, hg_eid *place)
{
    const struct hg_node_table *rows = round->b->rows;
    ask_for_counters(round, first, end);
    for (int64_t k = first; k < end; k++) {
        const hg_eid e = count_up(counter_of(round, k));
        __builtin_prefetch(&rows->indices[e], 1);
        __builtin_prefetch(&rows->edge_id[e], 1);
        place[k - first] = e;
    }
}

/* Puts edges into their rows, in any order. */
static void take_edges(void *context, hg_lid piece, int thread)
{
    const struct round *round = context;
    const struct hg_node_table *rows = round->b->rows;
    const struct hg_range part = piece_of(round->route.arrived, piece);
    const int64_t cols = rows->info.num_edge_features;
    hg_eid place[AHEAD];
    (void)thread;
    for (int64_t k = part.first; k < part.end; k++) {
        const int64_t next = (k - part.first) % AHEAD;
        if (next == 0) find_places(round, k, hg_min_i64(k + AHEAD, part.end), place);
        const struct record *record = arrived_at(round, k);
        const hg_eid e = place[next];
        rows->indices[e] = record->source;
        rows->edge_id[e] = record->order;
        for (int64_t f = 0; f < cols; f++) rows->edge_attr[e * cols + f] = record->attr[f];
    }
}

/* Rounds, until every rank has sent all. Collective. */
static hg_status run_rounds(struct round *round, hg_team_fn *take)
{
    const struct builder *b = round->b;
    int64_t longest = b->edges->count;
    hg_alive_phase(round->targets_only ? "counting the edges of nodes" : "bringing edges to their nodes", -1);
    hg_alive_total("edges", b->edges->count);
    hg_comm_max_i64(b->comm, &longest, 1);
    for (int64_t first = 0; first < longest; first += b->step) {
        round->edges = (struct hg_range){hg_min_i64(first, b->edges->count),
                                         hg_min_i64(first + b->step, b->edges->count)};
        pack(round);
        HG_TRY(send(round));
        hg_team_run(b->team, PIECES, take, round);
        hg_alive_done(round->edges.end);
        if (!round->targets_only) hg_edges_release(b->edges, round->edges.end);
    }
    return HG_OK;
}

/* Sends all edges, or only their targets, to the owners of the targets, who take them. Edges that have been sent are
 * freed, targets are not. Collective. */
static hg_status send_all(const struct builder *b, bool targets_only, hg_team_fn *take)
{
    struct round round = {.b = b,
                          .targets_only = targets_only,
                          .bytes = targets_only ? sizeof(hg_gid) : record_bytes(b->edges->attr_cols)};
    hg_status status = hg_agree(b->comm, begin_rounds(&round));
    if (status == HG_OK) status = run_rounds(&round, take);
    hg_mem_free(round.packed);
    hg_mem_free(round.arrived);
    hg_mem_free(round.next);
    hg_route_destroy(&round.route);
    return status;
}

/* Turns the counts in indptr[i + 1] into the place of the first edge of row i, and allocates the edges. */
static hg_status begin_edges(const struct builder *b)
{
    struct hg_node_table *rows = b->rows;
    const int64_t cols = rows->info.num_edge_features;
    hg_eid edges = 0;
    for (int64_t i = 0; i < rows->count; i++) {
        const hg_eid count = rows->indptr[i + 1];
        rows->indptr[i + 1] = edges;
        edges += count;
    }
    HG_TRY(hg_limit_check(rows->info.name, "edges", edges));
    HG_TRY(HG_NEW_UNSET_SPREAD(b->team, rows->indices, edges));
    HG_TRY(HG_NEW_UNSET_SPREAD(b->team, rows->edge_id, edges));
    return cols > 0 ? HG_NEW_UNSET_SPREAD(b->team, rows->edge_attr, edges * cols) : HG_OK;
}

/* The first row whose edges begin at or behind `edge`. */
static int64_t row_at(const struct hg_node_table *rows, hg_eid edge)
{
    int64_t low = 0, high = rows->count;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (rows->indptr[middle] < edge)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sorts the rows of a piece, and gives added edges their id. The piece has the rows that begin in its share of the
 * edges. */
static void sort_piece(void *context, hg_lid piece, int thread)
{
    const struct hg_node_table *rows = context;
    const struct hg_range part = piece_of(hg_node_table_edges(rows), piece);
    const struct hg_row_edges edges = {rows->indices, rows->edge_id, rows->info.num_edge_features,
                                       rows->edge_attr};
    (void)thread;
    for (int64_t i = row_at(rows, part.first); i < rows->count && rows->indptr[i] < part.end; i++) {
        hg_row_sort(&edges, rows->indptr[i], rows->indptr[i + 1]);
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++)
            if (rows->edge_id[e] & ADDED) rows->edge_id[e] = -1;
    }
}

/* Moves edge `from` to `to`, or adds its features to those of edge `to` when it is a copy of that one. */
static void put_edge(struct hg_node_table *rows, hg_eid from, hg_eid to, bool copy)
{
    const int64_t cols = rows->info.num_edge_features;
    const hg_real *attr = rows->edge_attr + from * cols;
    hg_real *out = rows->edge_attr + to * cols;
    for (int64_t f = 0; f < cols; f++) out[f] = copy ? out[f] + attr[f] : attr[f];
    if (copy) return;
    rows->indices[to] = rows->indices[from];
    rows->edge_id[to] = rows->edge_id[from];
}

/* Merges parallel edges: features of later copies are added to the first. */
static void merge_copies(struct hg_node_table *rows)
{
    hg_eid kept = 0, begin = 0;
    for (int64_t i = 0; i < rows->count; i++) {
        const hg_eid end = rows->indptr[i + 1], start = kept;
        for (hg_eid e = begin; e < end; e++) {
            const bool copy = kept > start && rows->indices[kept - 1] == rows->indices[e];
            put_edge(rows, e, copy ? kept - 1 : kept, copy);
            kept += !copy;
        }
        begin = end;
        rows->indptr[i + 1] = kept;
    }
}

/* Fills the rows. Collective. */
static hg_status fill_rows(const struct builder *b, bool merge)
{
    HG_TRY(hg_agree(b->comm, hg_node_table_begin_block(b->comm, b->rows)));
    HG_TRY(send_all(b, true, count_targets));
    HG_TRY(hg_agree(b->comm, begin_edges(b)));
    HG_TRY(send_all(b, false, take_edges));
    hg_alive_phase("sorting edges", -1);
    hg_team_run(b->team, PIECES, sort_piece, b->rows);
    if (merge) merge_copies(b->rows);
    return HG_OK;
}

hg_status hg_build_rows(const struct hg_comm *comm, struct hg_edges *edges,
                        const struct hg_build_options *options, struct hg_node_table *rows)
{
    struct hg_graph_info *info = &rows->info;
    const int64_t step = hg_max_i64(ROUND_EDGES / comm->size, LEAST_EDGES);
    info->num_edge_features = edges->attr_cols;
    const struct builder b = {.comm = comm,
                              .team = options->team,
                              .step = options->round_edges > 0 ? options->round_edges : step,
                              .edges = edges,
                              .rows = rows,
                              .reverses = options->undirected,
                              .first = hg_block_range(info->num_nodes, comm->rank, comm->size).first};
    hg_status status = hg_agree(comm, check_ids(edges, info));
    if (status == HG_OK) status = fill_rows(&b, options->undirected && !options->keep_parallel);
    hg_edges_destroy(edges);
    HG_TRY(status);
    info->num_edges = hg_node_table_edges(rows);
    hg_comm_sum_i64(comm, &info->num_edges, 1);
    info->symmetric = hg_rows_symmetric(comm, rows);
    return HG_OK;
}
