#include "partition/migrate.h"

#include "base/mem.h"
#include <string.h>

/* How rows travel: sent grouped by destination, received grouped by sender, then put in stored order. */
struct move {
    const struct hg_comm *comm;
    int64_t count_in, count_out;
    int64_t *order;                     /* [count_in] rows in the order they are sent */
    int64_t *send_counts, *recv_counts; /* [size] rows */
    int64_t *send_items, *recv_items;   /* [size] items of a ragged array */
    int64_t *place;                     /* [count_out] new row of each received one */
};

static void move_destroy(struct move *m)
{
    HG_FREE(m->order);
    HG_FREE(m->send_counts);
    HG_FREE(m->place);
}

static hg_status order_rows(struct move *m, const int *owner)
{
    const int size = m->comm->size;
    int64_t *cursor = NULL;
    HG_TRY(HG_NEW(m->send_counts, 4 * (int64_t)size));
    m->recv_counts = m->send_counts + size;
    m->send_items = m->recv_counts + size;
    m->recv_items = m->send_items + size;
    HG_TRY(HG_NEW(m->order, m->count_in));
    HG_TRY(HG_NEW(cursor, (int64_t)size + 1));
    for (int64_t i = 0; i < m->count_in; i++) m->send_counts[owner[i]]++;
    for (int r = 0; r < size; r++) cursor[r + 1] = cursor[r] + m->send_counts[r];
    for (int64_t i = 0; i < m->count_in; i++) m->order[cursor[owner[i]]++] = i;
    hg_mem_free(cursor);
    return HG_OK;
}

/* received [count_out, bytes] <- from [count_in, bytes], grouped by sender. Collective. */
static hg_status send_rows(struct move *m, size_t bytes, const void *from, void **received)
{
    char *packed = NULL;
    hg_status status = hg_agree(m->comm, HG_NEW(packed, m->count_in * (int64_t)bytes));
    if (status == HG_OK) {
        for (int64_t k = 0; k < m->count_in; k++)
            memcpy(packed + (size_t)k * bytes, (const char *)from + (size_t)m->order[k] * bytes, bytes);
        status = hg_comm_alltoall(m->comm, bytes, packed, m->send_counts, received, m->recv_counts);
    }
    hg_mem_free(packed);
    return status;
}

/* A received row and its place in the stored order. */
struct arrival {
    hg_gid stored;
    int64_t from;
};

/* Senders hold ascending rows, so the received list is `size` ascending runs: merge them by a bottom-up merge sort. */
static void merge_runs(struct arrival *a, struct arrival *b, int64_t n)
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

static hg_status place_rows(struct move *m, const hg_gid *received, hg_gid *stored)
{
    struct arrival *arrivals = NULL, *scratch = NULL;
    hg_status status = HG_NEW(m->place, m->count_out);
    if (status == HG_OK) status = HG_NEW(arrivals, m->count_out);
    if (status == HG_OK) status = HG_NEW(scratch, m->count_out);
    if (status == HG_OK) {
        for (int64_t k = 0; k < m->count_out; k++) arrivals[k] = (struct arrival){received[k], k};
        merge_runs(arrivals, scratch, m->count_out);
        for (int64_t k = 0; k < m->count_out; k++) {
            m->place[arrivals[k].from] = k;
            stored[k] = arrivals[k].stored;
        }
    }
    hg_mem_free(scratch);
    hg_mem_free(arrivals);
    return status;
}

/* A fixed number of bytes per row: to [count_out, bytes]. Collective. */
static hg_status move_fixed(struct move *m, size_t bytes, const void *from, void *to)
{
    void *received = NULL;
    HG_TRY(send_rows(m, bytes, from, &received));
    for (int64_t k = 0; k < m->count_out; k++)
        memcpy((char *)to + (size_t)m->place[k] * bytes, (const char *)received + (size_t)k * bytes, bytes);
    hg_mem_free(received);
    return HG_OK;
}

/* The row pointers of a ragged array here, from those there; fills m->send_items. Collective. */
static hg_status move_indptr(struct move *m, const hg_eid *from, hg_eid **to)
{
    int64_t *length = NULL;
    hg_status status = HG_NEW(length, m->count_in);
    if (status == HG_OK) status = HG_NEW(*to, m->count_out + 1);
    status = hg_agree(m->comm, status);
    if (status == HG_OK) {
        for (int64_t i = 0; i < m->count_in; i++) length[i] = from[i + 1] - from[i];
        status = move_fixed(m, sizeof *length, length, *to + 1);
    }
    if (status == HG_OK) {
        for (int64_t i = 0; i < m->count_out; i++) (*to)[i + 1] += (*to)[i];
        for (int64_t k = 0, r = 0; r < m->comm->size; r++) {
            m->send_items[r] = 0;
            for (const int64_t end = k + m->send_counts[r]; k < end; k++)
                m->send_items[r] += length[m->order[k]];
        }
    }
    hg_mem_free(length);
    return status;
}

/* The two ends of a ragged array of `bytes` per item. */
struct ragged {
    size_t bytes;
    const hg_eid *from_indptr, *to_indptr;
    const void *from;
    void **to; /* newly allocated */
};

static void pack_ragged(const struct move *m, const struct ragged *a, char *packed)
{
    for (int64_t k = 0; k < m->count_in; k++) {
        const hg_eid first = a->from_indptr[m->order[k]], end = a->from_indptr[m->order[k] + 1];
        const size_t bytes = (size_t)(end - first) * a->bytes;
        memcpy(packed, (const char *)a->from + (size_t)first * a->bytes, bytes);
        packed += bytes;
    }
}

static void unpack_ragged(const struct move *m, const struct ragged *a, const char *received)
{
    for (int64_t k = 0; k < m->count_out; k++) {
        const hg_eid first = a->to_indptr[m->place[k]], end = a->to_indptr[m->place[k] + 1];
        const size_t bytes = (size_t)(end - first) * a->bytes;
        memcpy((char *)*a->to + (size_t)first * a->bytes, received, bytes);
        received += bytes;
    }
}

/* After move_indptr of the same rows. Collective. */
static hg_status move_ragged(struct move *m, const struct ragged *a)
{
    char *packed = NULL;
    void *received = NULL;
    hg_status status = HG_NEW(packed, a->from_indptr[m->count_in] * (int64_t)a->bytes);
    if (status == HG_OK) {
        *a->to = hg_mem_alloc(a->to_indptr[m->count_out], a->bytes);
        if (*a->to == NULL) status = HG_NOMEM;
    }
    status = hg_agree(m->comm, status);
    if (status == HG_OK) {
        pack_ragged(m, a, packed);
        status = hg_comm_alltoall(m->comm, a->bytes, packed, m->send_items, &received, m->recv_items);
    }
    if (status == HG_OK) unpack_ragged(m, a, received);
    hg_mem_free(received);
    hg_mem_free(packed);
    return status;
}

static hg_status move_edges(struct move *m, const struct hg_rows *from, struct hg_rows *to)
{
    const size_t attr_bytes = (size_t)from->info.num_edge_features * sizeof(hg_real);
    void *data[3] = {NULL, NULL, NULL};
    HG_TRY(move_indptr(m, from->indptr, &to->indptr));
    const struct ragged arrays[3] = {
        {sizeof(hg_gid), from->indptr, to->indptr, from->indices, &data[0]},
        {sizeof(hg_gid), from->indptr, to->indptr, from->edge_id, &data[1]},
        {attr_bytes, from->indptr, to->indptr, from->edge_attr, &data[2]},
    };
    hg_status status = HG_OK;
    const bool wanted[3] = {true, from->edge_id != NULL, attr_bytes > 0};
    for (int k = 0; status == HG_OK && k < 3; k++)
        if (wanted[k]) status = move_ragged(m, &arrays[k]);
    to->indices = data[0];
    to->edge_id = data[1];
    to->edge_attr = data[2];
    return status;
}

static hg_status move_sparse(struct move *m, const struct hg_features *from, struct hg_features *to)
{
    void *data[2] = {NULL, NULL};
    HG_TRY(move_indptr(m, from->indptr, &to->indptr));
    const struct ragged arrays[2] = {
        {sizeof *from->indices, from->indptr, to->indptr, from->indices, &data[0]},
        {sizeof *from->data, from->indptr, to->indptr, from->data, &data[1]},
    };
    hg_status status = HG_OK;
    for (int k = 0; status == HG_OK && k < 2; k++) status = move_ragged(m, &arrays[k]);
    to->indices = data[0];
    to->data = data[1];
    return status;
}

/* The stored places of the rows that come, their order, and room for the per-row arrays. Collective. */
static hg_status move_stored(struct move *m, const struct hg_rows *from, struct hg_rows *to)
{
    void *received = NULL;
    HG_TRY(send_rows(m, sizeof *from->stored, from->stored, &received));
    for (int r = 0; r < m->comm->size; r++) m->count_out += m->recv_counts[r];
    to->count = m->count_out;
    hg_status status = HG_NEW(to->stored, to->count);
    if (status == HG_OK) status = place_rows(m, received, to->stored);
    if (status == HG_OK) status = HG_NEW(to->imported, to->count);
    if (status == HG_OK) status = hg_rows_allocate_arrays(to);
    hg_mem_free(received);
    return hg_agree(m->comm, status);
}

static hg_status move_arrays(struct move *m, const struct hg_rows *from, struct hg_rows *to)
{
    struct hg_row_array source[HG_ROW_ARRAYS], target[HG_ROW_ARRAYS];
    const int n = hg_rows_arrays(from, source);
    hg_rows_arrays(to, target);
    HG_TRY(move_fixed(m, sizeof *from->imported, from->imported, to->imported));
    for (int k = 0; k < n; k++) HG_TRY(move_fixed(m, source[k].bytes, source[k].data, target[k].data));
    return HG_OK;
}

static hg_status move_all(struct move *m, const struct hg_rows *from, struct hg_rows *to)
{
    HG_TRY(move_stored(m, from, to));
    HG_TRY(move_arrays(m, from, to));
    HG_TRY(move_edges(m, from, to));
    return from->info.sparse ? move_sparse(m, &from->x, &to->x) : HG_OK;
}

hg_status hg_rows_migrate(const struct hg_comm *comm, struct hg_rows *rows, const int *owner)
{
    struct move m = {.comm = comm, .count_in = rows->count};
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
