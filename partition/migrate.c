#include "partition/migrate.h"

#include "base/mem.h"
#include <stddef.h>
#include <string.h>

/* Rows go in pieces, so that what is packed and what has just arrived stays small beside the rows themselves; few rows need few
 * messages. */
enum { MOST_PIECES = 16, ROWS_OF_A_PIECE = 128 };

/* How rows travel: piece by piece, each sent grouped by destination, received grouped by sender, and put in its place. */
struct move {
    const struct hg_comm *comm;
    int pieces; /* the same on every rank */
    int64_t count_in, count_out;
    int64_t *order;                   /* [count_in] rows in the order they are sent */
    int64_t *send_rows, *recv_rows;   /* [size, pieces] */
    int64_t *send_items, *recv_items; /* [size] of the array and the piece under way */
    int64_t *place; /* [count_out] new row of each in the order they arrive; NULL: that order */
};

static void move_destroy(struct move *m)
{
    HG_FREE(m->order);
    HG_FREE(m->send_rows);
    HG_FREE(m->place);
}

/* Collective. */
static int choose_pieces(const struct hg_comm *comm, int64_t rows)
{
    hg_comm_max_i64(comm, &rows, 1);
    return (int)hg_min_i64(rows / ROWS_OF_A_PIECE + 1, MOST_PIECES);
}

static hg_status order_rows(struct move *m, const int *owner)
{
    const int size = m->comm->size;
    int64_t *next = NULL, total = 0;
    HG_TRY(HG_NEW(m->send_rows, 2 * (int64_t)size * (m->pieces + 1)));
    m->recv_rows = m->send_rows + (int64_t)size * m->pieces;
    m->send_items = m->recv_rows + (int64_t)size * m->pieces;
    m->recv_items = m->send_items + size;
    HG_TRY(HG_NEW_UNSET(m->order, m->count_in));
    HG_TRY(HG_NEW(next, (int64_t)size * m->pieces));
    for (int64_t i = 0; i < m->count_in; i++)
        m->send_rows[owner[i] * m->pieces + hg_block_owner(m->count_in, m->pieces, i)]++;
    for (int piece = 0; piece < m->pieces; piece++)
        for (int r = 0; r < size; r++) {
            next[r * m->pieces + piece] = total;
            total += m->send_rows[r * m->pieces + piece];
        }
    for (int64_t i = 0; i < m->count_in; i++)
        m->order[next[owner[i] * m->pieces + hg_block_owner(m->count_in, m->pieces, i)]++] = i;
    hg_mem_free(next);
    return HG_OK;
}

/* How many rows come, of whom and with which piece. Collective. */
static void count_arrivals(struct move *m)
{
    MPI_Alltoall(m->send_rows, m->pieces, MPI_INT64_T, m->recv_rows, m->pieces, MPI_INT64_T, m->comm->mpi);
    for (int k = 0; k < m->comm->size * m->pieces; k++) m->count_out += m->recv_rows[k];
}

/* An array on its way from the old rows to the new ones. */
struct cargo {
    size_t bytes;                  /* of an item */
    const hg_eid *from_at, *to_at; /* first item of each row; NULL: one a row */
    const char *from;
    char *to;
};

static int64_t item(const hg_eid *at, int64_t row)
{
    return at != NULL ? at[row] : row;
}

/* Items to each rank with a piece, and their sum. */
static int64_t count_items(struct move *m, const struct cargo *a, int piece)
{
    int64_t k = hg_block_range(m->count_in, piece, m->pieces).first, total = 0;
    for (int r = 0; r < m->comm->size; r++) {
        m->send_items[r] = 0;
        for (const int64_t end = k + m->send_rows[r * m->pieces + piece]; k < end; k++)
            m->send_items[r] += item(a->from_at, m->order[k] + 1) - item(a->from_at, m->order[k]);
        total += m->send_items[r];
    }
    return total;
}

static void pack(const struct move *m, const struct cargo *a, int piece, char *packed)
{
    const struct hg_range rows = hg_block_range(m->count_in, piece, m->pieces);
    for (int64_t k = rows.first; k < rows.end; k++) {
        const int64_t first = item(a->from_at, m->order[k]), end = item(a->from_at, m->order[k] + 1);
        const size_t bytes = (size_t)(end - first) * a->bytes;
        memcpy(packed, a->from + (size_t)first * a->bytes, bytes);
        packed += bytes;
    }
}

/* Rows [first, end) in the order they arrive. */
static void unpack(const struct move *m, const struct cargo *a, struct hg_range rows, const char *received)
{
    for (int64_t k = rows.first; k < rows.end; k++) {
        const int64_t row = m->place != NULL ? m->place[k] : k, first = item(a->to_at, row);
        const size_t bytes = (size_t)(item(a->to_at, row + 1) - first) * a->bytes;
        memcpy(a->to + (size_t)first * a->bytes, received, bytes);
        received += bytes;
    }
}

/* Collective. */
static hg_status move_piece(struct move *m, const struct cargo *a, int piece, struct hg_range arriving)
{
    char *packed = NULL;
    void *received = NULL;
    hg_status status = hg_agree(m->comm, HG_NEW_UNSET(packed, count_items(m, a, piece) * (int64_t)a->bytes));
    if (status == HG_OK) {
        pack(m, a, piece, packed);
        status = hg_comm_alltoall(m->comm, a->bytes, packed, m->send_items, &received, m->recv_items);
    }
    if (status == HG_OK) unpack(m, a, arriving, received);
    hg_mem_free(received);
    hg_mem_free(packed);
    return status;
}

/* *to: newly allocated, what arrives of an array. Collective. */
static hg_status move_array(struct move *m, struct cargo a, void **to)
{
    struct hg_range arriving = {0, 0};
    *to = hg_mem_alloc_unset(item(a.to_at, m->count_out), a.bytes);
    a.to = *to;
    hg_status status = hg_agree(m->comm, *to != NULL ? HG_OK : HG_NOMEM);
    for (int piece = 0; status == HG_OK && piece < m->pieces; piece++) {
        arriving.first = arriving.end;
        for (int r = 0; r < m->comm->size; r++) arriving.end += m->recv_rows[r * m->pieces + piece];
        status = move_piece(m, &a, piece, arriving);
    }
    return status;
}

/* Moves the array whose pointer lies at `offset` in hg_rows, and frees the old one at once: two copies of all arrays would not
 * fit. Collective. */
static hg_status move_field(struct move *m, struct cargo a, size_t offset, struct hg_rows *from,
                            struct hg_rows *to)
{
    void *old = NULL, *moved = NULL;
    /* fields are pointers of many types: their bytes are copied */
    memcpy(&old, (const char *)from + offset, sizeof old);
    a.from = old;
    const hg_status status = move_array(m, a, &moved);
    memcpy((char *)to + offset, &moved, sizeof moved);
    if (status != HG_OK) return status;
    hg_mem_free(old);
    memset((char *)from + offset, 0, sizeof old);
    return HG_OK;
}

/* A received row and its place in the stored order. */
struct arrival {
    hg_gid stored;
    int64_t from;
};

/* Ascending by stored place: a bottom-up merge sort of a [n], b [n] is scratch. */
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

/* Where each row that arrives belongs. */
static hg_status place_rows(struct move *m, hg_gid *stored)
{
    struct arrival *arrivals = NULL, *scratch = NULL;
    hg_status status = HG_NEW_UNSET(m->place, m->count_out);
    if (status == HG_OK) status = HG_NEW_UNSET(arrivals, m->count_out);
    if (status == HG_OK) status = HG_NEW_UNSET(scratch, m->count_out);
    if (status == HG_OK) {
        for (int64_t k = 0; k < m->count_out; k++) arrivals[k] = (struct arrival){stored[k], k};
        sort_arrivals(arrivals, scratch, m->count_out);
        for (int64_t k = 0; k < m->count_out; k++) {
            m->place[arrivals[k].from] = k;
            stored[k] = arrivals[k].stored;
        }
    }
    hg_mem_free(scratch);
    hg_mem_free(arrivals);
    return status;
}

/* The stored places of the rows that come, and their order. Collective. */
static hg_status move_stored(struct move *m, struct hg_rows *from, struct hg_rows *to)
{
    count_arrivals(m);
    to->count = m->count_out;
    HG_TRY(move_field(m, (struct cargo){.bytes = sizeof *to->stored}, offsetof(struct hg_rows, stored), from,
                      to));
    return hg_agree(m->comm, place_rows(m, to->stored));
}

/* The row pointers of a ragged array here, from those there. Collective. */
static hg_status move_indptr(struct move *m, const hg_eid *from, hg_eid **to)
{
    int64_t *length = NULL;
    void *moved = NULL;
    hg_status status = HG_NEW(length, m->count_in);
    if (status == HG_OK) status = HG_NEW(*to, m->count_out + 1);
    status = hg_agree(m->comm, status);
    if (status == HG_OK) {
        for (int64_t i = 0; i < m->count_in; i++) length[i] = from[i + 1] - from[i];
        status = move_array(m, (struct cargo){.bytes = sizeof *length, .from = (const char *)length}, &moved);
    }
    for (int64_t i = 0; status == HG_OK && i < m->count_out; i++)
        (*to)[i + 1] = (*to)[i] + ((const int64_t *)moved)[i];
    hg_mem_free(moved);
    hg_mem_free(length);
    return status;
}

static hg_status move_edges(struct move *m, struct hg_rows *from, struct hg_rows *to)
{
    const size_t attr_bytes = (size_t)from->info.num_edge_features * sizeof(hg_real);
    HG_TRY(move_indptr(m, from->indptr, &to->indptr));
    struct cargo edges = {.bytes = sizeof(hg_gid), .from_at = from->indptr, .to_at = to->indptr};
    HG_TRY(move_field(m, edges, offsetof(struct hg_rows, indices), from, to));
    if (from->edge_id != NULL) HG_TRY(move_field(m, edges, offsetof(struct hg_rows, edge_id), from, to));
    edges.bytes = attr_bytes;
    return attr_bytes > 0 ? move_field(m, edges, offsetof(struct hg_rows, edge_attr), from, to) : HG_OK;
}

static hg_status move_sparse(struct move *m, struct hg_rows *from, struct hg_rows *to)
{
    HG_TRY(move_indptr(m, from->x.indptr, &to->x.indptr));
    struct cargo values = {.bytes = sizeof *to->x.indices, .from_at = from->x.indptr, .to_at = to->x.indptr};
    HG_TRY(move_field(m, values, offsetof(struct hg_rows, x.indices), from, to));
    values.bytes = hg_feature_bytes(&from->info);
    return move_field(m, values,
                      from->info.wide ? offsetof(struct hg_rows, x.wide) : offsetof(struct hg_rows, x.data),
                      from, to);
}

static hg_status move_arrays(struct move *m, struct hg_rows *from, struct hg_rows *to)
{
    struct hg_row_array arrays[HG_ROW_ARRAYS];
    const int n = hg_rows_arrays(from, arrays);
    HG_TRY(move_field(m, (struct cargo){.bytes = sizeof *to->imported}, offsetof(struct hg_rows, imported),
                      from, to));
    for (int k = 0; k < n; k++)
        HG_TRY(move_field(m, (struct cargo){.bytes = arrays[k].bytes}, arrays[k].offset, from, to));
    return HG_OK;
}

static hg_status move_all(struct move *m, struct hg_rows *from, struct hg_rows *to)
{
    HG_TRY(move_stored(m, from, to));
    HG_TRY(move_arrays(m, from, to));
    HG_TRY(move_edges(m, from, to));
    return from->info.sparse ? move_sparse(m, from, to) : HG_OK;
}

hg_status hg_rows_migrate(const struct hg_comm *comm, struct hg_rows *rows, const int *owner)
{
    struct move m = {.comm = comm, .pieces = choose_pieces(comm, rows->count), .count_in = rows->count};
    struct hg_rows moved = {.info = rows->info};
    moved.info.class_name = NULL; /* the names stay with `rows` until all went well */
    moved.x.cols = rows->x.cols;
    hg_status status = hg_agree(comm, order_rows(&m, owner));
    if (status == HG_OK) status = move_all(&m, rows, &moved);
    if (status == HG_OK) {
        moved.info.class_name = rows->info.class_name;
        rows->info.class_name = NULL;
    }
    hg_rows_destroy(rows);
    if (status == HG_OK)
        *rows = moved;
    else
        hg_rows_destroy(&moved);
    move_destroy(&m);
    return status;
}
