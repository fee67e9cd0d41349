#include "partition/migrate.h"

#include "base/mem.h"
#include "dist/route.h"
#include <stddef.h>
#include <string.h>

/* Rows are sent in several rounds ("pieces"), so that send and receive buffers stay small compared with the rows
 * themselves; one round for every 128 rows, at most 16. */
enum { MAX_PIECES = 16, PIECE_ROWS = 128 };

/* The movement of all rows: the same pieces and the same order for each array. */
struct move {
    const struct hg_comm *comm;
    const int *owner;            /* [count_in] rank that each row goes to */
    int pieces;                  /* the same on every rank */
    int64_t count_in, count_out; /* rows on this rank before and after */
    int64_t *new_row; /* [count_out] new row of the k-th row to arrive; NULL: rows keep that order */
};

/* Number of pieces, from the rows of the rank that has most. Collective. */
static int choose_pieces(const struct hg_comm *comm, int64_t rows)
{
    hg_comm_max_i64(comm, &rows, 1);
    return (int)hg_min_i64(rows / PIECE_ROWS + 1, MAX_PIECES);
}

/* Sets count_out: how many rows all ranks send here. Collective. */
static hg_status count_arrivals(struct move *m)
{
    int64_t *rows = NULL; /* [size] rows sent to each rank */
    const hg_status status = hg_agree(m->comm, HG_NEW(rows, m->comm->size));
    if (status == HG_OK) {
        for (int64_t i = 0; i < m->count_in; i++) rows[m->owner[i]]++;
        hg_comm_sum_i64(m->comm, rows, m->comm->size);
        m->count_out = rows[m->comm->rank];
    }
    hg_mem_free(rows);
    return status;
}

/* One array that is moved. An item is one element of it: a row's value, an edge, a stored feature. */
struct moved_array {
    size_t bytes;                          /* per item */
    const hg_eid *from_indptr, *to_indptr; /* first item of each row, old and new; NULL: one item per row */
    const char *from;
    char *to;
    int64_t unpacked; /* rows unpacked so far, in the order of arrival */
};

/* The first item of a row of an array. */
static int64_t first_item(const hg_eid *indptr, int64_t row)
{
    return indptr != NULL ? indptr[row] : row;
}

/* Packs the items of one piece, grouped by the new owners of their rows. *packed is newly allocated. */
static hg_status pack(const struct move *m, const struct moved_array *a, int piece, struct hg_route *route,
                      char **packed)
{
    const struct hg_range rows = hg_block_range(m->count_in, piece, m->pieces);
    HG_TRY(hg_route_create(m->comm, route));
    for (int64_t i = rows.first; i < rows.end; i++)
        hg_route_count(route, m->owner[i], first_item(a->from_indptr, i + 1) - first_item(a->from_indptr, i));
    HG_TRY(HG_NEW_UNSET(*packed, route->count * (int64_t)a->bytes));
    hg_route_pack(route);
    for (int64_t i = rows.first; i < rows.end; i++) {
        const int64_t first = first_item(a->from_indptr, i),
                      items = first_item(a->from_indptr, i + 1) - first;
        memcpy(*packed + (size_t)hg_route_next(route, m->owner[i], items) * a->bytes,
               a->from + (size_t)first * a->bytes, (size_t)items * a->bytes);
    }
    return HG_OK;
}

/* Copies the items that arrived into their rows. The loop ends with the last item; rows without items at the end of a
 * piece are skipped over in the next call, since there is nothing to copy for them. */
static void unpack(const struct move *m, struct moved_array *a, const char *arrived, int64_t items)
{
    for (int64_t done = 0; done < items; a->unpacked++) {
        const int64_t row = m->new_row != NULL ? m->new_row[a->unpacked] : a->unpacked;
        const int64_t first = first_item(a->to_indptr, row),
                      count = first_item(a->to_indptr, row + 1) - first;
        memcpy(a->to + (size_t)first * a->bytes, arrived + (size_t)done * a->bytes, (size_t)count * a->bytes);
        done += count;
    }
}

/* Sends and receives one piece of one array. Collective. */
static hg_status move_piece(const struct move *m, struct moved_array *a, int piece)
{
    struct hg_route route;
    char *packed = NULL;
    void *arrived = NULL;
    hg_status status = hg_agree(m->comm, pack(m, a, piece, &route, &packed));
    if (status == HG_OK) status = hg_route_send(&route, a->bytes, packed, &arrived);
    if (status == HG_OK) unpack(m, a, arrived, route.arrived);
    hg_mem_free(arrived);
    hg_mem_free(packed);
    hg_route_destroy(&route);
    return status;
}

/* Moves one array into newly allocated *to, which the caller frees also after a failure. Collective. */
static hg_status move_array(const struct move *m, struct moved_array a, void **to)
{
    *to = hg_mem_alloc_unset(first_item(a.to_indptr, m->count_out), a.bytes);
    a.to = *to;
    hg_status status = hg_agree(m->comm, *to != NULL ? HG_OK : HG_NOMEM);
    for (int piece = 0; status == HG_OK && piece < m->pieces; piece++) status = move_piece(m, &a, piece);
    return status;
}

/* Moves the array whose pointer lies at `offset` in hg_node_table, and frees the old array at once, so that at most
 * one array exists twice. Collective. */
static hg_status move_field(struct move *m, struct moved_array a, size_t offset, struct hg_node_table *from,
                            struct hg_node_table *to)
{
    void *old = NULL, *moved = NULL;
    /* the members are pointers of different types, so their bytes are copied */
    memcpy(&old, (const char *)from + offset, sizeof old);
    a.from = old;
    const hg_status status = move_array(m, a, &moved);
    memcpy((char *)to + offset, &moved, sizeof moved);
    if (status != HG_OK) return status;
    hg_mem_free(old);
    memset((char *)from + offset, 0, sizeof old);
    return HG_OK;
}

/* A received row. */
struct arrival {
    hg_gid stored;
    int64_t from; /* index in the order of arrival */
};

/* Sorts a [n] ascending by stored id: bottom-up merge sort; b [n] is scratch. */
static void sort_arrivals(struct arrival *a, struct arrival *b, int64_t n)
{
    for (int64_t width = 1; width < n; width *= 2) {
        for (int64_t low = 0; low < n; low += 2 * width) {
            const int64_t middle = hg_min_i64(low + width, n), high = hg_min_i64(low + 2 * width, n);
            int64_t p = low, q = middle;
            for (int64_t k = low; k < high; k++)
                b[k] = p < middle && (q >= high || a[p].stored <= a[q].stored) ? a[p++] : a[q++];
        }
        memcpy(a, b, (size_t)n * sizeof *a);
    }
}

/* Sets m->new_row, the new row of each row that arrives. stored [count_out]: in: stored ids in the order of arrival;
 * out: ascending. */
static hg_status sort_rows(struct move *m, hg_gid *stored)
{
    struct arrival *arrivals = NULL, *scratch = NULL;
    hg_status status = HG_NEW_UNSET(m->new_row, m->count_out);
    if (status == HG_OK) status = HG_NEW_UNSET(arrivals, m->count_out);
    if (status == HG_OK) status = HG_NEW_UNSET(scratch, m->count_out);
    if (status == HG_OK) {
        for (int64_t k = 0; k < m->count_out; k++) arrivals[k] = (struct arrival){stored[k], k};
        sort_arrivals(arrivals, scratch, m->count_out);
        for (int64_t k = 0; k < m->count_out; k++) {
            m->new_row[arrivals[k].from] = k;
            stored[k] = arrivals[k].stored;
        }
    }
    hg_mem_free(scratch);
    hg_mem_free(arrivals);
    return status;
}

/* Moves the stored ids, which decide the new order of rows. Every other array follows this order. Collective. */
static hg_status move_stored(struct move *m, struct hg_node_table *from, struct hg_node_table *to)
{
    HG_TRY(count_arrivals(m));
    to->count = m->count_out;
    HG_TRY(move_field(m, (struct moved_array){.bytes = sizeof *to->stored},
                      offsetof(struct hg_node_table, stored), from, to));
    return hg_agree(m->comm, sort_rows(m, to->stored));
}

/* Moves the numbers of items per row of a CSR array; *to [count_out + 1] is the new indptr, newly allocated.
 * Collective. */
static hg_status move_indptr(struct move *m, const hg_eid *from, hg_eid **to)
{
    int64_t *length = NULL;
    void *moved = NULL;
    hg_status status = HG_NEW(length, m->count_in);
    if (status == HG_OK) status = HG_NEW(*to, m->count_out + 1);
    status = hg_agree(m->comm, status);
    if (status == HG_OK) {
        for (int64_t i = 0; i < m->count_in; i++) length[i] = from[i + 1] - from[i];
        status = move_array(m, (struct moved_array){.bytes = sizeof *length, .from = (const char *)length},
                            &moved);
    }
    for (int64_t i = 0; status == HG_OK && i < m->count_out; i++)
        (*to)[i + 1] = (*to)[i] + ((const int64_t *)moved)[i];
    hg_mem_free(moved);
    hg_mem_free(length);
    return status;
}

static hg_status move_edges(struct move *m, struct hg_node_table *from, struct hg_node_table *to)
{
    const size_t attr_bytes = (size_t)from->info.num_edge_features * sizeof(hg_real);
    HG_TRY(move_indptr(m, from->indptr, &to->indptr));
    struct moved_array edges = {
        .bytes = sizeof(hg_gid), .from_indptr = from->indptr, .to_indptr = to->indptr};
    HG_TRY(move_field(m, edges, offsetof(struct hg_node_table, indices), from, to));
    if (from->edge_id != NULL)
        HG_TRY(move_field(m, edges, offsetof(struct hg_node_table, edge_id), from, to));
    edges.bytes = attr_bytes;
    return attr_bytes > 0 ? move_field(m, edges, offsetof(struct hg_node_table, edge_attr), from, to) : HG_OK;
}

static hg_status move_sparse(struct move *m, struct hg_node_table *from, struct hg_node_table *to)
{
    HG_TRY(move_indptr(m, from->x.indptr, &to->x.indptr));
    struct moved_array values = {
        .bytes = sizeof *to->x.indices, .from_indptr = from->x.indptr, .to_indptr = to->x.indptr};
    HG_TRY(move_field(m, values, offsetof(struct hg_node_table, x.indices), from, to));
    values.bytes = hg_feature_bytes(&from->info);
    return move_field(m, values,
                      from->info.wide ? offsetof(struct hg_node_table, x.wide)
                                      : offsetof(struct hg_node_table, x.data),
                      from, to);
}

static hg_status move_arrays(struct move *m, struct hg_node_table *from, struct hg_node_table *to)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const int n = hg_node_table_arrays(from, arrays);
    HG_TRY(move_field(m, (struct moved_array){.bytes = sizeof *to->imported},
                      offsetof(struct hg_node_table, imported), from, to));
    for (int k = 0; k < n; k++)
        HG_TRY(move_field(m, (struct moved_array){.bytes = arrays[k].bytes}, arrays[k].offset, from, to));
    return HG_OK;
}

static hg_status move_all(struct move *m, struct hg_node_table *from, struct hg_node_table *to)
{
    HG_TRY(move_stored(m, from, to));
    HG_TRY(move_arrays(m, from, to));
    HG_TRY(move_edges(m, from, to));
    return from->info.sparse ? move_sparse(m, from, to) : HG_OK;
}

hg_status hg_node_table_migrate(const struct hg_comm *comm, struct hg_node_table *rows, const int *owner)
{
    struct move m = {
        .comm = comm, .owner = owner, .pieces = choose_pieces(comm, rows->count), .count_in = rows->count};
    struct hg_node_table moved = {.info = rows->info};
    moved.info.class_name = NULL; /* `rows` owns the class names until the move has succeeded */
    moved.x.cols = rows->x.cols;
    const hg_status status = move_all(&m, rows, &moved);
    if (status == HG_OK) {
        moved.info.class_name = rows->info.class_name;
        rows->info.class_name = NULL;
    }
    hg_node_table_destroy(rows);
    if (status == HG_OK)
        *rows = moved;
    else
        hg_node_table_destroy(&moved);
    hg_mem_free(m.new_row);
    return status;
}
