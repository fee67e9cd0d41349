#include "io/output_file.h"

#include "base/mem.h"
#include "dist/route.h"
#include <string.h>

/* State of hg_output_file_rows. Rows are sent as records: the row's position in the file, then its bytes. */
struct transfer {
    size_t bytes, record;  /* per row, per record */
    struct hg_range block; /* rows of the file that this rank writes */
    struct hg_route route; /* from the ranks that have the rows to those that write them */
    char *sent;            /* records */
    void *received;        /* records */
    char *data;            /* [block, bytes] the rows that this rank writes, in order */
};

static size_t row_bytes(const struct hg_output_rows *rows)
{
    const size_t one = rows->type == HG_H5_TEXT ? (size_t)rows->text_bytes : hg_h5_bytes(rows->type);
    return one * (size_t)hg_max_i64(1, rows->columns);
}

static hg_status pack(const struct hg_comm *comm, const struct hg_output_rows *rows, struct transfer *p)
{
    HG_TRY(hg_route_to_blocks(comm, rows->total, rows->position, rows->count, &p->route));
    p->sent = hg_mem_alloc(rows->count, p->record);
    if (p->sent == NULL) return HG_NOMEM;
    for (int64_t k = 0; k < rows->count; k++) {
        char *record = p->sent + (size_t)p->route.position[k] * p->record;
        memcpy(record, &rows->position[k], sizeof(int64_t));
        memcpy(record + sizeof(int64_t), (const char *)rows->data + (size_t)k * p->bytes, p->bytes);
    }
    return HG_OK;
}

/* Sorts the rows that arrived into p->data; fails unless each row of the block has arrived once. */
static hg_status unpack(const char *what, const struct hg_output_rows *rows, struct transfer *p)
{
    uint8_t *seen = NULL;
    const int64_t n = p->block.end - p->block.first;
    p->data = hg_mem_alloc(n, p->bytes);
    if (p->data == NULL) return HG_NOMEM;
    HG_TRY(HG_NEW(seen, n));
    bool once = p->route.arrived == n;
    for (int64_t k = 0; k < p->route.arrived && once; k++) {
        int64_t row;
        const char *record = (const char *)p->received + (size_t)k * p->record;
        memcpy(&row, record, sizeof row);
        row -= p->block.first;
        once = !seen[row];
        seen[row] = 1;
        memcpy(p->data + (size_t)row * p->bytes, record + sizeof row, p->bytes);
    }
    hg_mem_free(seen);
    return once ? HG_OK : hg_fail(HG_FAILED, what, "%s: a row is missing or was given twice", rows->name);
}

/* Sends rows to the ranks that write them. Collective. */
static hg_status send_rows(const struct hg_output_file *file, const struct hg_output_rows *rows,
                           struct transfer *p)
{
    HG_TRY(hg_agree(file->comm, pack(file->comm, rows, p)));
    HG_TRY(hg_route_send(&p->route, p->record, p->sent, &p->received));
    HG_FREE(p->sent);
    return hg_agree(file->comm, unpack(file->paths.target, rows, p));
}

/* Adds an empty data set to the file. On rank 0 only. */
static hg_status define(const struct hg_output_file *file, const struct hg_output_rows *rows)
{
    struct hg_h5 h5;
    const int64_t plain[2] = {rows->total, rows->columns}, transposed[2] = {rows->columns, rows->total};
    HG_TRY(hg_h5_open_writable(file->paths.temporary, file->paths.target, &h5));
    return hg_h5_finish(&h5, hg_h5_define(&h5, rows->name, rows->type, rows->text_bytes,
                                          rows->columns > 0 ? 2 : 1, rows->transposed ? transposed : plain));
}

/* Writes this rank's block of a transposed data set, one column after the other. */
static hg_status write_transposed(const struct hg_h5 *h5, const struct hg_output_rows *rows,
                                  const struct transfer *p)
{
    const int64_t n = p->block.end - p->block.first;
    const size_t bytes = p->bytes / (size_t)rows->columns;
    char *column = hg_mem_alloc(n, bytes);
    hg_status status = column != NULL ? HG_OK : HG_NOMEM;
    for (int64_t c = 0; c < rows->columns && status == HG_OK; c++) {
        for (int64_t k = 0; k < n; k++)
            memcpy(column + (size_t)k * bytes, p->data + (size_t)k * p->bytes + (size_t)c * bytes, bytes);
        const struct hg_h5_block block = {2, {c, p->block.first}, {1, n}};
        if (n > 0) status = hg_h5_write(h5, rows->name, rows->type, &block, column);
    }
    hg_mem_free(column);
    return status;
}

/* Every rank writes its block. Collective. */
static hg_status write_block(const struct hg_output_file *file, const struct hg_output_rows *rows,
                             const struct transfer *p)
{
    struct hg_h5 h5;
    HG_TRY(hg_h5_open_shared(file->comm, file->paths.temporary, file->paths.target, &h5));
    const hg_status written = rows->transposed
                                  ? write_transposed(&h5, rows, p)
                                  : hg_h5_write_rows(&h5, rows->name, rows->type, p->block, p->data);
    return hg_agree(file->comm, hg_h5_finish(&h5, written));
}

hg_status hg_output_file_create(const struct hg_comm *comm, const char *path, struct hg_output_file *file)
{
    struct hg_h5 h5;
    *file = (struct hg_output_file){.comm = comm};
    HG_TRY(hg_atomic_begin_all(comm, path, HG_LINKS_FOLLOWED, &file->paths));
    file->open = true;
    hg_status status = HG_OK;
    if (comm->rank == 0) {
        status = hg_h5_create(file->paths.temporary, file->paths.target, &h5);
        if (status == HG_OK) status = hg_h5_finish(&h5, HG_OK);
    }
    status = hg_agree(comm, status);
    if (status != HG_OK) hg_output_file_abort(file);
    return status;
}

hg_status hg_output_file_rows(struct hg_output_file *file, const struct hg_output_rows *rows)
{
    const struct hg_comm *comm = file->comm;
    struct transfer p = {.bytes = row_bytes(rows),
                         .block = hg_block_range(rows->total, comm->rank, comm->size)};
    p.record = sizeof(int64_t) + p.bytes;
    if (!file->open) return hg_fail(HG_FAILED, file->paths.target, "writing was given up");
    hg_status status = send_rows(file, rows, &p);
    if (status == HG_OK) status = hg_agree(comm, comm->rank == 0 ? define(file, rows) : HG_OK);
    if (status == HG_OK) status = write_block(file, rows, &p);
    hg_route_destroy(&p.route);
    hg_mem_free(p.sent);
    hg_mem_free(p.received);
    hg_mem_free(p.data);
    if (status != HG_OK) hg_output_file_abort(file);
    return status;
}

hg_status hg_output_file_commit(struct hg_output_file *file)
{
    if (!file->open) return hg_fail(HG_FAILED, file->paths.target, "writing was given up");
    file->open = false;
    return hg_atomic_end_all(file->comm, HG_OK, &file->paths);
}

void hg_output_file_abort(struct hg_output_file *file)
{
    if (!file->open) return;
    file->open = false;
    if (file->comm->rank == 0) hg_atomic_abort(&file->paths);
    hg_comm_barrier(file->comm);
}
